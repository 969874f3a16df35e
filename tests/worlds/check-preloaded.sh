#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The tests of the interface, WORLD_TESTS, in programs whose malloc(3) is another:
# PRELOADED, names of shared libraries.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
# shellcheck source=tests/worlds/worlds.sh
. "${0%/*}/worlds.sh"

run_tests() {
	# The loader complains of what it does not find, and goes on.
	if [ -n "$(LD_PRELOAD=$1 env true 2>&1)" ]; then
		tap_one ok "the tests # SKIP no $1"
		return
	fi
	for program in $WORLD_TESTS; do
		echo "@ $1 $program"
		LD_PRELOAD=$1 timeout 900 "$top_builddir/$program" </dev/null 2>&1
		ended $?
	done
}

for library in ${PRELOADED:-libjemalloc.so.2 libmimalloc.so.2.0 \
	libtcmalloc_minimal.so.4}; do
	echo "@ $library"
	run_tests "$library"
done | tap_join

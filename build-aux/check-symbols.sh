#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The shared library, the version map and the header name the same functions;
# nothing without the project's prefix leaves a file.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
: "${NM:=nm}"
scratch=$(mktemp -d) || tap_bail "no scratch folder"
trap 'rm -rf "$scratch"' EXIT

api_functions >"$scratch/header"
[ -s "$scratch/header" ] || tap_bail "the header declares nothing"
sed -n 's/^[ \t]*\(datamem_[a-z_0-9]*\);.*/\1/p' \
	"$top_srcdir/src/libdatamem/libdatamem.map" | sort >"$scratch/map"

# The lines that only one of two sorted files has.
differences() {
	diff "$1" "$2" | grep '^[<>]'
}

tap_empty "header (<) and map (>) agree" \
	"$(differences "$scratch/header" "$scratch/map")"

library=$top_builddir/.libs/libdatamem.so
if [ -f "$library" ]; then
	$NM -D --defined-only "$library" |
		awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
		sort >"$scratch/library"
	tap_empty "map (<) and shared library (>) agree" \
		"$(differences "$scratch/map" "$scratch/library")"
else
	tap_skip "map and shared library agree" "no shared library was built"
fi

core=$top_builddir/.libs/libdatamem-core.a
if [ -f "$core" ]; then
	# __odr_asan is AddressSanitizer's, _.stapsdt of sys/sdt.h, and so is
	# the form of a semaphore's name (src/libdatamem/probes.h).
	tap_empty "every global begins with datamem_ or dmem_" "$(
		$NM -g --defined-only "$core" | awk 'NF == 3 { print $3 }' |
			grep -v -E '^(datamem_|dmem_|__odr_asan|_\.stapsdt|otel_memory_.*_semaphore$)' |
			sort -u)"
else
	tap_skip "every global begins with datamem_ or dmem_" "no archive"
fi

tap_done

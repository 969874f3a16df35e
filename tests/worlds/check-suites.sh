#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Library and tests built and run with C library, gcc and clang of other suites
# of Debian, SUITES, each in a root of its own, which is kept for the next time
# below WORLDS; remove it for newer packages. Needs root, debootstrap, a mirror.
# Warnings of these COMPILERS, gcc and clang, are errors.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
# shellcheck source=tests/worlds/worlds.sh
. "${0%/*}/worlds.sh"

packages="gcc clang libc6-dev make pkg-config check libsubunit-dev"

# shellcheck disable=SC2034 # of roots.sh
roots=$worlds
# shellcheck source=tests/roots.sh
. "${0%/*}/../roots.sh"

# enter ROOT SUITE: what in_namespace runs.
enter() {
	mount_suite "$1" || exit
	exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
		TMPDIR=/tmp LC_ALL=C WORLD_TESTS="$WORLD_TESTS" \
		COMPILERS="${COMPILERS:-gcc clang}" \
		sh /mnt/source/tests/worlds/check-suites.sh --inside "$2"
}

# What runs in the root, which has no autotools.
inside() {
	top_srcdir=/mnt/source
	export top_srcdir
	set -- "$1" AUTOMAKE=: AUTOCONF=: AUTOHEADER=: ACLOCAL=:
	for compiler in $COMPILERS; do
		echo "@ $1 $compiler"
		$compiler --version | sed 's/^/# /;q'
		mkdir "/mnt/$compiler" && cd "/mnt/$compiler" || return
		if ! /mnt/source/configure --quiet --enable-werror \
			--disable-tool --disable-static --without-python \
			CC="$compiler" CXX=none >log 2>&1 ||
			! make -j "$(nproc)" "$2" "$3" "$4" "$5" all \
				>>log 2>&1 ||
			! make -j "$(nproc)" "$2" "$3" "$4" "$5" check TESTS= \
				check_LTLIBRARIES= \
				check_PROGRAMS="$WORLD_TESTS" >>log 2>&1
		then
			grep -E 'error|warning|No rule' log | head -n 20 |
				sed 's/^/# /'
			tail -n 5 log | sed 's/^/# /'
			tap_one "not ok" "the tests are built"
			continue
		fi
		tap_one ok "the tests are built"
		for program in $WORLD_TESTS; do
			echo "@ $1 $compiler $program"
			CK_DEFAULT_TIMEOUT=300 timeout 900 "$program" \
				</dev/null 2>&1
			ended $?
		done
	done
}

case ${1-} in
--make-root) make_suite "$2" && exit ;;
--enter) enter "$2" "$3" ;;
--inside) inside "$2" && exit ;;
esac

# shellcheck disable=SC2119 # no tools beside
need_roots
# shellcheck disable=SC2119
world_needs
export top_srcdir WORLDS="$worlds"
for name in ${SUITES:-sid}; do
	echo "@ $name"
	if have_suite "$name"; then
		tap_one ok "the root is there"
		in_namespace sh "$0" --enter "$worlds/$name" "$name" </dev/null
	else
		tail -n 5 "$worlds/$name.log" | sed 's/^/# /'
		tap_one ok "the root # SKIP cannot be made from $mirror"
	fi
done | tap_join

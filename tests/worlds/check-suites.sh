#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Library and tests built and run with C library, gcc and clang of other suites
# of Debian, SUITES, each in a root of its own, which is kept for the next time
# below WORLDS; remove it for newer packages. Needs root, debootstrap, a mirror.
# Warnings of these COMPILERS, gcc and clang, are errors. All mounts are in a mount namespace.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
# shellcheck source=tests/worlds/worlds.sh
. "${0%/*}/worlds.sh"

packages="gcc clang libc6-dev make pkg-config check libsubunit-dev"

# Whoever ends this shell ends what is in there, too.
in_namespace() {
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child \
		--propagation private "$@"
}

# In the namespace, since debootstrap mounts, too.
make_root() {
	rm -rf "$worlds/$1.new"
	debootstrap --variant=minbase --force-check-gpg --keyring="$keyring" \
		"$1" "$worlds/$1.new" "$mirror" || return
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$worlds/$1.new" \
		apt-get install -q -y --no-install-recommends $packages ||
		return
	chroot "$worlds/$1.new" apt-get clean
	echo "$packages" >"$worlds/$1.new/etc/libdatamem-packages"
}

have_suite() {
	[ "$(cat "$worlds/$1/etc/libdatamem-packages" 2>/dev/null)" \
		!= "$packages" ] || return 0
	in_namespace sh "$0" --make-root "$1" >"$worlds/$1.log" 2>&1 || return
	rm -rf "${worlds:?}/$1"
	mv "$worlds/$1.new" "$worlds/$1"
}

# enter ROOT SUITE: what in_namespace runs.
enter() {
	mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
		mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" &&
		mount -t tmpfs tmpfs "$1/mnt" && mkdir "$1/mnt/source" &&
		mount --bind "$top_srcdir" "$1/mnt/source" &&
		mount -o remount,bind,ro "$1/mnt/source" || exit
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
			grep -E 'error|warning' log | head -n 20 |
				sed 's/^/# /'
			tail -n 5 log | sed 's/^/# /'
			say "not ok" "the tests are built"
			continue
		fi
		say ok "the tests are built"
		for program in $WORLD_TESTS; do
			echo "@ $1 $compiler $program"
			CK_DEFAULT_TIMEOUT=300 timeout 900 "$program" \
				</dev/null 2>&1
			ended $?
		done
	done
}

case ${1-} in
--make-root) make_root "$2" && exit ;;
--enter) enter "$2" "$3" ;;
--inside) inside "$2" && exit ;;
esac

[ "$(id -u)" = 0 ] || tap_skip_all 'only root can make a root'
world_needs debootstrap setpriv unshare chroot
in_namespace true 2>/dev/null ||
	tap_skip_all 'no namespaces for mounts and processes here'
export top_srcdir WORLDS="$worlds"
for name in ${SUITES:-sid}; do
	echo "@ $name"
	if have_suite "$name"; then
		say ok "the root is there"
		in_namespace sh "$0" --enter "$worlds/$name" "$name" </dev/null
	else
		tail -n 5 "$worlds/$name.log" | sed 's/^/# /'
		say ok "the root # SKIP cannot be made from $mirror"
	fi
done | tap_join

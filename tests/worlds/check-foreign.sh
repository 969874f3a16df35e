#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Library and tests built for other processors, run by qemu-user on this kernel:
# FOREIGN, architectures of Debian. Downloads packages, see worlds.sh. What the
# kernel does for another page size is for check-guests.sh.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
# shellcheck source=tests/worlds/worlds.sh
. "${0%/*}/worlds.sh"

# That of Debian 13: of older ones (7.2) each process takes 6 GB for tables of the
# address space that the library only reserves, and the machine has none left.
have_emulator() (
	[ ! -e "$worlds/emulators/$1" ] || exit 0
	host=$(dpkg --print-architecture)
	mkdir -p "$worlds/emulators" && have_apt "$host" trixie &&
		cd "$worlds/emulators" && rm -f -- *.deb &&
		apt_of "$worlds/apt/$host-trixie" apt-get download qemu-user &&
		dpkg-deb --fsys-tarfile ./*.deb |
		tar -x --strip-components=3 --wildcards \
			'./usr/bin/qemu-aarch64' './usr/bin/qemu-ppc64le' &&
		rm -f -- *.deb && [ -x "$1" ]
)

run_tests() {
	case $1 in
	arm64) emulator=qemu-aarch64 ;;
	ppc64el) emulator=qemu-ppc64le ;;
	esac
	have_emulator "$emulator" >"$worlds/emulators.log" 2>&1 || {
		tail -n 5 "$worlds/emulators.log" | sed 's/^/# /'
		tap_one ok "the emulator # SKIP cannot be had from $mirror"
		return
	}
	have_world "$1" || return
	# What programs start themselves again by.
	TEST_EMULATOR=$worlds/emulators/$emulator
	QEMU_LD_PREFIX=$worlds/$1
	export TEST_EMULATOR QEMU_LD_PREFIX
	for program in $WORLD_TESTS; do
		echo "@ $1 $program"
		(
			cd "$top_builddir/tests/worlds/$1" &&
				CK_DEFAULT_TIMEOUT=300 timeout 900 ./libtool \
					--mode=execute "$TEST_EMULATOR" \
					"$program"
		) </dev/null 2>&1
		ended $?
	done
}

world_needs dpkg
top_srcdir=$(cd "$top_srcdir" && pwd)
export top_srcdir
for architecture in ${FOREIGN:-arm64}; do
	echo "@ $architecture"
	run_tests "$architecture"
done | tap_join

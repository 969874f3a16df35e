#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Library and tests in machines of qemu-system, with kernels of Debian: GUESTS,
#
#   arm64       pages of 4 KiB, Debian 13
#   arm64-16k   pages of 16 KiB, Debian 13
#   ppc64el     pages of 64 KiB, Debian 12
#   amd64       the kernel of Debian 12
#   amd64-numa  the same, two memory nodes
#
# A guest has one folder in memory with the C library, the tests and busybox,
# whose first process runs them and ends the machine; its control groups are of
# version 2. Downloads packages, see worlds.sh; processors are emulated, some
# minutes each. The tests are NODE_TESTS where there are several nodes and
# PAGE_TESTS elsewhere, or WORLD_TESTS.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
# shellcheck source=tests/worlds/worlds.sh
. "${0%/*}/worlds.sh"

# Two nodes with a processor and half of the memory each.
nodes="-object memory-backend-ram,id=m0,size=1G -numa node,cpus=0,memdev=m0
	-object memory-backend-ram,id=m1,size=1G -numa node,cpus=1,memdev=m1"

# What a guest is made of: kernel and its suite, the emulator, the console.
know_guest() {
	architecture=${1%%-*}
	tests=${PAGE_TESTS-}
	release=trixie
	options=
	case $1 in
	arm64 | arm64-16k)
		kernel=linux-image-$1
		emulator=qemu-system-aarch64
		options="-M virt -cpu cortex-a76"
		console=ttyAMA0
		;;
	ppc64el)
		kernel=linux-image-powerpc64le
		release=bookworm
		emulator=qemu-system-ppc64
		options="-M pseries -cpu power9"
		console=hvc0
		;;
	amd64 | amd64-numa)
		kernel=linux-image-amd64
		release=bookworm
		emulator=qemu-system-x86_64
		options="-cpu max"
		console=ttyS0
		[ "$1" = amd64 ] || {
			options="$options $nodes"
			tests=${NODE_TESTS-}
		}
		;;
	*)
		tap_bail "no guest $1"
		;;
	esac
}

# The kernel alone, of the package that the one of all versions depends on.
have_kernel() {
	[ ! -e "$worlds/kernel-$1" ] || return 0
	have_apt "$architecture" "$release" || return
	package=$(apt_of "$worlds/apt/$architecture-$release" apt-cache \
		depends "$kernel" | sed -n 's/.*Depends: //p' | head -n 1)
	mkdir -p "$worlds/download" && cd "$worlds/download" &&
		rm -f -- *.deb &&
		apt_of "$worlds/apt/$architecture-$release" apt-get download \
			"$package" &&
		dpkg-deb --fsys-tarfile ./*.deb |
		tar -x -O --wildcards './boot/vmlinu[xz]-*' \
			>"$worlds/kernel-$1.new" &&
		[ -s "$worlds/kernel-$1.new" ] && rm -f -- *.deb &&
		mv "$worlds/kernel-$1.new" "$worlds/kernel-$1"
}

# The first process of the guest. Some tests ask for a home and a user.
# shellcheck disable=SC2016 # for the shell inside
first_process='#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin LC_ALL=C HOME=/tmp TMPDIR=/tmp
export top_srcdir=/source top_builddir=/ CK_DEFAULT_TIMEOUT=600
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /tmp
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
ip link set lo up 2>/dev/null
echo "# Linux $(uname -r) $(uname -m), pages of" \
	"$(grep -m 1 KernelPageSize /proc/self/smaps | tr -s " " |
		cut -d " " -f 2-), nodes $(cat /sys/devices/system/node/online)"
while read -r program; do
	echo "@ $program"
	timeout 900 "$program" </dev/null 2>&1
	echo "@end $?"
done </list
echo "@done"
poweroff -f
'

# What the guest starts from: an archive of one folder.
make_archive() {
	root=$worlds/$architecture
	folder=$worlds/guest-$1
	built=$top_builddir/tests/worlds/$architecture
	rm -rf "$folder"
	libraries=usr/lib/$(triplet_of "$architecture")
	mkdir -p "$folder/bin" "$folder/proc" "$folder/sys" "$folder/dev" \
		"$folder/tmp" "$folder/etc" "$folder/$libraries" \
		"$folder/source/tests/ctl" || return
	echo root:x:0:0:root:/tmp:/bin/sh >"$folder/etc/passwd"
	cp "$root/bin/busybox" "$folder/bin" || return
	for system in "$root/lib" "$root/lib64"; do
		[ ! -d "$system" ] || cp -R "$system" "$folder" || return
	done
	cp -P "$root/$libraries"/*.so* "$built"/.libs/libdatamem.so.* \
		"$folder/$libraries" &&
		cp -R "$top_srcdir/tests/ctl/sysroots" \
			"$folder/source/tests/ctl" || return
	for program in $WORLD_TESTS; do
		mkdir -p "$folder/${program%/*}"
		if [ -e "$built/${program%/*}/.libs/${program##*/}" ]; then
			cp "$built/${program%/*}/.libs/${program##*/}" \
				"$folder/$program"
		else
			cp "$built/$program" "$folder/$program"
		fi || return
		echo "/$program"
	done >"$folder/list"
	printf '%s' "$first_process" >"$folder/init"
	chmod 755 "$folder/init"
	(cd "$folder" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) \
		>"$folder.gz"
}

# What the guest says, as TAP: its lines end as a terminal's do.
read_guest() {
	tr -d '\r' <"$1" | awk -v guest="$2" '
	/^@ / { print "@ " guest " " substr($0, 4); next }
	/^@end / {
		print "1..1"
		print ($2 ? "not ok" : "ok") " 1 - ends with " $2
		next
	}
	/^@done/ { done = 1; exit }
	{ print }
	END {
		print "@ " guest "\n1..1"
		print (done ? "ok" : "not ok") " 1 - the guest came to its end"
	}'
}

run_guest() {
	know_guest "$1"
	WORLD_TESTS=${given:-$tests}
	command -v $emulator >/dev/null || {
		tap_one ok "the guest # SKIP no $emulator"
		return
	}
	have_world "$architecture" || return
	(have_kernel "$1") >"$worlds/kernel.log" 2>&1 || {
		tail -n 5 "$worlds/kernel.log" | sed 's/^/# /'
		tap_one ok "the kernel # SKIP $kernel cannot be had from $mirror"
		return
	}
	make_archive "$1" || {
		tap_one "not ok" "the guest is made"
		return
	}
	# shellcheck disable=SC2086 # options
	timeout "${GUEST_SECONDS:-3600}" $emulator $options -m 2G -smp 2 \
		-accel tcg,thread=multi -display none -no-reboot -nodefaults \
		-monitor none -serial stdio -kernel "$worlds/kernel-$1" \
		-initrd "$worlds/guest-$1.gz" \
		-append "console=$console quiet loglevel=1 panic=-1" \
		</dev/null >"$worlds/guest-$1.log" 2>&1
	read_guest "$worlds/guest-$1.log" "$1"
}

world_needs cpio gzip
given=${WORLD_TESTS-}
for guest in ${GUESTS:-arm64-16k ppc64el amd64 amd64-numa}; do
	echo "@ $guest"
	run_guest "$guest"
done | tap_join

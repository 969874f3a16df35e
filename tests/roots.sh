# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=sh

# Roots of suites of Debian, sourced in after build-aux/tap.sh. Each is kept for
# the next time, until it is removed or other packages are wanted. Whoever sources
# it sets:
#
#   roots     folder of the roots
#   mirror    of Debian
#   keyring   that its files are signed with
#   packages  what the roots have, beside Debian's least
#
# and answers --make-root SUITE by make_suite. All mounts are in a mount
# namespace, and go with its last process.

: "${top_srcdir:=.}" "${roots:=.}" "${mirror:=}" "${keyring:=}" "${packages:=}"

# Whoever ends this shell ends what is in there, too.
in_namespace() {
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child \
		--propagation private "$@"
}

# need_roots TOOL...: or skip; what every root needs, and others.
need_roots() {
	[ "$(id -u)" = 0 ] || tap_skip_all 'only root can make a root'
	for tool in debootstrap setpriv unshare chroot flock "$@"; do
		command -v "$tool" >/dev/null || tap_skip_all "no $tool"
	done
	[ -e "$keyring" ] ||
		tap_skip_all "no $keyring (debian-archive-keyring)"
	in_namespace true 2>/dev/null ||
		tap_skip_all 'no namespaces for mounts and processes here'
	# Root executes what is in there.
	mkdir -p "$roots" || tap_bail "cannot make $roots"
	case $(stat -c %F:%u:%A "$roots") in
	directory:0:d????-??-?) ;;
	*) tap_bail "$roots can be written by others than root" ;;
	esac
}

# make_suite SUITE: in the namespace, since debootstrap mounts, too.
make_suite() {
	root=$roots/$1.new
	rm -rf "$root"
	debootstrap --variant=minbase --force-check-gpg \
		--keyring="$keyring" "$1" "$root" "$mirror" || return
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" \
		apt-get install -q -y --no-install-recommends $packages ||
		return
	chroot "$root" apt-get clean
	echo "$packages" >"$root/etc/libdatamem-packages"
}

# have_suite SUITE: make its root unless it is there, with these packages.
have_suite() {
	[ "$(cat "$roots/$1/etc/libdatamem-packages" 2>/dev/null)" \
		!= "$packages" ] || return 0
	in_namespace sh "$0" --make-root "$1" >"$roots/$1.log" 2>&1 ||
		return
	rm -rf "${roots:?}/$1"
	mv "$roots/$1.new" "$roots/$1"
}

# mount_suite ROOT: in the namespace; not to be written to, with the source tree
# at /mnt/source, and room for others in /mnt.
mount_suite() {
	mount --bind "$1" "$1" &&
		mount -o remount,bind,ro "$1" &&
		mount -t proc proc "$1/proc" &&
		mount --rbind /sys "$1/sys" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" &&
		mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" &&
		mount -t tmpfs tmpfs "$1/mnt" &&
		mkdir "$1/mnt/source" &&
		mount --bind "$top_srcdir" "$1/mnt/source" &&
		mount -o remount,bind,ro "$1/mnt/source"
}

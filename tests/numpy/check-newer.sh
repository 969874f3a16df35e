#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The adapter with the Python and NumPy of newer Debian suites: the adapter's
# own tests with each Python there, and NumPy's tests, which must come to what
# they come to with stock NumPy, on the library as it was built here. With
# TEST_LONG=1 NumPy's tests under the handler debug as well.
#
# Each suite is a root of its own, about 1 GB, that is kept for the next time;
# remove it for newer packages. Needs root, debootstrap, a mirror. From the
# environment: NEWER_SUITES, NEWER_ROOTS (the folder of the roots), NEWER_MIRROR.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"

suites=${NEWER_SUITES:-trixie sid}
roots=${NEWER_ROOTS:-${TMPDIR:-/tmp}/libdatamem-roots}
mirror=${NEWER_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# NumPy's test of handlers compiles a module.
packages="python3-all python3-numpy python3-pytest python3-hypothesis
	gcc libc6-dev python3-dev meson ninja-build"

# What the tests in a root run with.
python=/usr/bin/python3
export python

# shellcheck source=tests/roots.sh
. "${0%/*}/../roots.sh"

# enter ROOT COMMAND...: what in_namespace runs. The root is not written to.
enter() {
	root=$1
	shift
	mount_suite "$root" &&
		mkdir "$root/mnt/build" &&
		mount --bind "$top_builddir" "$root/mnt/build" &&
		mount -o remount,bind,ro "$root/mnt/build" || exit
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/tmp TMPDIR=/tmp LC_ALL=C CC=cc PYTHON="$python" \
		top_srcdir=/mnt/source top_builddir=/mnt/build "$@"
}

# in_root SUITE COMMAND...
in_root() {
	folder=$roots/$1
	shift
	in_namespace sh "$0" --enter "$folder" "$@"
}

# run_script SUITE SCRIPT ARGUMENT...: its TAP, and a point for how it ends.
run_script() {
	suite=$1
	name=$2
	shift 2
	in_root "$suite" sh "/mnt/source/tests/numpy/$name" "$@" \
		</dev/null 2>&1
	status=$?
	echo "1..1"
	if [ $status = 0 ]; then
		echo "ok 1 - $name ends with 0"
	else
		echo "not ok 1 - $name ends with $status"
	fi
}

# The Pythons of a root, of which NumPy's package supports each.
pythons() {
	(cd "$roots/$1/usr/bin" && echo python3.[0-9] python3.[0-9][0-9]) |
		tr ' ' '\n' | grep -v ']'
}

run_suite() {
	url=$mirror/dists/$1/Release
	if [ ! -d "$roots/$1" ] && ! wget -q -T 20 -t 2 -O /dev/null "$url"
	then
		tap_one ok "the packages # SKIP cannot reach $url"
		return
	fi
	if ! have_suite "$1"; then
		# Mirror, disk, rights: nothing that the adapter can help.
		tail -n 20 "$roots/$1.log" | sed 's/^/# /'
		tap_one ok "the root # SKIP cannot be made, see $roots/$1.log"
		return
	fi
	# The other way round than usual: built on a newer system than this.
	case $(in_root "$1" python3 -c 'if True:
		import ctypes
		ctypes.CDLL("/mnt/build/.libs/libdatamem.so")' 2>&1) in
	*"version \`GLIBC_"*)
		tap_one ok "the library # SKIP it was built for a newer glibc"
		return
		;;
	esac
	for name in $(pythons "$1"); do
		python=/usr/bin/$name
		echo "@ $1 $name"
		in_root "$1" "$python" -c 'import numpy, sys
print("# Python %s, NumPy %s" % (sys.version.split()[0], numpy.__version__))'
		run_script "$1" check-adapter.sh
		run_script "$1" check-threads.sh
		run_script "$1" check-program.sh
		run_script "$1" check-switch.sh
		run_script "$1" check-values.sh
		run_script "$1" check-arrays.sh
		run_script "$1" check-beside.sh
		run_script "$1" check-scopes.sh
		run_script "$1" check-interrupted.sh
		run_script "$1" check-shared.sh
		run_script "$1" check-notebook.sh
	done
	echo "@ $1"
	python=/usr/bin/python3
	run_script "$1" check-suites.sh
	[ -z "${TEST_LONG-}" ] ||
		run_script "$1" check-suites.sh debug core lib ma random
}

case ${1-} in
--enter)
	shift
	enter "$@"
	;;
--make-root)
	make_suite "$2"
	exit
	;;
esac

[ -e "$top_builddir/.libs/libdatamem.so" ] ||
	tap_skip_all 'no shared library was built'
need_roots wget
exec 9>"$roots/.lock"
flock 9

for suite in $suites; do
	echo "@ $suite"
	run_suite "$suite"
done | tap_join

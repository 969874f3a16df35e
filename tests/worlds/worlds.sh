# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=sh

# What the checks of other machines share, sourced in after build-aux/tap.sh:
# packages of Debian for them, and the tests built for them. From the
# environment:
#
#   WORLDS         folder of downloads and unpacked packages, kept for the next
#                  time
#   WORLDS_MIRROR  mirror of Debian
#   WORLD_TESTS    test programs, tests/ROOM/check_NAME

: "${top_srcdir:=.}" "${top_builddir:=.}"
worlds=${WORLDS:-${TMPDIR:-/tmp}/libdatamem-worlds}
mirror=${WORLDS_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Its C library is the cross compilers'.
suite=bookworm

# world_needs TOOL...: what every check of them needs, and one alone.
world_needs() {
	for tool in apt-get dpkg-deb flock pkg-config timeout "$@"; do
		command -v "$tool" >/dev/null || tap_skip_all "no $tool"
	done
	[ -e "$keyring" ] ||
		tap_skip_all "no $keyring (debian-archive-keyring)"
	[ ! -e "$top_srcdir/config.status" ] ||
		tap_skip_all "the source tree is a build itself"
	mkdir -p "$worlds" || tap_bail "cannot make $worlds"
	worlds=$(cd "$worlds" && pwd)
	exec 9>"$worlds/.lock"
	flock 9
}

# The compiler's name for an architecture of Debian.
triplet_of() {
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	ppc64el) echo powerpc64le-linux-gnu ;;
	esac
}

# apt_of STATE COMMAND ARGUMENT...: apt for the architecture and suite whose
# state this is, without root.
apt_of() (
	state=$1
	command=$2
	shift 2
	architecture=$(basename "$state")
	"$command" -q -o Dir="$state" \
		-o Dir::State::status="$state/status" \
		-o APT::Architecture="${architecture%-*}" \
		-o APT::Architectures="${architecture%-*}" \
		-o APT::Sandbox::User= -o Acquire::Languages=none \
		-o Acquire::Check-Valid-Until=false "$@"
)

# The state of apt for an architecture and a suite.
have_apt() (
	state=$worlds/apt/$1-$2
	[ ! -e "$state/updated" ] || return 0
	mkdir -p "$state/etc/apt/preferences.d" "$state/var/cache/apt/archives" \
		"$state/var/lib/apt/lists" || return
	: >"$state/status"
	echo "deb [signed-by=$keyring] $mirror $2 main" \
		>"$state/etc/apt/sources.list"
	apt_of "$state" apt-get update && : >"$state/updated"
)

# unpack FOLDER ARCHITECTURE SUITE PACKAGE...: without what they depend on.
unpack() (
	folder=$1
	architecture=$2
	release=$3
	shift 3
	[ ! -e "$folder/unpacked" ] || return 0
	rm -rf "$folder"
	have_apt "$architecture" "$release" && mkdir -p "$folder/packages" &&
		(cd "$folder/packages" &&
			apt_of "$worlds/apt/$architecture-$release" \
				apt-get download "$@") || return
	for package in "$folder"/packages/*.deb; do
		dpkg-deb -x "$package" "$folder" || return
	done
	rm -rf "$folder/packages"
	# The loader's name, which qemu-user would follow out of the folder.
	for link in "$folder"/lib64/*; do
		case $(readlink "$link") in
		/*) ln -sf "..$(readlink "$link")" "$link" || return ;;
		esac
	done
	: >"$folder/unpacked"
)

# have_root ARCHITECTURE: what test programs link to and run with.
have_root() {
	unpack "$worlds/$1" "$1" "$suite" libc6 libgcc-s1 check libsubunit0 \
		libsubunit-dev busybox-static
}

# build_for ARCHITECTURE: library and test programs, below tests/worlds here.
build_for() (
	root=$worlds/$1
	triplet=$(triplet_of "$1")
	source=$(cd "$top_srcdir" && pwd)
	mkdir -p "$top_builddir/tests/worlds/$1" &&
		cd "$top_builddir/tests/worlds/$1" || exit
	PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig
	PKG_CONFIG_SYSROOT_DIR=$root
	export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
	unset CC CXX NM MAKEFLAGS MFLAGS MAKELEVEL
	[ -e config.status ] ||
		"$source/configure" --quiet --host="$triplet" --disable-tool \
			--disable-static --without-python CC="$triplet-gcc" \
			CXX=none PKG_CONFIG=pkg-config || exit
	make -j "$(nproc)" all &&
		make -j "$(nproc)" check TESTS= check_PROGRAMS="$WORLD_TESTS" \
			check_LTLIBRARIES=
)

# have_world ARCHITECTURE: built, or a point that says why not.
have_world() {
	command -v "$(triplet_of "$1")-gcc" >/dev/null || {
		tap_one ok "the tests # SKIP no $(triplet_of "$1")-gcc"
		return 1
	}
	# Mirror, disk: nothing that the library can help.
	have_root "$1" >"$worlds/$1.log" 2>&1 || {
		tail -n 5 "$worlds/$1.log" | sed 's/^/# /'
		tap_one ok "the packages # SKIP cannot be had from $mirror"
		return 1
	}
	build_for "$1" >"$worlds/build-$1.log" 2>&1 || {
		tail -n 20 "$worlds/build-$1.log" | sed 's/^/# /'
		tap_one "not ok" "the tests are built"
		return 1
	}
	tap_one ok "the tests are built"
}

# ended STATUS: a point for how a program ended; 124: its time was over.
ended() {
	if [ "$1" = 0 ]; then
		tap_one ok "ends"
	else
		tap_one "not ok" "ends with status $1"
	fi
}

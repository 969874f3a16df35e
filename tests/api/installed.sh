#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The installed package serves a user: C and C++ programs, shared and static,
# built through pkg-config. Run by `make installcheck`; a packager may run it
# against a package that is in place. From the environment, all optional:
# CC, CXX, PKG_CONFIG, DESTDIR, libdir, bindir, libexecdir, mandir.

# shellcheck source=build-aux/tap.sh
. "$(dirname "$0")/../../build-aux/tap.sh"
scratch=$(mktemp -d) || tap_bail "no scratch folder"
trap 'rm -rf "$scratch"' EXIT
for suffix in c cc; do
	cp "$top_srcdir/tests/api/installed.c" "$scratch/program.$suffix"
done

: "${CC:=cc}" "${CXX:=c++}" "${PKG_CONFIG:=pkg-config}" "${DESTDIR=}"
if [ -n "${libdir-}" ]; then
	PKG_CONFIG_PATH=$DESTDIR$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
	LD_LIBRARY_PATH=$DESTDIR$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	export PKG_CONFIG_PATH LD_LIBRARY_PATH
fi
if [ -n "$DESTDIR" ]; then
	PKG_CONFIG_SYSROOT_DIR=$DESTDIR
	export PKG_CONFIG_SYSROOT_DIR
fi
command -v "${PKG_CONFIG%% *}" >/dev/null || tap_skip_all "no pkg-config"

# build_and_run COMPILER-WITH-OPTIONS shared|static
build_and_run() {
	if [ "$2" = static ]; then
		# The archive by name, or the linker takes the shared library.
		flags=$($PKG_CONFIG --static --cflags --libs datamem |
			sed 's/-ldatamem/-l:libdatamem.a/')
	else
		flags=$($PKG_CONFIG --cflags --libs datamem)
	fi
	# shellcheck disable=SC2086 # lists of options
	$1 -o "$scratch/program" $flags $user_flags &&
		"$scratch/program"
}

# serves COMPILER LANGUAGE-OPTIONS SUFFIX
serves() {
	if ! command -v "${1%% *}" >/dev/null; then
		tap_skip "program.$3" "no $1"
		return
	fi
	if [ -f "$DESTDIR${shared-}" ]; then
		tap_run "program.$3, shared" build_and_run "$1 $2 $scratch/program.$3" shared
	else
		tap_skip "program.$3, shared" "no shared library"
	fi
	if [ -f "$DESTDIR${static-}" ]; then
		tap_run "program.$3, static" build_and_run "$1 $2 $scratch/program.$3" static
	else
		tap_skip "program.$3, static" "no static library"
	fi
}

# What a build with sanitizers needs from its users too.
user_flags=${SANITIZER_CFLAGS-}
libraries=$($PKG_CONFIG --variable=libdir datamem) ||
	tap_bail "pkg-config does not know datamem"
libraries=${libraries#"$DESTDIR"}
shared=$libraries/libdatamem.so
static=$libraries/libdatamem.a

tap_run "pkg-config gives the version" \
	test "$($PKG_CONFIG --modversion datamem)" = \
	"${VERSION:-$($PKG_CONFIG --modversion datamem)}"
serves "$CC" "-std=c99 -pedantic-errors -Wall -Werror" c
serves "$CXX" "-std=c++17 -pedantic-errors -Wall -Werror" cc

# The face for C++.
cp "$top_srcdir/examples/vector.cc" "$scratch/program.hpp.cc"
serves "$CXX" "-std=c++17 -pedantic-errors -Wall -Werror" hpp.cc

# The examples for build systems, which find the compilers by CC and CXX.
by_cmake() {
	cmake -S "$top_srcdir/examples/cmake" -B "$scratch/cmake" &&
		cmake --build "$scratch/cmake" && "$scratch/cmake/first" &&
		"$scratch/cmake/vector"
}
by_meson() {
	meson setup "$scratch/meson" "$top_srcdir/examples/meson" &&
		ninja -C "$scratch/meson" && "$scratch/meson/first" &&
		"$scratch/meson/vector"
}
export CC CXX PKG_CONFIG
CFLAGS=$user_flags CXXFLAGS=$user_flags
export CFLAGS CXXFLAGS
for build_system in cmake meson; do
	if ! command -v $build_system >/dev/null; then
		tap_skip "examples/$build_system" "no $build_system"
	elif [ ! -f "$DESTDIR$shared" ]; then
		tap_skip "examples/$build_system" "no shared library"
	elif ! command -v "${CXX%% *}" >/dev/null; then
		tap_skip "examples/$build_system" "no $CXX"
	else
		tap_run "examples/$build_system" by_$build_system
	fi
done

tool=$DESTDIR${bindir-/usr/bin}/datamem-ctl
if [ -x "$tool" ]; then
	tap_run "datamem-ctl says its version" "$tool" --version
else
	tap_skip "datamem-ctl says its version" "not installed"
fi

# Found from where the tool is, which may be below DESTDIR.
program=$DESTDIR${libexecdir-/usr/libexec}/datamem/datamem-bench
if [ -x "$tool" ] && [ -x "$program" ]; then
	tap_run "datamem-ctl bench runs the installed program" \
		"$tool" bench --list
else
	tap_skip "datamem-ctl bench runs the installed program" "not installed"
fi

dangling() {
	find "$DESTDIR$mandir" -name 'datamem*' -type l | while read -r link; do
		[ -e "$link" ] || echo "$link"
	done
}
if [ -d "$DESTDIR${mandir:=/usr/share/man}" ]; then
	tap_empty "every extra name of a manual page leads to one" "$(dangling)"
fi

tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# <datamem.h> compiles alone, as strict C99 and C11 and as C++11 and C++17, and
# <datamem.hpp> as C++17 and C++20.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
scratch=$(mktemp -d) || tap_bail "no scratch folder"
trap 'rm -rf "$scratch"' EXIT
# Twice: the include guard must hold.
printf '#include <datamem.h>\n#include <datamem.h>\nextern int end;\n' \
	>"$scratch/alone.c"
cp "$scratch/alone.c" "$scratch/alone.cc"
sed 's/datamem\.h/&pp/' "$scratch/alone.c" >"$scratch/face.cc"

compile() {
	# shellcheck disable=SC2086 # CC and CXX may hold options
	$1 -std="$2" -pedantic-errors -Wall -Wextra -Wundef -Wshadow -Werror \
		-fsyntax-only -I"$top_srcdir/include" \
		-I"$top_builddir/include" "$3"
}

compiler() {
	# shellcheck disable=SC2086
	set -- "$1" "$2" "$3" ${1}
	if command -v "$4" >/dev/null 2>&1; then
		tap_run "$4 -std=$2 ${3##*/}" compile "$1" "$2" "$3"
	else
		tap_skip "$4 -std=$2 ${3##*/}" "no such compiler here"
	fi
}

compiler "${CC:-cc}" c99 "$scratch/alone.c"
compiler "${CC:-cc}" c11 "$scratch/alone.c"
compiler "${CXX:-c++}" c++11 "$scratch/alone.cc"
compiler "${CXX:-c++}" c++17 "$scratch/alone.cc"
compiler clang c99 "$scratch/alone.c"
compiler clang++ c++11 "$scratch/alone.cc"
compiler clang++ c++17 "$scratch/alone.cc"

compiler "${CXX:-c++}" c++17 "$scratch/face.cc"
compiler "${CXX:-c++}" c++20 "$scratch/face.cc"
compiler clang++ c++17 "$scratch/face.cc"
compiler clang++ c++20 "$scratch/face.cc"

# clang knows \param and \return, and which declaration they belong to.
if command -v clang >/dev/null 2>&1; then
	tap_run "comments fit their declarations" clang -x c -std=c99 \
		-Wdocumentation -Werror -fsyntax-only \
		-I"$top_srcdir/include" -I"$top_builddir/include" \
		"$top_srcdir/include/datamem.h"
else
	tap_skip "comments fit their declarations" "no clang here"
fi
tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# <datamem.hpp> in C++17 and C++20, with every compiler that is here.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
source=$top_srcdir/tests/api/cpp.cc
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-cpp.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
sanitizers=$(sed -n 's/^SANITIZER_CFLAGS = //p' "$top_builddir/Makefile")

# compile STANDARD COMPILER...
compile() {
	standard=$1
	shift
	# shellcheck disable=SC2086
	"$top_builddir/libtool" --silent --tag=CC --mode=link "$@" \
		-std="$standard" -O1 -Wall -Wextra -Wpedantic -Wshadow \
		-Wconversion -Werror $sanitizers -I"$top_srcdir/include" \
		-I"$top_builddir/include" -no-install -pthread \
		-o "$work/program" "$source" "$top_builddir/libdatamem.la"
}

# For programs that have no exceptions, or no RTTI.
cat >"$work/plain.cc" <<'EOF'
#include <datamem.hpp>
#include <vector>

template class datamem::allocator<double>;
template class std::vector<double, datamem::allocator<double>>;

int main()
{
	datamem::buffer buffer(10);
	datamem::context context;
	std::vector<double, datamem::allocator<double>> numbers(3);
#if defined(DATAMEM_HAS_MEMORY_RESOURCE)
	std::pmr::vector<int> others(3, datamem::resource());
	if (!datamem::resource()->is_equal(*datamem::resource()))
		return 1;
#endif
	datamem::set("limit.max", "0");
	return context.run([] { return 0; }) +
	       (*datamem::make_unique<int>(0) || numbers[2] != 0);
}
EOF

# plain_user STANDARD COMPILER...
plain_user() {
	standard=$1
	shift
	for option in -fno-exceptions -fno-rtti; do
		"$@" -std="$standard" "$option" -Wall -Wextra -Wpedantic -Werror \
			-I"$top_srcdir/include" -I"$top_builddir/include" \
			-fsyntax-only "$work/plain.cc" || return
	done
}

# try STANDARD COMPILER...
try() {
	rm -f "$work/program"
	if ! echo 'int main() { return 0; }' | "$2" -std="$1" -x c++ \
		-fsyntax-only - 2>/dev/null; then
		tap_skip "$2 -std=$1" 'no such compiler, or it is too old'
		return
	fi
	tap_run "$2 -std=$1: without exceptions, without RTTI" plain_user "$@"
	tap_run "$2 -std=$1: compiles" compile "$@"
	if [ -x "$work/program" ]; then
		tap_run "$2 -std=$1: works" "$work/program"
	fi
}

# Configured so where the library is of another C library than C++ programs.
if [ "${CXX-}" = none ]; then
	tap_skip_all 'there is no C++ compiler for this C library'
fi

# The flags of a sanitizer are those of one compiler.
tried=
for compiler in ${CXX:-c++} ${sanitizers:-g++ clang++}; do
	case " $tried " in
	*" $compiler "*) continue ;;
	esac
	case $compiler in
	-*) continue ;;
	esac
	tried="$tried $compiler"
	for standard in c++17 c++20; do
		try "$standard" "$compiler"
	done
done
tap_done

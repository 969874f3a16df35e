#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# <datamem.hpp> in C++17, C++20 and C++23, with every compiler that is here.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-cpp.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
sanitizers=$(sed -n 's/^SANITIZER_CFLAGS = //p' "$top_builddir/Makefile")

# build PROGRAM SOURCE OBJECT STANDARD COMPILER..., where OBJECT may be empty
build() {
	program=$1
	source=$2
	object=$3
	standard=$4
	shift 4
	# shellcheck disable=SC2086
	"$top_builddir/libtool" --silent --tag=CC --mode=link "$@" \
		-std="$standard" -O1 -Wall -Wextra -Wpedantic -Wshadow \
		-Wconversion -Werror $sanitizers -I"$top_srcdir/include" \
		-I"$top_builddir/include" -no-install -pthread \
		-o "$work/$program" "$source" ${object:+"$object"} \
		"$top_builddir/libdatamem.la"
}

# For programs that have no exceptions, or no RTTI.
cat >"$work/plain.cc" <<'EOF'
#include <datamem.hpp>
#include <vector>

static_assert(!std::is_constructible_v<datamem::buffer, datamem_buffer>);
static_assert(std::is_constructible_v<datamem::handler_guard, std::nullptr_t>);
static_assert(!std::is_convertible_v<datamem::unique_ptr<const int[]>,
				     datamem::unique_ptr<int[]>>);
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

# A resource of code without RTTI has no type that could be asked for.
cat >"$work/foreign.cc" <<'EOF'
#include <new>
#if __has_include(<memory_resource>)
#include <memory_resource>

struct resource : std::pmr::memory_resource {
	void *do_allocate(std::size_t nbytes, std::size_t) override
	{
		return ::operator new(nbytes);
	}
	void do_deallocate(void *ptr, std::size_t, std::size_t) override
	{
		::operator delete(ptr);
	}
	bool do_is_equal(const std::pmr::memory_resource &other)
		const noexcept override
	{
		return this == &other;
	}
};
const std::pmr::memory_resource *foreign()
{
	static const resource made;
	return &made;
}
#endif
EOF
cat >"$work/mixed.cc" <<'EOF'
#include <datamem.hpp>

#if defined(DATAMEM_HAS_MEMORY_RESOURCE)
const std::pmr::memory_resource *foreign();
int main()
{
	return datamem::resource()->is_equal(*foreign()) ||
	       !datamem::resource()->is_equal(*datamem::resource());
}
#else
int main() {}
#endif
EOF

# Files of both kinds in one program: that without exceptions comes first, so
# that its functions are those of all if they have the same names.
cat >"$work/terminating.cc" <<'EOF'
#include <datamem.hpp>

double first()
{
	datamem::allocator<double> allocator;
	double *ptr = allocator.allocate(2), value = ptr[0] = 3;

	allocator.deallocate(ptr, 2);
	return value;
}
EOF
cat >"$work/throwing.cc" <<'EOF'
#include <datamem.hpp>

double first();
int main()
{
	datamem::allocator<double> allocator;

	if (first() != 3)
		return 1;
	try {
		double *ptr = allocator.allocate(std::size_t{1} << 58);
		allocator.deallocate(ptr, 1);
	} catch (const std::bad_alloc &) {
		return 0;
	}
	return 1;
}
EOF

# both_kinds STANDARD COMPILER...
both_kinds() {
	standard=$1
	shift
	# shellcheck disable=SC2086
	"$@" -std="$standard" -O0 -fno-exceptions $sanitizers \
		-I"$top_srcdir/include" -I"$top_builddir/include" \
		-c -o "$work/terminating.o" "$work/terminating.cc" &&
		build both "$work/terminating.o" "$work/throwing.cc" \
			"$standard" "$@" && "$work/both"
}

# mixed_user STANDARD COMPILER...
mixed_user() {
	standard=$1
	shift
	"$@" -std="$standard" -fno-rtti -c -o "$work/foreign.o" \
		"$work/foreign.cc" &&
		build mixed "$work/mixed.cc" "$work/foreign.o" "$standard" \
			"$@" && "$work/mixed"
}

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
	if [ "$1" = c++17 ]; then
		tap_run "$2 -std=$1: a resource without RTTI" mixed_user "$@"
		tap_run "$2 -std=$1: files with and without exceptions" \
			both_kinds "$@"
	fi
	tap_run "$2 -std=$1: compiles" build program \
		"$top_srcdir/tests/api/cpp.cc" '' "$@"
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
	for standard in c++17 c++20 c++23; do
		try "$standard" "$compiler"
	done
done
tap_done

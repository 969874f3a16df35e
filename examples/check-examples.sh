#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Run every example, and the first program of README.md: as it is, with the
# output compared line by line, and under the handler `debug`, which must find
# nothing.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../build-aux/tap.sh"
top=$top_srcdir
build=$top_builddir
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-examples.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# The output of an example: one extended regular expression a line, all in order;
# a line that begins with "?" may be missing.
expected() {
	case $1 in
	accounts) cat <<-'EOF' ;;
		alloc 1000
		alloc 8000
		resize 5000
		free 8000
		1 block of 5000 bytes, at most 13000 bytes
		EOF
	aligned) cat <<-'EOF' ;;
		made: 0 bytes beyond a multiple of 4096
		grown: 0 bytes beyond a multiple of 4096
		EOF
	buffer) cat <<-'EOF' ;;
		buffer: 800 bytes, default_allocator, version 1
		view: 400 bytes, not its own, version 0
		resized, moved: 1600 bytes, default_allocator, version 1
		aligned: 5000 bytes, system, version 1
		EOF
	choose) echo 'array data from system' ;;
	context) cat <<-'EOF' ;;
		job 0 used system
		job 1 used debug
		job 2 used datamem
		EOF
	control) cat <<-'EOF' ;;
		?no live control: .+
		requests answered: 0
		EOF
	current) cat <<-'EOF' ;;
		before: default_allocator
		inside: debug
		after: default_allocator
		EOF
	dims) cat <<-'EOF' ;;
		axis 0: length 20, stride 9600
		axis 1: length 30, stride 320
		axis 2: length 40, stride 8
		EOF
	first) echo 'sum 499999500000' ;;
	growth) cat <<-'EOF' ;;
		3000000 numbers, sum 4499998500000
		resizes: [0-9]+ in place, [0-9]+ moved, [0-9]+ copied
		EOF
	handler) cat <<-'EOF' ;;
		made by counting, busy: 1
		allocations: 1, unregister: 0
		EOF
	inplace) cat <<-'EOF' ;;
		shrunk: (Success|No error information), first row 0.5
		grown: No space left on device, first row 0.5
		EOF
	raw) cat <<-'EOF' ;;
		first of 2000 numbers: 0
		too large: refused
		EOF
	readme) echo '0 42' ;;
	receipt) cat <<-'EOF' ;;
		Linux [^ ]+: [^ ]+ \(.+\)
		fresh: asked 16777216, eligible [0-9]+, advised [0-9]+, backed .+
		touched: asked 16777216, eligible [0-9]+, advised [0-9]+, backed .+
		?promoted: asked 16777216, eligible [0-9]+, advised [0-9]+, backed .+
		EOF
	settings) cat <<-'EOF' ;;
		limit.max is 64M
		limit.max=64M \(built in: 0\)
		plenty: Invalid argument
		128 MiB: refused
		EOF
	stats) cat <<-'EOF' ;;
		used: live 336[0-9]+, peak 336[0-9]+, cached [0-9]+, retained [0-9]+
		freed: live 0, peak 336[0-9]+, cached [0-9]+, retained [0-9]+
		given back: [0-9]+
		trimmed: live 0, peak 0, cached 0, retained 0
		EOF
	owner) cat <<-'EOF' ;;
		debug
		debug, 1048576 bytes
		handler no-such: No such file or directory
		EOF
	vector) cat <<-'EOF' ;;
		1000001 items, sum 500001.0
		1000 in a row, shared, 0.25
		EOF
	version) cat <<-'EOF' ;;
		header ([0-9.]+), library [0-9.]+
		compiler .+, kernel headers .+, built on Linux .*
		EOF
	within) echo 'result from datamem_aligned_4096' ;;
	*) return 1 ;;
	esac
}

# matches EXPECTED OUTPUT: the output has the expected lines and no others.
matches() {
	awk -v output="$2" '
	function next_line() { return (getline text < output) > 0 }
	BEGIN { more = next_line() }
	{
		optional = sub(/^\?/, "")
		if (more && text ~ "^" $0 "$") { more = next_line(); next }
		if (optional) next
		print "expected: " $0
		print "printed:  " (more ? text : "nothing")
		bad = 1
		exit
	}
	END {
		if (!bad && more) { print "unexpected: " text; bad = 1 }
		exit bad
	}' "$1"
}

# run PROGRAM: its output goes to a file; what it says beside that is a mistake.
run() {
	timeout 60 "$1" >"$work/output" 2>"$work/errors" || {
		echo "exit status $?"
		sed 's/^/error: /' "$work/errors"
		return 1
	}
	sed 's/^/error: /' "$work/errors"
	[ ! -s "$work/errors" ]
}

run_as_it_is() {
	run "$2" || return
	matches "$1" "$work/output"
}

run_with_debug() {
	DATAMEM_HANDLER=debug DATAMEM_DEBUG=warn
	export DATAMEM_HANDLER DATAMEM_DEBUG
	run "$1"
}

# check NAME PROGRAM
check() {
	if ! expected "$1" >"$work/expected"; then
		tap_empty "$1" 'its expected output is missing'
		return
	fi
	tap_run "$1: prints what it should" run_as_it_is "$work/expected" "$2"
	tap_run "$1: the handler debug finds nothing" run_with_debug "$2"
}

for source in "$top"/examples/*.c; do
	name=${source##*/}
	name=${name%.c}
	check "$name" "$build/examples/$name"
done

# compile NAME SOURCE COMPILER...: a program that the build does not know.
sanitizers=$(sed -n 's/^SANITIZER_CFLAGS = //p' "$build/Makefile")
compile() {
	name=$1
	source=$2
	shift 2
	# shellcheck disable=SC2086
	tap_run "$name compiles" "$build/libtool" --silent --tag=CC --mode=link \
		"$@" -Wall -Wextra $sanitizers -I"$top/include" \
		-I"$build/include" -no-install -o "$work/$name" "$source" \
		"$build/libdatamem.la"
}

awk '/^```$/ { on = 0 } on { print } /^```c$/ { on = 1 }' \
	"$top/README.md" >"$work/readme.c"
# shellcheck disable=SC2086
compile readme "$work/readme.c" ${CC:-cc}
check readme "$work/readme"

# C++ is not needed to build the library, so configure knows no compiler.
cxx=${CXX:-c++}
for name in vector owner; do
	if command -v "${cxx%% *}" >/dev/null; then
		# shellcheck disable=SC2086
		compile "$name" "$top/examples/$name.cc" $cxx -std=c++17
		check "$name" "$work/$name"
	else
		tap_skip "$name" 'no C++ compiler'
	fi
done

tap_done

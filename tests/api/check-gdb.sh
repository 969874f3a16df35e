#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The commands for gdb, in a process and in its core.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
script=$top_srcdir/src/gdb/datamem.py
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-gdb.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
program=$top_builddir/tests/api/.libs/debugged
[ -x "$program" ] || program=$top_builddir/tests/api/debugged
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
unset DATAMEM_CONF DATAMEM_HANDLER DATAMEM_DEBUG

command -v gdb >/dev/null || tap_skip_all 'no gdb'
if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	tap_skip_all 'sanitizers have their own memory'
fi

debug() {
	timeout 120 gdb -nx -batch -ex 'set pagination off' \
		-ex 'set startup-with-shell off' -x "$script" "$@" </dev/null \
		>"$work/out" 2>&1
}

debug -ex 'python print("python works")'
grep -q '^python works' "$work/out" || tap_skip_all 'gdb has no Python'
debug -ex 'break here' -ex run -ex 'datamem block small + 3' \
	-ex 'datamem block cached' -ex 'datamem block large + 4096' \
	-ex 'datamem block apart' -ex 'datamem block guarded + 7' \
	-ex 'datamem block sampled' -ex 'datamem block local' \
	-ex 'datamem summary' -ex 'datamem runs' \
	-ex "gcore $work/core" -ex kill "$program"
grep -q 'Breakpoint 1, here' "$work/out" ||
	tap_skip_all 'gdb cannot run programs here'
if grep -q 'debug information, is not loaded' "$work/out"; then
	tap_skip_all 'built without debug information'
fi

# has NAME PATTERN...: all of them are in the output.
has() {
	name=$1
	shift
	missing=
	for pattern; do
		grep -q -e "$pattern" "$work/out" || missing="$missing
$pattern"
	done
	[ -z "$missing" ] || sed 's/^/# /' "$work/out"
	tap_empty "$name" "$missing"
}

blocks() {
	has "$1: small blocks" 'byte 3 of a block of 112 bytes at 0x.*, in use$' \
		'byte 0 of a block of 112 bytes .*, free, in a thread'
	has "$1: large blocks" \
		'byte 4096 of a block of 5242880 .* handler default_allocator' \
		'byte 0 of a block of 3145728 .* handler datamem'
	has "$1: a guarded block, with both stacks" \
		'byte 7 of a guarded block of 1000 bytes at .*, freed' \
		'^allocated by thread' '^freed by thread' 'main.*debugged.c:'
	has "$1: a sampled block, with its stack" \
		'^allocated by thread .*, handler default_allocator:'
	has "$1: what is not ours" 'not in the arena of libdatamem'
	has "$1: summary and runs" '10M  blocks above 128 KiB' \
		'5242880  default_allocator' '3145728  datamem' ' small blocks$'
}

blocks process
if [ -s "$work/core" ]; then
	debug -ex 'datamem block small + 3' -ex 'datamem block cached' \
		-ex 'datamem block large + 4096' -ex 'datamem block apart' \
		-ex 'datamem block guarded + 7' -ex 'datamem block sampled' \
		-ex 'datamem block local' -ex 'datamem summary' \
		-ex 'datamem runs' "$program" "$work/core"
	blocks core
else
	tap_skip 'core: blocks' 'no core was written'
fi
tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The probes of the library: its notes, the table in probes.h and the manual
# name the same ones, and a debugger and bpftrace, where there are any, can stop
# at them.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
library=$top_builddir/.libs/libdatamem.so
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-probes.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

grep -q '^#define HAVE_PROBES 1' "$top_builddir/config.h" ||
	tap_skip_all 'built without probes'
command -v readelf >/dev/null || tap_skip_all 'no readelf'
[ -e "$library" ] || tap_skip_all 'no shared library'

# PROVIDER:NAME ARGUMENTS of the rows.
table() {
	cat >"$work/rows.c" <<-'EOF'
	#include <stdio.h>
	#define DMEM_BASE_H
	#undef HAVE_PROBES
	#include "probes.h"
	#define TEXT_OF(x) #x
	#define TEXT(x) TEXT_OF(x)
	#define PROBE(provider, name, arguments, help) \
		puts(TEXT(DMEM_PROVIDER_##provider) ":" #name #arguments);
	int main(void)
	{
		DMEM_PROBES(PROBE)
		return 0;
	}
	EOF
	${CC:-cc} -std=gnu11 -I"$top_srcdir/src/libdatamem" -o "$work/rows" \
		"$work/rows.c" && "$work/rows" | sort
}

# provider:name count-of-arguments semaphore
notes() {
	readelf -n "$library" | awk '
		/Provider:/ { provider = $2 }
		/Name:/ { name = $2 }
		/Semaphore:/ { semaphore = $NF }
		/Arguments:/ { print provider ":" name, NF - 1, semaphore }' |
		sort -u
}

# As it stands in the manual: a line each, in bold.
manual() {
	sed -n 's/^\.B \(datamem\|otel_memory\):\(.*\)$/\1:\2/p' \
		"$top_srcdir/man/libdatamem.7" | sed 's/\\-/-/g' | sort
}

table >"$work/table" || tap_skip_all 'no compiler'
notes >"$work/notes"
tap_empty 'the notes have the probes of the table, with as many arguments' \
	"$(awk -F '[(),]' '{ print $1, NF - 2 }' "$work/table" | sort \
		>"$work/wanted"
	awk '{ print $1, $2 }' "$work/notes" | sort -u |
		diff "$work/wanted" -)"
tap_empty 'each has a semaphore' "$(awk '$3 ~ /^0x0*$/' "$work/notes")"
manual >"$work/manual"
tap_empty 'the manual names those of the table' \
	"$(diff "$work/table" "$work/manual")"

program=$top_builddir/tests/api/.libs/pairs
[ -x "$program" ] || program=$top_builddir/tests/api/pairs
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

# A debugger sets the semaphore, and so tells whether anybody listens.
stops() {
	# shellcheck disable=SC2016 # gdb's variables
	timeout 120 gdb -nx -batch -ex 'set pagination off' \
		-ex 'set breakpoint pending on' -ex 'set startup-with-shell off' \
		-ex 'break main' -ex run \
		-ex 'break -probe-stap datamem:refill' -ex continue \
		-ex 'print $_probe_argc' -ex 'print $_probe_arg0' \
		-ex kill --args "$program" 100 >"$work/gdb" 2>&1 </dev/null
}

if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	tap_skip 'a debugger stops at refill' 'sanitizers'
elif ! command -v gdb >/dev/null; then
	tap_skip 'a debugger stops at refill' 'no gdb'
elif ! stops || grep -q 'ptrace\|Operation not permitted' "$work/gdb" ||
	! grep -q 'Breakpoint 1, ' "$work/gdb"; then
	tap_skip 'a debugger stops at refill' 'gdb cannot run programs here'
else
	tap_run 'a debugger stops at refill, which has its arguments' \
		sh -c "grep -q '= 2\$' '$work/gdb' && grep -q '= 112\$' '$work/gdb' ||
			{ cat '$work/gdb'; exit 1; }"
fi

listens() {
	timeout 60 bpftrace -e "usdt:$library:datamem:refill {
		printf(\"refill %d\\n\", arg0); exit(); }" \
		-c "$program 100" >"$work/bpf" 2>&1 </dev/null
}

# Lines that are no probe are bpftrace's complaints about limits.
if ! command -v bpftrace >/dev/null; then
	tap_skip 'bpftrace knows them' 'no bpftrace'
	tap_skip 'bpftrace listens to refill' 'no bpftrace'
	tap_done
	exit
fi
bpftrace -l "usdt:$library:*" 2>/dev/null | sed -n 's/^usdt:.*\.so://p' |
	sort -u >"$work/listed"
if [ -s "$work/listed" ]; then
	sed 's/(.*//' "$work/table" >"$work/names"
	tap_empty 'bpftrace knows them' "$(diff "$work/names" "$work/listed")"
else
	tap_skip 'bpftrace knows them' 'it may not run here'
fi
if ! listens || ! grep -q '^Attaching' "$work/bpf"; then
	tap_skip 'bpftrace listens to refill' \
		"bpftrace: $(tail -n 1 "$work/bpf" | tr -d '#' | cut -c 1-60)"
else
	tap_run 'bpftrace listens to refill' grep '^refill [0-9]' "$work/bpf"
fi
tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# A machine that promises no more memory than it has (vm.overcommit_memory=2).
# Changes that for a second or so, and only as root: other programs may be
# refused memory meanwhile, above all those that map much without touching it.
# And one that promises all (1): sparse arrays larger than the window.

: "${top_builddir:=.}"
vm=/proc/sys/vm
program=$top_builddir/tests/api/overcommit

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

kib() {
	sed -n "s/^$1: *\([0-9]*\) kB\$/\1/p" /proc/meminfo
}

[ "$(id -u)" = 0 ] || skip 'only root can change vm.overcommit_memory'
[ -r $vm/overcommit_kbytes ] || skip 'no /proc'
memory=$(cat $vm/overcommit_memory)
ratio=$(cat $vm/overcommit_ratio)
kbytes=$(cat $vm/overcommit_kbytes)
[ "$memory" != 2 ] || skip 'vm.overcommit_memory is 2 already'
echo "$memory" 2>/dev/null >$vm/overcommit_memory ||
	skip 'vm.overcommit_memory cannot be changed here'
if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	skip 'sanitizers need more address space than there is memory'
fi

dir=$(mktemp -d) || exit 1
pid=
restore() {
	echo "$memory" >$vm/overcommit_memory
	# One sets the other to 0.
	if [ "$kbytes" = 0 ]; then
		echo "$ratio" >$vm/overcommit_ratio
	else
		echo "$kbytes" >$vm/overcommit_kbytes
	fi
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap restore EXIT
trap 'exit 1' HUP INT TERM

mkfifo "$dir/in" "$dir/out"
"$program" <"$dir/in" >"$dir/out" &
pid=$!
exec 3>"$dir/in" 4<"$dir/out"
read -r word <&4 || word=nothing
swap=$(kib SwapTotal)
if [ "$word" = ready ] &&
    echo $(($(kib Committed_AS) + 1048576 - swap)) >$vm/overcommit_kbytes &&
    echo 2 >$vm/overcommit_memory; then
	echo go >&3
	wait "$pid"
	status=$?
	pid=
else
	status="not told ($word)"
fi
if [ "$status" = 0 ]; then
	echo 'ok 1 - overcommit refused'
else
	echo "not ok 1 - overcommit refused: $status"
fi

log=$dir/arena
if echo 1 >$vm/overcommit_memory &&
    CK_DEFAULT_TIMEOUT=120 "$top_builddir/tests/unit/check_arena" \
	>"$log" 2>&1 && grep -q '^ok.*larger_than_the_window' "$log" &&
    ! grep -q 'does not give' "$log"; then
	echo 'ok 2 - sparse, larger than the window'
else
	sed 's/^/# /' "$log"
	echo 'not ok 2 - sparse, larger than the window'
fi
echo 1..2

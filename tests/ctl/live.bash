# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=bash disable=SC2034,SC2154
#
# Programs for the tool to look at: what the tests of live control share, after
# common.bash.

live_user=${top_builddir:-$here/../..}/tests/ctl/live-user

setup()
{
	started=()
}

teardown()
{
	stop_all
}

stop_all()
{
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# Starts the program, behind a command such as env if one is given; it is told
# what to do by `tell`. Sets $pid.
start()
{
	start_command "$@" "$live_user"
}

# The same for any program that says "ready".
start_command()
{
	local dir=$BATS_TEST_TMPDIR

	rm -f "$dir/in" "$dir/out"
	mkfifo "$dir/in" "$dir/out"
	"$@" <"$dir/in" >"$dir/out" 3>&- &
	pid=$!
	started+=("$pid")
	exec 7>"$dir/in" 8<"$dir/out"
	hear ready
}

hear()
{
	local line

	read -r -t 60 line <&8
	[ "$line" = "$1" ]
}

tell()
{
	echo "$1" >&7
}

# alloc_until FILE: the program makes blocks until there is something in it.
alloc_until()
{
	for ((i = 0; i < 600; i++)); do
		tell alloc
		hear done
		[ ! -s "$1" ] || return 0
		sleep 0.1
	done
	echo "nothing in $1"
	return 1
}

# until_true COMMAND...: at last, for a minute.
until_true()
{
	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.1
	done
	echo "never: $*"
	return 1
}

# All of its threads: the signal reaches them one after another.
is_stopped()
{
	! grep -q '^State:[[:space:]]*[^Tt[:space:]]' "/proc/$1"/task/*/status
}

# Of the ids on standard input those whose parent it is: other tests, beside this
# one, may have such programs, too.
children_of()
{
	while read -r id; do
		! grep -q -x "PPid:[[:space:]]*$1" "/proc/$id/status" ||
			echo "$id"
	done
}

# not_shown PID: $output has no line and no label of it. Numbers of others may
# have its digits.
not_shown()
{
	local line

	while read -r line; do
		[[ $line != "$1" && $line != *[\{,]pid=\"$1\"* ]] ||
			{ echo "shown: $line"; return 1; }
	done <<<"$output"
}

stop_process()
{
	kill -STOP "$1"
	until_true is_stopped "$1"
}

# What a process keeps, however old, it gives back when memory is short.
skip_under_pressure()
{
	[ "$(value "$pid" PRESSURE_TRIMS)" = 0 ] ||
		skip "the machine is short of memory"
}

value()
{
	"$ctl" stat "$1" -nrb -o "$2"
}

# Bytes of a process in memory, by the kernel's account.
rss()
{
	sed -n 's/^Rss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"
}

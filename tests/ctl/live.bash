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

value()
{
	"$ctl" stat "$1" -nrb -o "$2"
}

# Bytes of a process in memory, by the kernel's account.
rss()
{
	sed -n 's/^Rss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup"
}

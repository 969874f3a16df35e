# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# record PID: the recording of a process that runs, and what is left of it.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2034
load common
load live

top=${top_srcdir:-$here/../..}
library=${top_builddir:-$top}/.libs/libdatamem.so
target=${top_builddir:-$here/../..}/tests/ctl/record-target
: "${PYTHON:=python3}"

setup()
{
	started=()
	file=$BATS_TEST_TMPDIR/t.dmt
	# What bash starts in the background ignores SIGINT else.
	begin=(env --default-signal=INT) interrupt=INT
	"${begin[@]}" true 2>/dev/null || begin=() interrupt=TERM
}

ring()
{
	[[ $(ls -l "/proc/$1/fd" 2>/dev/null) == *datamem-events* ]]
}

no_ring()
{
	! ring "$1"
}

# The recorder is at its work: the list is through. Sets $recorder.
start_recorder()
{
	"${begin[@]}" "$ctl" record "$pid" -o "$file" 2>"$errors" \
		3>&- 7>&- 8<&- &
	recorder=$!
	started+=("$recorder")
	until_true grep -q '^a' "$file" "$file.part" 2>/dev/null
}

# Sets $status.
await_recorder()
{
	status=0
	wait "$recorder" || status=$?
}

replays()
{
	run ctl replay -R 1 --verify -a datamem "$1"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
}

@test "a C program with threads is recorded, from its live blocks on" {
	start_command "$target"
	run ctl record "$pid" --for=1 -o "$file"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
	[[ $(cat "$errors") == *" events of "*" blocks in $file, "* ]]
	[[ $(cat "$errors") != *lost* ]]
	# The held ones come first, before any time has passed, with the sizes of
	# their classes or their own.
	[ "$(sed -n '5s/^a 0 [0-9]* [0-9]* 0$/first/p' "$file")" = first ]
	[ "$(grep -c '^a 0 [0-9]* 20[0-9]* 0$' "$file")" -gt 0 ]
	[ "$(grep -c '^a 0 [0-9]* 307001 0$' "$file")" -eq 1 ]
	for op in a z r f; do
		[ "$(grep -c "^$op [12] " "$file")" -gt 10 ] || { echo $op; return 1; }
	done
	grep -qx '# min-bytes: 4096' "$file"
	grep -qx "# program: .*record-target" "$file"
	for fact in cpu-ns system-ns wall-ns faults peak-rss; do
		grep -qx "# $fact: [0-9]*" "$file"
	done
	# Small ones are left out.
	[ "$(awk '/^[az]/ && $4 < 4096' "$file" | wc -l)" -eq 0 ]
	replays "$file"
	until_true no_ring "$pid"
	kill -0 "$pid"
}

@test "--min tells what is recorded, and options may come first" {
	start_command "$target"
	run ctl record --min=200K --for=0.5 -o "$file.gz" "$pid"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
	[ "$(od -An -tx1 -N2 "$file.gz")" = " 1f 8b" ]
	[ ! -e "$file.gz.part" ]
	[ "$(zcat "$file.gz" | awk '/^[az]/ && $4 < 204800' | wc -l)" -eq 0 ]
	[ "$(zcat "$file.gz" | grep -c '^f')" -gt 0 ]
	replays "$file.gz"
}

@test "^C ends it, and nothing is left" {
	start_command "$target"
	start_recorder
	ring "$pid"
	kill "-$interrupt" "$recorder"
	await_recorder
	[ "$status" -eq 0 ]
	until_true no_ring "$pid"
	replays "$file"
	kill -0 "$pid"
}

@test "a recorder that is killed leaves a recording, and no ring" {
	start_command "$target"
	file=$file.gz
	start_recorder
	kill -KILL "$recorder"
	await_recorder 2>/dev/null
	until_true no_ring "$pid"
	replays "$file.part"
	# And another one may come.
	run ctl record "$pid" --for=0.3 -o "$file"
	[ "$status" -eq 0 ]
	replays "$file"
}

@test "a process that is killed ends the recording" {
	start_command "$target"
	start_recorder
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || :
	await_recorder
	[ "$status" -eq 0 ]
	[[ $(cat "$errors") == *"the process has ended"* ]]
	grep -q '^# wall-ns: ' "$file"
	replays "$file"
}

@test "a process that ends by itself is recorded to its end" {
	start_command "$target"
	start_recorder
	exec 7>&-
	wait "$pid"
	await_recorder
	[ "$status" -eq 0 ]
	replays "$file"
}

@test "a second recorder is refused, status 2" {
	start_command "$target"
	start_recorder
	status=0
	"$ctl" record "$pid" -o "$file.2" 2>"$errors.2" || status=$?
	[ "$status" -eq 2 ]
	[[ $(cat "$errors.2") == *"it is being recorded already"* ]]
	ring "$pid"
	[ ! -e "$file.2" ]
	# What a file had before stays.
	echo "of before" >"$file.2"
	run ctl record "$pid" -o "$file.2"
	[ "$status" -eq 2 ]
	[ "$(cat "$file.2")" = "of before" ]
	kill -TERM "$recorder"
	await_recorder
	replays "$file"
}

@test "a stopped process is not begun with, and no obstacle to the end" {
	start_command "$target"
	stop_process "$pid"
	run ctl record "$pid" -o "$file.2"
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"as it is stopped; the request is withdrawn"* ]]
	[ ! -e "$file.2" ]
	kill -CONT "$pid"
	start_recorder
	stop_process "$pid"
	kill -TERM "$recorder"
	await_recorder
	[ "$status" -eq 0 ]
	ring "$pid"
	kill -CONT "$pid"
	until_true no_ring "$pid"
	replays "$file"
}

@test "children are not recorded, and leave the ring" {
	start
	tell alloc
	hear done
	start_recorder
	tell fork
	read -r -t 60 child <&8
	hear done
	started+=("$child")
	until_true no_ring "$child"
	ring "$pid"
	kill -TERM "$recorder"
	await_recorder
	[ "$status" -eq 0 ]
}

@test "another program in its place ends the recording" {
	start
	start_recorder
	tell exec
	hear ready
	await_recorder
	[ "$status" -eq 0 ]
	[[ $(cat "$errors") == *"executes another program"* ]]
	replays "$file"
}

@test "a program that closes all descriptors goes on being recorded" {
	start
	start_recorder
	tell close
	hear done
	sleep 1.2
	kill -0 "$recorder"
	tell alloc
	hear done
	kill -TERM "$recorder"
	await_recorder
	[ "$status" -eq 0 ]
	[ "$(grep -c '^f [0-9]* [0-9]* 1048576 ' "$file")" -ge 1 ]
}

@test "a process without a service thread is recorded when it allocates" {
	start_command env DATAMEM_CONTROL=page "$target"
	run ctl record "$pid" --for=0.5 -o "$file"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
	replays "$file"
	until_true no_ring "$pid"
}

@test "where another handler stands behind the calls, there is no list" {
	start_command env DATAMEM_HANDLER=debug "$target"
	run ctl record "$pid" --for=0.5 -o "$file"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
	[[ $(cat "$errors") == *"without a list of the live blocks"* ]]
	[ "$(grep -c '^[az]' "$file")" -gt 0 ]
	replays "$file"
}

@test "what is not there or not ours is refused, status 2" {
	sleep 60 3>&- &
	started+=("$!")
	run ctl record "$!" -o "$file"
	[ "$status" -eq 2 ]
	[ ! -e "$file" ]
	run ctl record 999999999 -o "$file"
	[ "$status" -eq 2 ]
	run ctl record 99999999999999999999 -o "$file"
	[ "$status" -eq 2 ]
	[ "$(id -u)" -eq 0 ] || skip "another user takes root"
	command -v setpriv >/dev/null || skip "no setpriv"
	start_command "$target"
	folder=$(mktemp -d)
	chmod 777 "$folder"
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$ctl" record "$pid" -o "$folder/t"
	rm -r "$folder"
	[[ $output != *"Permission denied"* ]] ||
		skip "another user cannot run what was built here"
	[ "$status" -ne 0 ]
	no_ring "$pid"
}

@test "a NumPy program is recorded" {
	[ -e "$library" ] || skip "no shared library was built"
	skip_if_sanitized
	"$PYTHON" -c 'import sys, numpy
version = tuple(map(int, numpy.__version__.split(".")[:2]))
sys.exit(version < (1, 22) or sys.version_info < (3, 9))' 2>/dev/null ||
		skip "no Python 3.9 with NumPy 1.22 ($PYTHON)"
	export PYTHONPATH=$top/src/python DATAMEM_LIBRARY=$library
	export PYTHONDONTWRITEBYTECODE=1
	printf '%s\n' 'import sys, threading, time, numpy as np' \
		'keep = [np.ones(100000 + i) for i in range(20)]' \
		'def work():' \
		'    while True:' \
		'        a = np.arange(20000.0)' \
		'        b = (a * a + 1).reshape(2, -1).sum()' \
		'        z = np.zeros(300000); time.sleep(0.001)' \
		'threading.Thread(target=work, daemon=True).start()' \
		'print("ready", flush=True)' \
		'sys.stdin.read()' >"$BATS_TEST_TMPDIR/job.py"
	start_command "$PYTHON" -m datamem "$BATS_TEST_TMPDIR/job.py"
	run ctl record "$pid" --for=1 -o "$file"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
	for ((i = 0; i < 20; i++)); do
		[ "$(grep -c "^a 0 [0-9]* $((800000 + 8 * i)) 0\$" "$file")" -eq 1 ]
	done
	[ "$(grep -c '^a [1-9][0-9]* [0-9]* 160000 ' "$file")" -gt 2 ]
	[ "$(grep -c '^z [1-9][0-9]* [0-9]* 2400000 ' "$file")" -gt 2 ]
	replays "$file"
	run ctl advise "$file"
	[ "$status" -le 1 ]
}

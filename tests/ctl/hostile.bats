# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Pages that lie and change while they are read: the tool does not crash, hang,
# or print what a terminal would obey. With TEST_LONG, or HOSTILE_SECONDS, again
# and again for so long; `make fuzz` does that with sanitizers.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

liar=${top_builddir:-$here/../..}/tests/ctl/liar
seconds=${HOSTILE_SECONDS:-${TEST_LONG:+10}}
export ASAN_OPTIONS=exitcode=99:detect_leaks=1
export UBSAN_OPTIONS=halt_on_error=1:exitcode=99

start_liar()
{
	start_command "$liar" "$1"
}

# holds COMMAND ARGUMENT...: it ends by itself, with a status of its own, and
# says nothing that is not text.
holds()
{
	local status=0 said=$BATS_TEST_TMPDIR/said

	timeout 60 "$ctl" "$@" >"$said" 2>"$errors" || status=$?
	if [ "$status" -gt 2 ]; then
		echo "$*: status $status"
		cat "$errors"
		return 1
	fi
	if LC_ALL=C tr -d '\n\040-\176' <"$said" | grep -q .; then
		echo "$*: control characters"
		od -c "$said" | head -n 40
		return 1
	fi
	if LC_ALL=C tr -d '\n\040-\176' <"$errors" | grep -q .; then
		echo "$*: control characters in messages"
		od -c "$errors" | head -n 40
		return 1
	fi
}

holds_json()
{
	holds "$@"
	[ ! -s "$said" ] || ! command -v jq >/dev/null ||
		jq -e . "$said" >/dev/null || { cat "$said"; return 1; }
}

all_commands()
{
	local said=$BATS_TEST_TMPDIR/said

	holds list "$pid" -o +HUGE,THREADS,HIT
	holds_json list -J "$pid"
	holds stat "$pid"
	holds_json stat -J "$pid"
	holds stat "$pid" --watch 0.01 --count 5
	holds get "$pid" retain.max
	holds settings "$pid"
	holds export "$pid"
	holds top "$pid" -i 2 -d 0.1
	holds stat "$pid" --alert 'live>=0'
	holds list "$pid" --by=command
	holds doctor "$pid"
	holds_json doctor -J "$pid"
	for ((i = 0; i < ${1:-1}; i++)); do
		holds set "$pid" retain.max=1M --timeout 0.05
		holds trim "$pid" --timeout 0.05
		holds reset-peak "$pid" --timeout 0.05
	done
}

lies()
{
	local until

	start_liar "$1"
	all_commands "${2:-1}"
	until=$((SECONDS + ${seconds:-0}))
	while [ "$SECONDS" -lt "$until" ]; do
		all_commands 3
	done
	kill -0 "$pid"
}

@test "numbers and texts that are random, behind a sound header" {
	lies numbers
	# It was looked at, not refused.
	run ctl stat "$pid" -nr -o PID
	[ "$output" = "$pid" ]
}

@test "a header that changes" {
	lies header
}

@test "random bytes" {
	lies bytes
}

@test "a file with parts that come and go" {
	lies holes
}

@test "answers before the question" {
	lies early
	run ctl trim "$pid" --timeout 0.2
	[ "$status" -le 2 ]
}

@test "wrong answers, and none" {
	# Eight ways, three requests a round.
	lies answers 3
}

@test "a request slot that is always taken" {
	lies lock
	run ctl trim "$pid" --timeout 0.1
	[ "$status" -eq 2 ]
	grep -q "process $pid: another request is under way" "$errors"
}

@test "a page that cannot be written to" {
	lies sealed
	run ctl trim "$pid" --timeout 0.1
	[ "$status" -eq 2 ]
	grep -q "process $pid: " "$errors"
	run ctl get "$pid" retain.max -nr -o VALUE
	[ "$status" -eq 0 ]
}

@test "a page that is not sealed, and a damaged one" {
	for mode in loose damaged; do
		start_liar $mode
		run ctl stat "$pid"
		[ "$status" -eq 2 ]
		if [ $mode = loose ]; then
			grep -q "its page is not sealed" "$errors"
		else
			grep -q "the header of its page is damaged" "$errors"
		fi
		run ctl list -nr -o PID
		[ "$status" -eq 0 ]
		[[ " ${lines[*]} " != *" $pid "* ]]
	done
}

@test "a library older than the tool, whose page has fewer numbers" {
	start_liar older
	run ctl stat "$pid" -nrb -o PEAK,MAPPED,RETAINED,LIVE,HIT
	[ "$status" -eq 0 ]
	[ "${lines[*]}" = "4096 0 - - -" ]
	grep -q "process $pid: its library is older .*tell LIVE, .*RETAINED" \
		"$errors"
	[ "$(grep -c "PEAK\|MAPPED" "$errors")" -eq 0 ]
	run ctl list "$pid" -nr -o PID,LIVE,PEAK -b
	[ "$output" = "$pid - 4096" ]
	run ctl export "$pid"
	[[ $output == *"datamem_peak_bytes{"*" 4096"* ]]
	[[ $output != *"datamem_retained_bytes{"* ]]
	run ctl doctor "$pid" -nr -o CHECK
	[[ $output == *control.numbers* ]]
	all_commands
}

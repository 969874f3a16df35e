# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The table that is drawn again and again, and its keys.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

@test "top prints plain lines where there is no terminal" {
	start
	run ctl top "$pid" -i 2 -d 0.1 -r -o PID,LIVE
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	sleep 0 &
	gone=$!
	wait $gone
	run ctl top "$pid" $gone -i 1 -nr -o PID
	[ "$status" -eq 2 ]
	[ "$output" = "$pid" ]
	grep -q "process $gone: no such process" "$errors"
	run ctl top $gone
	[ "$status" -eq 2 ]
	run ctl top "$pid" -i 1 --sort nothing
	expect_usage_error "$ctl_name top: cannot sort by 'nothing'"
}

# Runs a command on a terminal of its own: $frames is what it shows, $top its
# id, descriptor 9 its keys.
on_terminal()
{
	frames=$BATS_TEST_TMPDIR/frames
	mkfifo "$BATS_TEST_TMPDIR/keys"
	: >"$frames"
	timeout 120 script -qefc "$1" "$frames" \
		<"$BATS_TEST_TMPDIR/keys" >/dev/null 3>&- &
	top=$!
	started+=("$top")
	exec 9>"$BATS_TEST_TMPDIR/keys"
}

# Waits until the screen has shown a text: seen FILE TEXT.
seen()
{
	for _ in {1..600}; do
		! grep -aqF -- "$2" "$1" || return 0
		sleep 0.1
	done
	echo "not seen: $2"
	return 1
}

@test "top on a terminal obeys keys and fits narrow ones" {
	command -v script >/dev/null || skip "no script(1)"
	start
	on_terminal "stty cols 40 rows 10; $ctl top $pid -d 30"
	seen "$frames" "by LIVE: 1 process,"
	printf '>' >&9
	seen "$frames" "by HELD: "
	printf '<<<' >&9
	seen "$frames" "by UPTIME: "
	printf 'h' >&9
	seen "$frames" "reverse the order"
	printf ' ds' >&9
	seen "$frames" "Change delay from 30 to s"
	printf '\1777\n' >&9
	printf 's' >&9
	seen "$frames" "Change delay from 7 to "
	printf '\033q' >&9
	wait "$top"
	[[ $(cat "$frames") == *$'\033[?1049h'*$'\033[?1049l'* ]]
	# A line of a frame, without its control sequences.
	[ "$(sed 's/\x1b\[H/\n/g; s/\x1b\[[?0-9]*[A-Za-z]//g; /^Script/d' \
		"$frames" | tr -d '\r' | wc -L)" -eq 40 ]
}

@test "top on a terminal reverses the order" {
	command -v script >/dev/null || skip "no script(1)"
	start
	first=$pid
	start
	on_terminal "$ctl top $first $pid -n -s pid -o PID"
	seen "$frames" "by PID: 2 processes"
	printf 'R ' >&9
	last=
	for _ in {1..600}; do
		# The rows of the last whole frame.
		last=$(sed 's/\x1b\[[?0-9]*[A-Za-z]//g' "$frames" |
			tr -d '\r' | grep -x ' *[0-9][0-9]* *' | tail -n 2 |
			tr -d ' ' | tr '\n' ' ')
		[ "$last" != "$pid $first " ] || break
		sleep 0.1
	done
	[ "$last" = "$pid $first " ]
	printf 'q' >&9
	wait "$top"
}

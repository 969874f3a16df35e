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
	expect_usage_error "$ctl_name top: cannot sort by 'nothing'; --help*"
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
	[ "$(sed 's/\x1b\[H/\n/g; s/\x1b\[[?0-9;]*[A-Za-z]//g; /^Script/d' \
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
		last=$(sed 's/\x1b\[[?0-9;]*[A-Za-z]//g' "$frames" |
			tr -d '\r' | grep -x ' *[0-9][0-9]* *' | tail -n 2 |
			tr -d ' ' | tr '\n' ' ')
		[ "$last" != "$pid $first " ] || break
		sleep 0.1
	done
	[ "$last" = "$pid $first " ]
	printf 'q' >&9
	wait "$top"
}

# The last whole frame, without what is for the terminal alone.
frame()
{
	sed 's/\x1b\[H/\n\f/g; s/\x1b\[[?0-9;]*[A-Za-z]//g' "$frames" |
		tr -d '\r' | awk 'BEGIN { RS = "\f" } { last = this; this = $0 }
			END { print last }'
}

# Waits until a frame has a text: framed TEXT. Not for remarks, which are seen
# once: a key of this may end them.
framed()
{
	for _ in {1..600}; do
		! frame | grep -qF -- "$1" || return 0
		# Any key that does nothing: the next frame.
		printf ' ' >&9
		sleep 0.1
	done
	echo "not in a frame: $1"
	frame
	return 1
}

@test "top fits 80 columns with the default handler's name" {
	command -v script >/dev/null || skip "no script(1)"
	# Of no other test's programs.
	cp "$live_user" "$BATS_TEST_TMPDIR/top-$$"
	long=a-name-$$-that-is-long
	cp "$live_user" "$BATS_TEST_TMPDIR/$long"
	live_user=$BATS_TEST_TMPDIR/top-$$
	start
	live_user=$BATS_TEST_TMPDIR/$long
	start
	on_terminal "stty cols 80 rows 24; $ctl top top-$$ ${long:0:15} \
		-d 30 --color=never"
	framed "by LIVE: 2 processes"
	framed default_allocator
	[ "$(frame | wc -L)" -le 80 ]
	frame | grep -q 'PID COMMAND *USER *LIVE .*ALLOCS_S HISTORY *HANDLER'
	# A terminal that has room shows more.
	printf 'q' >&9
	wait "$top"
	rm "$BATS_TEST_TMPDIR/keys"
	on_terminal "stty cols 140 rows 24; $ctl top $pid -d 30"
	framed " UNIT"
	framed RETAINED
	printf 'q' >&9
	wait "$top"
}

@test "top filters by name, user and command" {
	command -v script >/dev/null || skip "no script(1)"
	start
	on_terminal "stty cols 100 rows 24; $ctl top $pid -d 30"
	framed "by LIVE: 1 process,"
	printf '/nobody-has-this\n' >&9
	framed "0 processes with 'nobody-has-this'"
	printf '/LIVE-us\n' >&9
	framed "1 process with 'LIVE-us'"
	printf '/%s\n' "$(id -un)" >&9
	framed "1 process with '$(id -un)'"
	printf '/\n' >&9
	framed "1 process,"
	printf 'q' >&9
	wait "$top"
}

@test "top shows one process, trims it and edits a setting after asking" {
	command -v script >/dev/null || skip "no script(1)"
	start env DATAMEM_CONF=retain.age=3600000
	on_terminal "stty cols 80 rows 40; $ctl top $pid -d 30"
	framed "by LIVE: 1 process,"
	printf '\n' >&9
	framed "process $pid: live-user, user $(id -un)"
	framed "retain.age=3600000 (environment)"
	skip_under_pressure
	frame | grep -q 'RETAINED  *64M'
	printf 't' >&9
	seen "$frames" "Trim, process $pid (live-user)? y or n: "
	printf 'n\n' >&9
	framed "process $pid: live-user"
	[ "$(value "$pid" RETAINED)" = 67108864 ]
	printf 'ty\n' >&9
	seen "$frames" "64M given back"
	[ "$(value "$pid" RETAINED)" = 0 ]
	printf 'ecache.depth=9\n' >&9
	seen "$frames" "Set cache.depth=9, process $pid (live-user)? y or n: "
	printf 'y\n' >&9
	seen "$frames" "cache.depth was 128"
	framed "cache.depth=9 (control, fixed)"
	printf 'eretain.max=plenty\ny\n' >&9
	seen "$frames" "retain.max=plenty: it accepts auto"
	[ "$(ctl get "$pid" retain.max -nr -o VALUE)" = auto ]
	printf 'qq' >&9
	wait "$top"
}

@test "top shows what one process has registered, and its profile" {
	command -v script >/dev/null || skip "no script(1)"
	start env DATAMEM_CONF=profile=64K
	on_terminal "stty cols 100 rows 60; $ctl top $pid -d 0.3"
	framed "by LIVE: 1 process,"
	printf '\n' >&9
	framed "process $pid: live-user"
	[ "$(grep -ac "handlers registered:\|accounts:" "$frames")" = 0 ]
	tell handler
	hear done
	framed "handlers registered: live-user's own"
	tell account
	hear done
	seen "$frames" "DOMAIN"
	framed " 7              1         4K         4K"
	if "$ctl" profile "$pid" >/dev/null 2>&1; then
		# The block of 8 MiB that it has held from the start.
		seen "$frames" "profile:"
		framed LINE
		frame | grep -q '8\.*0*M .* 1 '
	fi
	printf 'qq' >&9
	wait "$top"
}

@test "top selects with arrows, and keeps the process" {
	command -v script >/dev/null || skip "no script(1)"
	start
	first=$pid
	start
	on_terminal "stty cols 80 rows 24; $ctl top $first $pid -s pid -d 30"
	framed "by PID: 2 processes"
	printf '\033[B\n' >&9
	framed "process $pid: "
	printf 'qR\n' >&9
	framed "process $pid: "
	printf 'q\033[B\n' >&9
	framed "process $first: "
	printf 'qq' >&9
	wait "$top"
}

@test "colours: where a terminal has them, NO_COLOR, --color" {
	command -v script >/dev/null || skip "no script(1)"
	start
	green=$'\033[30;42m'
	for case in "xterm '' auto 1" "xterm 1 auto 0" "dumb '' auto 0" \
		"xterm '' never 0" "xterm 1 always 1"; do
		read -r term no_color when expected <<<"$case"
		rm -f "$BATS_TEST_TMPDIR/keys"
		on_terminal "TERM=$term NO_COLOR=$no_color $ctl top $pid -d 30 \
			--color=$when"
		framed "by LIVE"
		printf 'q' >&9
		wait "$top"
		[ "$(grep -acF "$green" "$frames" | sed 's/[1-9].*/1/')" \
			-eq "$expected" ]
		# The column that rows are sorted by stands out without, too.
		grep -aqE $'\033\\[0m\033\\[1m(\033\\[30;42m)?LIVE' "$frames"
	done
	run ctl top "$pid" -i 1 --color=sometimes
	expect_usage_error "*'sometimes' is not one of auto, always, never"
}

@test "the line of the past, in what a terminal can show" {
	command -v script >/dev/null || skip "no script(1)"
	start
	run ctl top "$pid" -i 3 -d 0.1 -n -o HISTORY
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "       #" ]
	[ "${lines[2]}" = "     ###" ]
	locale -a 2>/dev/null | grep -qix 'c.utf-\?8' || skip "no C.UTF-8"
	on_terminal "LC_ALL=C.UTF-8 $ctl top $pid -d 30"
	framed "by LIVE"
	printf 'q' >&9
	wait "$top"
	grep -aqF $'\xe2\x96\x88' "$frames"
}

@test "rates a second, and sums" {
	start
	tell spin
	hear done
	# It may get no processor for a while.
	for _ in {1..60}; do
		run ctl top "$pid" -i 2 -d 0.5 -nr -o PID,ALLOCS_S
		[ "$status" -eq 0 ]
		[ "${lines[0]}" = "$pid -" ]
		[ "${lines[1]#"$pid" }" -eq 0 ] || break
	done
	[ "${lines[1]#"$pid" }" -gt 0 ]
	run ctl top "$pid" -i 1 -r --by=command
	[[ ${lines[0]} == "COMMAND PROCESSES LIVE HELD "* ]]
	[[ ${lines[1]} == "live-user 1 "* ]]
}

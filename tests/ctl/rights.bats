# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Programs that give up rights, files or their root, or have more rights than
# who starts them: they keep working, and the tool sees them or says why not.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

setup()
{
	started=()
	folder=
}

teardown()
{
	stop_all
	[ -z "$folder" ] || rm -r "$folder"
}

need_root()
{
	[ "$(id -u)" -eq 0 ] || skip "takes root"
}

# Sets $other, a command that another user runs.
need_other_user()
{
	need_root
	command -v setpriv >/dev/null || skip "no setpriv"
	other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${other[@]}" "$ctl" --version >/dev/null 2>&1 ||
		skip "another user cannot run the tool here"
}

# works PID: seen, and does what it is asked for.
works()
{
	[ "$(value "$1" LARGE)" = 8388608 ]
	run ctl set "$1" cache.depth=9 -nr -o VALUE
	[ "$status" -eq 0 ]
	[ "$output" = 9 ]
	run ctl trim "$1" -nrb -o PID
	[ "$output" = "$1" ]
	[ "$(value "$1" RETAINED)" = 0 ]
}

# still_runs: it forks, a child which is left in $child, and allocates. In this
# order: it is the allocation that starts its service thread again.
still_runs()
{
	tell fork
	read -r -t 60 child <&8
	hear done
	started+=("$child")
	tell alloc
	hear done
	kill -0 "$pid"
}

# The child has a page a moment later, and then a thread: without one it would
# not answer at once.
has_thread()
{
	[ "$(value "$1" SERVICE 2>/dev/null)" = yes ]
}

await_page()
{
	until_true has_thread "$1"
}

# refused PID PATTERN: what another user is told; by no command anything else.
refused()
{
	for command in stat trim settings "set accounts=on" "top -i 1"; do
		# shellcheck disable=SC2086
		run "${other[@]}" "$ctl" $command "$1"
		[ "$status" -eq 2 ] || { echo "$command: $status"; return 1; }
		[[ $output == *"process $1: $2"* ]] ||
			{ echo "$command: $output"; return 1; }
	done
	run "${other[@]}" "$ctl" list -nr -o PID
	not_shown "$1" && [[ $output == *"cannot be inspected"* ]]
}

@test "a program that changes its root" {
	need_root
	mkdir "$BATS_TEST_TMPDIR/root"
	start env --chdir="$BATS_TEST_TMPDIR/root"
	tell chroot
	hear done
	[ "$(readlink "/proc/$pid/root")" = "$BATS_TEST_TMPDIR/root" ]
	still_runs
	works "$pid"
	await_page "$child"
	works "$child"
}

@test "a program that becomes another user" {
	need_other_user
	start
	tell drop
	hear done
	[ "$(stat -c %u "/proc/$pid")" = 65534 ]
	still_runs
	works "$pid"
	await_page "$child"
	works "$child"
	refused "$pid" "permission denied: it is protected (not dumpable, set"
	# As daemons do that want to be looked at.
	tell show
	hear done
	run "${other[@]}" "$ctl" set "$pid" cache.depth=11 -nr -o VALUE
	[ "$output" = 11 ]
}

@test "a program that is not dumpable" {
	need_other_user
	start "${other[@]}"
	run "${other[@]}" "$ctl" stat "$pid" -nrb -o LARGE
	[ "$output" = 8388608 ]
	tell hide
	hear done
	still_runs
	works "$pid"
	refused "$pid" "permission denied: it is protected (not dumpable, set"
	refused "$child" "permission denied: it is protected (not dumpable, set"
}

@test "a program that closes all descriptors" {
	start env DATAMEM_CONF=retain.age=2000
	tell close
	hear done
	[ "$(find "/proc/$pid/fd" -type l | wc -l)" -eq 3 ]
	still_runs
	run ctl trim "$pid"
	[ "$status" -eq 2 ]
	grep -q "process $pid: it has closed the descriptor of its page" \
		"$errors"
	await_page "$child"
	works "$child"
	# It has not lost more than that: its thread gives back what it kept.
	[ -r /proc/self/smaps_rollup ] || skip "no smaps_rollup"
	for _ in {1..300}; do
		[ "$(rss "$pid")" -ge $((56 << 10)) ] || break
		sleep 0.1
	done
	[ "$(rss "$pid")" -lt $((56 << 10)) ]
}

@test "a set-user-ID program" {
	need_other_user
	# Above the test's own folder the way is closed to others; and it is
	# for nobody else.
	folder=$(mktemp -d)
	cp "$live_user" "$folder/set-user-id"
	live_user=$folder/set-user-id
	chown 0:65534 "$folder" "$live_user"
	chmod 710 "$folder"
	chmod 4750 "$live_user"
	"${other[@]}" "$live_user" </dev/null >/dev/null 2>&1 ||
		skip "the dynamic linker does not run it"
	# What the caller's environment says is not for it.
	start "${other[@]}" env DATAMEM_CONTROL=off DATAMEM_CONF=cache.depth=7
	[ "$(stat -c %u "/proc/$pid")" = 0 ] ||
		skip "set-user-ID has no effect here"
	still_runs
	run ctl get "$pid" cache.depth -nr -o VALUE,ORIGIN
	[ "$output" = "128 built-in" ]
	works "$pid"
	refused "$pid" "permission denied: it is protected (not dumpable, set"
}

# It was said to have closed the descriptor, and what to do about that.
@test "without the right to trace, that is said, and no command advised" {
	need_root
	command -v setpriv >/dev/null || skip "no setpriv"
	without=(setpriv --bounding-set=-sys_ptrace)
	start
	! "${without[@]}" readlink "/proc/$pid/fd/0" >/dev/null 2>&1 ||
		skip "this kernel lets root trace without the capability"
	run "${without[@]}" "$ctl" doctor "$pid"
	[ "$status" -eq 2 ]
	[[ $output == *"process $pid: permission denied: it is protected"* ]]
	run "${without[@]}" "$ctl" list "$pid"
	[ "$status" -eq 2 ]
	[[ $output == *"process $pid: permission denied: it is protected"* ]]
}

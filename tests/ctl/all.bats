# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# --all: in PID namespaces, where "all" are the programs of the test; nobody
# else's is changed.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

# Makes two programs, then runs the script $3, which knows them as $one and $two.
# The end of the first process of the namespace is that of all.
first_process='
ctl=$1 live_user=$2
[ "$$" -eq 1 ] && [ "$(readlink /proc/self/ns/pid)" = \
	"$(readlink /proc/1/ns/pid)" ] || exit 99
mkfifo hold
# Opened for both: a read waits, and nobody has to write.
exec 9<>hold
begin()
{
	DATAMEM_CONF=retain.age=3600000 "$live_user" <&9 9>&- >"$1" &
	eval "$1=$!"
}
ready()
{
	for _ in {1..600}; do
		[ ! -s "$1" ] || return 0
		sleep 0.1
	done
	exit 99
}
begin one
begin two
ready one
ready two
eval "$3"
'

# alone SCRIPT
alone()
{
	(cd "$BATS_TEST_TMPDIR" && rm -f hold one two && timeout 120 \
		"${namespace[@]}" bash -c "$first_process" bash \
		"$(realpath "$ctl")" "$(realpath "$live_user")" "$1" 3>&-)
}

need_namespace()
{
	namespace=(unshare --pid --fork --mount-proc)
	"${namespace[@]}" true 2>/dev/null || {
		namespace=(unshare --user --map-root-user "${namespace[@]:1}")
		"${namespace[@]}" true 2>/dev/null ||
			skip "no namespaces for us here"
	}
}

@test "stat and get --all show all" {
	need_namespace
	run alone '"$ctl" stat -A -nrb -o PID,LARGE &&
		"$ctl" get --all retain.max -nr -o PID,VALUE && echo $one $two'
	[ "$status" -eq 0 ]
	read -r one two <<<"${lines[-1]}"
	[ "$output" = "$one 8388608
$two 8388608
$one auto
$two auto
$one $two" ]
}

@test "set --all changes all, and nobody outside" {
	need_namespace
	start
	run alone '"$ctl" set -A --yes cache.depth=9 -nr -o PID,VALUE,BEFORE 2>errors &&
		"$ctl" get $two cache.depth -nr -o PID,VALUE,ORIGIN &&
		"$ctl" get $one cache.depth -nr -o PID,VALUE,ORIGIN &&
		echo $one $two'
	[ "$status" -eq 0 ]
	read -r one two <<<"${lines[-1]}"
	[ "$output" = "$one 9 128
$two 9 128
$two 9 control
$one 9 control
$one $two" ]
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 128 ]
}

@test "trim and reset-peak --all" {
	need_namespace
	run alone '"$ctl" trim -A --yes -nr -o PID 2>errors &&
		"$ctl" reset-peak -A --yes -nr -o PID 2>/dev/null &&
		"$ctl" stat -A -nrb -o RETAINED,PEAK && echo $one $two'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 7 ]
	read -r one two <<<"${lines[-1]}"
	[ "${lines[*]:0:4}" = "$one $two $one $two" ]
	for line in "${lines[@]:4:2}"; do
		read -r retained peak <<<"$line"
		[ "$retained" = 0 ]
		[ "$peak" -lt $((72 << 20)) ]
	done
}

@test "one that does not answer is no reason to leave out the others" {
	need_namespace
	run alone 'kill -STOP $one
		while grep -q "^State:[[:space:]]*[^Tt[:space:]]" \
			/proc/$one/task/*/status; do sleep 0.1; done
		# What is waited out with one may be too little for the other.
		for timeout in 0.5 2 10; do
			"$ctl" set -A --yes cache.depth=9 --timeout $timeout \
				-nr -o PID >answered 2>errors
			status=$?
			! grep -q -x "$two" answered || break
		done
		cat answered
		echo $status
		"$ctl" get -A cache.depth -nr -o PID,VALUE
		echo $one $two'
	[ "$status" -eq 0 ]
	read -r one two <<<"${lines[-1]}"
	[ "$output" = "$two
2
$one 128
$two 9
$one $two" ]
	grep -q "process $one: .*as it is stopped" "$errors"
	grep -q "set: 1 of 2 processes of all users answered" "$errors"
	[ "$(wc -l <"$errors")" -eq 2 ]
}

@test "--all as root asks for --yes, and says how many that would be" {
	need_namespace
	run alone 'for command in trim reset-peak "set retain.max=0"; do
			"$ctl" $command --all 2>errors
			echo $?
			cat errors
		done
		"$ctl" get -A retain.max -nr -o VALUE'
	[ "$status" -eq 0 ]
	[ "$(grep -c "^datamem-ctl .*: as root, --all reaches 2 processes of \
all users: --yes" <<<"$output")" -eq 3 ]
	[ "$(grep -c -x 2 <<<"$output")" -eq 3 ]
	[ "$(grep -c -x auto <<<"$output")" -eq 2 ]
}

@test "--all as an ordinary user reaches that user's processes only" {
	[ "$(id -u)" -eq 0 ] || skip "only root can have two users"
	command -v setpriv >/dev/null || skip "no setpriv(1)"
	need_namespace
	# The second program becomes another user.
	run alone '
		ctl_as() { setpriv --reuid=65534 --clear-groups "$ctl" "$@"; }
		mkfifo in
		DATAMEM_CONF=retain.age=3600000 setpriv --reuid=65534 \
			--clear-groups "$live_user" <&9 9>&- >three &
		three=$!
		ready three
		ctl_as set -A cache.depth=9 -nr -o PID 2>errors
		echo $?
		cat errors
		"$ctl" get $one $two $three cache.depth -nr -o VALUE
		echo $one $two $three'
	[ "$status" -eq 0 ] || skip "the user 65534 cannot run the tool here"
	read -r one two three <<<"${lines[-1]}"
	[ "${lines[0]}" = "$three" ] || skip "the tool cannot be run: $output"
	[ "${lines[1]}" = 0 ]
	[[ ${lines[2]} == *"1 of 1 process of "*" answered" ]]
	[ "${lines[*]:3:3}" = "128 128 9" ]
}

@test "--all and a PID exclude each other" {
	for command in stat "get retain.max" "set retain.max=1M" trim reset-peak
	do
		# shellcheck disable=SC2086
		run ctl $command -A 1
		expect_usage_error "*--all and PIDs exclude each other"
	done
}

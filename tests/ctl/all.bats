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
	run alone '"$ctl" set -A cache.depth=9 -nr -o PID,VALUE,BEFORE &&
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
	run alone '"$ctl" trim -A -nr -o PID &&
		"$ctl" reset-peak -A -nr -o PID &&
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
		"$ctl" set -A cache.depth=9 --timeout 10 -nr -o PID 2>errors
		echo $?
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
	[ "$(wc -l <"$errors")" -eq 1 ]
}

@test "--all and a PID exclude each other" {
	for command in stat "get retain.max" "set retain.max=1M" trim reset-peak
	do
		# shellcheck disable=SC2086
		run ctl $command -A 1
		expect_usage_error "*--all and PIDs exclude each other"
	done
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Which processes: by id, name, user, cgroup; what list says of them; sums; the
# end of a watch by a condition.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

: "${PYTHON:=python3}"

# A program with a name that no other has: $name, up to 15 bytes.
start_named()
{
	name=dm-$$
	cp "$live_user" "$BATS_TEST_TMPDIR/$name"
	start_command "$BATS_TEST_TMPDIR/$name"
}

@test "processes are chosen by name, user and cgroup" {
	start
	other=$pid
	start_named
	run ctl list "$name" -nr -o PID
	[ "$status" -eq 0 ]
	[ "$output" = "$pid" ]
	run ctl stat --name "$name" -nr -o PID
	[ "$output" = "$pid" ]
	run ctl get --name="$name" cache.depth -nr -o PID,VALUE
	[ "$output" = "$pid 128" ]
	run ctl set --name="$name" cache.depth=9 -nr -o PID
	[ "$output" = "$pid" ]
	run ctl trim "$name" -nr -o PID,COMMAND
	[ "$output" = "$pid $name" ]
	run ctl get "$other" cache.depth -nr -o VALUE
	[ "$output" = 128 ]
	run ctl list "$name" --user "$(id -un)" -nr -o PID
	[ "$output" = "$pid" ]
	run ctl list "$name" --user "$(id -u)" -nr -o PID
	[ "$output" = "$pid" ]
	run ctl list "$name" --user nobody-has-this
	expect_usage_error "*--user: there is no user 'nobody-has-this'"
	run ctl list "$name" --name no-such --user 4242 --cgroup no/such
	[ "$status" -eq 2 ]
	grep -q "no process named 'no-such' or '$name' of user '4242' in" \
		"$errors"
	grep -q "in cgroup 'no/such' uses libdatamem" "$errors"
	run ctl export "$name"
	[[ $output == *"pid=\"$pid\""* ]]
	[[ $output != *"pid=\"$other\""* ]]
	run ctl list "$name" 12
	expect_usage_error "*exclude each other"
}

@test "cgroups are chosen by path, by a part of it, and by their unit" {
	start_named
	cgroup=$(ctl list "$name" -n -o CGROUP)
	cgroup=${cgroup%% *}
	[ "$cgroup" != - ] && [ "$cgroup" != / ] || skip "no cgroup here"
	grep -qF ":$cgroup" "/proc/$pid/cgroup"
	for part in "$cgroup" "${cgroup#/}" "${cgroup##*/}"; do
		run ctl list "$name" --cgroup "$part" -nr -o PID
		[ "$output" = "$pid" ]
	done
	run ctl list "$name" --cgroup "${cgroup%?}"
	[ "$status" -eq 2 ]
}

@test "list and top add up by command, user, cgroup and unit" {
	need_jq
	start_named
	start_command "$BATS_TEST_TMPDIR/$name"
	run ctl list "$name" --by=command -nrb -o COMMAND,PROCESSES,LIVE
	[ "$status" -eq 0 ]
	[ "$output" = "$name 2 16777216" ]
	run ctl list "$name" --by=user -J
	[ "$(json '.list | length')" = 1 ]
	[ "$(json '.list[0] | [.user, .processes, .live]')" = \
		"[\"$(id -un)\",2,16777216]" ]
	for by in cgroup unit; do
		run ctl top "$name" -i 1 --by=$by -nr -o PROCESSES
		[ "$output" = 2 ]
	done
	run ctl list --by=colour
	expect_usage_error "*'colour' is not one of command, user, cgroup, unit"
}

need_python()
{
	"$PYTHON" -c 'import ctypes' 2>/dev/null || skip "no Python ($PYTHON)"
	library=${top_builddir:-$here/../..}/.libs/libdatamem.so
	[ -e "$library" ] || skip "no shared library was built"
	if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' \
		"${top_builddir:-$here/../..}/Makefile"; then
		skip "Python cannot load a library with sanitizers"
	fi
	library=$(realpath "$library")
}

@test "a Python process says which script or module it runs" {
	need_python
	cd "$BATS_TEST_TMPDIR"
	cat >train-$$.py <<-END
	import ctypes, sys
	lib = ctypes.CDLL("$library")
	lib.datamem_alloc.restype = ctypes.c_void_p
	lib.datamem_alloc(ctypes.c_size_t(1 << 20))
	print("ready", flush=True)
	sys.stdin.read()
	END
	cp train-$$.py module_$$.py
	start_command "$PYTHON" -X utf8 -u train-$$.py --epochs 3
	run ctl list "$pid" -nr -o COMMAND
	[ "$output" = "train-$$.py" ]
	run ctl list train-$$.py -nr -o PID
	[ "$output" = "$pid" ]
	# One name of it everywhere.
	run ctl get "$pid" cache.depth -nr
	[[ $output == "$pid train-$$.py cache.depth "* ]]
	run ctl stat "$pid" -nr -o COMMAND
	[ "$output" = "train-$$.py" ]
	start_command "$PYTHON" -m module_$$
	run ctl list "$pid" -nr -o COMMAND
	[ "$output" = "module_$$" ]
	start_command "$PYTHON" -c "exec(open('train-$$.py').read())"
	run ctl list "$pid" -nr -o COMMAND,NAME
	[ "${output% *}" = "${output#* }" ]
}

@test "stat --watch has times and rates, and a document a line" {
	need_jq
	start
	run ctl stat "$pid" -w 0.05 -c 3
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "TIME "*" PID COMMAND "*" ALLOCS_S"* ]]
	[[ ${lines[1]} =~ ^[0-9]{2}:[0-9]{2}:[0-9]{2}\  ]]
	run ctl stat "$pid" -w 0.05 -c 3 -J
	[ "${#lines[@]}" -eq 3 ]
	for line in "${lines[@]}"; do
		jq -e '.stat[0].time | test("^[0-9-]{10}T[0-9:]{8}[+-]")' \
			<<<"$line"
	done
	jq -e '.stat[0].allocs_s == null' <<<"${lines[0]}"
	jq -e '.stat[0].allocs_s == 0' <<<"${lines[1]}"
	# Once is one document, for people, too.
	run ctl stat "$pid" -J
	[ "${#lines[@]}" -gt 3 ]
}

@test "a watch ends with status 1 once a condition holds" {
	start
	run ctl stat "$pid" --alert 'held>2M' -w 0.05 -nr -o PID
	[ "$status" -eq 1 ]
	[ "$output" = "$pid" ]
	grep -qF "process $pid (live-user): held>2M" "$errors"
	run ctl stat "$pid" --alert 'live >= 8M' -nr -o PID
	[ "$status" -eq 1 ]
	for never in 'held<2M' 'held>2G' 'peak<1' 'allocs_s>1'; do
		run ctl stat "$pid" --alert "$never" -w 0.02 -c 2 -nr -o PID
		[ "$status" -eq 0 ]
	done
	tell spin
	hear done
	run timeout 60 "$ctl" stat "$pid" --alert 'allocs_s>1' -w 0.05 -nr \
		-o PID
	[ "$status" -eq 1 ]
	for wrong in held 'held>' 'held>x' 'nothing>1' 'held=1' '>1'; do
		run ctl stat "$pid" --alert "$wrong"
		[ "$status" -eq 2 ]
		grep -q -e "--alert: " "$errors"
	done
}

@test "an empty list is an empty array" {
	need_jq
	start
	# Only a library that counts what its locks cost has some.
	run ctl stat "$pid" -J -o PID,LOCKS
	[ "$status" -eq 0 ]
	json '.stat[0].locks | all(. != null)'
	run ctl stat "$pid" -J -w 0.05 -c 1 -o PID,LOCKS
	[ "${#lines[@]}" -eq 1 ]
	json '.stat[0].locks | all(. != null)'
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# run: environment, exit status, signals, statistics.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

# What a program that is run finds in a variable.
variable()
{
	local name=$1

	shift
	"$ctl" run "$@" -- sh -c "echo \"\${$name-unset}\""
}

# The file to which a program that is run would append its statistics.
# shellcheck disable=SC2016
report='report=${DATAMEM_CONF##*stats.exit=}'

# wait_for FILE: until it exists, at most 20 seconds.
wait_for()
{
	for ((i = 0; i < 200; i++)); do
		[ -e "$1" ] && return
		sleep 0.1
	done
	return 1
}

@test "options become variables" {
	[ "$(variable DATAMEM_HUGEPAGE --hugepage=off)" = off ]
	[ "$(variable DATAMEM_HANDLER --handler=system)" = system ]
	[ "$(variable DATAMEM_DEBUG --debug=warn)" = warn ]
	[ "$(variable DATAMEM_CONF --set cache.depth=7 --set limit.max=1G)" = \
		cache.depth=7,limit.max=1G ]
	[ "$(variable DATAMEM_HUGEPAGE --set hugepage=on)" = on ]
}

@test "without options the environment stays as it is" {
	[ "$(variable DATAMEM_CONF)" = unset ]
	[ "$(DATAMEM_CONF=a,b= variable DATAMEM_CONF)" = a,b= ]
}

@test "a setting replaces only its own item of DATAMEM_CONF" {
	export DATAMEM_CONF="cache.depth=3, limit.max = 1G,odd"
	[ "$(variable DATAMEM_CONF --set limit.max=2G)" = \
		cache.depth=3,odd,limit.max=2G ]
	export DATAMEM_CONF=hugepage=off
	[ "$(variable DATAMEM_CONF --hugepage=on)" = unset ]
	[ "$(variable DATAMEM_HUGEPAGE --hugepage=on)" = on ]
}

@test "the last of several values wins" {
	[ "$(variable DATAMEM_CONF --set cache.depth=3 --set cache.depth=5)" = \
		cache.depth=5 ]
}

@test "names and values are checked before the program runs" {
	cd "$BATS_TEST_TMPDIR"
	run ctl run --hugepage=perhaps -- touch ran
	expect_usage_error "$ctl_name run: hugepage=perhaps: it accepts auto, on, off"
	run ctl run --set no.such=1 -- touch ran
	expect_usage_error "$ctl_name run: no.such=1: no such setting"
	run ctl run --set cache.depth -- touch ran
	expect_usage_error "$ctl_name run: 'cache.depth' is not NAME=VALUE"
	run ctl run --stats --set stats.exit=x -- touch ran
	expect_usage_error "$ctl_name run: --stats and --set stats.exit*"
	[ ! -e ran ] && [ ! -e x ]
}

@test "a value may have commas, beside others in DATAMEM_CONF" {
	cd "$BATS_TEST_TMPDIR"
	export DATAMEM_CONF='stats.exit=x\,y,cache.depth=7'
	run ctl run --set stats.exit=a,b --set limit.max=1G -- \
		sh -c 'echo "$DATAMEM_CONF"'
	[ "$status" -eq 0 ]
	[ "$output" = 'cache.depth=7,stats.exit=a\,b,limit.max=1G' ]
	run ctl run --set stats.exit=a,b -- "$ctl" settings -n -r -o VALUE
	[ "$status" -eq 0 ]
	[[ $output == *a,b* ]]
}

@test "a handler that nobody has registered yet is allowed, with a word" {
	run ctl run --handler=mine -- true
	[ "$status" -eq 0 ]
	grep -q "^$ctl_name run: handler=mine: waiting" \
		"$BATS_TEST_TMPDIR/errors"
}

@test "checking a value leaves no trace in the tool" {
	run ctl run --set "stats.exit=$BATS_TEST_TMPDIR/left" -- true
	[ "$status" -eq 0 ]
	run -127 ctl run --set "stats.exit=$BATS_TEST_TMPDIR/left" -- ./none
	[ ! -e "$BATS_TEST_TMPDIR/left" ]
}

@test "a program is needed" {
	# Not a setting that there may be more to say of.
	run ctl run --debug=warn
	expect_usage_error "$ctl_name run: a program to run is missing"
}

@test "options after the program are the program's" {
	run ctl run echo --json -o x
	[ "$output" = "--json -o x" ]
}

@test "exit status is the program's, with and without --stats" {
	for stats in "" --stats; do
		for expected in 0 1 2 77 255; do
			# shellcheck disable=SC2086
			run ctl run $stats -- sh -c "exit $expected"
			[ "$status" -eq "$expected" ]
		done
	done
}

@test "a program that is here, but not in PATH" {
	cd "$BATS_TEST_TMPDIR"
	touch program-that-is-here
	# A folder in it that may not be searched would be another error.
	PATH=/usr/bin:/bin
	for stats in "" --stats; do
		# shellcheck disable=SC2086
		run -127 ctl run $stats -- program-that-is-here
		grep -q 'not in PATH; the one here is ./program-that-is-here$' \
			"$errors"
	done
}

@test "126 and 127 as env(1)" {
	touch "$BATS_TEST_TMPDIR/plain"
	for stats in "" --stats; do
		# shellcheck disable=SC2086
		run -127 ctl run $stats -- "$BATS_TEST_TMPDIR/none"
		grep -q 'none: No such file' "$BATS_TEST_TMPDIR/errors"
		# shellcheck disable=SC2086
		run ctl run $stats -- "$BATS_TEST_TMPDIR/plain"
		[ "$status" -eq 126 ]
		[ "$(wc -l <"$BATS_TEST_TMPDIR/errors")" -eq 1 ]
	done
}

@test "a program killed by a signal takes the tool with it" {
	for stats in "" --stats; do
		# shellcheck disable=SC2086,SC2016
		run ctl run $stats -- sh -c 'kill -TERM $$'
		[ "$status" -eq 143 ]
		# shellcheck disable=SC2086,SC2016
		run ctl run $stats -- sh -c 'kill -KILL $$'
		[ "$status" -eq 137 ]
	done
}

@test "a signal sent to the tool reaches the program, and the tool waits" {
	cd "$BATS_TEST_TMPDIR"
	for stats in "" --stats; do
		rm -f ready caught
		# shellcheck disable=SC2086
		"$ctl" run $stats -- sh -c \
			'trap "echo caught >caught; exit 9" TERM
			 echo >ready; while :; do sleep 0.1; done' 2>errors 3>&- &
		wait_for ready
		kill -TERM $!
		status=0
		wait $! || status=$?
		[ "$status" -eq 9 ]
		[ -e caught ]
	done
}

@test "closed descriptors stay closed for the program" {
	status=0
	"$ctl" run -- sh -c 'echo x' >&- 2>/dev/null || status=$?
	[ "$status" -ne 0 ]
	[ "$("$ctl" run -- sh -c '[ -e /proc/self/fd/0 ] || echo no' <&-)" = no ]
}

@test "--stats shows a program that used the library" {
	need_jq
	run ctl run --stats="$BATS_TEST_TMPDIR/stats" -J \
		-o +FREES,HITS,LIVE_BLOCKS -- "$array_user" 500
	[ "$status" -eq 0 ]
	output=$(cat "$BATS_TEST_TMPDIR/stats")
	json '.run | length == 1'
	json '.run[0].program | endswith("array-user")'
	json '.run[0].allocs == 501 and .run[0].frees == 500'
	json '.run[0].live == 3145728 and .run[0].live_blocks == 1'
	json '.run[0].peak >= 3145728'
	json '.run[0].hit > 0.9 and .run[0].hit <= 1'
}

@test "--stats prints a table to standard error, apart from the program" {
	run ctl run --stats -- sh -c 'echo mine; exec "$0" 10' "$array_user"
	[ "$output" = mine ]
	read -r first rest <"$BATS_TEST_TMPDIR/errors"
	[ "$first" = PID ]
	grep -q 'array-user' "$BATS_TEST_TMPDIR/errors"
	grep -q ' 3M ' "$BATS_TEST_TMPDIR/errors"
}

@test "--stats has a row for each process" {
	run ctl run --stats -nr -o PROGRAM,FREES -- \
		sh -c '"$0" 20 children; "$0" 30' "$array_user"
	[ "$status" -eq 0 ]
	[ "$(grep -c array-user "$BATS_TEST_TMPDIR/errors")" -eq 3 ]
	[ "$(grep -c ' 20$' "$BATS_TEST_TMPDIR/errors")" -eq 2 ]
	[ "$(grep -c ' 30$' "$BATS_TEST_TMPDIR/errors")" -eq 1 ]
}

@test "--stats says so when no process used the library" {
	run ctl run --stats -- true
	[ "$status" -eq 0 ]
	grep -q "^$ctl_name run: no statistics: true has not loaded libdatamem" \
		"$BATS_TEST_TMPDIR/errors"
}

@test "--stats leaves no temporary file, and can do without TMPDIR" {
	mkdir "$BATS_TEST_TMPDIR/tmp"
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	run ctl run --stats -- sh -c "$report"'; echo "${report%/*}"'
	[ "$output" = "$TMPDIR" ]
	[ -z "$(ls -A "$TMPDIR")" ]
	export TMPDIR=$BATS_TEST_TMPDIR/none
	run ctl run --stats -nr -o FREES -- "$array_user" 3
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/errors")" = 3 ]
	mkdir "$BATS_TEST_TMPDIR/a,b"
	export TMPDIR=$BATS_TEST_TMPDIR/a,b
	run ctl run --stats -nr -o FREES -- "$array_user" 3
	[ "$(cat "$BATS_TEST_TMPDIR/errors")" = 3 ]
}

@test "--stats=FILE that cannot be written" {
	run ctl run --stats="$BATS_TEST_TMPDIR/no/file" -- \
		touch "$BATS_TEST_TMPDIR/ran"
	[ "$status" -eq 2 ]
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
	[ -w /dev/full ] || skip "no /dev/full"
	run ctl run --stats=/dev/full -- "$array_user" 3
	[ "$status" -eq 2 ]
	grep -q 'cannot write the statistics' "$BATS_TEST_TMPDIR/errors"
}

@test "what a program writes into its statistics is not trusted" {
	cd "$BATS_TEST_TMPDIR"
	cat >lines <<-'EOF'
		garbage
		{}
		{"pid": 1}
		{"pid": 1, "allocs": -3}
		{"pid": 1, "allocs": 99999999999999999999999}
		{"pid": 1, "allocs": 3} trailing
		{"pid": 1, "allocs": 3.5}
		{"pid": 1, "allocs": "3"}
		{"pid": 1, "allocs": 3, "x": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}
		{"pid": 1, "allocs": 3, "program": "a\q"}
		{"pid": 1, "allocs": 3, "program": "a
		{"pid": 1, "allocs": 3,}
		{"pid": 4, "allocs": 5, "program": "\u001b[31m\ud83d\"x\\", "new": {"a": [1, -2.5e3, null, true, "}"]}}
	EOF
	{
		printf '{"pid": 1, "allocs": 3, "\0": 1}\n'
		head -c 70000 /dev/zero | tr '\0' ' '
		printf '\n{"pid": 1, "allocs": 3}'
	} >>lines
	run ctl run --stats -nr -o PID,PROGRAM,ALLOCS,PEAK -- \
		sh -c "$report"'; cat lines >"$report"'
	[ "$status" -eq 0 ]
	grep -q "run: 15 lines of statistics are malformed" errors
	[ "$(tail -n 1 errors)" = '4 ?[31m?"x\x5c 5 -' ]
}

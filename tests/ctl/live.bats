# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Running programs: seen, changed, and what becomes of the tool when they are
# stopped, hidden, hostile or gone.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

@test "list shows a running program, and not the tool" {
	start
	run ctl list -rn -o PID,NSPID,NAME,USER,HANDLER "$pid"
	[ "$status" -eq 0 ]
	[ "$output" = "$pid $pid live-user $(id -un) default_allocator" ]
	run ctl list -rn -o PID,NAME
	[[ $output == *"$pid live-user"* ]]
	[[ $output != *datamem-ctl* ]]
}

@test "list as JSON" {
	need_jq
	start
	run ctl list -J -o +PEAK "$pid"
	[ "$(json '.list[0].pid')" = "$pid" ]
	[ "$(json '.list[0].live >= 8388608')" = true ]
	[ "$(json '.list[0].peak >= 75497472')" = true ]
	[ "$(json '.list[0].uptime | type')" = '"number"' ]
	run ctl list -nrb -o UPTIME "$pid"
	[[ $output =~ ^[0-9]+$ ]]
	run ctl list -nr -o UPTIME "$pid"
	[[ $output =~ ^[0-9]+[smhd]$ ]]
}

@test "JSON without a row is an object too" {
	need_jq
	sleep 0 &
	gone=$!
	wait $gone
	for command in list stat "get no.such" trim "set no.such=1"; do
		# shellcheck disable=SC2086
		run ctl $command -J $gone
		[ "$status" -eq 2 ]
		[ "$(json ".${command%% *}")" = '[]' ]
	done
	start
	run ctl stat "$pid" -J --watch 0.01 --count 2
	[ "$(jq -c '.stat | length' <<<"$output")" = $'1\n1' ]
}

@test "stat shows numbers, once and again" {
	start
	[ "$(value "$pid" LARGE)" = 8388608 ]
	[ "$(value "$pid" LARGE_BLOCKS)" = 1 ]
	tell alloc
	hear done
	[ "$(value "$pid" ALLOCS)" -ge 4 ]
	[ "$(value "$pid" THREADS)" = 1 ]
	run ctl stat "$pid" --watch 0.01 --count 3 -b -o PID,LARGE
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[3]} == *"$pid 8388608" ]]
	run ctl stat "$pid" --watch 0.01 --count 2 -r -o PID
	[ "$output" = "PID"$'\n'"$pid"$'\n'"$pid" ]
}

@test "set changes a setting, answers with the value before, or says why not" {
	start
	run ctl get "$pid" retain.max -nr -o VALUE,ORIGIN
	[ "$output" = "auto built-in" ]
	run ctl set "$pid" retain.max=48M -nr -o SETTING,VALUE,BEFORE
	[ "$status" -eq 0 ]
	[ "$output" = "retain.max 48M auto" ]
	run ctl get "$pid" retain.max -nr -o VALUE,ORIGIN
	[ "$output" = "48M control" ]
	run ctl set "$pid" retain.max=49152K -nr -o VALUE
	[ "$output" = 48M ]
	run ctl set "$pid" hugepage=1 -nr -o VALUE
	[ "$output" = on ]
	run ctl settings "$pid" -nr -o NAME,VALUE,DEFAULT,ORIGIN
	[[ $output == *"retain.max 48M auto control"* ]]
	[ "$(value "$pid" RETAINED)" -le $((48 << 20)) ]

	for wrong in retain.max=plenty control=off stats.exit=/tmp/x \
		handler=nobody no.such=1; do
		run ctl set "$pid" "$wrong"
		[ "$status" -eq 2 ]
		grep -q "^$ctl_name set: process $pid: " "$errors"
	done
	run ctl set "$pid" accounts=on -nr -o VALUE,BEFORE
	[ "$output" = "on off" ]
	[ "$(value "$pid" ACCOUNTS)" = yes ]
	run ctl get "$pid" no.such
	[ "$status" -eq 2 ]
	run ctl set "$pid" retain.max
	expect_usage_error "$ctl_name set: 'retain.max' is not NAME=VALUE"
	run ctl stat "$pid" --count 3
	expect_usage_error "$ctl_name stat: --count is for --watch"
}

@test "trim gives memory back, by the kernel's account" {
	[ -r /proc/self/smaps_rollup ] || skip "no smaps_rollup"
	start env DATAMEM_CONF=retain.age=600000
	before=$(rss "$pid")
	skip_under_pressure
	run ctl trim "$pid" --keep 16M -nrb -o RELEASED
	[ "$status" -eq 0 ]
	[ "$output" -ge $((40 << 20)) ]
	after=$(rss "$pid")
	[ "$after" -le $((before - 40 * 1024)) ]
	[ "$(value "$pid" RETAINED)" -le $((16 << 20)) ]
	run ctl trim "$pid" -nrb -o RELEASED
	[ "$(rss "$pid")" -le $((after - 8 * 1024)) ]
	[ "$(value "$pid" RETAINED)" = 0 ]
}

@test "reset-peak" {
	start
	run ctl reset-peak "$pid" -nrb -o PEAK
	[ "$status" -eq 0 ]
	[ "$output" -ge $((72 << 20)) ]
	[ "$(value "$pid" PEAK)" -lt $((72 << 20)) ]
}

@test "a forked child has a page of its own" {
	start
	tell fork
	read -r -t 60 child <&8
	hear done
	started+=("$child")
	for _ in {1..600}; do
		run ctl set "$child" cache.depth=9
		[ "$status" -ne 0 ] || break
		sleep 0.1
	done
	[ "$status" -eq 0 ]
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 128 ]
	run ctl get "$child" cache.depth -nr -o VALUE
	[ "$output" = 9 ]
}

@test "exec begins with a new page" {
	start
	run ctl set "$pid" cache.depth=9
	tell exec
	hear ready
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 128 ]
}

@test "--all where it is the default, and for settings" {
	start
	first=$pid
	start
	run ctl list --all -nr -o PID
	[[ $'\n'$output$'\n' == *$'\n'$first$'\n'* ]]
	run ctl top -A -i 1 -nr -o PID
	[[ $'\n'$output$'\n' == *$'\n'$first$'\n'* ]]
	run ctl export --all
	[[ $output == *"datamem_live_bytes{pid=\"$first\""* ]]
	run ctl settings -A -nr
	[[ $output == *"$first live-user cache.depth 128"* ]]
	run ctl settings "$first" "$pid" -r -o +VALUES
	[[ ${lines[0]} == "PID COMMAND NAME VALUE "*VALUES ]]
	[[ $output == *"$first live-user cache.depth"* ]]
	[[ $output == *"$pid live-user cache.depth"* ]]
	run ctl settings -A -r -o NAME
	[ "${lines[0]}" = NAME ]
	run ctl settings "$first" -nr
	[[ ${lines[0]} == "hugepage "* ]]
	run ctl list --all "$first"
	expect_usage_error "*--all and PIDs exclude each other"
}

@test "what cannot be seen is said" {
	start env DATAMEM_CONTROL=off
	run ctl stat "$pid"
	[ "$status" -eq 2 ]
	why="it has no page"
	# With the archive linked in, no mapping tells of the library.
	grep -q /libdatamem.so "/proc/$pid/maps" ||
		why="it does not use libdatamem"
	grep -q "process $pid: $why" "$errors"
	start
	tell close
	hear done
	run ctl stat "$pid"
	[ "$status" -eq 2 ]
	grep -q "process $pid: it has closed the descriptor" "$errors"
	run ctl stat $$
	grep -q "process $$: it does not use libdatamem" "$errors"
	sleep 0 &
	gone=$!
	wait $gone
	run ctl stat $gone
	grep -q "process $gone: no such process" "$errors"
	run ctl stat 12x
	expect_usage_error "*'12x' is not the id of a process"
}

@test "a process that is not dumpable is counted, not shown" {
	[ "$(id -u)" -ne 0 ] || skip "root may look at every process"
	start
	tell hide
	hear done
	run ctl stat "$pid"
	[ "$status" -eq 2 ]
	grep -q "process $pid: permission denied" "$errors"
	grep -q "it is protected (not dumpable" "$errors"
	for command in "list -nr -o PID" export "top -i 1 -nr -o PID"; do
		# shellcheck disable=SC2086
		run ctl $command
		[ "$status" -eq 0 ]
		not_shown "$pid"
		grep -q "cannot be inspected" "$errors"
	done
}

@test "another user is refused" {
	[ "$(id -u)" -eq 0 ] || skip "takes root, to become another user"
	command -v setpriv >/dev/null || skip "no setpriv"
	start
	chmod 755 "$BATS_TEST_TMPDIR"
	other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${other[@]}" "$ctl" --version >/dev/null 2>&1 ||
		skip "another user cannot run the tool here"
	run "${other[@]}" "$ctl" stat "$pid"
	[ "$status" -eq 2 ]
	[[ $output == *"permission denied: it is another user's"* ]]
	run "${other[@]}" "$ctl" trim "$pid"
	[ "$status" -eq 2 ]
	run "${other[@]}" "$ctl" list -nr -o PID
	not_shown "$pid"
	[[ $output == *"cannot be inspected"* ]]
}

@test "a stopped process times out, can be read, and is not changed later" {
	start
	stop_process "$pid"
	run ctl set "$pid" cache.depth=9 --timeout 0.2
	[ "$status" -eq 2 ]
	grep -q "as it is stopped; the request is withdrawn" "$errors"
	[ "$(value "$pid" LARGE)" = 8388608 ]
	kill -CONT "$pid"
	tell alloc
	hear done
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 128 ]
}

@test "without a thread a request is pending until the next slow path" {
	start env DATAMEM_CONTROL=page
	run ctl set "$pid" cache.depth=9 --timeout 0.2
	[ "$status" -eq 1 ]
	grep -q "pending: it has no service thread" "$errors"
	tell alloc
	hear done
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 9 ]
	[ "$(value "$pid" SERVICE)" = no ]
}

@test "a request that is pending is not lost to a later one" {
	start env DATAMEM_CONTROL=page
	run ctl set "$pid" cache.depth=9 --timeout 0.2
	[ "$status" -eq 1 ]
	run ctl set "$pid" cache.max=1M --timeout 0.2
	[ "$status" -eq 2 ]
	grep -q "an earlier request is pending" "$errors"
	tell alloc
	hear done
	run ctl get "$pid" cache.depth -nr -o VALUE
	[ "$output" = 9 ]
	run ctl get "$pid" cache.max -nr -o VALUE
	[ "$output" = 8M ]
	# One that waits has its turn.
	run ctl set "$pid" cache.depth=8 --timeout 0.2
	[ "$status" -eq 1 ]
	(ctl set "$pid" cache.max=1M --timeout 60 -nr -o VALUE || echo $?) \
		>"$BATS_TEST_TMPDIR/second" &
	alloc_until "$BATS_TEST_TMPDIR/second"
	wait "$!"
	# Where the next block comes late it is pending, and not lost.
	[ "$(cat "$BATS_TEST_TMPDIR/second")" = 1M ] ||
		grep -q "pending: it has no service thread" "$errors"
	tell alloc
	hear done
	[ "$(ctl get "$pid" cache.depth -nr -o VALUE)" = 8 ]
	[ "$(ctl get "$pid" cache.max -nr -o VALUE)" = 1M ]
}

@test "exit in the middle of requests" {
	for _ in 1 2 3 4 5; do
		start
		tell trap
		hear done
		tell spin
		hear done
		(for _ in {1..20}; do
			ctl trim "$pid" --timeout 2 || break
		done >/dev/null) &
		asking=$!
		sleep 0.05
		kill -TERM "$pid"
		wait "$pid"
		wait "$asking" || :
	done
}

@test "processes in other PID and mount namespaces" {
	unshare --pid --fork --mount true 2>/dev/null ||
		unshare --user --map-root-user --pid --fork --mount true \
			2>/dev/null || skip "no namespaces for us here"
	options=(--pid --fork --mount)
	unshare "${options[@]}" true 2>/dev/null ||
		options=(--user --map-root-user "${options[@]}")
	start unshare "${options[@]}"
	inside=$("$ctl" list -nr -o PID,NSPID,NAME |
		sed -n 's/^\([0-9]*\) 1 live-user$/\1/p' | children_of "$pid")
	[ -n "$inside" ]
	started+=("$inside")
	run ctl set "$inside" cache.depth=9
	[ "$status" -eq 0 ]
	[ "$(value "$inside" LARGE)" = 8388608 ]
}

@test "many processes at once" {
	many=50
	[ -z "$TEST_LONG" ] || many=200
	# Opened for both: a read waits, and nobody has to write.
	mkfifo "$BATS_TEST_TMPDIR/hold"
	exec 9<>"$BATS_TEST_TMPDIR/hold"
	for ((i = 0; i < many; i++)); do
		DATAMEM_CONF=service.retained=0 "$live_user" 1 1 <&9 \
			>"$BATS_TEST_TMPDIR/$i" 2>/dev/null 3>&- &
		started+=("$!")
	done
	for ((i = 0; i < many; i++)); do
		for _ in {1..600}; do
			[ ! -s "$BATS_TEST_TMPDIR/$i" ] || break
			sleep 0.1
		done
	done
	run ctl trim --timeout 30 -nr -o PID "${started[@]}"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq "$many" ]
	run ctl stat -nrb -o LARGE "${started[@]}"
	[ "$(sort -u <<<"$output")" = 1048576 ]
}

@test "a process with many links of pages that are not its own" {
	command -v python3 >/dev/null || skip "no python3"
	start
	cat >"$BATS_TEST_TMPDIR/many.py" <<-'END'
	import os, resource, sys
	fds = "/proc/%s/fd/" % sys.argv[1]
	resource.setrlimit(resource.RLIMIT_NOFILE, (512, 512))
	for fd in os.listdir(fds):
	    if "datamem-control" in os.readlink(fds + fd):
	        page = os.open(fds + fd, os.O_RDONLY)
	for _ in range(400):
	    os.dup(page)
	print("ready", flush=True)
	sys.stdin.read()
	END
	mkfifo "$BATS_TEST_TMPDIR/many-in"
	python3 "$BATS_TEST_TMPDIR/many.py" "$pid" 3>&- \
		<"$BATS_TEST_TMPDIR/many-in" >"$BATS_TEST_TMPDIR/many" &
	many=$!
	started+=("$many")
	exec 9>"$BATS_TEST_TMPDIR/many-in"
	for _ in {1..600}; do
		[ ! -s "$BATS_TEST_TMPDIR/many" ] || break
		sleep 0.1
	done
	run ctl stat "$many"
	[ "$status" -eq 2 ]
	grep -q "process $many: its page is that of another process" "$errors"
	command -v strace >/dev/null || skip "no strace to count with"
	timeout 60 strace -qq -e trace=pread64 -o "$BATS_TEST_TMPDIR/calls" \
		"$ctl" stat "$many" || :
	[ -s "$BATS_TEST_TMPDIR/calls" ] || skip "strace may not trace here"
	# The header alone, of a few.
	[ "$(grep -c pread64 "$BATS_TEST_TMPDIR/calls")" -le 16 ]
}

@test "get, set and run say the same of the same mistake" {
	start
	for assignment in no.such=1 cache.depth=many hugepage=perhaps; do
		run ctl set "$pid" "$assignment"
		[ "$status" -eq 2 ]
		said=$(sed "s/^$ctl_name set: process $pid: //" "$errors")
		run ctl run --set "$assignment" true
		[ "$status" -eq 2 ]
		[ "$said" = "$(sed -n "s/^$ctl_name run: //p" "$errors")" ]
		[[ $said == "$assignment: "* ]]
	done
	run ctl get "$pid" no.such
	[ "$(cat "$errors")" = \
		"$ctl_name get: process $pid: no.such: no such setting" ]
}

@test "get shows whether accounts are on" {
	start
	[ "$("$ctl" get "$pid" accounts -nr -o SETTING,VALUE)" = "accounts off" ]
	run ctl set "$pid" accounts=on
	[ "$status" -eq 0 ]
	[ "$("$ctl" get "$pid" accounts -nr -o VALUE)" = on ]
	run ctl set "$pid" accounts=perhaps
	expect_usage_error "$ctl_name set: accounts=perhaps: it accepts on, off"
}

@test "a handler that nobody registers is said in list and settings" {
	DATAMEM_HANDLER=mistyped start
	[[ $("$ctl" list "$pid" -n -o HANDLER) == "mistyped (waiting)"* ]]
	[[ $("$ctl" settings "$pid" -n -o NAME,NOTE) == *"handler "*"waiting: "* ]]
}

@test "each copy of the library in a process is found" {
	skip_if_sanitized
	library=$ctl_folder/.libs/libdatamem.so
	[ -e "$library" ] || skip "no shared library"
	cp "$library" "$BATS_TEST_TMPDIR/second.so"
	start_command "${live_user%/*}/copies" "$library" \
		"$BATS_TEST_TMPDIR/second.so"
	[ "$("$ctl" list "$pid" -nr -o LIVE | sort)" = $'1M\n2M' ]
	[ "$("$ctl" stat "$pid" -nr -o LIVE | sort)" = $'1M\n2M' ]
	[ "$("$ctl" get "$pid" cache.depth -nr -o VALUE)" = $'128\n128' ]
}

@test "guard sampling is switched while a program runs" {
	start
	[ "$("$ctl" get "$pid" guard -nr -o VALUE)" = off ]
	run "$ctl" set "$pid" guard=1/0
	[ "$status" -eq 2 ]
	[[ $output == *"guard=1/0: it accepts off, 1/N with N from 1 to 1000000000"* ]]
	"$ctl" set "$pid" guard=1/1
	[ "$("$ctl" get "$pid" guard -nr -o VALUE)" = 1/1 ]
	tell alloc
	hear done
	[ "$(value "$pid" GUARDED_ALLOCS)" = 2 ]
	[ "$(value "$pid" GUARDED_BLOCKS)" = 0 ]
	[ "$(value "$pid" GUARD_REPORTS)" = 0 ]
	"$ctl" set "$pid" guard=off
	tell alloc
	hear done
	[ "$(value "$pid" GUARDED_ALLOCS)" = 2 ]
}

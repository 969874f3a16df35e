# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The numbers of processes: exported, described, watched.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

@test "export is OpenMetrics, and a file comes in one step" {
	start
	run ctl export "$pid"
	[ "$status" -eq 0 ]
	[[ $output == *"datamem_live_bytes{pid=\"$pid\",name=\"live-user\"} 8"* ]]
	[ "${lines[-1]}" = "# EOF" ]
	run ctl export "$pid" -D "$BATS_TEST_TMPDIR"
	[ "$status" -eq 0 ]
	grep -q "^datamem_allocs_total{pid=\"$pid\"" \
		"$BATS_TEST_TMPDIR/datamem.prom"
	[ "$(find "$BATS_TEST_TMPDIR" -name '.datamem*')" = "" ]
	run ctl export "$pid" -D "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
}

@test "export is in the format that its reader knows" {
	start
	run ctl export "$pid"
	[[ $output == *$'\n'"# TYPE datamem_allocs counter"$'\n'* ]]
	[[ $output == *$'\n'"# UNIT datamem_live_bytes bytes"$'\n'* ]]
	run ctl export "$pid" -D "$BATS_TEST_TMPDIR"
	[ "$status" -eq 0 ]
	file=$BATS_TEST_TMPDIR/datamem.prom
	grep -q -x "# TYPE datamem_allocs_total counter" "$file"
	grep -q -x "# HELP datamem_allocs_total Blocks made." "$file"
	run ! grep -q -e "# EOF" -e "# UNIT" "$file"
	# Each sample belongs to the family that was named last.
	awk '/^# TYPE/ { name = $3; next } /^#/ { next }
		index($0, name "{") != 1 { exit 1 }' "$file"
}

@test "promtool takes the file of export" {
	command -v promtool >/dev/null || skip "no promtool"
	start
	run ctl export "$pid" -D "$BATS_TEST_TMPDIR"
	promtool check metrics <"$BATS_TEST_TMPDIR/datamem.prom"
}

@test "a statistic has one description wherever it is shown" {
	start
	run ctl export "$pid"
	for column in LIVE:live_bytes PEAK:peak_bytes HELD:held_bytes \
		RETAINED:retained_bytes ALLOCS:allocs THREADS:threads; do
		said=$(for command in list top stat "run --help" export; do
			if [ "$command" = export ]; then
				sed -n "s/^# HELP datamem_${column#*:} \(.*\)\.$/\L\1/p" \
					<<<"$output"
			else
				# shellcheck disable=SC2086
				"$ctl" $command --help | sed -n \
					"s/^ [* ] ${column%:*}  *\(.*\)/\L\1/p"
			fi
		done | sort -u)
		[ "$(wc -l <<<"$said")" -eq 1 ] || { echo "$said"; return 1; }
	done
}

@test "stat --watch keeps its columns, with a heading now and then" {
	start
	run ctl stat "$pid" -w 0.01 -c 21 -o LIVE,NAME,LARGE_MISSES
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 23 ]
	[ "${lines[0]}" = "${lines[21]}" ]
	[[ ${lines[0]} == "   LIVE NAME "*" LARGE_MISSES" ]]
	for line in "${lines[@]}"; do
		[ "${#line}" -eq "${#lines[0]}" ]
	done
}

@test "stat --watch of a process that ends ends well" {
	start
	"$ctl" stat "$pid" -w 0.01 -o LIVE >"$BATS_TEST_TMPDIR/out" \
		2>"$errors" &
	watcher=$!
	for _ in {1..600}; do
		[ ! -s "$BATS_TEST_TMPDIR/out" ] || break
		sleep 0.1
	done
	kill "$pid"
	status=0
	wait "$watcher" || status=$?
	[ "$status" -eq 0 ]
	[ ! -s "$errors" ]
}

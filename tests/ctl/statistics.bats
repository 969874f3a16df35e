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
	grep -q "none/datamem.prom: No such file" "$errors"
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

# "COLUMN member UNIT KIND PLACE help" for each row of src/statistics.h.
table()
{
	tr -d '\\\n\t' <"$here/../../src/statistics.h" |
		grep -o 'STATISTIC([^"()]*"[^"]*")' |
		sed -E 's/^STATISTIC\((\w+), *(\w+), *\w+, *(\w+), *(\w+), *(\w+), *"(.*)"\)/\1 \2 \3 \4 \5 \6/'
}

# The columns that --help of a command tells of, as "COLUMN help".
columns_of()
{
	"$ctl" "$@" --help | sed -n 's/^ [* ] \([A-Z_]\{1,\}\)  */\1 /p'
}

@test "every statistic is a column and a metric, with one description" {
	start
	for command in run stat list top; do
		columns_of "$command" >"$BATS_TEST_TMPDIR/$command"
	done
	ctl export "$pid" >"$BATS_TEST_TMPDIR/export"
	table >"$BATS_TEST_TMPDIR/table"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/table")" -eq \
		"$(grep -c '^STATISTIC(' "$here/../../src/statistics.h")" ]
	cd "$BATS_TEST_TMPDIR"
	while read -r column _ unit kind place help; do
		echo "$column"
		metric=${column,,}
		[ "$unit" != SIZE ] || metric+=_bytes
		run=1 page=1
		case $place in
		INTERNAL | PAGE | READER) run=0 ;;
		SNAPSHOT) page=0 ;;
		esac
		[ "$unit" != ADDRESS ] || run=0 page=0
		[ "$(grep -c -x "$column $help" run)" -eq "$run" ]
		[ "$(grep -c -x "$column $help" stat)" -eq "$page" ]
		[ "$(grep -c -x "# HELP datamem_$metric ${help^}\." export)" \
			-eq "$page" ]
		[ "$(grep -c -x "# TYPE datamem_$metric ${kind,,}" export)" \
			-eq "$page" ]
		# Those that list and top have are described alike.
		[ "$(grep -h "^$column " list top |
			grep -c -v -x "$column $help")" -eq 0 ]
	done <table
}

@test "a number has one name as column, in JSON and in export" {
	need_jq
	start
	columns=$(columns_of stat | sed 's/ .*//')
	run ctl stat "$pid" -J -o "$(paste -sd, <<<"$columns")"
	[ "$(json '.stat[0] | keys_unsorted[]' | tr -d '"')" = "${columns,,}" ]
	# Each metric is a column, but for its unit and what it is.
	ctl export "$pid" | sed -n 's/^# TYPE datamem_\([a-z_]*\) .*/\1/p' \
		>"$BATS_TEST_TMPDIR/metrics"
	while read -r metric; do
		grep -qix "${metric%_bytes}" <<<"$columns"
	done <"$BATS_TEST_TMPDIR/metrics"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/metrics")" -gt 30 ]
	# list and top have no other names for them.
	for command in list top; do
		for column in $(columns_of $command | sed 's/ .*//'); do
			case $column in
			PID | NSPID | NAME | COMMAND | PROCESSES | USER | \
				UPTIME | HISTORY | HANDLER | UNIT | CGROUP) ;;
			*) grep -qx "$column" <<<"$columns" ;;
			esac
		done
	done
}

@test "a statistic is read from where it is kept" {
	need_jq
	start
	run ctl stat "$pid" -J -o "$(columns_of stat | sed 's/ .*//' | paste -sd,)"
	[ "$status" -eq 0 ]
	[ "$(json '.stat[0] | [.live >= 8000000, .charged == .live + .cached,
		.held == .used + .retained + .outside,
		.allocs == .hits + .misses + .large_allocs,
		(.accounts | type)]')" = '[true,true,true,true,"boolean"]' ]
}

@test "what comes again and again counts where it is" {
	need_jq
	start
	for _ in {1..8}; do
		tell alloc
		hear done
	done
	run ctl stat "$pid" -J -b -o LARGE_BLOCKS,LARGE,LARGE_ALLOCS,LARGE_FREES,LARGE_HITS,LARGE_MISSES,LIVE,CACHED,CHARGED,HELD,USED,RETAINED,OUTSIDE
	[ "$status" -eq 0 ]
	[ "$(json '.stat[0] | [.large_blocks, .large, .large_allocs,
		.large_frees, .large_hits + .large_misses]')" = \
		'[1,8388608,10,9,10]' ]
	[ "$(json '.stat[0] | [.live >= 8388608, .live < 8600000,
		.charged == .live + .cached,
		.held == .used + .retained + .outside]')" = \
		'[true,true,true,true]' ]
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
	"$ctl" stat "$pid" -w 0.01 -o LIVE >"$BATS_TEST_TMPDIR/watched" \
		2>"$errors" &
	watcher=$!
	until_true [ -s "$BATS_TEST_TMPDIR/watched" ]
	kill "$pid"
	status=0
	wait "$watcher" || status=$?
	[ "$status" -eq 0 ]
	[ ! -s "$errors" ]
}

# What the quarantine of debug holds is free: 64 MiB of a block and some of 1 MiB.
@test "LIVE is what the statistics call live, with the handler debug too" {
	for handler in debug default_allocator; do
		DATAMEM_HANDLER=$handler start
		for _ in 1 2 3; do
			tell alloc
			hear done
		done
		tell live
		read -r -t 60 live <&8
		hear done
		[ "$live" -ge 8388608 ]
		for command in list stat "top -i 1"; do
			# shellcheck disable=SC2086
			run ctl $command "$pid" -nrb -o LIVE
			[ "$status" -eq 0 ]
			echo "$handler: $command says $output, not $live"
			# Threads tell of their caches now and then.
			[ "$output" -ge "$live" ]
			[ "$output" -lt "$((live + 131072))" ]
		done
	done
	run ctl stat "$pid" -nrb -o QUARANTINED
	[ "$output" = 0 ]
}

@test "stat tells what each lock costs, where that is counted" {
	need_jq
	start
	run ctl stat -J -o LOCKS "$pid"
	[ "$status" -eq 0 ]
	if grep -q '^#define DMEM_LOCK_RANKS 1' "${top_builddir:-.}/config.h"; then
		json '.stat[0].locks | map(select(startswith("ARENA: "))) |
			length == 1'
		json '.stat[0].locks | all(test("^[A-Z_]+: [0-9]+ us, [0-9]+ nodes, [0-9]+ system calls$"))'
	else
		json '[.stat[0].locks[]? | strings] | length == 0'
	fi
}

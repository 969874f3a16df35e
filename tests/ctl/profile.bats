# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Profiles that were made by hand, whose numbers are known: tables, files that
# other programs read, and processes that are stopped or lie.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

maker=${top_builddir:-$here/../..}/tests/ctl/profile-maker
seconds=${HOSTILE_SECONDS:-${TEST_LONG:+10}}

# Sets $file to a profile of tests/ctl/profile-maker.c.
make_file()
{
	file=$BATS_TEST_TMPDIR/made.profile
	"$maker" write "$file"
}

start_maker()
{
	start_command "$maker" "$1"
}

# Bytes of a line in $output: cell PATTERN COLUMN.
cell()
{
	awk -v pattern="$1" -v column="$2" 'NR == 1 {
		for (i = 1; i <= NF; i++)
			if ($i == column)
				at = i
	}
	index($0, pattern) { print $at }' <<<"$output"
}

@test "a file: a row for each line, the largest first" {
	make_file
	run ctl profile -b "$file"
	[ "$status" -eq 0 ]
	# 4 MiB are 1.0003 blocks of 4 MiB, 64 KiB 8.5 of 64 KiB.
	[ "$(cell 'load.py:12(read ' LIVE)" = 8923816 ]
	[ "$(cell 'load.py:12(read ' COUNT)" = 136 ]
	[ "$(cell 'sim.py:31(step)' LIVE)" = 8391423 ]
	[ "$(cell 'sim.py:31(step)' ALLOCATED)" = 41943040 ]
	[ "$(cell 'sim.py:31(step)' PEAK)" = 20971520 ]
	# Of a file, nothing is known of page tables.
	[ "$(cell 'sim.py:31(step)' RESIDENT)" = - ]
	[[ ${lines[1]} == *load.py* ]]
	[[ ${lines[2]} == *sim.py* ]]
	[[ ${lines[4]} == *"(no stack)" ]]
}

@test "rows by function, handler, domain, age and stack" {
	make_file
	run ctl profile -b --by=function "$file"
	[ "$(cell 'step (sim.py)' LIVE)" = 8391423 ]
	run ctl profile -b --by=handler "$file"
	[ "$(cell ' datamem' LIVE)" = $((8923816 + 8391423)) ]
	[ "${#lines[@]}" -eq 3 ]
	run ctl profile -b --by=domain "$file"
	[ "$(cell ' 7' ALLOCATED)" = $((3 << 20)) ]
	run ctl profile -b --by=age "$file"
	[ "$(cell '1m to 10m' LIVE)" = 4195712 ]
	[ "$(cell '1m to 10m' ALLOCATED)" = - ]
	run ctl profile -b --by=stack "$file"
	[[ $output == *numeric.py:343\(full\),*load.py:12*sim.py:88* ]]
}

@test "columns, JSON, and what is old" {
	make_file
	run ctl profile -nrb --columns LIVE,LINE --older 60 "$file"
	[ "$output" = "4195712 /home/user/sim.py:31(step)" ]
	run ctl profile --older 1000 "$file"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -q "no blocks to show of that age" "$errors"
	need_jq
	run ctl profile --format=json "$file"
	[ "$(json '[.profile[].line] | length')" = 4 ]
	[ "$(json '.profile[1].live')" = 8391423 ]
	[ "$(json '.profile[1].resident')" = null ]
	run ctl profile --format=json --by=stack "$file"
	[ "$(json '.profile[1].stack[1]')" = '"/home/user/sim.py:31(step)"' ]
}

@test "native code has functions and lines" {
	make_file
	run ctl profile --format=collapsed "$file"
	[ "$status" -eq 0 ]
	if "$ctl" info -J | grep -q elfutils; then
		[[ $output == *"allocate_native"* ]]
	else
		[[ $output == *"profile-maker+0x"* ]]
		grep -q "built without elfutils" "$errors"
	fi
}

@test "collapsed stacks" {
	make_file
	run ctl profile --format=collapsed "$file"
	# What separates frames is in no name.
	grep -q -x '<module> (sim.py:88);read <all> & "more": (load.py:12);full (numeric.py:343) 8923816' \
		<<<"$output"
	[ "${#lines[@]}" -eq 3 ]
}

@test "pprof's format, read by protoc" {
	command -v protoc >/dev/null || skip "no protoc"
	make_file
	run ctl profile --format=pprof -o "$BATS_TEST_TMPDIR/p.gz" "$file"
	[ "$status" -eq 0 ]
	gzip -dc "$BATS_TEST_TMPDIR/p.gz" >"$BATS_TEST_TMPDIR/p"
	run protoc --proto_path="$here" --decode=Profile profile.proto \
		<"$BATS_TEST_TMPDIR/p"
	[ "$status" -eq 0 ]
	for word in alloc_objects alloc_space inuse_objects inuse_space \
		resident_space huge_space read datamem /home/user/sim.py; do
		grep -q "string_table: \"$word" <<<"$output"
	done
	# Nothing that this definition does not name.
	[ "$(grep -c -E '^ *[0-9]+[:{ ]' <<<"$output")" -eq 0 ]
	for number in 8391423 8923816 41943040 389047; do
		grep -q -w "$number" <<<"$output"
	done
	[ "$(grep -c '^sample {' <<<"$output")" -eq 4 ]
	grep -q "period: 524288" <<<"$output"
}

@test "gperftools' format, read by google-pprof" {
	make_file
	run ctl profile --format=heap -o "$BATS_TEST_TMPDIR/heap" "$file"
	[ "$status" -eq 0 ]
	grep -q '^heap profile: .* @ heap_v2/524288$' "$BATS_TEST_TMPDIR/heap"
	grep -q '^MAPPED_LIBRARIES:' "$BATS_TEST_TMPDIR/heap"
	command -v google-pprof >/dev/null || skip "no google-pprof"
	run google-pprof --text --show_bytes "$BATS_TEST_TMPDIR/heap"
	[ "$status" -eq 0 ]
	# It undoes the sampling itself, and comes to the same numbers.
	number=$(sed -n "s/ B .*full 'numeric.py:343'.*//p; s/^ *\([0-9]*\) .*full 'numeric.py:343'.*/\1/p" \
		<<<"$output" | head -n 1 | tr -d ' ')
	[ "$number" -gt 8923000 ]
	[ "$number" -lt 8925000 ]
	grep -q "step 'sim.py:31'" <<<"$output"
}

@test "a flame graph is one file without a network" {
	make_file
	run ctl profile --format=svg -o "$BATS_TEST_TMPDIR/flame.svg" "$file"
	[ "$status" -eq 0 ]
	flame=$(cat "$BATS_TEST_TMPDIR/flame.svg")
	[[ $flame == *"read &lt;all&gt; &amp; "* ]]
	# The one address is the name of what SVG is.
	[ "$(grep -o 'http[s]*:[^"]*' <<<"$flame")" = http://www.w3.org/2000/svg ]
	[ "$(grep -c -E 'href|src=|import|fetch|XMLHttp' <<<"$flame")" -eq 0 ]
	[ "$(grep -c 'class="f"' <<<"$flame")" -eq 8 ]
	"${PYTHON:-python3}" -c 'import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$BATS_TEST_TMPDIR/flame.svg" || {
		command -v "${PYTHON:-python3}" >/dev/null || skip "no Python"
		return 1
	}
	# The script, on a document that has what it asks for.
	command -v node >/dev/null || skip "no node"
	node "$here/flame-script.js" "$BATS_TEST_TMPDIR/flame.svg"
}

@test "what one profile has more than another" {
	make_file
	run ctl profile --diff "$file" "$file"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -q "there is no difference to show" "$errors"
	start_maker live
	run ctl profile -b --diff --older 60 "$file" "$pid"
	[ "$status" -eq 0 ]
	run ctl profile --diff --format=collapsed "$file" "$pid"
	grep -q 'step (sim.py:31).* 8391423 8391423$' <<<"$output"
	run ctl profile --diff --format=svg "$file" "$pid"
	[[ $output == *"</svg>" ]]
	run ctl profile --diff --format=heap "$file" "$pid"
	expect_usage_error "*--format=heap has no differences"
	run ctl profile --diff "$file"
	expect_usage_error "*--diff is of two profiles"
}

# Of two blocks of 4 MiB, 2 MiB were written to.
resident()
{
	run ctl profile -b "$pid"
	[ "$status" -eq 0 ]
	[ "$(cell 'sim.py:31(step)' LIVE)" = 8391423 ]
	resident=$(cell 'sim.py:31(step)' RESIDENT)
	[ "$resident" -ge $((2 << 20)) ]
	[ "$resident" -lt $(((2 << 20) + 4096)) ]
}

@test "a process, stopped or not, with what is resident" {
	[ -r /proc/self/pagemap ] || skip "no page tables"
	start_maker live
	resident
	stop_process "$pid"
	resident
	"$ctl" profile --watch 0.01 --by=handler --format=json "$pid" \
		>"$BATS_TEST_TMPDIR/watched" &
	watch=$!
	# Once in a generous while; what ends it, ends the test.
	for ((i = 0; i < 1200; i++)); do
		[ ! -s "$BATS_TEST_TMPDIR/watched" ] || break
		sleep 0.05
	done
	kill -KILL "$pid"
	wait "$watch"
	# A document a line.
	grep -q '^{"profile": .*"handler": *"datamem".*}$' \
		"$BATS_TEST_TMPDIR/watched" || {
		head -n 3 "$BATS_TEST_TMPDIR/watched"
		return 1
	}
}

@test "a copy of a process's profile is a file" {
	start_maker live
	copy=$BATS_TEST_TMPDIR/copy
	run ctl profile --format=raw -o "$copy" "$pid"
	[ "$status" -eq 0 ]
	run ctl profile -nrb --columns LIVE,LINE "$copy"
	[ "$status" -eq 0 ]
	grep -q "^8391423 /home/user/sim.py:31(step)$" <<<"$output"
	# A file is not lost to a mistake.
	before=$(cksum <"$copy")
	for name in "$copy" 4194304 "$BATS_TEST_TMPDIR/none"; do
		run ctl profile --format=raw -o "$copy" "$name"
		[ "$status" -eq 2 ]
		[ "$(cksum <"$copy")" = "$before" ]
	done
	run ctl profile --format=raw "$pid"
	expect_usage_error "*--format=raw needs -o FILE"
}

@test "entries that were half written are left out, and said" {
	start_maker torn
	run ctl profile -b "$pid"
	[ "$status" -eq 0 ]
	grep -q "$pid: 2 of its entries" "$errors"
	[ "$(cell 'sim.py:31(step)' ALLOCATED)" = "" ]
	[ "$(cell 'load.py:12(read ' LIVE)" = 8923816 ]
}

@test "a process without a profile: what to do is said" {
	[ -x "$live_user" ] || skip "no process that uses the library"
	start
	run ctl profile "$pid"
	[ "$status" -eq 2 ]
	grep -q -e "process $pid: its profile is off; .*set $pid profile=512K" \
		-e "has no profile" "$errors"
	run ctl profile "$$"
	[ "$status" -eq 2 ]
	grep -q "process $$: it does not use libdatamem" "$errors"
}

# Two processes of one name, which no other has; each holds a block of 8 MiB.
start_two()
{
	[ -x "$live_user" ] || skip "no process that uses the library"
	name=dm-two-$$
	cp "$live_user" "$BATS_TEST_TMPDIR/$name"
	for _ in 1 2; do
		start_command env DATAMEM_CONF=profile=64K \
			"$BATS_TEST_TMPDIR/$name"
		"$ctl" profile "$pid" >/dev/null || skip "no profile here"
	done
}

@test "processes are chosen by name, user and cgroup; they add up" {
	start_two
	run ctl profile "$pid" -nr --by=handler --columns LIVE -b
	[ "$status" -eq 0 ]
	one=$output
	[ "$one" -gt $((8000 << 10)) ]
	for chooser in "$name" "--name=$name" "$name --user=$(id -un)" \
		"${started[*]}"; do
		# shellcheck disable=SC2086
		run ctl profile $chooser -nr --by=handler --columns LIVE -b
		[ "$status" -eq 0 ]
		[ "$output" = $((2 * one)) ]
	done
	# One of them without a profile is left out, and said.
	ctl set "$pid" profile=off
	run ctl profile "$name" -nr --by=handler --columns LIVE -b
	[ "$output" = "$one" ]
	grep -q "1 of 2 processes have a profile" "$errors"
	run ctl profile --format=collapsed "$name"
	[ "$status" -eq 0 ]
	[[ $output =~ \ [0-9]+$ ]]
}

@test "a name that is none's, or several processes' where one is wanted" {
	start_two
	run ctl profile no-such-name
	[ "$status" -eq 2 ]
	grep -q "no process named 'no-such-name' uses libdatamem" "$errors"
	run ctl profile --diff "$name" "$pid"
	[ "$status" -eq 2 ]
	grep -q "$name: 2 processes have this name; one of them is" "$errors"
	run ctl profile --format=heap "$name"
	[ "$status" -eq 2 ]
	grep -q "is of one process; 2 have a profile" "$errors"
	run ctl profile --format=raw -o "$BATS_TEST_TMPDIR/raw" --user="$(id -un)"
	[ "$status" -eq 2 ]
	grep -q "raw is of one PID, NAME or FILE" "$errors"
	# A file of that name comes first.
	mkdir "$BATS_TEST_TMPDIR/beside"
	cd "$BATS_TEST_TMPDIR/beside"
	"$maker" write "$name"
	run ctl profile -nrb --columns LIVE "$name"
	[ "${lines[0]}" = 8923816 ]
}

# Compiles a program of C++ with these flags, and starts it.
start_cxx()
{
	local top=${top_srcdir:-$here/../..} built=${top_builddir:-$here/../..}

	[ -e "$built/.libs/libdatamem.so" ] ||
		skip "no shared library was built"
	! grep -q "^SANITIZER_CFLAGS = .*-fsanitize" "$built/Makefile" ||
		skip "sanitizers have an unwinder of their own"
	command -v "${CXX:-none}" >/dev/null || skip "no C++ compiler"
	cat >"$BATS_TEST_TMPDIR/grid.cc" <<-'END'
	#include <cstdio>
	#include <datamem.hpp>
	#include <vector>

	using cells = std::vector<double, datamem::allocator<double>>;
	struct grid { cells of; explicit grid(size_t n) : of(n, 1.0) {} }; // made
	__attribute__((noinline)) void grow(cells &to, int n)
	{
	    for (int i = 0; i < n; i++)
	        to.push_back(i); // grown
	}
	int main()
	{
	    static std::vector<grid *> grids;
	    static cells more;
	    for (int i = 0; i < 5; i++)
	        grids.push_back(new grid(1 << 20));
	    grow(more, 3000000);
	    std::puts("ready");
	    std::fflush(stdout);
	    std::getchar();
	}
	END
	"$CXX" -std=c++17 "$@" -I"$top/include" -I"$built/include" \
		"$BATS_TEST_TMPDIR/grid.cc" -o "$BATS_TEST_TMPDIR/grid" \
		-L"$built/.libs" -ldatamem -Wl,-rpath,"$(realpath "$built/.libs")"
	start_command env DATAMEM_CONF=profile=512K "$BATS_TEST_TMPDIR/grid"
}

need_elfutils()
{
	"$ctl" info -J | grep -q elfutils || skip "built without elfutils"
}

@test "C++: the program's own line, whatever was inlined into it" {
	need_elfutils
	start_cxx -O2 -g -fno-omit-frame-pointer
	run ctl profile -nrb --columns LIVE,LINE "$pid"
	[ "$status" -eq 0 ]
	made=$(grep -n '// made$' "$BATS_TEST_TMPDIR/grid.cc" | cut -d: -f1)
	live=$(sed -n "s/^\([0-9]*\) .*grid.cc:$made(grid)$/\1/p" <<<"$output")
	[ "$live" -gt $((40 << 20)) ]
	[ "$live" -lt $((42 << 20)) ]
	grown=$(grep -n '// grown$' "$BATS_TEST_TMPDIR/grid.cc" | cut -d: -f1)
	grep -q "grid.cc:$grown(grow" <<<"$output"
}

@test "C++ without debugging information: names as in the source" {
	need_elfutils
	start_cxx -O2 -fno-omit-frame-pointer
	run ctl profile -nr --columns LINE "$pid"
	[ "$status" -eq 0 ]
	grep -q '^main$' <<<"$output"
	grep -q '^grow(std::vector<double, .*, int)$' <<<"${output//\\x20/ }"
}

@test "files that are none" {
	make_file
	for size in 0 100 512 4096 9000; do
		head -c "$size" "$file" >"$BATS_TEST_TMPDIR/cut"
		run ctl profile "$BATS_TEST_TMPDIR/cut"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
	done
	run ctl profile "$BATS_TEST_TMPDIR"
	[ "$status" -eq 2 ]
	run ctl profile "$BATS_TEST_TMPDIR/none"
	grep -q "none: No such file" "$errors"
	run ctl profile
	expect_usage_error "*a PID, NAME or FILE is missing"
	run ctl profile "$file" 1
	expect_usage_error "*a FILE and processes exclude each other"
	run ctl profile "$file" "$file"
	expect_usage_error "*too many arguments"
	run ctl profile --by=color "$file"
	expect_usage_error "*'color' is not one of line, *"
	run ctl profile --by=age --format=svg "$file"
	expect_usage_error "*--by is for tables and JSON*"
	run ctl profile -o /dev/full "$file"
	[ "$status" -eq 2 ]
}

# They end by themselves, with a status of their own, and print text.
holds()
{
	local status=0 said=$BATS_TEST_TMPDIR/said

	timeout 60 "$ctl" profile "$@" >"$said" 2>"$errors" || status=$?
	[ "$status" -le 2 ] || { echo "$*: status $status"; return 1; }
	[[ " $* " == *pprof* ]] ||
		! LC_ALL=C tr -d '\n\040-\176\200-\377' <"$said" | grep -q . ||
		{ echo "$*: control characters"; return 1; }
}

lies()
{
	holds "$pid"
	holds "$pid" --by=age
	holds "$pid" --by=stack --format=json
	for format in pprof collapsed svg heap json; do
		holds "$pid" --format=$format
	done
	holds --diff "$pid" "$pid"
}

@test "profiles that lie" {
	start_maker lies
	for ((i = 0; i < 5; i++)); do
		lies
	done
	until=$((SECONDS + ${seconds:-0}))
	while [ "$SECONDS" -lt "$until" ]; do
		lies
	done
	kill -0 "$pid"
	start_maker damaged
	run ctl profile "$pid"
	[ "$status" -eq 2 ]
	grep -q "process $pid: the profile is damaged" "$errors"
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# replay: recordings against allocators. Times are never looked at.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

data=$here/../data

# recording LINE...: prints the name of a file with these events.
recording()
{
	local file=$BATS_TEST_TMPDIR/t.dmt

	printf '%s\n' '# datamem-trace 1' "$@" >"$file"
	echo "$file"
}

# A recording of three threads that hand blocks to each other.
threaded_recording()
{
	awk 'BEGIN {
		print "# datamem-trace 1"
		for (i = 1; i <= 3000; i++) {
			size = i * 7919 % 20000
			print (i % 3 ? "a" : "z"), i % 3, i, size, 0
			if (i > 20)
				print "r", (i + i % 7) % 3, i - 20,
					i * 104729 % 30000, 0
			if (i > 40 && i % 50)
				print "f", i % 2, i - 40, 1, 0
		}
	}' >"$BATS_TEST_TMPDIR/threads.dmt"
	echo "$BATS_TEST_TMPDIR/threads.dmt"
}

# A shared object that provides malloc, or a skip.
peer()
{
	local name

	for name in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4
	do
		if LD_PRELOAD=$name true 2>&1 | grep -q preload; then
			continue
		fi
		echo "$name"
		return
	done
}

@test "a table for each recording, a row for each allocator" {
	run ctl replay -R 1 "$data/nbody.dmt.gz" "$(recording 'a 0 1 8 0')"
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	[ "${lines[0]}" = "nbody: 296422 events, 148211 blocks, 1 thread, 3.8K live at most" ]
	[[ ${lines[1]} == ALLOCATOR* ]]
	for name in datamem glibc numpy; do
		[ "$(grep -c "^$name " <<<"$output")" -eq 2 ]
	done
	[[ $output == *"t: 1 events, 1 blocks, 1 thread, 8B live at most"* ]]
}

@test "what the library did with its memory" {
	local columns=ALLOCATOR,FAULTS_AVOIDED,RETAINED,LAZY,PURGED
	local size=$((16 << 20))
	local file

	file=$(recording "a 0 1 $size 0" "f 0 1 $size 0" "a 0 2 $size 0" \
		"f 0 2 $size 0")
	export DATAMEM_CONF=retain.max=64M,retain.age=3600000
	run ctl replay -nrb -R 1 -o $columns -a datamem,glibc "$file"
	[ "$status" -eq 0 ]
	read -r name avoided retained lazy purged <<<"${lines[-2]}"
	echo "$output"
	[ "$name" = datamem ]
	[ "$avoided" -gt 0 ]
	[ "$retained" -ge "$size" ]
	[ "$lazy $purged" = "0 0" ]
	[ "${lines[-1]}" = "glibc - - - -" ]
	export DATAMEM_CONF=retain.max=0
	run ctl replay -nrb -R 1 -o $columns -a datamem "$file"
	read -r name avoided retained lazy purged <<<"${lines[-1]}"
	echo "$output"
	[ "$avoided $retained" = "0 0" ]
	[ "$((lazy + purged))" -ge "$size" ]
}

@test "JSON is one document, and numbers are numbers" {
	need_jq
	run ctl replay -J -R 2 -o +MIN_MS,MAX_MS,EVENTS,FAILED,RESULT \
		"$data/nbody.dmt.gz" "$data/image.dmt.gz"
	[ "$status" -eq 0 ]
	json '.replay | length == 6'
	json '.replay | map(.recording) | unique == ["image", "nbody"]'
	json '.replay | all(.time_ms > 0 and .min_ms <= .time_ms and
		.time_ms <= .max_ms and .failed == 0 and .result == "measured")'
	json '.replay | map(select(.allocator == "glibc")) | all(.ratio == 1)'
	json '.replay | map(select(.recording == "image")) |
		all(.peak > 10000000 and .events == 115878)'
}

@test "only libdatamem has hits" {
	need_jq
	run ctl replay -J -R 1 "$data/nbody.dmt.gz"
	[ "$status" -eq 0 ]
	json '.replay[] | select(.allocator == "datamem") |
		.hits > 0 and .hits <= 1'
	json '.replay | map(select(.allocator != "datamem")) |
		all(.hits == null)'
}

@test "every block keeps its contents" {
	run ctl replay --verify -a datamem,glibc,numpy \
		"$data/nbody.dmt.gz" "$data/image.dmt.gz"
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	[ "$(grep -c ' verified$' <<<"$output")" -eq 6 ]
}

@test "threads of a recording are threads, and hand over blocks" {
	run ctl replay --verify -a datamem,glibc,numpy "$(threaded_recording)"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *" 3 threads, "* ]]
	[ "$(grep -c ' verified$' <<<"$output")" -eq 3 ]
	run ctl replay -R 2 -t all "$(threaded_recording)"
	[ "$status" -eq 0 ]
}

@test "memory is touched as asked" {
	need_jq
	skip_if_sanitized
	file=$(recording 'a 0 1 67108864 0' 'f 0 1 1 0')
	run ctl replay -J -R 1 -a glibc --touch=none "$file"
	[ "$status" -eq 0 ]
	json '.replay[0].peak < 8000000'
	for how in page all; do
		run ctl replay -J -R 1 -a glibc --touch=$how "$file"
		[ "$status" -eq 0 ]
		# Kernels count resident pages per processor, in batches.
		json '.replay[0].peak >= 66000000'
		json '.replay[0].end < 8000000'
	done
}

@test "a resize touches what it adds, and what stays live is left" {
	need_jq
	file=$(recording 'a 0 1 16777216 0' 'r 0 1 67108864 0')
	run ctl replay -J -R 1 -a glibc,datamem "$file"
	[ "$status" -eq 0 ]
	json '.replay | all(.end >= 66000000)'
}

@test "another allocator is preloaded and measured" {
	skip_if_sanitized
	library=$(peer)
	[ -n "$library" ] || skip "no other allocator here"
	name=${library#lib} name=${name%%.so*}
	run ctl replay -R 1 --with "$library" "$data/nbody.dmt.gz"
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	[ "$(grep -c "^$name " <<<"$output")" -eq 1 ]
	run ctl replay --verify -w "$library" "$(threaded_recording)"
	[ "$status" -eq 0 ]
}

@test "what is no allocator is refused" {
	file=$(recording 'a 0 1 8 0')
	run ctl replay --with /nonexistent/liba.so "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"/nonexistent/liba.so: No such file"* ]]
	run ctl replay -a datamem,malloc "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"no allocator malloc; there are datamem, "* ]]
	run ctl replay -a glibc,glibc "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"glibc is given twice"* ]]
}

@test "a library without malloc is refused" {
	skip_if_sanitized
	file=$(recording 'a 0 1 8 0')
	run ctl replay -R 1 --with libz.so.1 "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"libz.so.1: does not provide malloc"* ]]
	[[ $output == *failed* ]]
}

@test "a recording that is not sound is refused with file and line" {
	file=$(recording 'a 0 1 8 0' 'f 0 2 8 0')
	run ctl replay "$file"
	[ "$status" -eq 2 ]
	[ "$output" = '' ]
	[ "$(cat "$BATS_TEST_TMPDIR/errors")" = \
		"datamem-ctl replay: $file:3: block 2 was never allocated" ]
	printf '# datamem-trace 1\r\na 0 1 8 0\r\n' >"$file"
	run ctl replay "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"$file:1: "* ]]
	run ctl replay "$here/replay.bats"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"replay.bats:1: not a recording"* ]]
}

@test "a recording that is cut off is refused" {
	head -c 200000 "$data/nbody.dmt.gz" >"$BATS_TEST_TMPDIR/cut.dmt.gz"
	run ctl replay "$BATS_TEST_TMPDIR/cut.dmt.gz"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"cut.dmt.gz:"*": the compressed data end"* ]]
}

@test "one bad recording does not stop the others" {
	run ctl replay -R 1 -a glibc /nonexistent.dmt "$(recording 'a 0 1 8 0')"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"/nonexistent.dmt: No such file"* ]]
	[[ $output == *"t: 1 events"* ]]
}

@test "more memory than there is can be replayed untouched only" {
	skip_if_sanitized
	file=$(recording 'a 0 1 4611686018427387904 0')
	run ctl replay "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"only --touch=none"* ]]
	run ctl replay -R 1 -a datamem,glibc --touch=none -o +FAILED "$file"
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"glibc: 1 allocations were refused"* ]]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"datamem: 1 allocations were refused"* ]]
}

# Several at once took all memory, and the kernel ended one of them.
@test "a replay that touches nothing takes no memory from others" {
	skip_if_sanitized
	command -v python3 >/dev/null || skip "no python3"
	file=$(recording 'a 0 1 4611686018427387904 0')
	run python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL,
	stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		"$ctl" replay -R 1 -a glibc --touch=none "$file"
	echo "$output KiB at most"
	[ "$status" -eq 0 ]
	[ "$output" -lt 500000 ]
}

@test "wrong usage is refused" {
	run ctl replay
	expect_usage_error "*a recording is missing"
	for rounds in 0 -1 x 1001 ''; do
		run ctl replay --rounds="$rounds" x
		expect_usage_error "*not a number of rounds*"
	done
	run ctl replay --touch=some x
	expect_usage_error "*cannot touch 'some'*"
}

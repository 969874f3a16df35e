# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# bench: that it measures what it says. Times are never looked at.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

# As short as can be.
bench()
{
	ctl bench --rounds=1 --time=1 "$@"
}

@test "--list shows every benchmark" {
	run ctl bench --list
	[ "$status" -eq 0 ]
	[[ $output == *"pair-80 "* && $output == *"growth-1G "* ]]
	run ctl bench --list 'mixed-*M'
	[ "$(cut -d ' ' -f 1 <<<"$output" | tr '\n' ' ')" = \
		'mixed-1M mixed-4M mixed-16M mixed-64M ' ]
	for option in -J -r -n -b --output=NS --save=x --plot=x.svg; do
		run ctl bench --list "$option"
		expect_usage_error "$ctl_name bench: --list prints names alone*"
	done
}

# Where the linker puts a loop must not count as time of what it measures.
@test "every measured loop begins a cache line" {
	local program=${top_builddir:-$here/../..}/datamem-bench symbols

	[ -z "${TESTED_CTL:-}" ] || skip "another tool is tested"
	[ ! -x "${program%/*}/.libs/datamem-bench" ] ||
		program=${program%/*}/.libs/datamem-bench
	# shellcheck disable=SC2086
	symbols=$(${NM:-nm} "$program" 2>/dev/null |
		grep -E ' t [a-z_0-9]+_(datamem|malloc)$' | sort -k 3) ||
		skip "its symbols cannot be read"
	# Each is there twice; what a static library has of that name is not.
	symbols=$(awk '{ base = $3; sub(/_[a-z]*$/, "", base) }
		base == last { print line; print }
		{ last = base; line = $0 }' <<<"$symbols")
	[[ $symbols == *" pair_datamem"* ]] || skip "it was built as a whole"
	run grep -vE '^[0-9a-f]+[048c]0 ' <<<"$symbols"
	[ "$status" -eq 1 ]
}

@test "how costs grow with threads is measured when it is named" {
	need_jq
	skip_if_sanitized
	run ctl bench --list
	[[ $output == *"scale-idle-64 "* && $output == *"scale-attach-4000 "* ]]
	run bench -J -a datamem,glibc 'scale-idle-64' 'scale-pair-2'
	[ "$status" -eq 0 ]
	json '.bench | length == 4'
	json '.bench | all(.ns > 0)'
}

@test "how much a limit on address space leaves is measured when it is named" {
	need_jq
	skip_if_sanitized
	run bench -J -o BENCH,ALLOCATOR,NS,HAD -b -a datamem,glibc \
		'scale-limit-64M' 'scale-limit-growth'
	[ "$status" -eq 0 ]
	json '.bench | length == 4'
	json '.bench | all(.ns > 0)'
	json '[.bench[] | select(.bench == "scale-limit-64M") | .had] |
		min > 3500000000 and max < 4294967296'
}

@test "memory that stays is told beside the blocks that live" {
	need_jq
	skip_if_sanitized
	run bench -J -b -o BENCH,END,LIVE,OVER -a datamem,glibc \
		memory-survivors-256K memory-survivors-3-300K
	[ "$status" -eq 0 ]
	json '.bench | length == 4'
	json '.bench | all(.live > 2000000 and .live < 40000000)'
	json '.bench | all(.over > 0.9 and .over * .live > .end * 0.99 and
		.over * .live < .end * 1.01)'
}

@test "a row for each benchmark and allocator" {
	need_jq
	skip_if_sanitized
	run bench -J pair-80 mixed-1M
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	json '.bench | length == 10'
	json '.bench | map(.bench) | unique == ["mixed-1M", "pair-80"]'
	json '.bench | all(.ns > 0 and .min <= .ns and .ns <= .max)'
	json '.bench | map(select(.allocator == "glibc")) | all(.ratio == 1)'
	json '.bench | map(select(.best > 1)) | length <= 2'
}

@test "every kind of benchmark runs" {
	need_jq
	run bench -J -a datamem,glibc,numpy 'batch-*' 'random-*' zeroed-100 \
		pair-32K pair-80-threads producer-80 single-1M mixed-1M \
		mixed-4M-worker mixed-4M-threads churn-4M zeroed-4M-100
	[ "$status" -eq 0 ]
	json '.bench | length > 36 and all(.ns > 0)'
	json '.bench | map(select(.bench == "single-1M")) |
		all(.reference | type == "number")'
}

@test "all columns can be saved as JSON, whatever is printed" {
	need_jq
	run bench -a datamem,glibc -n -o BENCH pair-80 \
		--save="$BATS_TEST_TMPDIR/saved"
	[ "$status" -eq 0 ]
	[ "$output" = $'pair-80\npair-80' ]
	output=$(cat "$BATS_TEST_TMPDIR/saved")
	json '.bench | length == 2 and all(.ns > 0 and .operation != null)'
	run bench pair-80 --save=/nonexistent/file
	[ "$status" -eq 2 ]
}

@test "plots are drawn" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	cd "$BATS_TEST_TMPDIR"
	run bench -a datamem,glibc,numpy pair-80 batch-7 --plot="a'b.svg" \
		--plot=c.png
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	grep -q '<svg' "a'b.svg"
	grep -q numpy "a'b.svg"
	grep -q batch-7 "a'b.svg"
	[ "$(head -c 4 c.png | tail -c 3)" = PNG ]
}

@test "wrong usage is refused before anything runs" {
	run bench pair-80 nothing-80
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"no benchmark nothing-80"* ]]
	run bench pair-80 --plot=x.pdf
	[ "$status" -eq 2 ]
	[[ $(cat "$BATS_TEST_TMPDIR/errors") == *"ends in .svg or .png"* ]]
	for number in 0 -1 x ''; do
		run ctl bench --time="$number"
		expect_usage_error "*not a number of milliseconds*"
		run ctl bench --rounds="$number"
		expect_usage_error "*not a number of rounds*"
	done
}

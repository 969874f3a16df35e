# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# advise: what it says of recordings and programs. No gain is ever asserted.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

data=$here/../data
user=${top_builddir:-$here/../..}/tests/ctl/record-user

# recording LINE...: a file with these lines.
recording()
{
	file=$BATS_TEST_TMPDIR/t.dmt
	printf '%s\n' '# datamem-trace 1' "$@" >"$file"
}

need_observer()
{
	skip_if_sanitized
	[ -e "$ctl_folder/.libs/datamem-observer.so" ] ||
		[ -n "${TESTED_CTL:-}" ] || skip "built without the observer"
}

five_lines()
{
	[ "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" = \
		"program now libdatamem for advice " ] ||
		{ echo "$output"; return 1; }
}

@test "five lines on a recording that knows its program" {
	recording '# program: ./job 7' '# cpu-ns: 2000000000' \
		'# faults: 5000' '# peak-rss: 104857600' \
		'a 0 1 16777216 0' 'f 0 1 16777216 0'
	run ctl advise -R 1 "$file"
	[ "$status" -eq 0 ]
	[ ! -s "$errors" ]
	five_lines
	[ "${lines[0]}" = "program     ./job 7: 2.00 s of processor time, 100M at most, 5000 page faults" ]
	[[ ${lines[1]} == "now         the C library: "* ]]
	[[ ${lines[3]} == *GLIBC_TUNABLES=glibc.malloc.* ]]
}

@test "a recording of another kind has its time" {
	# It takes minutes.
	skip_if_sanitized
	run ctl advise -R 1 "$data/growth.dmt.gz"
	[ "$status" -eq 0 ]
	five_lines
	[[ ${lines[0]} == *" it took "*"; its processor time is not known" ]]
	[[ ${lines[2]} == *" instead of "*" for the blocks" ]]
}

@test "where memory takes no time there is nothing to gain" {
	recording '# cpu-ns: 900000000000' '# peak-rss: 1073741824' \
		'a 0 1 8192 0' 'f 0 1 8192 0'
	run ctl advise -R 1 "$file"
	[ "$status" -eq 0 ]
	five_lines
	[ "${lines[4]}" = "advice      nothing to gain: the program hardly spends time on its memory" ]
}

@test "the table has every variant, with predictions of time and peak" {
	need_jq
	recording '# cpu-ns: 2000000000' '# faults: 5000' \
		'# peak-rss: 104857600' 'a 0 1 16777216 0' 'f 0 1 16777216 0'
	run ctl advise -J -R 1 "$file"
	[ "$status" -eq 0 ]
	json '.advise | length == 9 and all(.cpu_s > 0 and .peak > 0)'
	json '.advise[0].variant == "the C library" and
		.advise[0].cpu_s == 2 and .advise[0].peak == 104857600'
	for setting in hugepage=off retain.max=0 zero.policy=eager \
		cache.max=64M; do
		json ".advise | any(.variant == \"$setting\")"
	done
	run ctl advise -n -o VARIANT -R 1 "$file"
	[ "${lines[0]}" = "the C library" ]
}

@test "settings and tunables act in the replays" {
	need_jq
	skip_if_sanitized
	local big=33554432

	recording "a 0 1 $big 0" "f 0 1 $big 0" "a 0 2 $big 0" \
		"f 0 2 $big 0" "a 0 3 $big 0"
	run ctl advise -J -R 1 "$file"
	[ "$status" -eq 0 ]
	# Nothing retained: each block is faulted in anew.
	json '[.advise[] | select(.variant == "retain.max=0")][0].faults >
		[.advise[] | select(.variant == "libdatamem")][0].faults'
	json '[.advise[] | select(.variant | test("mmap_max=0"))][0].faults <
		.advise[0].faults'
}

@test "a program is recorded and advised" {
	need_observer
	run ctl advise -R 1 -- "$user" threads many
	[ "$status" -eq 0 ]
	[ ! -s "$errors" ]
	five_lines
	[[ ${lines[0]} == "program     "*": "*" s of processor time, "* ]]
	run ctl advise -R 1 -- sh -c 'echo output; exec "$0" hold fail' "$user"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = output ]
	[[ $(cat "$errors") == *"sh has failed: "* ]]
}

@test "a program that advises huge pages is replayed in that way" {
	recording '# hugepage-advice: 8000000' '# cpu-ns: 2000000000' \
		'a 0 1 16777216 0' 'f 0 1 1 0'
	run ctl advise -R 1 "$file"
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == *"huge pages that the program advises: "* ]]
}

@test "a program on libdatamem is told so" {
	need_observer
	run ctl advise -R 1 -- "$array_user"
	[ "$status" -eq 0 ]
	[[ $output == *"now         libdatamem: "* ]]
	[[ $output == *"the C library: "* ]]
}

# A recording is input from strangers.
@test "nothing that a file names is loaded" {
	recording "# allocator: $BATS_TEST_TMPDIR/libevil.so" \
		'# tunables: glibc.malloc.check=3' \
		'a 0 1 16777216 0' 'f 0 1 1 0'
	run ctl advise -R 1 "$file"
	[ "$status" -eq 0 ]
	five_lines
	[[ $(cat "$errors") == *"recorded on $BATS_TEST_TMPDIR/libevil.so: --with="* ]]
}

@test "whatever a file says of its program, there are five lines" {
	for n in 0 9223372036854775807 99999999999999999999999 -1; do
		recording "# program: $(printf '\033[2J\a%%n')" "# cpu-ns: $n" \
			"# system-ns: $n" "# faults: $n" "# peak-rss: $n" \
			"# wall-ns: $n" "# hugepage-advice: $n" \
			'a 1023 1 16777216 18446744073709551615' 'f 0 1 1 0'
		run ctl advise -R 1 "$file"
		[ "$status" -eq 0 ]
		five_lines
		[[ $output != *[$'\033\a']* && $output != *nan* ]] ||
			{ echo "$n: $output"; return 1; }
	done
}

@test "a program without large blocks gets no advice, status 2" {
	need_observer
	run ctl advise -- "$user"
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"there is nothing to advise"* ]]
}

@test "no recording is left behind, whatever ends it" {
	mkdir "$BATS_TEST_TMPDIR/t"
	export TMPDIR=$BATS_TEST_TMPDIR/t
	copy=$BATS_TEST_TMPDIR/static
	printf 'int main(void) { return 0; }\n' >"$copy.c"
	${CC:-cc} -static -o "$copy" "$copy.c" 2>/dev/null || copy=/nonexistent
	for program in "$copy" /nonexistent /bin/true; do
		run ctl advise -- "$program"
		[ "$status" -ne 0 ]
		[ -z "$(ls "$TMPDIR")" ] || { ls "$TMPDIR"; return 1; }
	done
}

@test "wrong usage is refused" {
	run ctl advise
	expect_usage_error "*a recording, or -- and a program, is missing"
	run ctl advise a.dmt b.dmt
	expect_usage_error "*more than one recording*"
	run ctl advise --rounds=0 a.dmt
	expect_usage_error "*not a number of rounds*"
	run ctl advise /nonexistent.dmt
	[ "$status" -eq 2 ]
}

@test "a program that is not there" {
	need_observer
	run ctl advise -- /nonexistent
	[ "$status" -eq 127 ]
}

@test "a program where a recording is expected" {
	# A script, and one without a line that could be a line.
	printf '\177ELF%09000d' 1 >"$BATS_TEST_TMPDIR/program"
	for program in "$here/advise.bats" "$BATS_TEST_TMPDIR/program"; do
		run ctl advise "$program"
		[ "$status" -eq 2 ]
		grep -q 'not a recording: .*; a program to be recorded comes behind --$' \
			"$errors"
		[ "$(wc -l <"$errors")" -eq 1 ]
	done
	# A recording with a fault is no program.
	printf '# datamem-trace 1\nx\n' >"$BATS_TEST_TMPDIR/faulty.dmt"
	run ctl advise "$BATS_TEST_TMPDIR/faulty.dmt"
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") != *"comes behind --"* ]]
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# probe on recorded machines, and on this one.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

# The page size is left out: it is that of the machine that runs the test.
facts=KERNEL,HUGEPAGE_SIZE,ENABLED,SIZE_ENABLED,SIZES,DEFRAG,KHUGEPAGED_DEFRAG
facts+=,MAX_PTES_NONE,PRCTL,RAM,CGROUP_LIMIT,FEATURES,TEST,ADVICE,STATE,VERDICT
facts+=,REASON,FIX

# expect_probe TREE STATUS
expect_probe()
{
	run ctl probe --sysroot "$here/sysroots/$1" -o $facts
	[ "$status" -eq "$2" ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	expect_golden "probe-$1"
	# The command that --sysroot spares must say the same.
	[ "$(DATAMEM_SYSROOT=$here/sysroots/$1 "$ctl" probe -o $facts)" = \
		"$output" ]
}

@test "mode madvise" {
	expect_probe thp-madvise 0
}

@test "mode always, memory limit of a cgroup above" {
	expect_probe thp-always 0
}

@test "mode never: the command changes the mode" {
	expect_probe thp-never 1
	[[ $output == *"echo madvise | sudo tee \
/sys/kernel/mm/transparent_hugepage/enabled"* ]]
}

@test "no transparent huge pages in the kernel" {
	expect_probe thp-none 1
}

@test "huge pages' own size off: the command changes that size" {
	expect_probe thp-size-never 1
	[[ $output == *"echo madvise | sudo tee \
/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled"* ]]
}

@test "huge pages of 512 MiB" {
	expect_probe thp-64k-pages 1
}

@test "huge pages of 32 MiB" {
	expect_probe thp-16k-pages 0
}

@test "a smaller size is on, huge pages are off" {
	expect_probe thp-medium 1
}

@test "a kernel too old for auto: the command insists" {
	expect_probe kernel-4.4 1
	[[ $output == *"export DATAMEM_HUGEPAGE=on"* ]]
}

@test "a release with a name in it" {
	expect_probe kernel-4.19-ovh 0
}

@test "files that make no sense" {
	expect_probe malformed 1
}

@test "a recorded machine is never tested" {
	run ctl probe --sysroot "$here/sysroots/thp-madvise" -n -o TEST,FEATURES
	[ "${lines[0]}" = "not made: recorded machine" ]
	[ "${lines[1]}" = "not tried" ]
}

@test "JSON of a recorded machine" {
	need_jq
	run ctl probe -J --sysroot "$here/sysroots/thp-always"
	[ "$status" -eq 0 ]
	json '.probe[0].cgroup_limit == 536870912'
	json '.probe[0].hugepage_size == 2097152'
	[ "$(json '[.probe[0].test, .probe[0].fix]')" = '[null,null]' ]
	run ctl probe -J --sysroot "$here/sysroots/thp-madvise"
	json '.probe[0].cgroup_limit == null'
	json '.probe[0].sizes | length == 8 and .[0] == "16384=never"'
}

@test "a tree that is not there is trouble" {
	run ctl probe --sysroot "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
	grep -q 'none: No such file' "$BATS_TEST_TMPDIR/errors"
	touch "$BATS_TEST_TMPDIR/file"
	run ctl probe --sysroot "$BATS_TEST_TMPDIR/file"
	[ "$status" -eq 2 ]
	grep -q 'file: Not a directory' "$BATS_TEST_TMPDIR/errors"
}

@test "an empty and a nonsensical tree do no harm" {
	mkdir -p "$BATS_TEST_TMPDIR/empty"
	run ctl probe --sysroot "$BATS_TEST_TMPDIR/empty"
	[ "$status" -eq 1 ]
	tree=$BATS_TEST_TMPDIR/odd
	thp=$tree/sys/kernel/mm/transparent_hugepage
	mkdir -p "$thp/hugepages-xkB" "$thp/hugepages-0kB/enabled" \
		"$tree/proc/self" "$thp/khugepaged" "$tree/proc/sys/kernel"
	head -c 5000 /dev/zero | tr '\0' '[' >"$thp/enabled"
	printf '[]\n' >"$thp/defrag"
	printf '99999999999999999999999\n' >"$thp/hpage_pmd_size"
	printf -- '-3\n' >"$thp/khugepaged/max_ptes_none"
	printf '0::/../..\n1:memory\n::\n' >"$tree/proc/self/cgroup"
	printf '\033[31mred\n' >"$tree/proc/sys/kernel/osrelease"
	run ctl probe --sysroot "$tree"
	[ "$status" -eq 1 ]
	[[ $output != *$'\033'* ]]
}

@test "this machine: the status fits the state" {
	run ctl probe -n -o STATE
	if [ "$output" = active ]; then
		[ "$status" -eq 0 ]
	else
		[ "$status" -eq 1 ]
	fi
	run ctl probe -n -o KERNEL
	[ "$output" = "$(uname -r)" ]
}

@test "advice off is a no, with its command" {
	export DATAMEM_HUGEPAGE=off
	run ctl probe -n -o ADVICE,FIX
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = no ]
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# doctor on recorded machines, on this one, and on programs.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

man_page=$here/../../man/datamem-ctl.1

# expect_findings NAME STATUS TREE [PID]
expect_findings()
{
	# Some are counted in pages.
	[ "$(getconf PAGESIZE)" = 4096 ] || skip "no pages of 4 KiB"
	run ctl doctor --sysroot "$here/sysroots/$3" "${@:4}"
	[ "$status" -eq "$2" ]
	[ ! -s "$errors" ]
	expect_golden "doctor-$1"
}

# A copy of a recorded machine that can be changed: sets $tree and $thp.
copy_tree()
{
	tree=$BATS_TEST_TMPDIR/tree
	thp=$tree/sys/kernel/mm/transparent_hugepage
	cp -r "$here/sysroots/$1" "$tree"
	chmod -R u+w "$tree"
}

# found: the names of what is found in $tree, on one line.
found()
{
	ctl doctor --sysroot "$tree" -nr -o CHECK "$@" | tr '\n' ' '
}

@test "a machine as it should be" {
	expect_findings well 0 thp-madvise
	run ctl doctor --sysroot "$here/sysroots/thp-madvise" -nr
	[ "$status" -eq 0 ]
	[ "$output" = '' ]
}

@test "a machine where much is wrong" {
	expect_findings sick 1 sick
}

@test "a process where much is wrong" {
	expect_findings sick-4711 1 sick 4711
}

@test "every check of a machine can find something" {
	listed=$(ctl doctor --list -nr -o CHECK)
	[ "$(sort -u <<<"$listed" | wc -l)" -eq "$(wc -l <<<"$listed")" ]
	seen=$(for tree in "$here"/sysroots/*; do
		ctl doctor --sysroot "$tree" -nr -o CHECK || :
		ctl doctor --sysroot "$tree" -nr -o CHECK 4711 || :
	done | sort -u)
	# Those that are not on record: what the library of a process says, and
	# what the tests below make.
	unseen=$(grep -v -x -F "$seen" <<<"$listed" | tr '\n' ' ')
	expected='huge.medium huge.test huge.setting huge.share glibc.advice '
	expected+='control.page control.numbers debug.setting debug.handler '
	expected+='debug.guard debug.profile debug.accounts setting.waits '
	expected+='blocks.misuse blocks.refused version.tool version.process '
	[ "$unseen" = "$expected" ]
}

@test "the C library's own huge pages, by its version and tunables" {
	copy_tree thp-madvise
	libc=usr/lib/x86_64-linux-gnu
	mkdir -p "$tree/$libc"
	cp "$here/sysroots/sick/$libc/libc.so.6" "$tree/$libc"
	head -n 1 "$here/sysroots/sick/proc/4711/maps" >"$tree/proc/self/maps"
	printf 'HOME=/\0' >"$tree/proc/self/environ"
	[ "$(found)" = "glibc.advice " ]
	# The command helps, and is no finding itself.
	run ctl doctor --sysroot "$tree" -nr -o COMMAND
	[[ $output == *GLIBC_TUNABLES=glibc.malloc.hugetlb=0* ]]
	printf 'GLIBC_TUNABLES=glibc.malloc.hugetlb=0\0' \
		>"$tree/proc/self/environ"
	[ "$(found)" = "" ]
	printf 'A=1\0GLIBC_TUNABLES=glibc.malloc.x=1:glibc.malloc.hugetlb=1\0' \
		>"$tree/proc/self/environ"
	[ "$(found)" = "glibc.hugetlb " ]
	printf 'HOME=/\0' >"$tree/proc/self/environ"
	sed -i 's/2\.43/2.42/g' "$tree/$libc/libc.so.6"
	[ "$(found)" = "" ]
}

@test "huge pages of 512 MiB with no smaller size" {
	copy_tree thp-64k-pages
	[ "$(found)" = "" ]
	for file in "$thp"/hugepages-*/enabled; do
		echo 'always inherit madvise [never]' >"$file"
	done
	[ "$(found)" = "huge.medium " ]
	run ctl doctor --sysroot "$tree" -n
	[[ $output == *"huge pages of 512M are too large"* ]]
	[[ $output == *"hugepages-2048kB/enabled"* ]]
}

@test "defrag: each value that is none to have" {
	copy_tree thp-madvise
	for mode in always defer never; do
		echo "[$mode]" >"$thp/defrag"
		[ "$(found)" = "huge.defrag " ]
	done
	for mode in madvise defer+madvise; do
		echo "[$mode]" >"$thp/defrag"
		[ "$(found)" = "" ]
	done
}

@test "limits of v1 and of a cgroup above; names that a shell would run" {
	copy_tree thp-madvise
	directory=$tree/sys/fs/cgroup/memory
	mkdir -p "$tree/proc/7" "$directory/a/\$(b)"
	echo '4:cpu,memory:/a/$(b)' >"$tree/proc/7/cgroup"
	printf 'VmHWM:\t    900 kB\n' >"$tree/proc/7/status"
	echo 1048576 >"$directory/a/memory.limit_in_bytes"
	echo 9223372036854771712 >"$directory/a/\$(b)/memory.limit_in_bytes"
	printf 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n' \
		>"$directory/a/\$(b)/memory.oom_control"
	[ "$(found 7)" = "cgroup.peak cgroup.kills " ]
	run ctl doctor --sysroot "$tree" 7 -n
	[[ $output == *"/sys/fs/cgroup/memory/a/memory.limit_in_bytes"* ]]
	[[ $output == *"cat '/sys/fs/cgroup/memory/a/\$(b)/memory.oom"* ]]
	printf 'VmHWM:\t    700 kB\n' >"$tree/proc/7/status"
	[ "$(found 7)" = "cgroup.kills " ]
}

@test "an empty and a nonsensical tree do no harm" {
	mkdir -p "$BATS_TEST_TMPDIR/empty"
	run ctl doctor --sysroot "$BATS_TEST_TMPDIR/empty" 1
	[ "$status" -le 1 ]
	copy_tree thp-madvise
	mkdir -p "$tree/proc/7"
	for file in buddyinfo meminfo 7/status 7/limits 7/environ 7/cgroup \
		7/maps self/mountinfo self/cgroup; do
		{
			printf 'zone\nzone x 99999999999999999999 -1 y\n::\n0:\n'
			printf '1 2 3 / / - - -\nGLIBC_TUNABLES=:=:\0\377\n'
			head -c 20000 /dev/zero | tr '\0' ':'
		} >"$tree/proc/$file"
	done
	run ctl doctor --sysroot "$tree" 7
	[ "$status" -le 1 ]
	[[ $output != *$'\377'* ]]
	run ctl doctor --sysroot "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
}

@test "JSON, columns and all checks" {
	need_jq
	run ctl doctor -J --sysroot "$here/sysroots/thp-never"
	[ "$status" -eq 1 ]
	json '.doctor[0].check == "huge.enabled"'
	json '.doctor[0] | has("reason") and has("command")'
	run ctl doctor -J --sysroot "$here/sysroots/thp-madvise"
	[ "$status" -eq 0 ]
	[ "$(json '.doctor')" = '[]' ]
	run ctl doctor --all -nr -o CHECK,STATE \
		--sysroot "$here/sysroots/thp-never"
	[[ $output == *"huge.enabled found"* ]]
	[[ $output == *"maps.limit ok"* ]]
	[[ $output == *"huge.test unknown"* ]]
	[[ $output != *"maps.used"* ]]
}

@test "this machine: the status fits what is printed" {
	run ctl doctor -nr -o CHECK
	[ "$status" -eq "$([ -z "$output" ]; echo $?)" ]
	run env DATAMEM_HUGEPAGE=off DATAMEM_DEBUG=warn DATAMEM_HANDLER=nobody \
		"$ctl" doctor -nr -o CHECK
	[ "$status" -eq 1 ]
	for check in huge.setting debug.setting setting.waits; do
		grep -qx $check <<<"$output"
	done
}

@test "limits that this shell has set" {
	run bash -c 'ulimit -v 40000000 && "$0" doctor -nr -o CHECK' "$ctl"
	[ "$status" -eq 1 ] || skip "the tool does not run with this limit"
	grep -qx limits.address <<<"$output"
}

@test "a process: its settings, counts and state; nothing is changed" {
	start env DATAMEM_DEBUG=warn
	before=$("$ctl" settings "$pid" -nr)
	run ctl doctor "$pid" -nr -o CHECK
	[ "$status" -eq 1 ]
	grep -qx debug.setting <<<"$output"
	[ "$(grep -cx -e control.page -e control.numbers -e version.process \
		<<<"$output")" -eq 0 ]
	run ctl doctor "$pid" -n
	[[ $output == *"datamem-ctl set $pid debug=none"* ]]
	[ "$("$ctl" settings "$pid" -nr)" = "$before" ]
	"$ctl" set "$pid" debug=none >/dev/null
	"$ctl" set "$pid" handler=debug >/dev/null
	"$ctl" set "$pid" accounts=on >/dev/null
	run ctl doctor "$pid" -nr -o CHECK
	grep -qx debug.handler <<<"$output"
	grep -qx debug.accounts <<<"$output"
	[ "$(grep -cx debug.setting <<<"$output")" -eq 0 ]
}

@test "a page that may be read only: its commands are for root" {
	me=()
	if [ "$(id -u)" -eq 0 ]; then
		command -v setpriv >/dev/null || skip "no setpriv"
		me=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		"${me[@]}" "$ctl" --version >/dev/null 2>&1 ||
			skip "another user cannot run the tool here"
	fi
	start "${me[@]}" env DATAMEM_DEBUG=warn
	for link in "/proc/$pid/fd"/*; do
		[[ $(readlink "$link") != /memfd:datamem-control* ]] ||
			chmod 444 "$link"
	done
	run "${me[@]}" "$ctl" set "$pid" debug=none
	[ "$status" -eq 2 ]
	run "${me[@]}" "$ctl" doctor "$pid" -n
	[ "$status" -eq 1 ]
	[[ $output == *"sudo datamem-ctl set $pid debug=none"* ]]
}

@test "a process without the library, and none" {
	sleep 60 3>&- &
	started+=("$!")
	run ctl doctor $! -nr -o CHECK
	[ "$status" -eq 1 ]
	grep -qx control.page <<<"$output"
	sleep 0 &
	gone=$!
	wait $gone
	run ctl doctor $gone
	[ "$status" -eq 2 ]
	grep -q "process $gone: no such process" "$errors"
	run ctl doctor 1 2
	expect_usage_error "$ctl_name doctor: one process at a time"
}

@test "the manual has the checks, and what they look at" {
	documented=$(sed -n '/^\.\\" CHECKS/,/^\.SH/p' "$man_page" | sed -n '
		/^\.TP/{n;s/^\.BR* \([a-z.]*\).*/\1/;h;n;H;x;s/\n/ /;s/\.$//;p}' |
		sed 's/\\-/-/g' | tr '[:upper:]' '[:lower:]')
	listed=$(ctl doctor --list -nr -o CHECK,WHAT | sed 's/\\x20/ /g' |
		tr '[:upper:]' '[:lower:]')
	diff <(echo "$documented") <(echo "$listed")
}

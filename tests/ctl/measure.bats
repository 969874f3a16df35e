# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The programs that measure and record: found wherever the tool is, and nothing
# of them is in the tool.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

# The program itself, without the script that libtool puts in front of it.
built=$ctl_folder/.libs/datamem-ctl
[ -x "$built" ] || built=$ctl

# An installation in $root, moved away from where it was configured for; with
# programs that are shell scripts of the test: program NAME TEXT.
setup()
{
	root=$BATS_TEST_TMPDIR/moved
	bin=$root/bin
	libexec=$root/libexec/datamem
	export LD_LIBRARY_PATH=$ctl_folder/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

need_plain_folders()
{
	for line in "bindir='\${exec_prefix}/bin'" \
		"libexecdir='\${exec_prefix}/libexec'"; do
		grep -q -x -F "$line" "$ctl_folder/config.log" ||
			skip "configured for other folders"
	done
	mkdir -p "$bin" "$libexec"
	cp "$built" "$bin/datamem-ctl"
	ctl=$bin/datamem-ctl
}

program()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

@test "the tool needs libsmartcols, the library and libc only" {
	command -v readelf >/dev/null || skip "no readelf"
	skip_if_sanitized
	run readelf -d "$built"
	[ "$status" -eq 0 ]
	needed=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' <<<"$output" |
		sed 's/\.so.*//' | grep -v -x -e libdatamem | sort | tr '\n' ' ')
	[ "$needed" = "libc libsmartcols " ] || { echo "$needed"; return 1; }
}

@test "bench and replay run from the build directory, from anywhere" {
	has_measure || skip "built without bench and replay"
	cd "$BATS_TEST_TMPDIR"
	[ -n "$("$(realpath "$ctl")" bench --list)" ]
	[ -n "$("$(realpath "$ctl")" replay --help)" ]
}

@test "a moved installation runs its own programs, with all arguments" {
	need_plain_folders
	program "$libexec/datamem-bench" 'printf "%s|" "$@"'
	program "$libexec/datamem-replay" 'printf "%s|" "$0" "$@"'
	run ctl bench --frob 'a b' ''
	[ "$status" -eq 0 ]
	[ "$output" = "--frob|a b||" ]
	run ctl replay x
	[ "$output" = "$libexec/datamem-replay|x|" ]
	run ctl help bench
	[ "$output" = "--help|" ]
}

@test "exit status, signals and the process are the program's" {
	need_plain_folders
	program "$libexec/datamem-bench" 'exit 7'
	program "$libexec/datamem-replay" 'echo $$; kill -TERM $$'
	run ctl bench
	[ "$status" -eq 7 ]
	status=0
	"$ctl" replay >"$BATS_TEST_TMPDIR/pid" &
	pid=$!
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	[ "$(cat "$BATS_TEST_TMPDIR/pid")" = "$pid" ]
}

@test "a tool without its programs says so, status 2" {
	need_plain_folders
	! [ -x "$(sed -n "s/^prefix='\(.*\)'/\1/p" \
		"${built%/.libs/*}/config.log")/libexec/datamem/datamem-bench" ] ||
		skip "an installed program would be found"
	for command in advise bench record replay; do
		run ctl "$command" --help
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		run cat "$errors"
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == "datamem-ctl $command: this build has no $command: "* ]]
	done
}

@test "a program of another user beside a copied tool is not run" {
	need_plain_folders
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	program "$bin/datamem-bench" 'echo planted'
	run ctl bench
	[ "$output" = planted ]
	chown 65534 "$bin/datamem-bench"
	program "$libexec/datamem-bench" 'echo proper'
	run ctl bench
	[ "$output" = proper ]
}

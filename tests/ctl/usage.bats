# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Manners that all commands share: help, version, usage errors, exit status.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

@test "--help goes to standard output and lists every command" {
	run ctl --help
	[ "$status" -eq 0 ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	for command in info probe handlers settings run help; do
		[[ $output == *"  $command "* ]]
	done
}

@test "help prints what --help prints" {
	[ "$("$ctl" help)" = "$("$ctl" --help)" ]
	for command in $(available_commands); do
		[ "$("$ctl" help "$command")" = "$("$ctl" "$command" --help)" ]
	done
}

@test "every command has --help, with status 0" {
	for command in $(available_commands); do
		run ctl "$command" --help
		[ "$status" -eq 0 ]
		[[ $output == "Usage: $ctl_name $command "* ]]
		[ ! -s "$BATS_TEST_TMPDIR/errors" ]
	done
}

@test "--version is in GNU form" {
	run ctl --version
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^"$ctl_name (libdatamem) "[0-9]+\.[0-9]+\.[0-9]+ ]]
	[[ ${lines[1]} == "Copyright (C) "* ]]
}

@test "no command is a usage error" {
	run ctl
	expect_usage_error "$ctl_name: a command is missing"
}

@test "an unknown command is named" {
	run ctl frobnicate --json
	expect_usage_error "$ctl_name: unknown command 'frobnicate'"
	run ctl help frobnicate
	expect_usage_error "$ctl_name help: unknown command 'frobnicate'"
}

@test "an unknown option is named" {
	for command in $(available_commands); do
		run ctl "$command" --frobnicate
		expect_usage_error "$ctl_name $command: *'--frobnicate'*"
	done
}

@test "arguments that a command does not take are errors" {
	for command in info probe handlers; do
		run ctl "$command" extra
		expect_usage_error "$ctl_name $command: Too many arguments"
	done
	run ctl help info extra
	expect_usage_error "$ctl_name help: Too many arguments"
}

@test "output that cannot be written is status 2" {
	[ -w /dev/full ] || skip "no /dev/full"
	for command in info handlers settings "probe --json" --help \
		"run --help" --version; do
		status=0
		# shellcheck disable=SC2086
		"$ctl" $command >/dev/full 2>"$BATS_TEST_TMPDIR/errors" ||
			status=$?
		[ "$status" -eq 2 ]
		grep -q "^$ctl_name.*: " "$BATS_TEST_TMPDIR/errors"
	done
}

@test "a closed standard output is status 2" {
	status=0
	"$ctl" info >&- 2>"$BATS_TEST_TMPDIR/errors" || status=$?
	[ "$status" -eq 2 ]
	grep -q "write error" "$BATS_TEST_TMPDIR/errors"
}

@test "closed standard descriptors are not taken by files of the tool" {
	status=0
	"$ctl" settings <&- >&- 2>&- || status=$?
	[ "$status" -eq 2 ]
	run ctl handlers <&-
	[ "$status" -eq 0 ]
}

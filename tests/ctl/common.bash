# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=bash disable=SC2034,SC2154
#
# Shared by the tests of the tool. They run in any directory, without a
# terminal and beside each other; $TESTED_CTL names another tool to test.

bats_require_minimum_version 1.5.0

here=$BATS_TEST_DIRNAME
ctl=${TESTED_CTL:-${top_builddir:-$here/../..}/datamem-ctl}
ctl_folder=${ctl%/*}
ctl_name=datamem-ctl
# What libtool's script, which takes longer than the tool, would execute.
if [ -z "${TESTED_CTL:-}" ] && [ -x "$ctl_folder/.libs/datamem-ctl" ]; then
	ctl=$ctl_folder/.libs/datamem-ctl
	export LD_LIBRARY_PATH="$ctl_folder/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
# A program that uses the library; see array-user.c.
array_user=${top_builddir:-$here/../..}/tests/ctl/array-user

for variable in ${!DATAMEM_*}; do
	unset "$variable"
done
unset variable NUMPY_MADVISE_HUGEPAGE COLUMNS ARGP_HELP_FMT TMPDIR
export LC_ALL=C

# Runs the tool; standard error goes to the file $errors.
errors=${BATS_TEST_TMPDIR:-}/errors
ctl()
{
	"$ctl" "$@" 2>"$errors"
}

# expect_usage_error PATTERN: one line on standard error that matches, then "Try".
expect_usage_error()
{
	[ "$status" -eq 2 ] || { echo "status $status"; return 1; }
	[ -z "$output" ] || { echo "stdout: $output"; return 1; }
	# shellcheck disable=SC2053
	[[ $(head -n 1 "$BATS_TEST_TMPDIR/errors") == $1 ]] ||
		{ cat "$BATS_TEST_TMPDIR/errors"; return 1; }
	[[ $(sed -n 2p "$BATS_TEST_TMPDIR/errors") == "Try "* ]]
}

# Compares $output with a golden file; UPDATE_GOLDEN=1 writes it anew.
expect_golden()
{
	local golden=$here/golden/$1

	if [ -n "${UPDATE_GOLDEN:-}" ]; then
		mkdir -p "$here/golden"
		printf '%s\n' "$output" >"$golden"
	fi
	printf '%s\n' "$output" | diff -u "$golden" -
}

# json EXPRESSION: what it gives for $output as JSON; skips without a parser.
json()
{
	printf '%s' "$output" | jq -ce "$1"
}

need_jq()
{
	command -v jq >/dev/null || skip "no jq"
}

commands()
{
	"$ctl" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'
}

# Those that this build can run: it may be without those that measure.
available_commands()
{
	if has_measure; then
		commands
	else
		commands | grep -v -x -e advise -e bench -e profile -e record \
			-e replay
	fi
}

has_measure()
{
	"$ctl" bench --list >/dev/null 2>&1
}

# The options in the help of a command, "" for the tool's own: one a line.
options_of()
{
	if [ -n "$1" ]; then
		"$ctl" "$1" --help
	else
		"$ctl" --help
	fi | sed -n '/^  /s/^  *\(\(-.,\)* *--[a-z][a-z-]*\).*/\1/p' |
		tr -d ',' | tr -s ' ' '\n' | sed '/^$/d' | sort -u
}

# A sanitizer has an allocator of its own, which no other takes the place of.
skip_if_sanitized()
{
	if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$ctl_folder/Makefile"; then
		skip "the sanitizer brings its own malloc"
	fi
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# settings and handlers: what the environment does to them.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common
load live

# The value and origin of a setting.
setting()
{
	"$ctl" settings -nr -o NAME,VALUE,ORIGIN | sed -n "s/^$1 //p"
}

@test "without an environment all is built in" {
	run ctl settings -nr -o ORIGIN
	[ "$(sort -u <<<"$output")" = built-in ]
	[ ! -s "$BATS_TEST_TMPDIR/errors" ]
}

@test "variables set settings" {
	export DATAMEM_HUGEPAGE=off DATAMEM_CONF="cache.depth=7,limit.max=2G"
	[ "$(setting hugepage)" = "off environment" ]
	[ "$(setting cache.depth)" = "7 environment" ]
	[ "$(setting limit.max)" = "2G environment" ]
	[ "$(setting zero.policy)" = "auto built-in" ]
}

@test "a wrong size is answered with how to write one" {
	run ctl run --set cache.max=x -- true
	[ "$status" -eq 2 ]
	grep -q "accepts bytes, also 64K, 2M, 1G$" "$errors"
}

@test "malformed values are reported once, and the rest is used" {
	export DATAMEM_HUGEPAGE=perhaps
	export DATAMEM_CONF="cache.depth=many,nonsense,no.such=1,cache.max=1M"
	run ctl settings -nr -o NAME,VALUE,ORIGIN
	[ "$status" -eq 0 ]
	[[ $output == *"hugepage auto built-in"* ]]
	[[ $output == *"cache.max 1M environment"* ]]
	for word in perhaps many nonsense no.such; do
		[ "$(grep -c "$word" "$BATS_TEST_TMPDIR/errors")" -eq 1 ]
	done
}

@test "a handler that is not registered waits, and that is said" {
	export DATAMEM_HANDLER=mine
	run ctl settings -nr -o NAME,VALUE,NOTE
	[[ $output == *"handler mine waiting"* ]]
	grep -q "^$ctl_name settings: handler=mine: waiting" \
		"$BATS_TEST_TMPDIR/errors"
}

@test "handlers names the default and the current one" {
	run ctl handlers -nr -o NAME,DEFAULT,CURRENT
	[ "$(grep -c ' yes yes$' <<<"$output")" -eq 1 ]
	for name in default_allocator datamem system debug; do
		grep -q "^$name " <<<"$output"
	done
	export DATAMEM_HANDLER=system
	run ctl handlers -nr -o NAME,DEFAULT,CURRENT
	[[ $output == *"default_allocator yes no"* ]]
	[[ $output == *"system no yes"* ]]
}

# profiles PID: how many profiles the process has.
profiles()
{
	find "/proc/$1/fd" -lname '/memfd:datamem-profile *' 2>/dev/null | wc -l
}

@test "set switches a profile on and off" {
	start
	[ "$(profiles "$pid")" = 0 ]
	run ctl set "$pid" profile=512K -nr -o VALUE,BEFORE
	[ "$status" -eq 0 ]
	[ "$output" = "512K off" ]
	[ "$(profiles "$pid")" = 1 ]
	tell alloc
	hear done
	run ctl set "$pid" profile=1M -nr -o VALUE,BEFORE
	[ "$output" = "1M 512K" ]
	[ "$(profiles "$pid")" = 1 ]
	run ctl set "$pid" profile=off -nr -o VALUE,BEFORE
	[ "$output" = "off 1M" ]
	[ "$(profiles "$pid")" = 0 ]
	run ctl set "$pid" profile=0
	[ "$status" -eq 2 ]
	[[ $(<"$errors") == *"it accepts off, bytes, also 64K, 2M, 1G"* ]]
}

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The row model: columns, and table, raw and JSON forms.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

@test "-o chooses columns, in its order and in any case" {
	run ctl settings -o default,NAME
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^DEFAULT\ +NAME$ ]]
	[[ $output =~ auto\ +hugepage ]]
}

@test "-o +LIST adds to the default columns" {
	run ctl settings -o +VALUES
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^NAME\ +VALUE\ .*MEANING\ +VALUES$ ]]
}

@test "a column named twice is printed once" {
	run ctl handlers -r -o NAME,VERSION,NAME
	[ "${lines[0]}" = "NAME VERSION" ]
	run ctl handlers -r -o +NAME
	[ "${lines[0]}" = "NAME VERSION ORIGIN DEFAULT CURRENT" ]
}

@test "an unknown column is named, with those that are known" {
	run ctl handlers -o NAME,SHAPE
	expect_usage_error "$ctl_name handlers: unknown column 'SHAPE'; known \
are NAME, VERSION, *"
	run ctl handlers -o ''
	expect_usage_error "$ctl_name handlers: unknown column ''*"
	run ctl handlers -o NAME,
	expect_usage_error "$ctl_name handlers: unknown column ''*"
}

@test "--raw and --json exclude each other" {
	run ctl info -rJ
	expect_usage_error "$ctl_name info: --raw and --json exclude each other"
}

@test "-n leaves the headings out" {
	run ctl handlers -n -o NAME
	[ "${lines[0]}" = default_allocator ]
	run ctl info -n -o HEADER
	[[ $output =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "-r prints one space between cells" {
	run ctl handlers -r
	[ "${lines[0]}" = "NAME VERSION ORIGIN DEFAULT CURRENT" ]
	[ "${lines[1]}" = "default_allocator 1 built-in yes yes" ]
	run ctl settings -nr -o NAME,MEANING
	for line in "${lines[@]}"; do
		[[ $line =~ ^[^\ ]+\ [^\ ]+$ ]]
	done
}

@test "sizes are for people, and in bytes with -b" {
	tree=$here/sysroots/thp-madvise
	[ "$("$ctl" probe --sysroot "$tree" -n -o HUGEPAGE_SIZE)" = 2M ]
	[ "$("$ctl" probe --sysroot "$tree" -n -o HUGEPAGE_SIZE -b)" = \
		2097152 ]
	[ "$("$ctl" probe --sysroot "$tree" -n -o RAM)" = 23.5G ]
}

@test "JSON has the command as key, lower-case keys, numbers as numbers" {
	need_jq
	run ctl handlers -J
	[ "$(json '.handlers[0]')" = '{"name":"default_allocator","version":1,"origin":"built-in","default":true,"current":true}' ]
	run ctl info -J
	json '.info[0].page_running | type == "number"'
	json '.info | length == 1'
	run ctl settings -J -o '+ENVIRONMENT,VALUES,NOTE'
	json '[.settings[] | .name] | length > 8 and (unique | length) == length'
	json 'all(.settings[]; .default != null or .name == "stats.exit" or .name == "place.numa")'
}

@test "JSON of every command is JSON" {
	need_jq
	for command in info handlers settings; do
		run ctl "$command" -J
		[ "$status" -eq 0 ]
		json . >/dev/null
	done
	run ctl probe -J
	[ "$status" -le 1 ]
	json '.probe[0].features | type == "array"'
}

@test "info shows three kernels, each in its place" {
	run ctl info -r
	[ "$status" -eq 0 ]
	[[ $output == *"kernel_running $(uname -r)"* ]]
	[[ $output =~ kernel_headers\ [0-9]+\.[0-9]+ ]]
	[[ $output == *kernel_build\ * ]]
}

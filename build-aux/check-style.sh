#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Marks, lengths and the small things of layout.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir" || tap_bail "no sources"

exceptions=build-aux/style-exceptions
sources=$(tap_files include src tests examples man |
	grep -E '\.([ch]|cc|py|sh|bats|bash)$')
documents=$(tap_files man examples tests src |
	grep -E '(\.(mk|map|md)|^man/.*\.[1-9])$')
ours="configure.ac Makefile.am bootstrap $(tap_files m4 build-aux |
	grep -E '/(datamem|check|gen)-[^/]*\.(m4|sh)$|/tap\.sh$')"

# Whether PLACE, a path or path:function, has a reason in the list.
excepted() {
	awk -v place="$1" '$1 == place && NF > 1 { found = 1 }
		END { exit !found }' $exceptions
}

c_sources=$(printf '%s\n' "$sources" | grep '\.[ch]$')

unmarked() {
	for file in $ours $sources $documents; do
		head -n 5 "$file" |
			grep -q 'SPDX-License-Identifie[r]: BSD-3-Clause' ||
			echo "$file"
	done
}
tap_empty "every file says its licence" "$(unmarked)"

long_files() {
	for file in $sources; do
		lines=$(wc -l <"$file")
		if [ "$lines" -gt 450 ] && ! excepted "$file"; then
			echo "$file: $lines lines"
		fi
	done
}
tap_empty "no file is longer than 450 lines" "$(long_files)"

# A function begins and ends with a brace in the first column.
long_functions() {
	for file in $c_sources; do
		awk -v file="$file" '
		/^[a-zA-Z].*\(/ && !/;/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
		/^\{/ { start = NR }
		/^\}/ {
			if (start && NR - start - 1 > 80)
				print file ":" name, NR - start - 1
			start = 0
		}' "$file"
	done | while read -r place lines; do
		excepted "$place" || echo "$place: $lines lines"
	done
}
tap_empty "no function is longer than 80 lines" "$(long_functions)"

# shellcheck disable=SC2086 # lists of words
tap_empty "no line ends in blanks" \
	"$(grep -H -n -E '[ 	]+$' $ours $sources $documents)"

# shellcheck disable=SC2086
tap_empty "C is indented with tabs" "$(grep -H -n -E '^ {8}' $c_sources)"

stale_exceptions() {
	awk '!/^#/ && NF { print $1 }' $exceptions | while read -r place; do
		file=${place%%:*}
		function=${place#"$file"}
		if [ ! -f "$file" ]; then
			echo "$place: no such file"
		elif [ -n "$function" ] &&
			! grep -q -w -- "${function#:}" "$file"; then
			echo "$place: no such function"
		fi
	done
}
tap_empty "every exception names a place that is there" \
	"$(stale_exceptions)"

tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The statistics of the NumPy adapter are those of the table in
# src/statistics.h, and the manual describes each.
#
# `build-aux/check-statistics.sh --update` writes them into the adapter.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
module=$top_srcdir/src/python/datamem/_stats_table.py
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-statistics.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# COLUMN member help of each row of the snapshot.
rows() {
	cat >"$work/rows.c" <<-'EOF'
	#include <stdio.h>
	#include "statistics.h"
	#define STATISTIC(column, member, type, unit, kind, place, help) \
		STATISTIC_IN_SNAPSHOT_##place( \
			puts(#column " " #member " " help);)
	int main(void)
	{
		STATISTICS(STATISTIC)
		return 0;
	}
	EOF
	${CC:-cc} -std=gnu11 -I"$top_srcdir/src" -o "$work/rows" \
		"$work/rows.c" && "$work/rows"
}

# As members of a class; columns that a help text names become members.
members() {
	awk '
	{ column[NR] = $1; member[NR] = $2; of[$1] = $2
	  sub(/^[^ ]+ [^ ]+ /, ""); help[NR] = $0 }
	END {
		for (i = 1; i <= NR; i++) {
			n = split(help[i], word, " ")
			text = ""
			for (w = 1; w <= n; w++) {
				last = word[w]
				name = last
				sub(/,$/, "", name)
				if (name in of)
					sub(name, of[name], last)
				text = text (w > 1 ? " " : "") last
			}
			printf "    #: %s\n    %s: int\n", text, member[i]
		}
	}'
}

made() {
	rows >"$work/list" && [ -s "$work/list" ] || return 1
	sed '/# TABLE BEGIN/q' "$module"
	members <"$work/list"
	sed -n '/# TABLE END/,$p' "$module"
}

if [ "${1-}" = --update ]; then
	made >"$work/module" || exit 1
	cmp -s "$work/module" "$module" || cat "$work/module" >"$module"
	exit 0
fi

if made >"$work/module"; then
	tap_run "the adapter has the statistics of src/statistics.h" \
		diff "$module" "$work/module"
else
	tap_bail "no compiler, or an empty table"
fi

undescribed() {
	sed 's/^[^ ]* //; s/ .*//' "$work/list" | while read -r member; do
		grep -q "^\.I.*\\<$member\\>" \
			"$top_srcdir/man/datamem_stats_get.3" ||
			echo "$member"
	done
}
tap_empty "datamem_stats_get(3) describes every member" "$(undescribed)"

tap_done

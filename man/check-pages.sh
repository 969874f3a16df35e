#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Hold the manual pages to the code: the programs they show are the files of
# examples/, their list of settings is the table of settings.h, their synopses
# are the declarations of datamem.h. Speaks TAP.
#
# `man/check-pages.sh --update` writes programs and settings into the pages.

set -u
top=${top_srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
build=${top_builddir:-$top}
header=$top/include/datamem.h
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-man.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# --update works in a tree that is not configured, too.
version=$build/include
if [ ! -e "$version/datamem-version.h" ]; then
	version=$work
	sed 's/@PACKAGE_VERSION@/0/; s/@[A-Z_]*@/0/' \
		"$top/include/datamem-version.h.in" >"$work/datamem-version.h"
fi

# --- What is written into the pages -------------------------------------------

# A program as roff, without its head. Tabs become four columns, and what is
# aligned to an opening parenthesis stays so.
render_example() {
	awk '
	function spaces(n) { return n > 0 ? sprintf("%" n "s", "") : "" }
	$0 == "" { if (body) print; body = 1; next }
	!body { next }
	{
		columns = 0; tabs_only = 1
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1)
			if (c == "\t") columns += 8
			else if (c == " ") { columns++; tabs_only = 0 }
			else break
		}
		text = substr($0, i)
		tabs = columns / 8
		if (tabs_only && tabs <= base + 1) {
			base = tabs
			columns = 4 * tabs
		} else {
			columns -= 4 * base
		}
		gsub(/\t+/, "  ", text)
		gsub(/\\/, "\\[rs]", text)
		gsub(/-/, "\\-", text)
		gsub(/\047/, "\\[aq]", text)
		gsub(/`/, "\\[ga]", text)
		gsub(/\^/, "\\[ha]", text)
		gsub(/~/, "\\[ti]", text)
		print spaces(columns) text
	}' "$1"
}

render_settings() {
	# PACKAGE_VERSION keeps config.h out: its default of `hugepage` is this
	# build's, the page tells that of the release.
	cat >"$work/settings.c" <<-'EOF'
	#define PACKAGE_VERSION ""
	#include "libdatamem/settings.h"
	#include <ctype.h>
	#include <stdio.h>
	#define DMEM_SETTING(id, name, type, value, env, low, high, words, \
			     values, meaning) \
		printf(".TP\n.B %s\n%c%s.\n.br\nValues: %s.\n.br\n" \
		       "Built in: %s.\n%s%s%s", name, \
		       toupper((unsigned char)*meaning), &meaning[1], values, \
		       *value ? value : "empty", (env) ? ".br\nVariable: " : "", \
		       (env) ? (const char *)(env) : "", (env) ? ".\n" : "");
	int main(void)
	{
		DMEM_SETTINGS(DMEM_SETTING)
		return 0;
	}
	EOF
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -w -I"$top/src" -I"$top/include" \
		-I"$version" -o "$work/settings" "$work/settings.c" ||
		return 1
	"$work/settings" | sed 's/-/\\-/g'
}

# The page $1 with every marked part made anew.
render_page() {
	while IFS= read -r line; do
		case $line in
		'.\" SRC BEGIN ('*)
			file=${line#*\(}
			printf '%s\n' "$line"
			render_example "$top/examples/${file%)}" || return 1
			skip='.\" SRC END' ;;
		'.\" SETTINGS BEGIN'*)
			printf '%s\n' "$line"
			render_settings || return 1
			skip='.\" SETTINGS END' ;;
		*)	printf '%s\n' "$line"
			continue ;;
		esac
		while IFS= read -r line && [ "$line" != "$skip" ]; do
			:
		done
		printf '%s\n' "$skip"
	done <"$1"
}

if [ "${1-}" = --update ]; then
	for page in "$top"/man/*.[1-8]; do
		render_page "$page" >"$work/page" || exit 1
		cmp -s "$work/page" "$page" || cat "$work/page" >"$page"
	done
	exit 0
fi

# --- Checks -------------------------------------------------------------------

count=0
failed=0
# result STATUS TEXT [FILE]: one line of TAP, the file as its diagnostics.
result() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	echo "not ok $count - $2"
	failed=1
	[ $# -lt 3 ] || sed 's/^/# /' "$3"
}

# The names in the NAME section of a page, one a line.
names() {
	awk '/^\.SH/ { on = /^\.SH NAME/; next }
	     on && /^\\-/ { exit }
	     on { gsub(/,/, ""); print $1 }' "$1"
}

# The declarations in the SYNOPSIS of a page, as C.
synopsis() {
	awk '/^\.SH/ { on = /^\.SH SYNOPSIS/; next }
	     on && /^\.BI? / && !/#include/ {
		sub(/^\.BI? */, "")
		line = ""; quoted = 0
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1)
			if (c == "\"") quoted = !quoted
			else if (c != " " || quoted) line = line c
		}
		if (line !~ /"/ && $0 !~ /"/) line = $0
		print line
	     }' "$1"
}

for page in "$top"/man/*.[1-8]; do
	render_page "$page" >"$work/page"
	diff "$page" "$work/page" >"$work/diff"
	result $? "${page##*/}: as man/check-pages.sh --update makes it" \
		"$work/diff"
done

# Declared functions, each on one page and reachable by name.
sed -n 's/^DATAMEM_API .*[ *]\(datamem_[a-z_]*\)(.*/\1/p' "$header" |
	sort >"$work/functions"
for page in "$top"/man/*.3; do
	names "$page"
done | sort >"$work/documented"
diff "$work/functions" "$work/documented" >"$work/diff"
result $? 'every function of datamem.h is on one page' "$work/diff"

for page in "$top"/man/*.3; do
	base=${page##*/}
	for name in $(names "$page"); do
		[ "$name.3" = "$base" ] || echo "$name.3:$base"
	done
done | sort >"$work/expected"
sed -n 's/^\t\([a-z_]*\.3:[a-z_]*\.3\).*/\1/p' "$top/man/local.mk" |
	sort >"$work/links"
diff "$work/expected" "$work/links" >"$work/diff"
result $? 'man_links has every further name, and no other' "$work/diff"

for page in "$top"/man/*.3; do
	{
		echo '#include <datamem.h>'
		synopsis "$page"
	} >"$work/synopsis.c"
	${CC:-cc} -std=gnu11 -fsyntax-only -I"$top/include" \
		-I"$version" "$work/synopsis.c" 2>"$work/errors"
	status=$?
	for name in $(names "$page"); do
		grep -q "[ *]$name(" "$work/synopsis.c" && continue
		echo "$name is missing" >>"$work/errors"
		status=1
	done
	result $status "${page##*/}: synopsis as declared" "$work/errors"
done

# Constants, and members of the structures that callers read.
cat "$top"/man/*.[37] | sed 's/\\-/-/g' >"$work/text"
{
	grep -o '\bDATAMEM_[A-Z_]*[A-Z]' "$header" |
		grep -vxE 'DATAMEM_(H|API|MALLOC|ALLOC_SIZE|MUST_USE)'
	awk '/^struct datamem_[a-z_]* \{/ { on = 1; next }
	     /^}/ { on = 0 }
	     on && /^\t/ {
		sub(/\/\*.*/, ""); sub(/\[.*/, ""); sub(/;.*/, "")
		if (/\(\*/) { sub(/.*\(\*/, ""); sub(/\).*/, "") }
		n = split($0, part, /,/)
		for (i = 1; i <= n; i++)
			if (match(part[i], /[a-z_0-9]+ *$/))
				print substr(part[i], RSTART, RLENGTH)
	     }' "$header"
} | sort -u | while read -r word; do
	grep -qw -- "$word" "$work/text" || echo "$word"
done >"$work/missing"
[ ! -s "$work/missing" ]
result $? 'every constant and member is in the pages' "$work/missing"

# References to our own pages lead somewhere.
for page in "$top"/man/*.[1-8]; do
	sed -n 's/^\.BR \(\(lib\)\{0,1\}datamem[a-z_\\-]*\) (\([1-8]\)).*/\1.\3/p' "$page" |
		sed 's/\\-/-/g' | while read -r target; do
		[ -e "$top/man/$target" ] ||
			grep -q "$target:" "$top/man/local.mk" ||
			echo "${page##*/}: $target"
	done
done >"$work/dangling"
[ ! -s "$work/dangling" ]
result $? 'references to other pages lead somewhere' "$work/dangling"

for page in "$top"/man/*.[1-8]; do
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -W warning "$page" >"$work/lint" 2>&1
		result $? "${page##*/}: mandoc has nothing to say" "$work/lint"
	else
		count=$((count + 1))
		echo "ok $count - ${page##*/} # SKIP mandoc is not installed"
	fi
done

echo "1..$count"
exit $failed

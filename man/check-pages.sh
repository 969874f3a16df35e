#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What the manual pages say is what the code says: the programs they show are
# the files of examples/, their list of settings is the table of settings.h,
# their synopses are the declarations of datamem.h. (build-aux/check-man.sh has
# the names.)
#
# `man/check-pages.sh --update` writes programs and settings into the pages.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../build-aux/tap.sh"
top=$top_srcdir
header=$top/include/datamem.h
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-man.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# --update works in a tree that is not configured, too.
version=$top_builddir/include
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
	#include "settings/settings.h"
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
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -w -I"$top/src/libdatamem" -I"$top/include" \
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
	tap_run "${page##*/}: as man/check-pages.sh --update makes it" \
		diff "$page" "$work/page"
done

for page in "$top"/man/*.3; do
	{
		echo '#include <datamem.h>'
		synopsis "$page"
	} >"$work/synopsis.c"
	# shellcheck disable=SC2086
	tap_run "${page##*/}: synopsis as declared" ${CC:-cc} -std=gnu11 \
		-fsyntax-only -I"$top/include" -I"$version" "$work/synopsis.c"
	tap_empty "${page##*/}: synopsis of every name" "$(
		names "$page" | while read -r name; do
			grep -q "[ *]$name(" "$work/synopsis.c" || echo "$name"
		done)"
done

# The names of errors in a text, one a line.
error_names() {
	grep -o -w 'E[A-Z]*' | grep -v -x 'E\|EXAMPLES\|ERRORS\|EX\|EE' | sort -u
}

# The comment before each public function, a line each: the name, then it.
comments() {
	awk '/^\/\*\*/ { text = ""; inside = 1 }
	     inside { text = text " " $0 }
	     /\*\// { inside = 0 }
	     /^DATAMEM_API/ { declared = 1 }
	     declared && match($0, /datamem_[a-z_]*\(/) {
		print substr($0, RSTART, RLENGTH - 1) " " text
		text = ""; declared = 0
	     }' "$header"
}
comments >"$work/comments"
for page in "$top"/man/*.3; do
	names "$page" | while read -r name; do
		grep "^$name " "$work/comments"
	done | error_names >"$work/declared"
	sed -n '/^\.SH ERRORS/,/^\.SH ATTR/p' "$page" |
		error_names >"$work/paged"
	tap_run "${page##*/}: the errors of the header" \
		diff "$work/declared" "$work/paged"
done

# Constants, and members of the structures that callers read.
cat "$top"/man/*.[37] | sed 's/\\-/-/g' >"$work/text"
words() {
	grep -o '\bDATAMEM_[A-Z_]*[A-Z]' "$header" |
		grep -vxE 'DATAMEM_((NO_)?FREED_BY|H|API|MALLOC|ALLOC_SIZE|MUST_USE)'
	awk '/^struct datamem_[a-z_]* \{/ { on = 1; next }
	     /^}/ { on = 0 }
	     /^\t \*/ { next }	# the rest of a comment
	     on && /^\t/ {
		sub(/\/\*.*/, ""); sub(/\[.*/, ""); sub(/;.*/, "")
		if (/\(\*/) { sub(/.*\(\*/, ""); sub(/\).*/, "") }
		n = split($0, part, /,/)
		for (i = 1; i <= n; i++)
			if (match(part[i], /[a-z_0-9]+ *$/))
				print substr(part[i], RSTART, RLENGTH)
	     }' "$header"
}
tap_empty 'every constant and member of datamem.h is in the pages' "$(
	words | sort -u | while read -r word; do
		grep -qw -- "$word" "$work/text" || echo "$word"
	done)"

# What namespace datamem has for callers, functions of classes included.
face() {
	sed '/^namespace detail/,/^} \/\/ namespace detail/d' \
		"$top/include/datamem.hpp" | awk '
	/^(template <[^;]*> )?(class|struct|using) [a-z_]+/ ||
	/^(template <[^;]*> )?(class|struct) [a-z_]+;?$/ {
		match($0, /(class|struct|using) [a-z_]+( |$)/)
		name = $0
		sub(/^template <.*> (class|struct|using)/, "class", name)
		split(name, part, /[ <]/)
		print part[2]
	}
	/^(\[\[nodiscard\]\] )?inline .*\(/ {
		sub(/\(.*/, ""); sub(/.*[ *]/, ""); print
	}
	/^make_[a-z_]*\(/ { sub(/\(.*/, ""); print }'
}
tap_empty 'every name of datamem.hpp is in libdatamem-cpp(7)' "$(
	face | grep -v -x 'swap\|operator[=!]*' | sort -u |
		while read -r word; do
			grep -qw -- "$word" "$top/man/libdatamem-cpp.7" ||
				echo "$word"
		done)"

# References to our own pages lead somewhere.
references() {
	sed -n 's/^\.BR \(\(lib\)\{0,1\}datamem[a-z_\\-]*\) (\([1-8]\)).*/\1.\3/p' \
		"$1" | sed 's/\\-/-/g'
}
tap_empty 'references to other pages lead somewhere' "$(
	for page in "$top"/man/*.[1-8]; do
		references "$page" | while read -r target; do
			[ -e "$top/man/$target" ] ||
				grep -q "$target:" "$top/man/local.mk" ||
				echo "${page##*/}: $target"
		done
	done)"

tap_done

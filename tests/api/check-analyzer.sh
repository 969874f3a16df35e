#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# gcc's analyzer finds mistakes with blocks, as the header tells it who frees
# what, and nothing in a right program. Without gcc 11 or later: skipped.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
source=$top_srcdir/tests/api/analyzed.c
: "${CC:=cc}"
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-analyzer.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

case $(echo '__clang__ __GNUC__' | $CC -E -P - 2>/dev/null) in
'__clang__ '[1-9][1-9]) ;;
*) tap_skip_all "$CC is not gcc 11 or later" ;;
esac
# Not $CFLAGS: what a sanitizer adds is not the user's code.
if ! $CC -std=c99 -O1 -Wall -fanalyzer -I"$top_srcdir/include" \
	-I"$top_builddir/include" -c "$source" -o "$work/analyzed.o" \
	2>"$work/said"; then
	cat "$work/said" >&2
	tap_bail "$source cannot be compiled"
fi
if grep -q 'fanalyzer.* not ' "$work/said"; then
	tap_skip_all "$CC was built without its analyzer"
fi

# Lines "FUNCTION WARNING": each warning with the function that it is in.
awk '
NR == FNR {
	if (/finds:/) {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.* /, "", name)
	}
	within[FNR] = name
	next
}
/ warning: / {
	split($0, part, ":")
	text = $0
	sub(/.*\[-/, "", text)
	sub(/\].*/, "", text)
	print within[part[2]], text
}' "$source" "$work/said" >"$work/found"

# check FUNCTION WARNING
check() {
	if [ "$2" = nothing ]; then
		! grep "^$1 " "$work/found"
	else
		grep -q -x "$1 $2" "$work/found" && return
		cat "$work/said"
		return 1
	fi
}

sed -n 's,.* \**\([a-z_]*\)(.*finds: \([A-Za-z-]*\) .*,\1 \2,p' "$source" \
	>"$work/expected"
while read -r function warning; do
	tap_run "$function: $warning" check "$function" "$warning"
done <"$work/expected"
tap_done

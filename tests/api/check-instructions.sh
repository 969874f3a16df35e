#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What a pair of a small allocation and its free costs must not depend on
# whether others can watch: instructions, counted by callgrind, as the difference
# of a long and a short loop.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
program=$top_builddir/tests/api/pairs
sizes='16 100 1000 32768'
# Of pairs by which the loops differ; see pairs.c.
pairs=6000

command -v valgrind >/dev/null || tap_skip_all 'no valgrind'
if grep -q '^SANITIZER_CFLAGS = .*-fsanitize' "$top_builddir/Makefile"; then
	tap_skip_all 'sanitizers do not run under valgrind'
fi
# libtool's script, or the program itself.
[ ! -x "$top_builddir/tests/api/.libs/pairs" ] ||
	program=$top_builddir/tests/api/.libs/pairs
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-instructions.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# count CONTROL [FILE]: a line "SIZE INSTRUCTIONS" for each size, into a file.
count() {
	control=$1
	set -- "${2:-$1}"
	# shellcheck disable=SC2086
	DATAMEM_CONTROL=$control timeout 300 valgrind --tool=callgrind \
		--callgrind-out-file="$work/$1.out" --collect-atstart=no \
		--toggle-collect=count_pairs --dump-after=count_pairs \
		"$program" $sizes >"$work/$1.log" 2>&1 || return
	part=0
	for size in $sizes; do
		short=$(sum "$work/$1.out.$((part + 1))")
		long=$(sum "$work/$1.out.$((part + 2))")
		part=$((part + 2))
		echo "$size $((${long:-0} - ${short:-0}))"
	done >"$work/$1"
}

sum() {
	sed -n 's/^\(totals\|summary\): *\([0-9]*\).*/\2/p' "$1" | tail -n 1
}

if ! count off; then
	sed 's/^/# /' "$work/off.log"
	tap_skip_all 'callgrind cannot run it here'
fi
tap_run 'off: no page' grep '^page: no$' "$work/off.log"
tap_empty 'the loops were counted' \
	"$(awk -v pairs=$pairs '$2 < pairs { print }' "$work/off")"
for control in page on thread; do
	tap_run "control=$control: counted" count $control
	grep -q '^page: yes$' "$work/$control.log" || {
		tap_skip "control=$control: as many as off" 'no page here'
		continue
	}
	# Memory that is short while they are counted empties caches.
	cmp -s "$work/off" "$work/$control" || count $control
	tap_empty "control=$control: as many instructions as off" \
		"$(diff "$work/off" "$work/$control" 2>&1)"
done

# A profile that samples next to nothing: what the counting of bytes takes, and
# nothing of it once the profile has ended.
DATAMEM_CONF=profile=1T
export DATAMEM_CONF
tap_run 'profile: counted' count off profile
DATAMEM_CONF=profile=1T PAIRS_STOP=1
export PAIRS_STOP
tap_run 'profile that has ended: counted' count off ended
unset DATAMEM_CONF PAIRS_STOP
if grep -q '^CFLAGS = .*-O0' "$top_builddir/Makefile"; then
	tap_skip 'profile: at most 104 instructions a pair more' 'built with -O0'
	tap_skip 'profile: more than without, as bytes are counted' \
		'built with -O0'
elif grep -q '^profile: yes$' "$work/profile.log"; then
	tap_empty 'profile: at most 104 instructions a pair more' \
		"$(paste "$work/off" "$work/profile" | awk -v pairs=$pairs \
			'$4 - $2 > 104 * pairs { print }')"
	tap_empty 'profile: more than without, as bytes are counted' \
		"$(paste "$work/off" "$work/profile" |
			awk '$4 <= $2 { print }')"
else
	tap_skip 'profile: at most 104 instructions a pair more' 'no profile'
	tap_skip 'profile: more than without, as bytes are counted' 'no profile'
fi
tap_empty 'profile that has ended: as many instructions as off' \
	"$(diff "$work/off" "$work/ended" 2>&1)"
awk -v pairs=$pairs '{ printf "# profile, %d bytes: %.2f instructions a pair\n",
	$1, $2 / pairs }' "$work/profile"
awk -v pairs=$pairs '{ printf "# %d bytes: %.2f instructions a pair\n",
	$1, $2 / pairs }' "$work/off"
tap_done

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Run each program that makes a mistake, at each level of DATAMEM_DEBUG, and
# compare what comes of it with the table `outcomes`.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
table=${0%/*}/outcomes
programs=$top_builddir/tests/misuse
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-misuse.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC3045 # dash, bash and busybox have it
ulimit -c 0 2>/dev/null || :

# ended_as OUTCOME LEVEL STATUS: a signal shows as 128 and its number; the trap
# is SIGILL on some processors (4) and SIGTRAP (5) on others.
ended_as() {
	case $1-$2-$3 in
	quiet-*-0 | says-*-0 | dies-abort-134) ;;
	dies-trap-132 | dies-trap-133) ;;
	*)
		echo "exit status $3"
		return 1
		;;
	esac
}

# reported OUTCOME REPORT: one line with the report, or none at all.
reported() {
	if [ "$1" = quiet ]; then
		[ ! -s "$work/errors" ]
		return
	fi
	pointer=$(cat "$work/output")
	report=$(printf '%s\n' "$2" | sed "s/PTR/$pointer/")
	[ "$(grep -c -E -e "^libdatamem: .*$report\$" "$work/errors")" -eq 1 ] &&
		[ "$(wc -l <"$work/errors")" -eq 1 ]
}

# check PROGRAM HANDLER LEVEL OUTCOME REPORT
check() {
	# Some shells put their word on a signal where the command's errors go.
	(
		DATAMEM_HANDLER=$2 DATAMEM_DEBUG=$3
		export DATAMEM_HANDLER DATAMEM_DEBUG
		exec timeout 60 "$programs/$1"
	) >"$work/output" 2>"$work/errors"
	status=$?
	ended_as "$4" "$3" "$status" && reported "$4" "$5" && return
	echo "expected: $4 $5"
	sed 's/^/said: /' "$work/errors"
	return 1
}

# shellcheck disable=SC2034 # used by the eval
while read -r program handler none warn abort trap report; do
	case $program in
	'' | '#'*) continue ;;
	esac
	[ "$handler" = default ] && handler=default_allocator
	for level in none warn abort trap; do
		eval "outcome=\$$level"
		# shellcheck disable=SC2154 # set by eval
		[ "$outcome" = - ] && continue
		tap_run "$program with $handler, $level" \
			check "$program" "$handler" "$level" "$outcome" "$report"
	done
done <"$table"

listed() { sed -n 's/^\([a-z_]*\) .*/\1/p' "$table" | sort -u; }
present() {
	for file in "$top_srcdir"/tests/misuse/*.c; do
		basename "$file" .c
	done | sort
}
listed >"$work/listed"
present >"$work/present"
tap_empty "every program is in the table" \
	"$(diff "$work/listed" "$work/present")"
tap_done

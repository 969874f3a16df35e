# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=sh

# Functions of the checkers, which are TAP tests, sourced in by
# `. "${0%/*}/tap.sh"`. Run by `make check` or by hand from a build directory.

set -u
LC_ALL=C
export LC_ALL
if [ -z "${top_srcdir-}" ]; then
	top_srcdir=$(cd "${0%/*}/.." && pwd)
fi
: "${top_builddir:=$PWD}"

tap_count=0
tap_failed=0

# tap_empty NAME TEXT: a test point that passes when there is nothing to say.
tap_empty() {
	tap_count=$((tap_count + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_count - $1"
	else
		echo "not ok $tap_count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		tap_failed=1
	fi
}

# tap_run NAME COMMAND...: one that passes when the command does.
tap_run() {
	tap_name=$1
	shift
	if tap_said=$("$@" 2>&1); then
		tap_empty "$tap_name" ""
	else
		tap_empty "$tap_name" "${tap_said:-exit status $?}"
	fi
}

tap_skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

tap_bail() {
	echo "Bail out! $1"
	exit 1
}

tap_done() {
	echo "1..$tap_count"
	exit "$tap_failed"
}

# tap_one RESULT TEXT: a test of one point, for tap_join.
tap_one() {
	echo "1..1"
	echo "$1 1 - $2"
}

# One TAP stream of many; a line "@ NAME" before those of each.
tap_join() {
	awk '
	/^@ / { part = substr($0, 3); next }
	/^1\.\.0/ {
		print "ok", ++count, "-", part ": all" substr($0, 5)
		next
	}
	/^1\.\./ { planned += substr($0, 4); next }
	/^(not )?ok / {
		verdict = /^not/ ? "not ok" : "ok"
		sub(/^(not )?ok [0-9]* *(- )?/, "")
		print verdict, ++count, "-", part ": " $0
		failed += verdict != "ok"
		seen++
		fflush()
		next
	}
	{ print }
	END {
		if (seen != planned) {
			print "not ok", ++count, "- as many as planned,",
				planned, "and not", seen
			failed++
		}
		print "1.." count
		exit failed > 0
	}'
}

# The project's files at and below the given paths, one a line: what git knows,
# or all where this is not a git tree. What was built or left lying about in the
# tree is nobody's fault.
tap_files() {
	tap_tree=$(git -C "$top_srcdir" rev-parse --show-toplevel 2>/dev/null)
	if [ -n "$tap_tree" ] &&
		[ "$tap_tree" = "$(cd "$top_srcdir" && pwd -P)" ]; then
		git ls-files -- "$@" | while read -r tap_file; do
			[ ! -f "$tap_file" ] || printf '%s\n' "$tap_file"
		done
	else
		find "$@" -type f | sed 's,^\./,,'
	fi | sort -u
}

# The public functions, one name a line, as the header declares them.
api_functions() {
	awk '
	/^DATAMEM_API/ { declaration = ""; inside = 1 }
	inside {
		declaration = declaration " " $0
		if (/;/) {
			inside = 0
			if (match(declaration, /datamem_[a-z_0-9]*\(/))
				print substr(declaration, RSTART, RLENGTH - 1)
		}
	}' "$top_srcdir/include/datamem.h" | sort
}

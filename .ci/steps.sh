# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=sh

# What `.ci/run` and `.ci/run-long` are made of, read by both with
#   only    a word: steps whose names lack it are left out
#   top     the tree, which is the working directory
#   work    where builds and logs go
#   table   a file that gets a line a step, for doc/tested.md
#   again   the command that the lines have, before the step's name; empty: the
#           step's own command, without the words "with BUILD"; then the lines
#           are printed, too

# shellcheck disable=SC2154 # only, top and work are the caller's
jobs=$(nproc)
passed=0
failed=0
skipped=0
failures=

# Add what the tests below a folder reported, then forget it.
count_results() {
	results=$(find "$1" -name '*.trs' -exec cat {} + 2>/dev/null)
	passed=$((passed + $(printf '%s\n' "$results" |
		grep -c -E '^:test-result: (PASS|XFAIL)')))
	failed=$((failed + $(printf '%s\n' "$results" |
		grep -c -E '^:test-result: (FAIL|XPASS|ERROR)')))
	skipped=$((skipped + $(printf '%s\n' "$results" |
		grep -c -E '^:test-result: SKIP')))
	find "$1" -name '*.trs' -exec rm -f {} + 2>/dev/null
}

# step NAME FOLDER COMMAND...: one thing that must succeed. FOLDER is where its
# test results are, or `-`: then the step itself counts as one test.
step() {
	name=$1
	folder=$2
	shift 2
	case $name in
	*"$only"*) ;;
	*) return ;;
	esac
	log=$work/$(printf '%s' "$name" | tr -c 'a-zA-Z0-9\n' '-').log
	started=$(date +%s)
	before="$passed $failed $skipped"
	printf '== %s ... ' "$name"
	if "$@" >"$log" 2>&1; then
		verdict=ok
		[ "$folder" != - ] || passed=$((passed + 1))
	else
		verdict=FAILED
		failures="$failures
  $name"
		[ "$folder" != - ] || failed=$((failed + 1))
	fi
	took=$(($(date +%s) - started))
	echo "$verdict, $took s"
	if [ "$verdict" = FAILED ]; then
		grep -E '^(not ok|FAIL|ERROR)|: error|\*\*\*' "$log" | head -n 40
		# What a sanitizer or valgrind saw may never be seen again.
		grep -E -A 40 'WARNING: ThreadSan|ERROR: .*San|runtime error:|^==[0-9]+== Invalid' \
			"$log" | head -n 80
		echo "-- the end of $log:"
		tail -n 40 "$log"
	fi
	[ "$folder" = - ] || count_results "$folder"
	note "$@" >>"$table"
	[ -n "${again-}" ] || tail -n 1 "$table"
}

# The line of the step that ended: what, command, date, duration, result.
note() {
	[ "$1" != with ] || shift 2
	command=
	for word; do
		case $word in
		*=*' '*) word="${word%%=*}='${word#*=}'" ;;
		*' '*) word="'$word'" ;;
		esac
		command="$command $word"
	done
	[ -z "${again-}" ] || command="$again '$name'"
	# shellcheck disable=SC2086 # three numbers
	set -- $before
	result=$verdict
	[ "$folder" = - ] || result="$verdict: $((passed - $1)) passed, \
$((failed - $2)) failed, $((skipped - $3)) skipped"
	echo "| $name | \`${command# }\` | $(date -d "@$started" +%Y-%m-%d)" \
		"| $took s | $result |"
}

# Sums and what failed; false if anything did.
steps_end() {
	[ -z "$failures" ] || printf '\nfailed:%s\n' "$failures"
	printf '\n%d passed, %d failed, %d skipped\n' \
		"$passed" "$failed" "$skipped"
	[ -z "$failures" ] && [ "$failed" = 0 ]
}

# variant NAME CONFIGURE-OPTIONS...: configure and build all, tests included, these
# with the CFLAGS check_flags, if that is set.
variant() (
	mkdir -p "$work/$1" && cd "$work/$1" || return
	shift
	"$top/configure" --quiet ${PYTHON:+"PYTHON=$PYTHON"} "$@" &&
		make -j "$jobs" all &&
		make -j "$jobs" check TESTS= \
			${check_flags:+"CFLAGS=$check_flags"}
)

in_build() {
	folder=$1
	shift
	make -C "$folder" -j "$jobs" VERBOSE=1 "$@"
}

# A Python that has NumPy, the one of the system rather than none.
find_python() {
	for python in "${PYTHON:-python3}" /usr/bin/python3; do
		if "$python" -c 'import numpy' 2>/dev/null; then
			PYTHON=$(command -v "$python")
			break
		fi
	done
}

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What the tests reach: run by `make coverage` in a build made for it.
#
# `coverage.sh run MAKE TEST...` runs the tests, with Python's part measured too
# where Python has the package coverage; `coverage.sh report` prints lines and
# branches of library, tools and adapter, and the lines of each file that no test
# reached. The reports stay in coverage/.

set -u
: "${top_srcdir:?}" "${top_builddir:=$PWD}" "${PYTHON:=python3}"
out=$top_builddir/coverage
tree=$(cd "$top_srcdir" && pwd -P)
python=$out/python

adapter() {
	[ "$PYTHON" != : ] && "$PYTHON" -c 'import coverage' 2>/dev/null
}

run() {
	find "$top_builddir" -name '*.gcda' -exec rm -f {} +
	rm -rf "$out"
	mkdir -p "$python" || exit
	if adapter; then
		echo 'import coverage; coverage.process_startup()' \
			>"$python/sitecustomize.py"
		printf '[run]\nparallel = True\nbranch = True\n%s\n%s\n' \
			"data_file = $python/data" \
			"source = $tree/src/python/datamem" >"$python/rc"
		COVERAGE_PROCESS_START=$python/rc
		PYTHONPATH=$python${PYTHONPATH:+:$PYTHONPATH}
		export COVERAGE_PROCESS_START PYTHONPATH
	fi
	make=$1
	shift
	first=
	rest=
	for test; do
		case $test in
		*/check_control | */check_sandbox) first="$first $test" ;;
		*) rest="$rest $test" ;;
		esac
	done
	# Those refuse writes to the process, so that what is noted of it is cut
	# short, and what was noted before is lost. Some fail here, for that, and
	# as a build without optimisation is another one than they count on.
	for tests in "$first" "$rest"; do
		[ -z "$tests" ] || "$make" -k check TESTS="$tests" ||
			echo 'coverage: some tests failed in this build' >&2
	done
}

# part NAME FOLDER...: sums, and a table with the lines that were not reached.
part() {
	name=$1
	shift
	filters=
	for folder; do
		filters="$filters --filter $tree/$folder/"
	done
	printf '%s\n' "== $name"
	# shellcheck disable=SC2086 # a list of options
	gcovr --root "$tree" --object-directory "$top_builddir" $filters \
		--exclude-throw-branches --gcov-ignore-parse-errors \
		--txt "$out/$name.txt" \
		--print-summary "$top_builddir" 2>"$out/$name.log" ||
		cat "$out/$name.log"
	echo "lines not reached: $out/$name.txt"
}

report() {
	command -v gcovr >/dev/null || {
		echo 'coverage: no gcovr (Debian: gcovr)' >&2
		exit 1
	}
	part library src/libdatamem
	part tools src/datamem-ctl src/datamem-measure src/datamem-profile
	echo '== adapter'
	if adapter; then
		cd "$python" && "$PYTHON" -m coverage combine -q --rcfile=rc &&
			"$PYTHON" -m coverage report --rcfile=rc -m \
				>"$out/adapter.txt"
		tail -n 1 "$out/adapter.txt"
		echo "lines not reached: $out/adapter.txt"
	else
		echo 'not measured: Python has no package coverage'
	fi
}

case ${1-} in
run) shift && run "$@" ;;
report) report ;;
*) echo "usage: $0 run MAKE TEST... | report" >&2 && exit 2 ;;
esac

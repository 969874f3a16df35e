#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
#
# What it costs a program that `datamem-ctl stat --watch` reads its page 100
# times a second, for `make bench-live`.
#
#   live.sh CTL TARGET OUT [PAIRS [SECONDS]]
#
# One program does the same work again and again, in turns with a reader and
# without, so that a pair is a second or so; which is first alternates. The
# result is the median of the pairs' ratios with its 95 % interval, by order
# statistics: no assumption about how ratios are spread. The exit status is 1
# when the upper end is above 3 % for one of the programs.
# TOP_SRCDIR, PYTHON and LIBRARY are for the program in NumPy, left out without
# it. Leaves the pairs, in nanoseconds, in OUT/live-*.txt.

set -eu

ctl=$1 target=$2 out=$3
pairs=${4:-40} seconds=${5:-0.3}
limit=3

for variable in $(env | sed -n 's/^\(DATAMEM_[A-Z_]*\)=.*/\1/p'); do
	unset "$variable"
done
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-live.XXXXXX")
pid='' reader=''
stop()
{
	for process in $reader $pid; do
		kill "$process" 2>/dev/null || :
		wait "$process" 2>/dev/null || :
	done
	pid='' reader=''
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

die()
{
	echo "live.sh: $1" >&2
	exit 2
}

start_reader()
{
	: >"$work/reads"
	"$ctl" stat "$pid" --watch 0.01 -rn >"$work/reads" &
	reader=$!
	# Only once it reads.
	while [ ! -s "$work/reads" ]; do
		kill -0 "$reader" 2>/dev/null || die 'the reader has ended'
		sleep 0.01
	done
}

stop_reader()
{
	kill "$reader"
	wait "$reader" 2>/dev/null || :
	reader=''
}

# measure: one turn; sets $took.
measure()
{
	echo go >&7
	read -r took <&8 || die 'the program has ended'
}

measure_watched()
{
	start_reader
	before=$(wc -l <"$work/reads")
	measure
	after=$(wc -l <"$work/reads")
	stop_reader
	watched=$took
	reads=$((reads + after - before))
	nanoseconds=$((nanoseconds + took))
}

measure_alone()
{
	measure
	alone=$took
}

# Median of the ratios; ranks that leave 2.5 % at most outside on each side.
report()
{
	awk '{ print $2 / $1 }' "$2" | sort -g |
		awk -v name="$1" -v limit="$limit" -v rate="$3" '
	{ ratio[NR] = $1 }
	END {
		half = int((NR + 1) / 2)
		median = (ratio[half] + ratio[NR + 1 - half]) / 2
		term = 0.5 ^ NR
		for (k = 0; k <= NR; k++) {
			outside += term
			if (outside > 0.025)
				break
			term *= (NR - k) / (k + 1)
		}
		if (k < 1) {
			printf "%-8s %d pairs are too few\n", name, NR
			exit 1
		}
		low = (ratio[k] - 1) * 100
		high = (ratio[NR + 1 - k] - 1) * 100
		printf "%-8s %+6.2f %%  [%+.2f, %+.2f] of %d pairs, ", name,
			(median - 1) * 100, low, high, NR
		printf "%.0f reads a second: ", rate
		if (high > limit)
			printf "NOT known to be "
		printf "at most %d %% slower\n", limit
		exit high > limit
	}'
}

# compare NAME PROGRAM...: start it, measure the pairs, report.
compare()
{
	name=$1
	shift
	rm -f "$work/in" "$work/out"
	mkfifo "$work/in" "$work/out"
	"$@" <"$work/in" >"$work/out" &
	pid=$!
	exec 7>"$work/in" 8<"$work/out"
	read -r took <&8 || took=nothing
	[ "$took" = ready ] || die "$name did not start"
	reads=0 nanoseconds=0 i=0
	: >"$out/live-$name.txt"
	while [ "$i" -lt "$pairs" ]; do
		if [ $((i % 2)) = 0 ]; then
			measure_alone
			measure_watched
		else
			measure_watched
			measure_alone
		fi
		echo "$alone $watched" >>"$out/live-$name.txt"
		i=$((i + 1))
	done
	exec 7>&- 8<&-
	wait "$pid" || :
	pid=''
	rate=$(awk -v n="$reads" -v ns="$nanoseconds" \
		'BEGIN { print n / ns * 1e9 }')
	report "$name" "$out/live-$name.txt" "$rate" || verdict=1
}

mkdir -p "$out"
verdict=0
echo 'Slower with a reader by (median, 95 % interval):'
compare small "$target" small "$seconds"
compare mixed "$target" mixed "$seconds"
if [ -n "${LIBRARY-}" ] && "${PYTHON:-python3}" -c 'import numpy' 2>/dev/null
then
	PYTHONPATH=$TOP_SRCDIR/src/python PYTHONDONTWRITEBYTECODE=1
	DATAMEM_LIBRARY=$LIBRARY
	export PYTHONPATH PYTHONDONTWRITEBYTECODE DATAMEM_LIBRARY
	compare numpy "${PYTHON:-python3}" -m datamem \
		"$TOP_SRCDIR/tests/bench/live-target.py" "$seconds"
else
	echo 'numpy    left out: no NumPy here'
fi
exit $verdict

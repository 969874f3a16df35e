#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
#
# The benchmarks and the recordings with all allocators that this machine
# has, for `make bench`.
#
#   run.sh CTL DATA OUT [OPTION_OF_BENCH...]
#
# Prints, and leaves in the folder OUT: bench.txt (machine and tables),
# bench-{small,large}.json, and with gnuplot bench-{small,large}.{svg,png}.
# PEERS names other shared objects than the usual ones.

set -eu

ctl=$1 data=$2 out=$3
shift 3

peers=
for peer in ${PEERS-libjemalloc.so.2 libmimalloc.so.2 \
	libtcmalloc_minimal.so.4}; do
	file=$(PATH=$PATH:/sbin ldconfig -p |
		awk -v peer="$peer" '$1 == peer { print $NF; exit }')
	if [ -n "$file" ]; then
		peers="$peers --with=$file"
	else
		echo "run.sh: no $peer here, left out" >&2
	fi
done

small='pair-* batch-* random-* zeroed-100 producer-* short-*'
large='single-* mixed-* churn-* growth-* zeroed-*M-* first-* fork-*'

machine()
{
	echo "date       $(date -u +%Y-%m-%d)"
	echo "kernel     $(uname -sr)"
	echo "processor  $(nproc) x $(sed -n \
		's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)"
	echo "memory     $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
	echo "huge pages $(cat /sys/kernel/mm/transparent_hugepage/enabled \
		2>/dev/null || echo none)"
	echo "C library  $(ldd --version 2>/dev/null | head -n 1)"
	echo "load       $(cut -d ' ' -f 1-3 /proc/loadavg)"
	"$ctl" --version | head -n 1
}

# bench_group NAME PATTERNS OPTION...
bench_group()
{
	name=$1 patterns=$2
	shift 2
	plots=
	if command -v gnuplot >/dev/null; then
		plots="--plot=$out/bench-$name.svg --plot=$out/bench-$name.png"
	fi
	# Patterns are for the tool, not for the shell: no file matches them.
	# shellcheck disable=SC2086
	(set -f && "$ctl" bench $peers $plots \
		--save="$out/bench-$name.json" "$@" $patterns)
}

mkdir -p "$out"
{
	machine
	echo
	bench_group small "$small" "$@"
	echo
	bench_group large "$large" "$@"
	echo
	# shellcheck disable=SC2086
	"$ctl" replay --touch=all -a \
		datamem,glibc,glibc-mallopt,glibc-hugetlb,numpy $peers \
		"$data/nbody.dmt.gz" "$data/image.dmt.gz" \
		"$data/temporaries.dmt.gz" "$data/growth.dmt.gz"
} | tee "$out/bench.txt"

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
#
# The rows of "Scale" in doc/measurements.md, for `make bench-table`.
#
#   table.sh CTL START LIBRARY [OPTION_OF_BENCH...]
#
# START is the program start.c, LIBRARY the libdatamem that it preloads. PEERS
# names other shared objects than the usual ones.

set -eu

ctl=$1 start=$2 library=$3
shift 3

options=
files=
for peer in ${PEERS-libjemalloc.so.2 libmimalloc.so.2 \
	libtcmalloc_minimal.so.4}; do
	file=$(PATH=$PATH:/sbin ldconfig -p |
		awk -v peer="$peer" '$1 == peer { print $NF; exit }')
	if [ -n "$file" ]; then
		options="$options --with=$file"
		files="$files $file"
	else
		echo "table.sh: no $peer here, left out" >&2
	fi
done

# shellcheck disable=SC2086
(set -f && "$ctl" bench -a datamem,glibc $options \
	-o BENCH,ALLOCATOR,NS,MIN,MAX,LONGEST,HAD,END,PEAK "$@" \
	'scale-*' 'memory-idle-*')
echo
echo "A process that takes 100 bytes (medians of 40; microseconds, KiB):"
# shellcheck disable=SC2086
"$start" 40 "$library" "" $files

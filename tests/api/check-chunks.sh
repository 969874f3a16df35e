#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The model and the promises of the allocator with the chunk sizes of other
# machines: 32 MiB (16 KiB pages), 2 MiB where huge pages have 512 MiB or 64 KiB,
# and kernels without huge pages. Needs nothing of these machines but their
# names for things.

: "${top_srcdir:=.}" "${top_builddir:=.}"
n=0
for tree in thp-16k-pages thp-64k-pages thp-64k-huge thp-never \
	kernel-4.4; do
	for program in check_model check_alloc; do
		n=$((n + 1))
		DATAMEM_SYSROOT="$top_srcdir/tests/ctl/sysroots/$tree" \
			"$top_builddir/tests/api/$program" >"chunks-$$.log"
		status=$?
		if [ $status -eq 0 ] && ! grep -q '^not ok' "chunks-$$.log"; then
			echo "ok $n - $program, $tree"
		else
			echo "not ok $n - $program, $tree"
		fi
	done
done
rm -f "chunks-$$.log"
echo "1..$n"

#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# tests/api/faults.c; and, as root, in a memory cgroup that is too small for what
# freed memory the library would keep elsewhere, where nothing may be killed.

program=${top_builddir:-.}/tests/api/faults
group=
for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
	if [ -z "$group" ] && mkdir "$root/datamem-faults.$$" 2>/dev/null; then
		group=$root/datamem-faults.$$
		{ echo 96M >"$group/memory.limit_in_bytes" ||
			echo 96M >"$group/memory.max"; } 2>/dev/null ||
			{ rmdir "$group"; group=; }
	fi
done

"$program" >faults.$$.tap 2>&1
status=$?
count=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' faults.$$.tap)
if grep '^1\.\.0' faults.$$.tap || [ -z "$count" ]; then
	cat faults.$$.tap
	rm -f faults.$$.tap
	[ -z "$group" ] || rmdir "$group"
	exit $status
fi
grep -v '^1\.\.' faults.$$.tap
count=$((count + 1))
if [ -z "$group" ]; then
	echo "ok $count - in a memory cgroup # SKIP no group can be made"
elif sh -c 'echo $$ >"$1/cgroup.procs" && FAULTS_FIRST=1 FAULTS_RANDOM=20 \
	exec "$2" blocks' sh "$group" "$program" >faults.$$.tap 2>&1; then
	echo "ok $count - in a memory cgroup of 96 MiB"
else
	sed 's/^/# /' faults.$$.tap
	echo "not ok $count - in a memory cgroup of 96 MiB"
	status=1
fi
[ -z "$group" ] || rmdir "$group"
rm -f faults.$$.tap
echo "1..$count"
exit $status

# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# An idle program in a memory cgroup that meets its limit. Takes a kernel that
# lets us make one.

# shellcheck disable=SC2034,SC2154,SC2016,SC2030,SC2031
load common
load live

setup()
{
	started=()
	group=
}

teardown()
{
	stop_all
	[ -z "$group" ] || rmdir_patiently "$group"
}

# What was in it is gone a moment later.
rmdir_patiently()
{
	for _ in {1..50}; do
		! rmdir "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	rmdir "$1"
}

# The directory of our own cgroup with memory limits, v1 or v2.
own_group()
{
	awk 'FNR == NR {
		n = split($0, part, ":")
		path = $0
		sub(/^[^:]*:[^:]*:/, "", path)
		if (n >= 3 && part[2] ~ /(^|,)memory(,|$)/)
			v1 = path
		else if (part[1] == "0")
			v2 = path
		next
	}
	{
		dash = index($0, " - ")
		split(substr($0, dash + 3), right, " ")
		if (v1 != "" && right[1] == "cgroup" &&
		    right[3] ~ /(^|,)memory(,|$)/)
			found = $5 (v1 == "/" || $4 == v1 ? "" : v1)
		else if (v1 == "" && right[1] == "cgroup2")
			found = $5 (v2 == "/" || $4 == v2 ? "" : v2)
	}
	END { print found }' /proc/self/cgroup /proc/self/mountinfo
}

# Sets $group, $limit (a file) and what its limit being met is counted in.
make_group()
{
	local own
	own=$(own_group)
	[ -n "$own" ] || skip "no memory cgroup is visible"
	group=$own/datamem-test-$$-$BATS_TEST_NUMBER
	mkdir "$group" 2>/dev/null || { group=; skip "no cgroup for us here"; }
	if [ -w "$group/memory.limit_in_bytes" ]; then
		limit=$group/memory.limit_in_bytes
	elif [ -w "$group/memory.high" ]; then
		limit=$group/memory.high
	else
		skip "the memory controller is not delegated"
	fi
}

times_met()
{
	if [ -e "$group/memory.failcnt" ]; then
		cat "$group/memory.failcnt"
	else
		sed -n 's/^high //p' "$group/memory.events"
	fi
}

in_group='echo $$ >"$0/cgroup.procs" && exec "$@"'

@test "an idle program gives back what it kept when its cgroup meets its limit" {
	[ "$(stat -f -c %T "$BATS_TEST_TMPDIR")" != tmpfs ] ||
		skip "files here are in memory: no page cache to fill"
	make_group
	# Ageing has no part in it.
	start env DATAMEM_CONF=retain.age=3600000 sh -c "$in_group" "$group"
	grep -q "^$pid\$" "$group/cgroup.procs"
	before=$(rss "$pid")
	echo $(((before << 10) + (32 << 20))) >"$limit" ||
		skip "no limit for us here"
	[ "$(value "$pid" RETAINED)" -ge $((48 << 20)) ]
	# Page cache of another process, which the kernel can take.
	for _ in {1..10}; do
		met=$(times_met)
		sh -c "$in_group" "$group" dd if=/dev/zero oflag=dsync \
			of="$BATS_TEST_TMPDIR/cache" bs=4M count=16 2>/dev/null
		[ "$(times_met)" -gt "$met" ]
		# It looks once a second.
		for _ in 1 2 3 4; do
			[ "$(value "$pid" RETAINED)" != 0 ] || break 2
			sleep 0.5
		done
	done
	[ "$(value "$pid" RETAINED)" = 0 ]
	[ "$(value "$pid" PRESSURE_TRIMS)" -ge 1 ]
	[ "$(rss "$pid")" -le $((before - 40 * 1024)) ]
	# What it uses it still has.
	[ "$(value "$pid" LARGE)" = 8388608 ]
	tell alloc
	hear done
}

@test "an idle program without pressure keeps what it has" {
	make_group
	start env DATAMEM_CONF=retain.age=3600000 sh -c "$in_group" "$group"
	trims=$(value "$pid" PRESSURE_TRIMS)
	for _ in 1 2 3; do
		ctl reset-peak "$pid" >/dev/null
		sleep 1
	done
	[ "$(times_met)" = 0 ]
	if [ "$(value "$pid" PRESSURE_TRIMS)" != "$trims" ]; then
		skip "the whole machine is short of memory"
	fi
	[ "$(value "$pid" RETAINED)" -ge $((48 << 20)) ]
}

# stalled MICROSECONDS: what the kernel of a recorded tree reports.
stalled()
{
	printf 'some avg10=0.00 avg60=0.00 avg300=0.00 total=%s\n' "$1" "$1" |
		sed '2s/some/full/' >"$BATS_TEST_TMPDIR/proc/pressure/new"
	mv "$BATS_TEST_TMPDIR/proc/pressure/new" \
		"$BATS_TEST_TMPDIR/proc/pressure/memory"
}

# looks N FILE: the program has opened a file N times from now on.
looks()
{
	tell "await $1 $BATS_TEST_TMPDIR/proc/$2"
	hear done || {
		echo "trims for pressure: $(value "$pid" PRESSURE_TRIMS)"
		return 1
	}
}

# The file that is there now has been read, and what it means been done: that
# is over when the file is opened again.
seen()
{
	looks 2 pressure/memory
}

@test "stalls are pressure when they grow, not when their file comes back" {
	mkdir -p "$BATS_TEST_TMPDIR/proc/pressure" "$BATS_TEST_TMPDIR/proc/self"
	: >"$BATS_TEST_TMPDIR/proc/self/mountinfo"
	stalled 5
	start env DATAMEM_CONF=retain.age=3600000 \
		DATAMEM_SYSROOT="$BATS_TEST_TMPDIR"
	seen
	rm "$BATS_TEST_TMPDIR/proc/pressure/memory"
	# Nobody opens a file that is not there; each look opens this one
	# afterwards, twice, and the first may have begun before.
	looks 5 self/mountinfo
	stalled 9000000000
	seen
	[ "$(value "$pid" PRESSURE_TRIMS)" = 0 ]
	[ "$(value "$pid" RETAINED)" -ge $((48 << 20)) ]
	# A little of it always is.
	rounds=${TEST_LONG:+3}
	for ((i = 1; i <= ${rounds:-1}; i++)); do
		stalled $((9000000000 + i * 10000))
		seen
	done
	[ "$(value "$pid" PRESSURE_TRIMS)" = 0 ]
	stalled 19000000000
	# With nothing left to give back it may never look again.
	for _ in {1..600}; do
		[ "$(value "$pid" PRESSURE_TRIMS)" = 0 ] || break
		sleep 0.1
	done
	[ "$(value "$pid" PRESSURE_TRIMS)" = 1 ]
	[ "$(value "$pid" RETAINED)" = 0 ]
}

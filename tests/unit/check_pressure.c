/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Signs of memory pressure, out of recorded trees of all kinds of systems. */
#include "kernel/shared.h"

#include <string.h>

#include "fake-kernel.h"
#include "harness.h"

#define V2 "/sys/fs/cgroup/a/b"
#define V1 "/sys/fs/cgroup/memory/job"
#define PSI(some, full)                                                      \
	"some avg10=1.23 avg60=0.50 avg300=0.10 total=" some "\n"            \
	"full avg10=0.61 avg60=0.25 avg300=0.05 total=" full "\n"

static void mount_v2(void)
{
	fake_tree_write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup "
			"rw - cgroup2 cgroup2 rw\n");
	fake_tree_write("/proc/self/cgroup", "0::/a/b\n");
}

static void mount_v1(void)
{
	fake_tree_write("/proc/self/mountinfo", "35 31 0:32 / "
			"/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
	fake_tree_write("/proc/self/cgroup", "4:memory:/job\n0::/\n");
}

static void expect(unsigned int sources, uint64_t stalled,
		   uint64_t group_stalled, uint64_t events)
{
	struct dmem_pressure pressure;

	memset(&pressure, 0x55, sizeof(pressure));
	errno = EXDEV;
	dmem_kernel_pressure(&pressure);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_uint_eq(pressure.sources, sources);
	ck_assert_uint_eq(pressure.stalled_us, stalled);
	ck_assert_uint_eq(pressure.group_stalled_us, group_stalled);
	ck_assert_uint_eq(pressure.events, events);
}

START_TEST(nothing_there)
{
	expect(0, 0, 0, 0);
	mount_v2();
	expect(0, 0, 0, 0);
	mount_v1();
	expect(0, 0, 0, 0);
}
END_TEST

START_TEST(system_psi)
{
	fake_tree_write("/proc/pressure/memory", PSI("3270", "674"));
	expect(DMEM_PRESSURE_SYSTEM, 674, 0, 0);
	/* As `cpu` had it before Linux 5.13. */
	fake_tree_write("/proc/pressure/memory",
			"some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n");
	expect(0, 0, 0, 0);
	/* More fields, in another order. */
	fake_tree_write("/proc/pressure/memory",
			"new total=5\nfull avg1=0 max=7 total=12\n");
	expect(DMEM_PRESSURE_SYSTEM, 12, 0, 0);
}
END_TEST

START_TEST(v2)
{
	mount_v2();
	fake_tree_write("/proc/pressure/memory", PSI("9000", "1000"));
	fake_tree_write(V2 "/memory.pressure", PSI("500", "234"));
	fake_tree_write(V2 "/memory.events",
			"low 1000\nhigh 1\nmax 20\noom 300\noom_kill 4000\n"
			"oom_group_kill 5000\n");
	/* Neither of an ancestor nor of a sibling. */
	fake_tree_write("/sys/fs/cgroup/a/memory.events", "high 99\n");
	fake_tree_write("/sys/fs/cgroup/a/c/memory.pressure", PSI("9", "9"));
	expect(DMEM_PRESSURE_SYSTEM | DMEM_PRESSURE_CGROUP |
	       DMEM_PRESSURE_EVENTS, 1000, 234, 321);
	/* PSI off (psi=0), as many distributions had it. */
	fake_tree_remove();
	fake_tree_make();
	mount_v2();
	fake_tree_write(V2 "/memory.events", "low 0\nhigh 0\nmax 7\noom 0\n");
	expect(DMEM_PRESSURE_EVENTS, 0, 0, 7);
}
END_TEST

START_TEST(v1)
{
	mount_v1();
	fake_tree_write("/proc/pressure/memory", PSI("9000", "1000"));
	fake_tree_write(V1 "/memory.failcnt", "46\n");
	fake_tree_write(V1 "/memory.usage_in_bytes", "58687488\n");
	fake_tree_write("/sys/fs/cgroup/memory/memory.failcnt", "1000\n");
	expect(DMEM_PRESSURE_SYSTEM | DMEM_PRESSURE_FAILURES, 1000, 0, 46);
}
END_TEST

/* systemd's way: v1 for memory, v2 for nothing but names. */
START_TEST(hybrid)
{
	fake_tree_write("/proc/self/mountinfo",
			"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup "
			"rw,memory\n"
			"36 31 0:33 / /sys/fs/cgroup/unified rw - cgroup2 "
			"cgroup2 rw\n");
	fake_tree_write("/proc/self/cgroup", "4:memory:/job\n0::/u\n");
	fake_tree_write(V1 "/memory.failcnt", "3\n");
	fake_tree_write("/sys/fs/cgroup/unified/u/memory.pressure",
			PSI("8", "4"));
	expect(DMEM_PRESSURE_CGROUP | DMEM_PRESSURE_FAILURES, 0, 4, 3);
}
END_TEST

START_TEST(garbled)
{
	static const char *const psi[] = {
		"", "\n", "full", "full \n", "full total\n", "full total=\n",
		"full total=-1\n", "full total=+1\n", "full total= 1\n",
		"full total=12x\n", "full total=0x12\n", "full total=1 2\n",
		"full total=18446744073709551616\n", "Full total=1\n",
		"fulltotal=1\n", "some total=1\n", "full xtotal=1\n",
	};
	static const char *const events[] = {
		"", "\n", "high", "high \n", "high\t1\n", "high x\n",
		"high -1\n", "high 1x\n", "max 1 2\n", "oom_kill 4\n",
		"high 18446744073709551616\n", "HIGH 1\n", "xhigh 1\n",
		"max\n1\n",
	};
	static const char *const counts[] = {
		"", "\n", "x\n", "-1\n", "1 2\n", "18446744073709551616\n",
	};

	mount_v2();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(psi); i++) {
		fake_tree_write("/proc/pressure/memory", psi[i]);
		fake_tree_write(V2 "/memory.pressure", psi[i]);
		expect(0, 0, 0, 0);
	}
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(events); i++) {
		fake_tree_write(V2 "/memory.events", events[i]);
		expect(0, 0, 0, 0);
	}
	/* What can be understood counts beside what cannot. */
	fake_tree_write(V2 "/memory.events", "high x\nmax 5\n\xff\xfe\noom 1");
	expect(DMEM_PRESSURE_EVENTS, 0, 0, 6);
	mount_v1();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(counts); i++) {
		fake_tree_write(V1 "/memory.failcnt", counts[i]);
		expect(0, 0, 0, 0);
	}
}
END_TEST

START_TEST(huge)
{
	char line[9000];

	mount_v2();
	fake_tree_write("/proc/pressure/memory",
			PSI("18446744073709551615", "18446744073709551615"));
	fake_tree_write(V2 "/memory.pressure", PSI("1", "1"));
	fake_tree_write(V2 "/memory.events",
			"high 18446744073709551615\nmax 1\noom 5\n");
	/* A sum that wrapped would look like the end of all pressure. */
	expect(DMEM_PRESSURE_SYSTEM | DMEM_PRESSURE_CGROUP |
	       DMEM_PRESSURE_EVENTS, UINT64_MAX, 1, UINT64_MAX);
	/* A line that is too long is left out, the next is not. */
	memset(line, 'x', sizeof(line));
	memcpy(line, "full total=", 11);
	strcpy(line + sizeof(line) - 20, "\nfull total=8\n");
	fake_tree_write("/proc/pressure/memory", line);
	fake_tree_write(V2 "/memory.pressure", PSI("1", "1"));
	fake_tree_write(V2 "/memory.events", "");
	expect(DMEM_PRESSURE_SYSTEM | DMEM_PRESSURE_CGROUP, 8, 1, 0);
}
END_TEST

/* A path of the longest kind has no room for the names of files. */
START_TEST(long_path)
{
	char groups[1900] = "0::/";

	mount_v2();
	memset(groups + 4, 'g', sizeof(groups) - 5);
	groups[sizeof(groups) - 1] = '\0';
	fake_tree_write("/proc/self/cgroup", groups);
	fake_tree_write("/proc/pressure/memory", PSI("1", "1"));
	expect(DMEM_PRESSURE_SYSTEM, 1, 0, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pressure");
	TCase *tc = tcase_create("pressure");

	tcase_add_checked_fixture(tc, fake_tree_make, fake_tree_remove);
	tcase_add_test(tc, nothing_there);
	tcase_add_test(tc, system_psi);
	tcase_add_test(tc, v2);
	tcase_add_test(tc, v1);
	tcase_add_test(tc, hybrid);
	tcase_add_test(tc, garbled);
	tcase_add_test(tc, huge);
	tcase_add_test(tc, long_path);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

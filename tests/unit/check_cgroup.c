/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The memory limit of cgroups of both versions, also seen from a container. */
#include "kernel/kernel.h"

#include <stdio.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"

#define V2_MOUNT                                                             \
	"30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n"
#define V1_MOUNT                                                             \
	"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define OTHERS "1 0 8:1 / / rw - ext4 /dev/root rw\n"                        \
	"31 1 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"         \
	"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"

static void cgroup(const char *mounts, const char *groups)
{
	fake_tree_write("/proc/self/mountinfo", mounts);
	fake_tree_write("/proc/self/cgroup", groups);
}

/* What limits leave beyond page cache, the least of all levels and of RAM. */
START_TEST(memory_left)
{
	cgroup(OTHERS V2_MOUNT, "0::/a/b\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), UINT64_MAX);
	fake_tree_write("/proc/meminfo",
			"MemTotal: 90 kB\nMemAvailable: 80 kB\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 81920);
	fake_tree_write("/sys/fs/cgroup/a/b/memory.max", "50000\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 50000);
	fake_tree_write("/sys/fs/cgroup/a/b/memory.current", "30000\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 20000);
	fake_tree_write("/sys/fs/cgroup/a/b/memory.stat",
			"anon 20000\ninactive_file 7000\nactive_file 2000\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 29000);
	fake_tree_write("/sys/fs/cgroup/a/memory.high", "60000\n");
	fake_tree_write("/sys/fs/cgroup/a/memory.current", "70000\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 0);
}
END_TEST

START_TEST(cgroup_v2_and_its_ancestors)
{
	cgroup(OTHERS V2_MOUNT, "0::/a/b/c\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.max", "5000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 5000);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.high", "4000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 4000);
	fake_tree_write("/sys/fs/cgroup/a/memory.max", "3000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 3000);
	fake_tree_write("/sys/fs/cgroup/memory.high", "2000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 2000);
	/* Neither a sibling's nor one above the mount point. */
	fake_tree_write("/sys/fs/cgroup/a/x/memory.max", "1\n");
	fake_tree_write("/sys/fs/memory.max", "1\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 2000);
	fake_tree_write("/sys/fs/cgroup/memory.high", "lots\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 3000);
}
END_TEST

START_TEST(cgroup_v1)
{
	cgroup(OTHERS V1_MOUNT V2_MOUNT,
	       "9:name=systemd:/\n5:cpu,cpuacct:/z\n4:hugetlb,memory:/job\n"
	       "0::/\n");
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"9223372036854771712\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"8000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 8000);
	/* An ancestor's limit that only the sum shows. */
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.stat",
			"cache 0\nrss 1\nhierarchical_memory_limit 7000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 7000);
	fake_tree_write("/sys/fs/cgroup/memory/memory.limit_in_bytes",
			"6000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 6000);
}
END_TEST

START_TEST(memory_that_a_v1_limit_leaves)
{
	cgroup(OTHERS V1_MOUNT, "4:memory:/job\n");
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"8000\n");
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.usage_in_bytes",
			"6000\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 2000);
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.stat",
			"inactive_file 1\ntotal_inactive_file 500\n");
	ck_assert_uint_eq(dmem_kernel_memory_left(), 2500);
}
END_TEST

/* Only the container's own part of the hierarchy is mounted. */
START_TEST(cgroup_of_a_container)
{
	cgroup("35 31 0:32 /docker/12ab /sys/fs/cgroup/memory ro master:9 "
	       "propagate_from:2 - cgroup cgroup rw,memory\n",
	       "4:memory:/docker/12ab/inner\n");
	fake_tree_write("/sys/fs/cgroup/memory/memory.limit_in_bytes",
			"9000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 9000);
	fake_tree_write("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes",
			"8000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 8000);
	/* A path that is not below the root of the mount, also by letters. */
	cgroup("35 31 0:32 /docker/12ab /sys/fs/cgroup/memory ro - cgroup "
	       "cgroup rw,memory\n", "4:memory:/docker/12abinner\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 9000);
	/* Outside of the cgroup namespace. */
	cgroup(V2_MOUNT, "0::/../../system.slice\n");
	fake_tree_write("/sys/fs/cgroup/memory.max", "100\n");
	fake_tree_write("/sys/system.slice/memory.max", "1\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 100);
}
END_TEST

/*
 * As recorded in a namespace made by unshare(2) in /user.slice/job, with the
 * hierarchy still mounted outside: /proc/self/cgroup tells nothing.
 */
START_TEST(cgroup_namespace_without_a_mount)
{
	char self[32];

	snprintf(self, sizeof(self), "%d\n", getpid());
	cgroup(OTHERS "30 23 0:26 /../.. /sys/fs/cgroup rw shared:4 - cgroup2 "
	       "cgroup2 rw\n", "0::/\n");
	/* Others, deep and flat, with limits that are not ours. */
	fake_tree_write("/sys/fs/cgroup/cgroup.procs", "1\n");
	fake_tree_write("/sys/fs/cgroup/a.slice/b/cgroup.procs", "1\n7\n");
	fake_tree_write("/sys/fs/cgroup/a.slice/b/memory.max", "1\n");
	fake_tree_write("/sys/fs/cgroup/a.slice/b/c/cgroup.procs", self);
	fake_tree_write("/sys/fs/cgroup/user.slice/other/cgroup.procs",
			"0\n");
	fake_tree_write("/sys/fs/cgroup/user.slice/other/memory.max", "2\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/user.slice/job/cgroup.procs", self);
	fake_tree_write("/sys/fs/cgroup/user.slice/job/memory.max", "5000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 5000);
	fake_tree_write("/sys/fs/cgroup/user.slice/memory.max", "4000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 4000);
	/* Further down in the namespace. */
	cgroup(OTHERS "30 23 0:26 /../.. /sys/fs/cgroup rw shared:4 - cgroup2 "
	       "cgroup2 rw\n", "0::/x/y\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/user.slice/job/x/y/cgroup.procs",
			self);
	fake_tree_write("/sys/fs/cgroup/user.slice/job/x/memory.high",
			"3000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 3000);
	/* The same of v1. */
	cgroup("35 31 0:32 /.. /sys/fs/cgroup/memory rw - cgroup cgroup "
	       "rw,memory\n", "4:memory:/\n");
	fake_tree_write("/sys/fs/cgroup/memory/job/cgroup.procs", self);
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"8000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 8000);
	/* A mount of another branch, and one too far above, are not searched. */
	cgroup("30 23 0:26 /../x /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
	       "0::/\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	cgroup("30 23 0:26 /../../../../../../../../.. /sys/fs/cgroup rw - "
	       "cgroup2 cgroup2 rw\n", "0::/\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
}
END_TEST

START_TEST(cgroup_mount_point_is_escaped)
{
	cgroup("30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
	       "0::/a\n");
	fake_tree_write("/my groups/a/memory.max", "123\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 123);
}
END_TEST

START_TEST(cgroup_files_malformed)
{
	static const char *const mounts[] = {
		"", "\n\n", "30\n", "30 23 0:26 / /sys/fs/cgroup rw\n",
		"30 23 0:26 / /sys/fs/cgroup rw -\n",
		"30 23 0:26 / /sys/fs/cgroup rw - cgroup2\n",
		"- - - - - - - - - - - - -\n",
		"30 23 0:26 / /sys/fs/cgroup\\ rw - cgroup2 cgroup2 rw\n",
		"       \n", "30 23 0:26 \\777 \\04 rw - cgroup2 cgroup2 rw\n",
	};
	static const char *const groups[] = {
		"", "0\n", "0:\n", "0::\n", "0::relative\n", "::/\n", ":\n",
		"4:memory\n", "0:memory:/x", "::::::\n",
	};

	fake_tree_write("/sys/fs/cgroup/x/memory.max", "1\n");
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(mounts); i++) {
		cgroup(mounts[i], "0::/x\n");
		ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	}
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(groups); i++) {
		cgroup(V2_MOUNT, groups[i]);
		ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tc = tcase_create("cgroup");

	tcase_add_checked_fixture(tc, fake_tree_make, fake_tree_remove);
	tcase_add_test(tc, memory_left);
	tcase_add_test(tc, cgroup_v2_and_its_ancestors);
	tcase_add_test(tc, memory_that_a_v1_limit_leaves);
	tcase_add_test(tc, cgroup_v1);
	tcase_add_test(tc, cgroup_of_a_container);
	tcase_add_test(tc, cgroup_namespace_without_a_mount);
	tcase_add_test(tc, cgroup_mount_point_is_escaped);
	tcase_add_test(tc, cgroup_files_malformed);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

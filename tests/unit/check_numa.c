/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Memory nodes: which there are, by recorded machines of two and of eight, and
 * which of them the kernel is told for memory of each kind. And files of /proc
 * and /sys that are not there.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena/window.h"
#include "fake-kernel.h"
#include "library.h"

/* What mbind(2) was told, and the ranges it was told it for. */
static int last_mode;
static uint64_t last_nodes;
static struct {
	char *begin, *end;
} bound[64];
static size_t bindings;

static long note_mbind(void *addr, size_t nbytes, int mode,
		       const unsigned long *nodes)
{
	last_mode = mode;
	last_nodes = 0;
	if (nodes)
		memcpy(&last_nodes, nodes, sizeof(last_nodes));
	ck_assert_uint_lt(bindings, COUNT(bound));
	bound[bindings].begin = addr;
	bound[bindings++].end = (char *)addr + nbytes;
	return 0;
}

static bool is_bound_at(const char *at)
{
	for (size_t i = 0; i < bindings; i++)
		if (at >= bound[i].begin && at < bound[i].end)
			return true;
	return false;
}

static bool is_bound(const char *ptr, size_t nbytes)
{
	for (size_t at = 0; at < nbytes; at += 4096)
		if (!is_bound_at(ptr + at))
			return false;
	return is_bound_at(ptr + nbytes - 1);
}

static const struct {
	const char *tree;
	const char *setting;
	int mode;               /* 0: refused */
	uint64_t nodes;
} cases[] = {
	{ "numa-2", "bind:0", 2, 1 },
	{ "numa-2", "bind:1", 2, 2 },
	{ "numa-2", "interleave:0-1", 3, 3 },
	{ "numa-2", "local", 4, 0 },
	{ "numa-2", "bind:2", 0, 0 },
	{ "numa-2", "interleave:0-2", 0, 0 },
	{ "numa-8", "bind:7", 2, 0x80 },
	{ "numa-8", "bind:0-3", 2, 0x0f },
	{ "numa-8", "interleave:0-7", 3, 0xff },
	{ "numa-8", "interleave:1,3,5-7", 3, 0xea },
	{ "numa-8", "bind:8", 0, 0 },
};

/* False: not in this tree's tests. */
static bool use_tree(const char *name)
{
	static char path[4096];
	const char *top = getenv("top_srcdir");

	if (!top)
		return false;
	snprintf(path, sizeof(path), "%s/tests/ctl/sysroots/%s", top, name);
	dmem_kernel_set_root(path);
	return true;
}

static void start(void)
{
	fake_kernel_reset();
	fake_hooks.mbind = note_mbind;
	bindings = 0;
}

START_TEST(nodes_of_recorded_machines)
{
	int expected = cases[_i].mode ? 0 : -EINVAL;
	char *ptr;

	if (!use_tree(cases[_i].tree))
		harness_skip("top_srcdir is not set");
	ck_assert_uint_eq(dmem_kernel_nodes(),
			  strstr(cases[_i].tree, "8") ? 0xff : 3);
	ck_assert_int_eq(datamem_setting_set("place.numa", cases[_i].setting),
			 expected);
	if (expected)
		return;
	ptr = datamem_alloc(40 * MIB);
	ck_assert(is_bound(ptr, 40 * MIB));
	ck_assert_int_eq(last_mode, cases[_i].mode);
	ck_assert_uint_eq(last_nodes, cases[_i].nodes);
	datamem_free(ptr, 40 * MIB);
}
END_TEST

/* Each kind of block lies in memory that the kernel was told about. */
START_TEST(all_kinds_of_blocks)
{
	size_t size = dmem_window.size, chunk = dmem_chunk_size();
	char *ptr, *between;

	if (!use_tree("numa-8"))
		harness_skip("top_srcdir is not set");
	datamem_trim(0);
	set("place.numa", "interleave:2-5");
	ptr = datamem_alloc(100);
	ck_assert(is_bound(ptr, 100));
	ptr = datamem_alloc_zeroed(300, 1000);
	ck_assert(is_bound(ptr, 300000));
	/* Outside of the window. */
	dmem_window.size = 0;
	ptr = datamem_alloc(100000000);
	ck_assert(is_bound(ptr, 100000000));
	datamem_free(ptr, 1);
	ptr = datamem_alloc(300 * KIB);
	ck_assert(is_bound(ptr, 300 * KIB));
	dmem_window.size = size;
	/* Touched by us before the program does. */
	set("zero.policy", "eager");
	ptr = datamem_alloc_zeroed(50 * MIB, 1);
	ck_assert(is_bound(ptr, 50 * MIB));
	set("zero.policy", "auto");
	set("place.prefault", "on");
	ptr = datamem_alloc(50 * MIB);
	ck_assert(is_bound(ptr, 50 * MIB));
	set("place.prefault", "off");
	/* Where it cannot be moved, and what was its target is fresh again. */
	ptr = datamem_alloc(2 * chunk);
	between = datamem_alloc(chunk);
	fake_kernel_fail(FAKE_MREMAP, 0, EPERM);
	bindings = 0;
	ptr = datamem_realloc(ptr, 15 * chunk);
	ck_assert(is_bound(ptr, 2 * chunk));
	datamem_free(between, 1);
	datamem_free(ptr, 1);
}
END_TEST

/* The files of /proc and /sys that are read, with what they could say. */
static const struct {
	const char *path, *text;
} files[] = {
	{ "/sys/devices/system/node/online", "0\n" },
	{ "/sys/kernel/mm/transparent_hugepage/enabled",
	  "always [madvise] never\n" },
	{ "/sys/kernel/mm/transparent_hugepage/defrag", "[madvise] never\n" },
	{ "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n" },
	{ "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", "1\n" },
	{ "/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none",
	  "511\n" },
	{ "/proc/sys/kernel/osrelease", "6.1.0\n" },
	{ "/proc/sys/vm/max_map_count", "65530\n" },
	{ "/proc/meminfo", "MemTotal:       24689176 kB\n" },
	{ "/proc/self/cgroup", "0::/a\n" },
	{ "/proc/self/mountinfo",
	  "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n" },
	{ "/sys/fs/cgroup/a/memory.max", "5000000000\n" },
	{ "/sys/fs/cgroup/a/memory.current", "4000\n" },
	{ "/sys/fs/cgroup/a/memory.stat", "inactive_file 1000\n" },
};

/* One of them is missing, or cannot be read: a directory, for root, too. */
START_TEST(each_file_missing)
{
	size_t missing = (size_t)_i / 2;
	char path[128], *ptr;

	fake_tree_make();
	for (size_t i = 0; i < COUNT(files); i++) {
		if (i != missing)
			fake_tree_write(files[i].path, files[i].text);
		else if (_i % 2)
			snprintf(path, sizeof(path), "%s/x", files[i].path);
		if (i == missing && _i % 2)
			fake_tree_write(path, "");
	}
	set("place.numa", "bind:0");
	set("place.prefault", "on");
	set("zero.policy", "eager");
	errno = 77;
	dmem_kernel_ram();
	dmem_kernel_max_map_count();
	ck_assert_uint_ge(dmem_kernel_memory_left(), 5000000000 - 4000);
	ck_assert_uint_eq(dmem_kernel_nodes(), 1);
	ck_assert_int_eq(errno, 77);
	ptr = datamem_alloc_zeroed(9 * MIB, 1);
	ck_assert_ptr_nonnull(ptr);
	ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, 9 * MIB - 1));
	ptr = datamem_realloc(ptr, 50 * MIB);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 1);
	datamem_trim(0);
	fake_tree_remove();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("numa");
	TCase *tc = tcase_create("numa");

	tcase_add_checked_fixture(tc, start, fake_kernel_reset);
	tcase_add_loop_test(tc, nodes_of_recorded_machines, 0,
			    (int)COUNT(cases));
	tcase_add_test(tc, all_kinds_of_blocks);
	tcase_add_loop_test(tc, each_file_missing, 0, 2 * (int)COUNT(files));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

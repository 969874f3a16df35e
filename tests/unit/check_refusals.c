/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Each system call of some everyday work refused in turn: requests fail or
 * succeed, contents stay, zeroed blocks are zero, and once the kernel obliges
 * again all works and nothing is missing.
 */
#include "arena/window.h"

#include <sys/mman.h>

#include "kernel/kernel.h"
#include "refusals.h"

static void small_blocks(void)
{
	for (size_t i = 0; i < BLOCKS; i++)
		make(i, (i + 1) * 2700, i & 1);
	for (size_t i = 0; i < BLOCKS; i++)
		resize(i, (BLOCKS - i) * 2000);
	drop_all();
	datamem_trim(0);
}

static void large_blocks(void)
{
	for (size_t i = 0; i < 6; i++)
		make(i, (i + 1) * (700 * DMEM_KIB), i & 1);
	drop(1);
	drop(4);
	datamem_trim(0);
	make(1, 3 * DMEM_MIB, true);
	make(4, 10 * DMEM_MIB, true);
	for (size_t i = 0; i < 6; i++)
		resize(i, 200 * DMEM_KIB);
	drop_all();
	datamem_trim(0);
	make(0, 40 * DMEM_MIB, false);
	drop(0);
	datamem_trim(0);
	make(0, 38 * DMEM_MIB, true);
	drop(0);
}

/* Blocks that stand in each other's way when they grow. */
static void growth(void)
{
	static const size_t mib[] = { 2, 3, 7, 12, 5, 26 };

	for (size_t step = 0; step < DMEM_ARRAY_SIZE(mib); step++)
		for (size_t i = 0; i < 3; i++) {
			size_t nbytes = mib[step] * DMEM_MIB + i * 100;

			if (blocks[i].ptr)
				resize(i, nbytes);
			else
				make(i, nbytes, true);
		}
	drop_all();
	datamem_trim(4 * DMEM_MIB);
	datamem_trim(0);
}

/* Blocks with mappings of their own: the window is full. */
static void outside(void)
{
	size_t size = dmem_window.size;

	dmem_window.size = 0;
	make(0, 300, true);
	make(1, 100 * DMEM_KIB, false);
	make(2, 5 * DMEM_MIB, true);
	resize(2, 9 * DMEM_MIB);
	resize(1, 3 * DMEM_MIB);
	resize(2, 150 * DMEM_KIB);
	dmem_window.size = size;
	resize(1, 5 * DMEM_MIB);
	drop_all();
}

/* The same where the window is full and a region is to be found. */
static void beyond(void)
{
	size_t size = dmem_window.size;

	dmem_window.size = dmem_window.extent;
	make(0, 300, true);
	make(1, 100 * DMEM_KIB, false);
	make(2, 40 * DMEM_MIB, true);
	make(3, 40 * DMEM_MIB, false);
	resize(2, 90 * DMEM_MIB);
	resize(1, 3 * DMEM_MIB);
	resize(2, 150 * DMEM_KIB);
	drop(3);
	datamem_trim(0);
	dmem_window.size = size;
	resize(1, 5 * DMEM_MIB);
	drop_all();
}

static void (*const scenarios[])(void) = {
	small_blocks, large_blocks, growth, outside, beyond,
};

/* The target is gone by the time the kernel says no (before Linux 6.17). */
static void *mremap_loses_target(void *addr, size_t nbytes, size_t new_nbytes,
				 int flags, void *new_addr)
{
	(void)addr;
	(void)nbytes;
	(void)flags;
	munmap(new_addr, new_nbytes);
	errno = EFAULT;
	return MAP_FAILED;
}

/* The same, and another thread maps something there at once. */
static void *mremap_target_taken(void *addr, size_t nbytes, size_t new_nbytes,
				 int flags, void *new_addr)
{
	(void)addr;
	(void)nbytes;
	(void)flags;
	__real_mmap(new_addr, new_nbytes, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	errno = EFAULT;
	return MAP_FAILED;
}

/* Before Linux 5.7. */
static void *mremap_old(void *addr, size_t nbytes, size_t new_nbytes,
			int flags, void *new_addr)
{
	if (flags & 4 /* MREMAP_DONTUNMAP */) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

static void expect_whole(void)
{
	struct datamem_stats stats;

	fake_kernel_reset();
	must_succeed = true;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(scenarios); i++)
		scenarios[i]();
	must_succeed = false;
	expect_adds_up();
	datamem_stats_get(&stats, sizeof(stats));
	must(!stats.live_blocks && !stats.live_bytes);
	must(!stats.double_frees && !stats.foreign_pointers);
}

static const char *const policies[] = { "auto", "lazy" };

START_TEST(one)
{
	int count = (int)refusals_to_try();
	const char *policy = policies[_i / count];
	int which = _i % count;

	set("zero.policy", policy);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(scenarios); i++)
		one_by_one(scenarios[i], refusals[which].call,
			   refusals[which].err);
	expect_whole();
}
END_TEST

/* From one call on, all of them. */
START_TEST(all)
{
	int count = (int)refusals_to_try();
	const char *policy = policies[_i / count];
	int which = _i % count;

	set("zero.policy", policy);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(scenarios); i++) {
		fake_kernel_reset();
		fake_kernel_fail(refusals[which].call, 0, refusals[which].err);
		scenarios[i]();
		expect_adds_up();
	}
	expect_whole();
}
END_TEST

static void *(*const moves[])(void *, size_t, size_t, int, void *) = {
	mremap_loses_target, mremap_target_taken, mremap_old,
};

START_TEST(moves_that_fail)
{
	set("zero.policy", policies[_i / 3]);
	for (unsigned int i = 0; i < 3; i++) {
		fake_kernel_reset();
		fake_hooks.mremap = moves[_i % 3];
		growth();
	}
	expect_whole();
}
END_TEST

/* With nothing retained every free is a system call. */
START_TEST(nothing_retained)
{
	set("retain.max", "0");
	for (int i = 0; i < 3; i++)
		one_by_one(scenarios[_i], refusals[i].call, refusals[i].err);
	one_by_one(scenarios[_i], FAKE_MADVISE, EINVAL);
	expect_whole();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tc = tcase_create("refusals");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, one, 0, 2 * (int)refusals_to_try());
	tcase_add_loop_test(tc, all, 0, 2 * (int)refusals_to_try());
	tcase_add_loop_test(tc, moves_that_fail, 0, 6);
	tcase_add_loop_test(tc, nothing_retained, 0, 4);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

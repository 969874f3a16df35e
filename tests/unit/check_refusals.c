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

/* Another mapping of a block has what the block has. */
static void map_again(const struct datamem_handler *handler,
		      const unsigned char *ptr, size_t nbytes)
{
	int (*const ways[])(const struct datamem_shared_ref *, size_t, bool,
			    void **) = {
		datamem_shared_attach, datamem_shared_receive,
	};
	struct datamem_shared_ref ref;
	void *other;

	/* What could be no file is an ordinary block. */
	if (datamem_shared_send(ptr, &ref, sizeof(ref)))
		return;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ways); i++) {
		other = NULL;
		if (ways[i](&ref, sizeof(ref), i, &other)) {
			must(!must_succeed && !other);
			continue;
		}
		must(!memcmp(other, ptr, nbytes));
		datamem_handler_free(handler, other, 0);
	}
	/* A reference that could not be received: once the kernel obliges. */
	fake_kernel_pause(true);
	if (datamem_shared_pending()) {
		must(!datamem_shared_receive(&ref, sizeof(ref), false, &other));
		datamem_handler_free(handler, other, 0);
	}
	must(!datamem_shared_pending());
	fake_kernel_pause(false);
}

/* Blocks of a handler with files or mappings of its own. */
static void of_handler(const char *name)
{
	const struct datamem_handler *handler = datamem_handler_find(name);
	static const size_t sizes[] = { 3 * DMEM_MIB + 50, 100 };
	unsigned char *ptr, *fresh;
	size_t nbytes, kept;

	if (!handler)	/* no such node */
		return;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes); i++) {
		nbytes = sizes[i];
		ptr = datamem_handler_alloc_zeroed(handler, nbytes, 1);
		must(ptr || !must_succeed);
		if (!ptr)
			continue;
		must(!ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1));
		memset(ptr, 5, nbytes);
		map_again(handler, ptr, nbytes);
		for (size_t step = 0; step < 2; step++) {
			size_t wanted = step ? 2 * DMEM_MIB : 4 * DMEM_MIB;

			kept = DMEM_MIN(nbytes, wanted);
			fresh = datamem_handler_realloc(handler, ptr, wanted);
			must(fresh || !must_succeed);
			if (fresh) {
				ptr = fresh;
				nbytes = wanted;
			}
			must(ptr[0] == 5 && !memcmp(ptr, ptr + 1, kept - 1));
			memset(ptr, 5, nbytes);
		}
		datamem_handler_free(handler, ptr, 0);
	}
	datamem_trim(0);
}

static void shared_blocks(void)
{
	of_handler("shared");
}

static void blocks_of_a_node(void)
{
	of_handler("datamem_node_0");
}

static void (*const scenarios[])(void) = {
	small_blocks, large_blocks, growth, outside, beyond, shared_blocks,
	blocks_of_a_node,
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

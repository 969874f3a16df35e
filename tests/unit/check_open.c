/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What blocks that stay leave free around them is given back all the same. */
#include "arena/arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena/shelf.h"
#include "arena/state.h"
#include "cache/cache.h"
#include "kernel/kernel.h"
#include "fake-kernel.h"
#include "library.h"
#include "processor.h"
#include "slab/slab.h"

#define ALL (64 * MIB)

/* Nothing is given back by age, however slow the machine is. */
static void keep_for_long(void)
{
	set("retain.age", "3600000");
}

static size_t resident(void)
{
	size_t nbytes;

	if (!dmem_window.extent ||
	    dmem_kernel_resident_bytes((void *)dmem_window.base,
				       dmem_window.extent, &nbytes))
		return 0;
	return nbytes;
}

/* Whether the kernel tells the truth of what is resident. */
static bool can_count(void)
{
	char *ptr = datamem_alloc(4 * MIB);
	size_t before = resident();
	bool can;

	memset(ptr, 1, 4 * MIB);
	can = resident() >= before + 2 * MIB;
	datamem_free(ptr, 4 * MIB);
	datamem_trim(0);
	return can && !resident();
}

struct blocks {
	size_t size, n, keep;   /* every keep-th stays */
	unsigned char **ptrs;
};

static void make(struct blocks *blocks, size_t size, size_t keep)
{
	blocks->size = size;
	blocks->n = ALL / size;
	blocks->keep = keep;
	blocks->ptrs = calloc(blocks->n, sizeof(*blocks->ptrs));
	for (size_t i = 0; i < blocks->n; i++) {
		blocks->ptrs[i] = datamem_alloc(size);
		ck_assert_ptr_nonnull(blocks->ptrs[i]);
		memset(blocks->ptrs[i], (int)(i % 251 + 1), size);
	}
	for (size_t i = 0; i < blocks->n; i++)
		if (i % keep)
			datamem_free(blocks->ptrs[i], size);
}

static void check_kept(const struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->n; i += blocks->keep) {
		unsigned char *p = blocks->ptrs[i];

		ck_assert_uint_eq(p[0], i % 251 + 1);
		ck_assert_int_eq(memcmp(p, p + 1, blocks->size - 1), 0);
	}
}

/* The rest comes again, is nobody else's, and does not harm what stayed. */
static void refill(struct blocks *blocks)
{
	for (size_t i = 0; i < blocks->n; i++) {
		if (!(i % blocks->keep))
			continue;
		blocks->ptrs[i] = datamem_alloc_zeroed(blocks->size, 1);
		ck_assert_ptr_nonnull(blocks->ptrs[i]);
		ck_assert_uint_eq(blocks->ptrs[i][0], 0);
		ck_assert_int_eq(memcmp(blocks->ptrs[i], blocks->ptrs[i] + 1,
					blocks->size - 1), 0);
		memset(blocks->ptrs[i], (int)(i % 251 + 1), blocks->size);
	}
	for (size_t i = 0; i < blocks->n; i++) {
		unsigned char *p = blocks->ptrs[i];

		ck_assert_uint_eq(p[0], i % 251 + 1);
		ck_assert_int_eq(memcmp(p, p + 1, blocks->size - 1), 0);
	}
}

static void end(struct blocks *blocks, bool all)
{
	for (size_t i = 0; i < blocks->n; i++)
		if (all || !(i % blocks->keep))
			datamem_free(blocks->ptrs[i], blocks->size);
	free(blocks->ptrs);
}

/* The pages that a block may touch, and what is kept for other reasons. */
static size_t bound(const struct blocks *blocks)
{
	size_t page = dmem_kernel_page_size();
	size_t kept = (blocks->n + blocks->keep - 1) / blocks->keep;

	return kept * (DMEM_ROUND_UP(blocks->size, page) + 2 * page) + 1 * MIB;
}

static bool is_whole(const void *ptr, size_t nbytes)
{
	return dmem_arena_advised(ptr, nbytes) == nbytes;
}

static const struct {
	size_t size, keep;
} shapes[] = {
	{ 400, 100 }, { 8000, 100 }, { 20000, 50 }, { 100000, 20 },
	{ 256 * KIB, 10 }, { 300 * KIB, 4 }, { 1 * MIB, 2 },
};

/* On demand, and all is as before when the rest is freed. */
START_TEST(trimmed)
{
	size_t size = shapes[_i].size;
	struct datamem_stats stats;
	struct blocks blocks;
	char *large;
	bool whole;

	keep_for_long();
	if (!can_count())
		harness_skip("the kernel does not say what is resident");
	large = datamem_alloc(8 * MIB);
	whole = is_whole(large, 8 * MIB);
	datamem_free(large, 8 * MIB);
	make(&blocks, size, shapes[_i].keep);
	ck_assert_uint_gt(datamem_trim(0), ALL / 4);
	ck_assert_uint_le(resident(), bound(&blocks));
	stats = stats_now();
	ck_assert_uint_gt(stats.opened_bytes + stats.opened_small_bytes, 0);
	/* Nothing is left to do, and that is said. */
	ck_assert_uint_eq(datamem_trim(0), 0);
	ck_assert_uint_le(stats.pinned_bytes + stats.pinned_small_bytes,
			  bound(&blocks));
	ck_assert_uint_le(stats.held_bytes, bound(&blocks) + 4 * MIB);
	check_kept(&blocks);
	refill(&blocks);
	end(&blocks, true);
	datamem_trim(0);
	stats = stats_now();
	ck_assert_uint_eq(stats.opened_bytes + stats.opened_small_bytes, 0);
	ck_assert_uint_eq(stats.pinned_bytes + stats.pinned_small_bytes, 0);
	ck_assert_uint_eq(dmem_arena.seams, 0);
	ck_assert_uint_eq(stats.mapped_bytes, 0);
	large = datamem_alloc(8 * MIB);
	ck_assert(is_whole(large, 8 * MIB) == whole);
	datamem_free(large, 8 * MIB);
}
END_TEST

/*
 * Blocks that were the last in opened chunks come back from shelves: what is
 * free is counted once, also before the chunks are whole again.
 */
START_TEST(shelved)
{
	const struct live_numbers *shown = &dmem_live->numbers;
	struct blocks blocks;

	keep_for_long();
	stay_on_this_processor();
	make(&blocks, 1 * MIB, 16);
	datamem_trim(0);
	if (!stats_now().opened_bytes)
		harness_skip("no chunk is opened");
	end(&blocks, false);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	dmem_arena_unshelve();
	ck_assert_uint_le(shown->used_bytes, shown->mapped_bytes);
	ck_assert_uint_le(shown->used_bytes + shown->retained_bytes +
			  shown->opened_bytes, shown->mapped_bytes);
	ck_assert_uint_eq(stats_now().opened_bytes, 0);
	datamem_trim(0);
	ck_assert_uint_eq(shown->used_bytes, 0);
}
END_TEST

/* What was freed by opening chunks is whole at the next free already. */
START_TEST(made_whole)
{
	struct blocks blocks;

	keep_for_long();
	if (!can_count())
		harness_skip("the kernel does not say what is resident");
	make(&blocks, 256 * KIB, 8);
	datamem_trim(0);
	ck_assert_uint_gt(stats_now().opened_bytes, 0);
	end(&blocks, false);
	/* Those freed last may be on the shelf. */
	dmem_arena_age();
	ck_assert_uint_eq(stats_now().opened_bytes, 0);
	ck_assert_uint_eq(dmem_arena.seams, 0);
}
END_TEST

/* By age, too, where chunks are mostly free. */
START_TEST(aged)
{
	struct timespec pause = { 0, 10000000 };
	struct blocks blocks;

	if (!can_count())
		harness_skip("the kernel does not say what is resident");
	set("retain.age", "1");
	make(&blocks, shapes[_i].size, shapes[_i].keep);
	dmem_cache_trim();
	for (int i = 0; i < 3000 && resident() > bound(&blocks) + 4 * MIB;
	     i++) {
		nanosleep(&pause, NULL);
		dmem_arena_age();
		dmem_slab_age(1);
	}
	ck_assert_uint_le(resident(), bound(&blocks) + 4 * MIB);
	check_kept(&blocks);
	refill(&blocks);
	end(&blocks, true);
}
END_TEST

/* What is free beside a block that was just made was never anybody's, and is not
 * to be taken for left alone. */
START_TEST(fresh_is_not_old)
{
	void *ptrs[8];

	keep_for_long();
	for (size_t i = 0; i < COUNT(ptrs); i++) {
		ptrs[i] = datamem_alloc_aligned(300 * KIB, 2 * MIB);
		memset(ptrs[i], 1, 300 * KIB);
	}
	ck_assert_uint_gt(stats_now().pinned_bytes, 0);
	dmem_arena_age();
	ck_assert_uint_eq(stats_now().opened_bytes, 0);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		datamem_free(ptrs[i], 300 * KIB);
}
END_TEST

/* Less than half need be free where slabs are left alone for longer. */
START_TEST(aged_in_part)
{
	struct timespec pause = { 0, 10000000 };
	static void *ptrs[4000];

	set("retain.age", "1");
	for (size_t i = 0; i < COUNT(ptrs); i++)
		ptrs[i] = memset(datamem_alloc(8000), 1, 8000);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		if (i % 10 < 4)
			datamem_free(ptrs[i], 8000);
	dmem_cache_trim();
	for (int i = 0; i < 3000 && stats_now().opened_small_bytes < 6 * MIB;
	     i++) {
		nanosleep(&pause, NULL);
		dmem_slab_age(1);
	}
	ck_assert_uint_ge(stats_now().opened_small_bytes, 6 * MIB);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		if (i % 10 >= 4)
			datamem_free(ptrs[i], 8000);
}
END_TEST

/* A chunk that is mostly in use keeps its huge page. */
START_TEST(kept_whole)
{
	struct blocks blocks;

	keep_for_long();
	if (!can_count())
		harness_skip("the kernel does not say what is resident");
	make(&blocks, 200 * KIB, 40);
	refill(&blocks);
	for (size_t i = 0; i < blocks.n; i += 40)
		datamem_free(blocks.ptrs[i], blocks.size);
	datamem_trim(0);
	/* But the last one, where the row of blocks ends. */
	ck_assert_uint_lt(stats_now().opened_bytes, dmem_chunk_size());
	ck_assert_uint_gt(stats_now().pinned_bytes, 0);
	free(blocks.ptrs);
}
END_TEST

static int64_t slabs = -1;

/* The chunk is given back just before its advice goes, if it can be. */
static int give_before_advice(void *addr, size_t nbytes, int advice)
{
	if (advice == MADV_NOHUGEPAGE && slabs >= 0 &&
	    dmem_trylock(&dmem_arena.lock)) {
		dmem_unlock(&dmem_arena.lock);
		dmem_arena_give_chunk((uint32_t)slabs);
		slabs = -1;
		dmem_arena_settle();
	}
	return __real_madvise(addr, nbytes, advice);
}

/* A chunk that slabs give back while it is to be opened stays whole. */
START_TEST(given_back)
{
	char *large = datamem_alloc(8 * MIB);
	bool split;

	datamem_free(large, 8 * MIB);
	slabs = dmem_arena_take_chunk();
	ck_assert_int_ge(slabs, 0);
	fake_hooks.madvise = give_before_advice;
	dmem_arena_open((uint32_t)slabs, &split);
	fake_kernel_reset();
	if (slabs >= 0)
		dmem_arena_give_chunk((uint32_t)slabs);
	dmem_arena_settle();
	ck_assert_uint_eq(dmem_arena.seams, 0);
	datamem_trim(0);
	ck_assert_uint_eq(dmem_arena.seams, 0);
}
END_TEST

static bool stop;

/* Blocks of all sizes, kept for different times, each with its pattern. */
static void *churn(void *arg)
{
	static const size_t sizes[] = { 48, 400, 5000, 20000, 90000,
					140 * KIB, 300 * KIB, 1 * MIB };
	unsigned char *ptrs[64] = { 0 };
	size_t turn = (size_t)(uintptr_t)arg, have[64];

	while (!dmem_load(&stop)) {
		size_t slot = (turn = turn * 5 + 3) / 7 % 64;
		unsigned char *p = ptrs[slot];

		if (p) {
			ck_assert_uint_eq(p[0], slot + 1);
			ck_assert_uint_eq(p[have[slot] - 1], slot + 1);
			datamem_free(p, have[slot]);
		}
		have[slot] = sizes[turn / 64 % COUNT(sizes)];
		p = datamem_alloc(have[slot]);
		ck_assert_ptr_nonnull(p);
		memset(p, (int)slot + 1, have[slot]);
		ptrs[slot] = p;
	}
	for (size_t i = 0; i < 64; i++)
		datamem_free(ptrs[i], 1);
	return NULL;
}

/* Opened while others make and free blocks, and fork. */
START_TEST(meanwhile)
{
	pthread_t threads[3];
	int status;
	pid_t pid;

	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, churn, (void *)(i + 1));
	for (int i = 0; i < 200; i++) {
		datamem_trim(0);
		if (i % 10)
			continue;
		pid = fork();
		if (!pid) {
			void *ptr = datamem_alloc(300 * KIB);

			memset(ptr, 1, 300 * KIB);
			datamem_free(ptr, 300 * KIB);
			datamem_trim(0);
			_exit(0);
		}
		ck_assert_int_ge(pid, 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	dmem_store(&stop, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().opened_bytes, 0);
	ck_assert_uint_eq(stats_now().opened_small_bytes, 0);
	ck_assert_uint_eq(stats_now().double_frees, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("open");
	TCase *tc = tcase_create("open");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, trimmed, 0, COUNT(shapes));
	tcase_add_loop_test(tc, aged, 0, COUNT(shapes));
	tcase_add_test(tc, fresh_is_not_old);
	tcase_add_test(tc, aged_in_part);
	tcase_add_test(tc, shelved);
	tcase_add_test(tc, made_whole);
	tcase_add_test(tc, kept_whole);
	tcase_add_test(tc, given_back);
	tcase_add_test(tc, meanwhile);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks that leave most of their chunks free: what is kept for the next. */
#include "arena/arena.h"

#include <string.h>

#include "arena/cap.h"
#include "arena/state.h"
#include "fake-kernel.h"
#include "library.h"
#include "kernel/kernel.h"

#define BLOCKS 24
#define BESIDE 100
#define ALIGNMENT (2 * MIB)

static void make(void **blocks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		blocks[i] = datamem_alloc_aligned(DMEM_GRANULE, ALIGNMENT);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], 1, DMEM_GRANULE);
	}
}

static void end(void **blocks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		datamem_free(blocks[i], DMEM_GRANULE);
}

/* In use, and kept. */
static size_t held(void)
{
	struct datamem_stats stats = stats_now();

	return stats.held_bytes + stats.lazy_bytes;
}

static unsigned int calls(void)
{
	return fake_kernel_count(FAKE_MMAP) + fake_kernel_count(FAKE_MUNMAP) +
	       fake_kernel_count(FAKE_MPROTECT) +
	       fake_kernel_count(FAKE_MREMAP) + fake_kernel_count(FAKE_MADVISE);
}

/* No memory limits; no thread of the library's beside the test, and nothing
 * that goes by its age. */
static void begin(void)
{
	if (dmem_chunk_size() != ALIGNMENT)
		harness_skip("chunks of other sizes than %zu", ALIGNMENT);
	fake_tree_make();
	set("control", "page");
	set("retain.age", "3600000");
	set("service.retained", "1T");
}

/* They come again without a call of the kernel. */
START_TEST(no_calls)
{
	void *beside[BESIDE], *blocks[BLOCKS];
	unsigned int before = 0;

	begin();
	make(beside, BESIDE);
	for (int round = 0; round < 20; round++) {
		if (round == 2)
			before = calls();
		make(blocks, BLOCKS);
		end(blocks, BLOCKS);
	}
	ck_assert_uint_eq(calls(), before);
	end(beside, BESIDE);
	fake_tree_remove();
}
END_TEST

/* Nor do those that share chunks: where a kept run is long enough, no pages are
 * moved to a shorter one. */
START_TEST(no_moves)
{
	size_t nbytes = 2100 * KIB;
	unsigned int before = 0;
	void *blocks[64];

	begin();
	for (int round = 0; round < 20; round++) {
		if (round == 3)
			before = calls();
		for (size_t i = 0; i < 64; i++) {
			blocks[i] = datamem_alloc(nbytes);
			ck_assert_ptr_nonnull(blocks[i]);
		}
		for (size_t i = 0; i < 64; i++)
			datamem_free(blocks[i], nbytes);
	}
	ck_assert_uint_eq(calls(), before);
	fake_tree_remove();
}
END_TEST

/* What is kept and in use is no more than what was in use. */
START_TEST(bounded)
{
	void *beside[BESIDE], *blocks[BLOCKS];
	size_t most;

	begin();
	make(beside, BESIDE);
	make(blocks, BLOCKS);
	most = held() + 2 * dmem_chunk_size();
	end(blocks, BLOCKS);
	ck_assert_uint_le(held(), most);
	/* Others need the memory that is kept: no more is. */
	for (size_t i = 0; i < 4; i++) {
		blocks[i] = datamem_alloc(4 * MIB - DMEM_GRANULE);
		ck_assert_ptr_nonnull(blocks[i]);
	}
	end(blocks, 4);
	ck_assert_uint_le(held(), most);
	end(beside, BESIDE);
	fake_tree_remove();
}
END_TEST

/* Two windows of time later they are forgotten. */
START_TEST(forgotten)
{
	void *beside[BESIDE], *blocks[BLOCKS];
	uint32_t now;

	begin();
	make(beside, BESIDE);
	make(blocks, BLOCKS);
	end(blocks, BLOCKS);
	dmem_arena_lock();
	now = dmem_retain_now();
	ck_assert_uint_ge(dmem_cap(), BLOCKS / 2 * dmem_chunk_size());
	dmem_cap_age(now + 4000000, 3600000);
	dmem_cap_age(now + 8000000, 3600000);
	ck_assert_uint_le(dmem_cap(), 2 * dmem_chunk_size());
	dmem_arena_unlock();
	end(beside, BESIDE);
	fake_tree_remove();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spread");
	TCase *tc = tcase_create("spread");

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, no_calls);
	tcase_add_test(tc, no_moves);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, forgotten);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks freed last come back as they are, and stand in nobody's way. */
#include "arena/shelf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/arena.h"
#include "library.h"
#include "processor.h"

#define SIZE (DMEM_MIB / 2)

/* Time stands still, so that nothing ages but where a test says so. */
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return 1;
}

static uint64_t bound = UINT64_MAX;
uint64_t __wrap_dmem_retain_bound(void);
uint64_t __wrap_dmem_retain_bound(void)
{
	return bound;
}

static void setup(void)
{
	set("control", "off");
	stay_on_this_processor();
	/* The first free ages once, as it reads the limits; from then on the
	 * size has been asked for. */
	datamem_free(datamem_alloc(SIZE), SIZE);
	datamem_free(datamem_alloc(SIZE), SIZE);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	datamem_trim(0);
}

/* The last one freed is the warmest. */
START_TEST(the_last_comes_first)
{
	char *a = datamem_alloc(SIZE), *b = datamem_alloc(SIZE);
	struct datamem_stats before, after;

	datamem_free(a, SIZE);
	datamem_free(b, SIZE);
	before = stats_now();
	ck_assert_ptr_eq(datamem_alloc(SIZE), b);
	ck_assert_ptr_eq(datamem_alloc(SIZE), a);
	after = stats_now();
	ck_assert_uint_eq(after.large_hits, before.large_hits + 2);
	ck_assert_uint_gt(after.faults_avoided, before.faults_avoided);
	ck_assert_uint_eq(after.live_blocks, before.live_blocks + 2);
	datamem_free(a, SIZE);
	datamem_free(b, SIZE);
}
END_TEST

/* Where sizes vary, what is kept as it is only stands in the way. */
START_TEST(not_for_other_sizes)
{
	size_t nbytes = 160 * DMEM_KIB, warm = 64 * DMEM_MIB;
	char *ptr = datamem_alloc(warm);
	unsigned int kept = 0;

	memset(ptr, 1, warm);
	datamem_free(ptr, warm);
	/* Each larger than all before. */
	for (size_t i = 0; i < 40; i++, nbytes += nbytes / 14 / 4096 * 4096) {
		ptr = datamem_alloc(nbytes);
		datamem_free(ptr, nbytes);
		kept += dmem_shelf_bytes() != 0;
	}
	ck_assert_uint_gt(kept, 10);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
}
END_TEST

/* A run may be a little longer, not much. */
START_TEST(of_nearly_the_size)
{
	char *old = datamem_alloc(SIZE), *behind = datamem_alloc(SIZE), *ptr;

	datamem_free(old, SIZE);
	ptr = datamem_alloc(SIZE - SIZE / 128);
	ck_assert_ptr_eq(ptr, old);
	ck_assert_uint_ge(datamem_usable_size(ptr), SIZE - SIZE / 128);
	ck_assert_uint_eq(stats_now().live_bytes, 2 * SIZE - SIZE / 128);
	datamem_free(ptr, 1);
	datamem_free(datamem_alloc(SIZE - SIZE / 128), 1);
	ck_assert_uint_ge(dmem_shelf_bytes(), SIZE - SIZE / 128);
	ptr = datamem_alloc(SIZE - SIZE / 16);
	ck_assert_uint_ge(dmem_shelf_bytes(), SIZE - SIZE / 128);
	datamem_free(ptr, SIZE);
	datamem_free(behind, SIZE);
}
END_TEST

START_TEST(not_too_many)
{
	char *ptrs[20];

	for (size_t i = 0; i < 20; i++)
		ptrs[i] = datamem_alloc(SIZE);
	for (size_t i = 0; i < 20; i++)
		datamem_free(ptrs[i], SIZE);
	ck_assert_uint_eq(dmem_shelf_bytes() / SIZE, 12);
}
END_TEST

/* Writing to them costs more than any run. */
START_TEST(not_for_large_ones)
{
	for (size_t i = 0; i < 3; i++) {
		datamem_free(datamem_alloc(8 * DMEM_MIB), 8 * DMEM_MIB);
		ck_assert_uint_eq(dmem_shelf_bytes(), 0);
	}
}
END_TEST

START_TEST(alignments_hold)
{
	for (size_t align = 64; align <= 2 * DMEM_MIB; align *= 2) {
		char *ptr = datamem_alloc(SIZE), *other = datamem_alloc(SIZE);
		char *aligned;

		datamem_free(ptr, SIZE);
		datamem_free(other, SIZE);
		aligned = datamem_alloc_aligned(SIZE, align);
		ck_assert_ptr_nonnull(aligned);
		ck_assert_uint_eq((uintptr_t)aligned & (align - 1), 0);
		datamem_free(aligned, SIZE);
	}
}
END_TEST

START_TEST(zeroed_blocks_are_zero)
{
	char *ptr = datamem_alloc(SIZE), *zeroed;

	memset(ptr, 0x5a, SIZE);
	datamem_free(ptr, SIZE);
	zeroed = datamem_alloc_zeroed(SIZE, 1);
	ck_assert_ptr_eq(zeroed, ptr);
	ck_assert(!zeroed[0] && !memcmp(zeroed, zeroed + 1, SIZE - 1));
	datamem_free(zeroed, SIZE);
}
END_TEST

/* What lies on the shelf is free memory like all other. */
START_TEST(counts_as_retained)
{
	size_t retained = stats_now().retained_bytes;
	char *ptr = datamem_alloc(SIZE);

	memset(ptr, 1, SIZE);
	datamem_free(ptr, SIZE);
	ck_assert_uint_ge(dmem_shelf_bytes(), SIZE);
	ck_assert_uint_ge(stats_now().retained_bytes, retained + SIZE);
	ck_assert_uint_gt(datamem_trim(0), 0);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
	ck_assert_uint_eq(stats_now().retained_bytes, 0);
	ck_assert_uint_eq(stats_now().held_bytes, 0);
}
END_TEST

/* All of it goes, also what becomes a whole chunk only without the shelf. */
START_TEST(trim_takes_the_rest)
{
	size_t chunk = dmem_chunk_size(), rest = chunk - SIZE - 65536;
	char *small[2], *large[2], *wall;

	if (chunk != 2 * DMEM_MIB)
		harness_skip("chunks of %zu bytes", chunk);
	small[0] = datamem_alloc(SIZE);
	large[0] = datamem_alloc(rest);
	wall = datamem_alloc(chunk);
	small[1] = datamem_alloc(SIZE);
	large[1] = datamem_alloc(rest - 8192);
	for (size_t i = 0; i < 2; i++)
		datamem_free(large[i], 1);
	for (size_t i = 0; i < 2; i++) {
		memset(small[i], 1, SIZE);
		datamem_free(small[i], SIZE);
	}
	ck_assert_uint_ge(dmem_shelf_bytes(), 2 * SIZE);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().retained_bytes, 0);
	datamem_free(wall, chunk);
}
END_TEST

START_TEST(ageing_ends_it)
{
	datamem_free(datamem_alloc(SIZE), SIZE);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	dmem_arena_age();
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
}
END_TEST

/* A larger request finds what the small ones have left side by side. */
START_TEST(joined_for_a_larger_one)
{
	size_t nbytes = SIZE, extent;
	char *ptrs[8], *large;

	/* Of a larger one there is room beside the small blocks. */
	if (dmem_chunk_size() != 2 * DMEM_MIB)
		harness_skip("chunks of %zu bytes", dmem_chunk_size());
	for (size_t i = 0; i < 8; i++) {
		ptrs[i] = datamem_alloc(nbytes);
		memset(ptrs[i], 1, nbytes);
	}
	for (size_t i = 0; i < 8; i++)
		datamem_free(ptrs[i], nbytes);
	extent = dmem_window.extent;
	ck_assert_uint_eq(dmem_shelf_bytes(), 8 * nbytes);
	large = datamem_alloc(3 * nbytes);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
	ck_assert_uint_eq(dmem_window.extent, extent);
	ck_assert(large >= ptrs[0] - 4096 && large <= ptrs[7]);
	datamem_free(large, 3 * nbytes);
}
END_TEST

START_TEST(a_block_grows_over_it)
{
	size_t nbytes = SIZE;
	char *a = datamem_alloc(nbytes), *b = datamem_alloc(nbytes);

	ck_assert(b > a && b < a + nbytes + 8192);
	datamem_free(b, nbytes);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	ck_assert_ptr_eq(datamem_realloc(a, nbytes + nbytes / 2), a);
	datamem_free(a, nbytes);
}
END_TEST

/* The size that came again is not the one that it has now. */
START_TEST(not_resized_ones)
{
	char *ptr = datamem_alloc(SIZE);
	size_t peak;

	ptr = datamem_realloc(ptr, 64 * DMEM_MIB);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 64 * DMEM_MIB);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);

	datamem_free(datamem_alloc(SIZE), SIZE);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	dmem_arena.peak = 0;
	peak = dmem_arena.used;
	dmem_arena_age();
	/* To end a run on the shelf is no use of it. */
	ck_assert_uint_le(dmem_arena.peak, peak);
}
END_TEST

/* Blocks of a chunk begin on one, also those that come from the shelf. */
START_TEST(not_off_a_chunk)
{
	size_t chunk = dmem_chunk_size(), nbytes = chunk;
	char *first, *ptr, *fresh;

	if (2 * nbytes > 4 * DMEM_MIB + DMEM_MIB)
		harness_skip("chunks of %zu bytes", chunk);
	datamem_free(datamem_alloc(nbytes), nbytes);
	datamem_free(datamem_alloc(nbytes), nbytes);
	datamem_trim(0);
	first = datamem_alloc(SIZE);
	ptr = datamem_alloc(chunk / 2);
	ck_assert_ptr_eq(datamem_realloc(ptr, nbytes), ptr);
	ck_assert_uint_ge((uintptr_t)ptr & (chunk - 1), 4096);
	datamem_free(ptr, nbytes);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	fresh = datamem_alloc(nbytes);
	ck_assert_uint_lt((uintptr_t)fresh & (chunk - 1), 4096);
	datamem_free(fresh, nbytes);
	datamem_free(first, SIZE);
}
END_TEST

START_TEST(a_second_free_is_seen)
{
	char *ptr = datamem_alloc(SIZE);
	struct dmem_block block;

	datamem_free(ptr, SIZE);
	ck_assert(!dmem_arena_find(ptr, &block));
	ck_assert_uint_eq(datamem_usable_size(ptr), 0);
	datamem_free(ptr, SIZE);
	ck_assert_uint_eq(stats_now().double_frees, 1);
	ck_assert_ptr_eq(datamem_alloc(SIZE), ptr);
	ck_assert_ptr_ne(datamem_alloc(SIZE), ptr);
}
END_TEST

/* Where memory is short, a shelf holds little. */
START_TEST(bounded_by_memory)
{
	char *ptrs[20];

	bound = 64 * DMEM_MIB;
	for (size_t i = 0; i < 20; i++)
		ptrs[i] = datamem_alloc(SIZE);
	for (size_t i = 0; i < 20; i++)
		datamem_free(ptrs[i], SIZE);
	ck_assert_uint_le(dmem_shelf_bytes(), 8 * DMEM_MIB);
	bound = DMEM_MIB;
	datamem_trim(0);
	datamem_free(datamem_alloc(SIZE), SIZE);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
	bound = UINT64_MAX;
	set("retain.max", "0");
	datamem_free(datamem_alloc(SIZE), SIZE);
	ck_assert_uint_eq(dmem_shelf_bytes(), 0);
}
END_TEST

START_TEST(a_child_gets_none)
{
	size_t nbytes = 4 * DMEM_MIB;
	int status;
	pid_t pid;
	char *ptr;

	datamem_free(datamem_alloc(nbytes), nbytes);
	ptr = datamem_alloc(nbytes);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(stats_now().retained_bytes != 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shelf");
	TCase *tcase = tcase_create("blocks freed last");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, the_last_comes_first);
	tcase_add_test(tcase, not_for_other_sizes);
	tcase_add_test(tcase, of_nearly_the_size);
	tcase_add_test(tcase, not_too_many);
	tcase_add_test(tcase, not_for_large_ones);
	tcase_add_test(tcase, alignments_hold);
	tcase_add_test(tcase, zeroed_blocks_are_zero);
	tcase_add_test(tcase, counts_as_retained);
	tcase_add_test(tcase, trim_takes_the_rest);
	tcase_add_test(tcase, ageing_ends_it);
	tcase_add_test(tcase, joined_for_a_larger_one);
	tcase_add_test(tcase, a_block_grows_over_it);
	tcase_add_test(tcase, not_resized_ones);
	tcase_add_test(tcase, not_off_a_chunk);
	tcase_add_test(tcase, a_second_free_is_seen);
	tcase_add_test(tcase, bounded_by_memory);
	tcase_add_test(tcase, a_child_gets_none);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

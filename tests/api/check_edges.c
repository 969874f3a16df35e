/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Edges: what is usable is carried, what becomes large begins on a huge page,
 * what is refused leaves nothing behind, and counts stay within reason.
 */
#include <datamem.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "library.h"

static size_t chunk_size(void)
{
	struct datamem_hugepage_probe probe;

	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	return probe.hugepage_size >= 64 * KIB &&
	       probe.hugepage_size <= 32 * MIB ? probe.hugepage_size : 2 * MIB;
}

static unsigned char expected(size_t i)
{
	return (unsigned char)(i * 31 + i / 4096 + 1);
}

static const size_t carried[] = {
	1, 100, 1000, 1025, 65537, 131072, 131073, 200001, 307200, 307260,
	307261, 307262, 311296, 1 << 20, 1935000, 2097153, 2097152 + 131073,
	5000001,
};

/* All bytes that may be used are carried, not only those asked for. */
START_TEST(usable_is_carried)
{
	size_t nbytes = carried[_i], usable, next;
	unsigned char *ptr = datamem_alloc(nbytes), *wall;

	for (int i = 0; i < 4; i++) {
		ck_assert_ptr_nonnull(ptr);
		ptr = take_usable(ptr, &usable);
		ck_assert_uint_ge(usable, nbytes);
		for (size_t j = 0; j < usable; j++)
			ptr[j] = expected(j);
		/* Some grow where they are, some must move. */
		wall = i & 1 ? datamem_alloc(nbytes) : NULL;
		next = i < 2 ? usable + 1 : 3 * usable;
		ptr = datamem_realloc(ptr, next);
		ck_assert_ptr_nonnull(ptr);
		for (size_t j = 0; j < usable; j++)
			if (ptr[j] != expected(j))
				ck_abort_msg("byte %zu of %zu", j, usable);
		datamem_free(wall, nbytes);
		nbytes = next;
	}
	datamem_free(ptr, 1);
}
END_TEST

/* Whatever place it grew up in; a block that does not move stays there. */
START_TEST(becomes_large)
{
	size_t chunk = chunk_size(), target = 64 * MIB, phase;
	char *first = datamem_alloc(MIB / 2 + 4096), *ptr;

	ptr = datamem_alloc(MIB);
	ck_assert_ptr_nonnull(ptr);
	ptr[MIB - 1] = 5;
	if (_i) {
		/* In steps, also through sizes that share a chunk. */
		for (size_t n = MIB; n < target; n += n / 3 + 1) {
			ptr = datamem_realloc(ptr, n);
			ck_assert_ptr_nonnull(ptr);
		}
	}
	ptr = datamem_realloc(ptr, target);
	ck_assert_ptr_nonnull(ptr);
	phase = (uintptr_t)ptr & (chunk - 1);
	ck_assert_uint_eq(phase % 64, 0);
	ck_assert_int_eq(ptr[MIB - 1], 5);
	datamem_free(ptr, 1);
	datamem_free(first, 1);
}
END_TEST

START_TEST(refused_leaves_nothing)
{
	struct datamem_stats before, after;
	volatile size_t much = (size_t)1 << 46;
	void *keep = datamem_alloc(3 * MIB), *small = datamem_alloc(100), *ptr;

	before = stats_now();
	errno = 0;
	ptr = datamem_alloc(much);
	if (ptr) {
		datamem_free(ptr, 1);
		harness_skip("this machine has 64 TiB to give");
	}
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_null(datamem_alloc_zeroed(much, 1));
	ck_assert_ptr_null(datamem_realloc(keep, much));
	after = stats_now();
	ck_assert_uint_eq(after.peak_bytes, before.peak_bytes);
	ck_assert_uint_eq(after.meta_bytes, before.meta_bytes);
	ck_assert_uint_eq(after.live_bytes, before.live_bytes);
	ck_assert_uint_eq(after.failed_allocs, before.failed_allocs + 3);
	datamem_free(keep, 1);
	datamem_free(small, 100);
}
END_TEST

START_TEST(trim_leaves_nothing)
{
	static const size_t sizes[] = { 24, 5000, 100000, 300000, 1 << 20,
					3 << 20, 50 << 20 };
	void *ptrs[COUNT(sizes)];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			ptrs[i] = datamem_alloc(sizes[i]);
			memset(ptrs[i], 1, sizes[i]);
			ptrs[i] = datamem_realloc(ptrs[i], 2 * sizes[i]);
		}
		for (size_t i = 0; i < COUNT(sizes); i++)
			datamem_free(ptrs[i], 1);
		datamem_trim(0);
		ck_assert_uint_eq(stats_now().live_bytes, 0);
		ck_assert_uint_eq(stats_now().cached_bytes, 0);
		ck_assert_uint_eq(stats_now().mapped_bytes, 0);
	}
}
END_TEST

/* What the quarantine holds back must not use the limit up. */
START_TEST(debug_within_a_limit)
{
	const struct datamem_handler *debug = datamem_handler_find("debug");
	void *ptr;

	ck_assert_ptr_nonnull(debug);
	set("limit.max", "20M");
	for (int i = 0; i < 100; i++) {
		ptr = datamem_handler_alloc(debug, MIB);
		ck_assert_msg(ptr != NULL, "round %d", i);
		memset(ptr, 1, MIB);
		datamem_handler_free(debug, ptr, MIB);
	}
}
END_TEST

/* A mistake of the program must not make the counts huge. */
START_TEST(double_frees_and_counts)
{
	static const size_t sizes[] = { 16, 100, 1024, 20000, 131072 };
	size_t nbytes = sizes[_i], bound = 1024 * (nbytes + 4096);
	void *ptrs[64];

	for (int round = 0; round < 8; round++) {
		for (size_t i = 0; i < COUNT(ptrs); i++)
			ptrs[i] = datamem_alloc(nbytes);
		for (size_t i = 0; i < COUNT(ptrs); i++)
			datamem_free(ptrs[i], nbytes);
		for (size_t i = 0; i < COUNT(ptrs); i++)
			datamem_free(ptrs[i], nbytes);
		ck_assert_uint_le(stats_now().live_bytes, bound);
		ck_assert_uint_le(stats_now().peak_bytes, bound);
		ck_assert_uint_le(stats_now().cached_bytes, bound);
		datamem_trim(0);
		ck_assert_uint_le(stats_now().live_bytes, bound);
		ck_assert_uint_le(stats_now().peak_bytes, bound);
		datamem_peak_reset();
		ck_assert_uint_le(stats_now().peak_bytes, bound);
	}
}
END_TEST

/* The program's own entries are its own, also for what it frees by mistake. */
START_TEST(foreign_entries_stay)
{
	struct datamem_trace_totals totals;
	char *foreign = malloc(1000), *block;

	ck_assert_int_eq(datamem_trace_start(), 0);
	ck_assert_int_eq(datamem_trace_track(DATAMEM_TRACE_DOMAIN, foreign,
					     1000), 0);
	block = datamem_alloc(500);
	datamem_free(foreign, 1000);
	ck_assert_ptr_null(datamem_realloc(foreign, 2000));
	datamem_free(block, 500);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.blocks, 1);
	ck_assert_uint_eq(totals.bytes, 1000);
	ck_assert_int_eq(datamem_trace_untrack(DATAMEM_TRACE_DOMAIN, foreign),
			 0);
	datamem_trace_stop();
	free(foreign);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("edges");
	TCase *tc = tcase_create("edges");

	tcase_add_loop_test(tc, usable_is_carried, 0, (int)COUNT(carried));
	tcase_add_loop_test(tc, becomes_large, 0, 2);
	tcase_add_test(tc, refused_leaves_nothing);
	tcase_add_test(tc, trim_leaves_nothing);
	tcase_add_test(tc, debug_within_a_limit);
	tcase_add_loop_test(tc, double_frees_and_counts, 0, 5);
	tcase_add_test(tc, foreign_entries_stay);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

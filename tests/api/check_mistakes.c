/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Wrong hints, foreign pointers, double frees, limits and accounts of the
 * default allocator: nothing breaks, and the counts are exact.
 */
#include <datamem.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "library.h"

static const size_t sizes[] = {
	1, 16, 100, 1024, 5000, 65536, 65537, 1 << 20, 2 << 20, 5 << 20,
};

/* The compiler knows what these functions return, and so warns of sizes. */
static volatile size_t none = 0, most = SIZE_MAX;

START_TEST(hints)
{
	size_t nbytes = sizes[_i], usable;
	char *ptr, *other;

	/* Too small: NumPy passes 1 for 8 and for 80 bytes. */
	datamem_free(datamem_alloc(nbytes), 1);
	datamem_free(datamem_alloc(nbytes), 0);
	ck_assert_uint_eq(stats_now().large_hints, 0);
	/* Too large: counted, and the block does not come back as larger. */
	ptr = datamem_alloc(nbytes);
	usable = datamem_usable_size(ptr);
	datamem_free(ptr, 8 * usable);
	ck_assert_uint_eq(stats_now().large_hints, 1);
	other = datamem_alloc(8 * usable);
	ck_assert_uint_ge(datamem_usable_size(other), 8 * usable);
	memset(other, 1, 8 * usable);
	datamem_free(other, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* Memory of the C library, the stack, the program, of nobody. */
START_TEST(foreign_pointers)
{
	char *heap = malloc(500), local[64];
	void *map = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *strangers[] = { heap, local, map, (void *)sizes, (void *)16,
			      (void *)(UINTPTR_MAX - 15) };
	uint64_t before = stats_now().foreign_pointers;

	ck_assert_ptr_ne(map, MAP_FAILED);
	memset(heap, 3, 500);
	for (size_t i = 0; i < COUNT(strangers); i++) {
		errno = 4711;
		datamem_free(strangers[i], 100);
		ck_assert_int_eq(errno, 4711);
		ck_assert_ptr_null(datamem_realloc(strangers[i], 100));
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_uint_eq(datamem_usable_size(strangers[i]), 0);
		datamem_dims_free(strangers[i], 3);
	}
	ck_assert_uint_eq(stats_now().foreign_pointers - before,
			  3 * COUNT(strangers));
	/* malloc's block was left alone. */
	ck_assert_int_eq(heap[499], 3);
	heap = realloc(heap, 5000);
	free(heap);
	munmap(map, 65536);
}
END_TEST

START_TEST(inside_a_large_block)
{
	char *ptr = datamem_alloc(5 * MIB);

	memset(ptr, 9, 5 * MIB);
	datamem_free(ptr + 64, 1);
	datamem_free(ptr + 3 * MIB, 1);
	ck_assert_ptr_null(datamem_realloc(ptr + 4096, 10));
	ck_assert_uint_eq(datamem_usable_size(ptr + 4096), 0);
	ck_assert_uint_eq(stats_now().foreign_pointers, 3);
	ck_assert_uint_eq(stats_now().live_bytes, 5 * MIB);
	ck_assert_int_eq(ptr[5 * MIB - 1], 9);
	datamem_free(ptr, 5 * MIB);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* In debug mode every double free is found at once, and changes nothing. */
START_TEST(double_frees)
{
	size_t nbytes = sizes[_i];
	void *ptr, *keep;

	set("debug", "warn");
	datamem_log_set(NULL, NULL);
	keep = datamem_alloc(nbytes);
	ptr = datamem_alloc(nbytes);
	datamem_free(ptr, nbytes);
	datamem_free(ptr, nbytes);
	ck_assert_uint_eq(stats_now().double_frees, 1);
	ck_assert_ptr_null(datamem_realloc(ptr, 3 * nbytes));
	ck_assert_uint_eq(stats_now().live_blocks, 1);
	datamem_free(keep, nbytes);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* Without debug mode, small double frees are found late; the limit's count and
 * the live blocks come back to nothing all the same. */
START_TEST(late_double_frees)
{
	void *ptrs[400];

	for (size_t i = 0; i < COUNT(ptrs); i++)
		ptrs[i] = datamem_alloc(100);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		datamem_free(ptrs[i], 100);
	for (size_t i = 0; i < 50; i++)
		datamem_free(ptrs[i * 7], 100);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().double_frees, 50);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	/* The limit's own count is exact: all of it can be had. */
	set("limit.max", "1M");
	ptrs[0] = datamem_alloc(MIB);
	ck_assert_ptr_nonnull(ptrs[0]);
	ck_assert_ptr_null(datamem_alloc(16));
	datamem_free(ptrs[0], MIB);
}
END_TEST

START_TEST(limit_is_exact)
{
	void *first, *second, *small;

	set("limit.max", "10M");
	first = datamem_alloc(6 * MIB);
	ck_assert_ptr_nonnull(first);
	errno = 0;
	ck_assert_ptr_null(datamem_alloc(4 * MIB + 1));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_eq(stats_now().limit_failures, 1);
	second = datamem_alloc(4 * MIB);
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_null(datamem_alloc(1));
	ck_assert_ptr_null(datamem_realloc(second, 4 * MIB + 1));
	/* A shrink succeeds, also one that would rather move. */
	second = datamem_realloc(second, 3 * MIB);
	ck_assert_ptr_nonnull(second);
	second = datamem_realloc(second, 10 * KIB);
	ck_assert_ptr_nonnull(second);
	small = datamem_alloc(16);
	ck_assert_ptr_nonnull(small);
	datamem_free(small, 16);
	datamem_free(second, 1);
	datamem_free(first, 1);
	ck_assert_ptr_null(datamem_alloc(10 * MIB + 1));
	first = datamem_alloc(10 * MIB);
	ck_assert_ptr_nonnull(first);
	datamem_free(first, 1);
	set("limit.max", "0");
	datamem_free(datamem_alloc(20 * MIB), 1);
}
END_TEST

/* At the limit a shrink that would take a new block stays where it is. */
START_TEST(shrink_at_the_limit)
{
	size_t from = sizes[_i];
	unsigned char *ptr;

	ptr = datamem_alloc(from);
	*ptr = 77;
	set("limit.max", "1");
	for (size_t to = from; to; to /= 3) {
		ptr = datamem_realloc(ptr, to);
		ck_assert_ptr_nonnull(ptr);
		ck_assert_int_eq(*ptr, 77);
	}
	ptr = datamem_realloc(ptr, none);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(stats_now().failed_allocs, 0);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static void *cache_some(void *arg)
{
	void *ptrs[256];
	pthread_barrier_t *barriers = arg;

	for (size_t i = 0; i < COUNT(ptrs); i++)
		ptrs[i] = datamem_alloc(1000);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		datamem_free(ptrs[i], 1000);
	pthread_barrier_wait(&barriers[0]);
	pthread_barrier_wait(&barriers[1]);
	return NULL;
}

/* What threads keep for themselves is taken back before a request fails. */
START_TEST(caches_are_emptied_first)
{
	pthread_barrier_t barriers[2];
	pthread_t thread;
	void *ptr;

	set("control", "page");
	set("limit.max", "1M");
	pthread_barrier_init(&barriers[0], NULL, 2);
	pthread_barrier_init(&barriers[1], NULL, 2);
	pthread_create(&thread, NULL, cache_some, barriers);
	pthread_barrier_wait(&barriers[0]);
	ck_assert_uint_gt(stats_now().cached_bytes, 0);
	ptr = datamem_alloc(MIB);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(stats_now().failed_allocs, 0);
	datamem_free(ptr, 1);
	pthread_barrier_wait(&barriers[1]);
	pthread_join(thread, NULL);
}
END_TEST

static struct datamem_trace_totals totals_now(void)
{
	struct datamem_trace_totals totals;

	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	return totals;
}

static void expect_totals(size_t blocks, size_t bytes)
{
	struct datamem_trace_totals totals = totals_now();

	ck_assert_uint_eq(totals.blocks, blocks);
	ck_assert_uint_eq(totals.bytes, bytes);
}

/* Bytes as asked for, each block once; dims never. */
START_TEST(accounts)
{
	size_t nbytes = sizes[_i];
	void *before = datamem_alloc(nbytes), *ptr, *other, *dims, *raw;

	ck_assert_int_eq(datamem_trace_start(), 0);
	expect_totals(0, 0);
	ptr = datamem_alloc(nbytes);
	expect_totals(1, nbytes);
	other = datamem_alloc_zeroed(nbytes, 2);
	expect_totals(2, 3 * nbytes);
	dims = datamem_dims_alloc(5);
	expect_totals(2, 3 * nbytes);
	ptr = datamem_realloc(ptr, 4 * nbytes);
	expect_totals(2, 6 * nbytes);
	ck_assert_ptr_null(datamem_realloc(ptr, most));
	expect_totals(2, 6 * nbytes);
	raw = datamem_raw_new(nbytes);
	expect_totals(3, 7 * nbytes);
	datamem_free(before, 1);
	expect_totals(3, 7 * nbytes);
	datamem_dims_free(dims, 5);
	datamem_free(other, 1);
	datamem_raw_free(raw);
	other = datamem_alloc_aligned(nbytes, 256);
	expect_totals(2, 5 * nbytes);
	datamem_free(other, 1);
	datamem_free(ptr, nbytes);
	expect_totals(0, 0);
	ck_assert_uint_ge(totals_now().peak_bytes, 7 * nbytes);
	datamem_trace_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mistakes");
	TCase *tc = tcase_create("mistakes");
	int n = (int)COUNT(sizes);

	tcase_add_loop_test(tc, hints, 0, n);
	tcase_add_test(tc, foreign_pointers);
	tcase_add_test(tc, inside_a_large_block);
	tcase_add_loop_test(tc, double_frees, 0, n);
	tcase_add_test(tc, late_double_frees);
	tcase_add_test(tc, limit_is_exact);
	tcase_add_loop_test(tc, shrink_at_the_limit, 0, n);
	tcase_add_test(tc, caches_are_emptied_first);
	tcase_add_loop_test(tc, accounts, 0, n);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

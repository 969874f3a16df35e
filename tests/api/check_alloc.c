/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What datamem_alloc() and its family promise: returns, errno, sizes,
 * alignment, contents, and what becomes of mistakes.
 */
#include <datamem.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "library.h"

/* Either side of what separates the ways that blocks go. */
static const size_t sizes[] = {
	1, 15, 16, 17, 256, 257, 1023, 1024, 1025, 4096, 4097, 65535, 65536,
	65537, 100000, 1 << 20, (2 << 20) - (128 << 10), (2 << 20) - 1, 2 << 20,
	(2 << 20) + 1, (2 << 20) + (128 << 10), 3 << 20, 20 << 20,
};

/* The compiler knows what these functions return, and so warns of sizes. */
static volatile size_t none = 0, huge = PTRDIFF_MAX, most = SIZE_MAX;

/* One that is none of any call's. */
#define ERRNO 4711

static void fill(void *ptr, size_t nbytes)
{
	memset(ptr, 0xa5, nbytes);
}

static bool is_filled(const unsigned char *ptr, size_t nbytes, int byte)
{
	return !nbytes || (ptr[0] == byte && !memcmp(ptr, ptr + 1, nbytes - 1));
}

START_TEST(success_keeps_errno)
{
	size_t nbytes = sizes[_i];
	void *ptr;

	errno = ERRNO;
	ptr = datamem_alloc(nbytes);
	ck_assert_int_eq(errno, ERRNO);
	ptr = datamem_realloc(ptr, nbytes * 3);
	ck_assert_int_eq(errno, ERRNO);
	ptr = datamem_realloc(ptr, nbytes / 2);
	ck_assert_int_eq(errno, ERRNO);
	datamem_free(ptr, 1);
	ck_assert_int_eq(errno, ERRNO);
	ptr = datamem_alloc_zeroed(nbytes, 3);
	ck_assert_int_eq(errno, ERRNO);
	ck_assert_uint_ge(datamem_usable_size(ptr), 3 * nbytes);
	datamem_free(ptr, 3 * nbytes);
	datamem_trim(0);
	ck_assert_int_eq(errno, ERRNO);
	ptr = datamem_alloc_aligned(nbytes, 4096);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, nbytes);
	ck_assert_int_eq(errno, ERRNO);
}
END_TEST

/* The same while every block is tracked. */
START_TEST(tracking_keeps_errno)
{
	void *ptrs[1000];

	ck_assert_int_eq(datamem_trace_start(), 0);
	errno = ERRNO;
	for (size_t i = 0; i < COUNT(ptrs); i++)
		ptrs[i] = datamem_alloc(i * 100);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		ptrs[i] = datamem_realloc(ptrs[i], i * 200);
	for (size_t i = 0; i < COUNT(ptrs); i++)
		datamem_free(ptrs[i], 1);
	ck_assert_int_eq(errno, ERRNO);
	datamem_trace_stop();
}
END_TEST

START_TEST(nothing_counts_as_one)
{
	char *ptr = datamem_alloc(none), *other = datamem_alloc_zeroed(none, 8);

	ck_assert_ptr_nonnull(ptr);
	ck_assert_ptr_nonnull(other);
	ck_assert_ptr_ne(ptr, other);
	ck_assert_uint_ge(datamem_usable_size(ptr), 1);
	ck_assert_int_eq(*other, 0);
	*ptr = 1;
	datamem_free(ptr, 0);
	datamem_free(other, 0);
	ptr = datamem_alloc_zeroed(8, none);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 0);
	ptr = datamem_alloc_aligned(none, 512);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq((uintptr_t)ptr % 512, 0);
	datamem_free(ptr, 0);
}
END_TEST

#define FAILS(call)                                                          \
	do {                                                                 \
		errno = 0;                                                   \
		ck_assert_ptr_null(call);                                    \
		ck_assert_int_eq(errno, ENOMEM);                             \
	} while (0)

START_TEST(too_much)
{
	char *ptr = datamem_alloc(100), *large = datamem_alloc(MIB);
	uint64_t failed = stats_now().failed_allocs;

	fill(ptr, 100);
	fill(large, MIB);
	FAILS(datamem_alloc(huge));
	FAILS(datamem_alloc(huge + 1));
	FAILS(datamem_alloc(most));
	FAILS(datamem_alloc_zeroed(most, 2));
	FAILS(datamem_alloc_zeroed(most / 2 + 2, 2));
	FAILS(datamem_alloc_zeroed(1, huge + 1));
	FAILS(datamem_alloc_aligned(most, 64));
	FAILS(datamem_alloc_aligned(huge, 2 * MIB));
	FAILS(datamem_dims_alloc(most));
	FAILS(datamem_dims_alloc(most / sizeof(intptr_t) + 1));
	FAILS(datamem_realloc(NULL, most));
	FAILS(datamem_realloc(ptr, huge));
	FAILS(datamem_realloc(ptr, most));
	FAILS(datamem_realloc(large, huge));
	FAILS(datamem_realloc(large, huge + 1));
	ck_assert_uint_eq(stats_now().failed_allocs - failed, 15);
	/* What could not be resized is as it was. */
	ck_assert(is_filled((unsigned char *)ptr, 100, 0xa5));
	ck_assert(is_filled((unsigned char *)large, MIB, 0xa5));
	datamem_free(ptr, 100);
	datamem_free(large, MIB);
}
END_TEST

START_TEST(null_is_legal)
{
	static const size_t hints[] = { 0, 1, 100, MIB, SIZE_MAX };
	struct datamem_stats before = stats_now(), after;
	void *ptr;

	for (size_t i = 0; i < COUNT(hints); i++) {
		datamem_free(NULL, hints[i]);
		datamem_dims_free(NULL, hints[i]);
	}
	datamem_raw_free(NULL);
	ck_assert_uint_eq(datamem_usable_size(NULL), 0);
	after = stats_now();
	ck_assert_uint_eq(after.foreign_pointers, before.foreign_pointers);
	ck_assert_uint_eq(after.large_hints, before.large_hints);
	ptr = datamem_realloc(NULL, 300);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 300);
}
END_TEST

/* realloc(ptr, 0) is a shrink to 1 byte, no free. */
START_TEST(resized_to_nothing)
{
	uint64_t frees = stats_now().frees;
	char *ptr = datamem_alloc(sizes[_i]);

	*ptr = 7;
	ptr = datamem_realloc(ptr, none);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_int_eq(*ptr, 7);
	ck_assert_uint_eq(stats_now().live_blocks, 1);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_gt(stats_now().frees, frees);
}
END_TEST

START_TEST(natural_alignment)
{
	size_t nbytes = sizes[_i];
	void *ptrs[20];

	for (size_t i = 0; i < COUNT(ptrs); i++) {
		ptrs[i] = datamem_alloc(nbytes);
		ck_assert_uint_eq((uintptr_t)ptrs[i] %
				  (nbytes < KIB ? 16 : 64), 0);
		fill(ptrs[i], nbytes);
	}
	for (size_t i = 0; i < COUNT(ptrs); i++)
		datamem_free(ptrs[i], nbytes);
}
END_TEST

START_TEST(bad_alignments)
{
	static const size_t bad[] = { 0, 3, 24, 4097, 4 * MIB, SIZE_MAX };

	for (size_t i = 0; i < COUNT(bad); i++) {
		errno = 0;
		ck_assert_ptr_null(datamem_alloc_aligned(10, bad[i]));
		ck_assert_int_eq(errno, EINVAL);
	}
}
END_TEST

/* Every alignment, kept when the block goes through all sizes. */
START_TEST(alignment_is_kept)
{
	size_t align = (size_t)1 << _i, last = 0;
	unsigned char *ptr;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		ptr = datamem_alloc_aligned(sizes[i], align);
		ck_assert_ptr_nonnull(ptr);
		ck_assert_uint_eq((uintptr_t)ptr % align, 0);
		fill(ptr, sizes[i]);
		datamem_free(ptr, sizes[i]);
	}
	ptr = datamem_alloc_aligned(1, align);
	for (size_t i = 0; i < 2 * COUNT(sizes); i++) {
		/* Up, then down again, a neighbour in the way. */
		size_t at = i < COUNT(sizes) ? i : 2 * COUNT(sizes) - 1 - i;
		void *other = datamem_alloc(sizes[at]);

		ptr = datamem_realloc(ptr, sizes[at]);
		ck_assert_ptr_nonnull(ptr);
		ck_assert_uint_eq((uintptr_t)ptr % align, 0);
		ck_assert(is_filled(ptr, last < sizes[at] ? last : sizes[at],
				    0xa5));
		fill(ptr, sizes[at]);
		last = sizes[at];
		datamem_free(other, 1);
	}
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* Zeros on memory that was dirty just before, however the product is split. */
START_TEST(zeroed)
{
	static const char *const policies[] = { "auto", "lazy", "eager" };
	size_t nbytes, usable;
	unsigned char *ptr;

	for (size_t p = 0; p < COUNT(policies); p++) {
		datamem_setting_set("zero.policy", policies[p]);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			nbytes = sizes[i];
			for (size_t split = 1; split <= nbytes && split <= 64;
			     split *= 2) {
				ptr = take_usable(datamem_alloc(nbytes),
						  &usable);
				fill(ptr, usable);
				datamem_free(ptr, nbytes);
				ptr = datamem_alloc_zeroed(nbytes / split,
							   split);
				ck_assert(is_filled(ptr, nbytes / split * split,
						    0));
				fill(ptr, nbytes / split * split);
				datamem_free(ptr, 1);
			}
		}
	}
}
END_TEST

/* Of every size that is cleared in line, and of some behind: all of it, and
 * nothing of the blocks around. */
START_TEST(zeroed_alone)
{
	unsigned char *ptrs[8];
	size_t usable = 0;

	for (size_t nbytes = 0; nbytes <= 320; nbytes++) {
		for (size_t i = 0; i < COUNT(ptrs); i++) {
			ptrs[i] = take_usable(datamem_alloc(nbytes), &usable);
			fill(ptrs[i], usable);
		}
		for (size_t i = 0; i < COUNT(ptrs); i += 2)
			datamem_free(ptrs[i], nbytes);
		for (size_t i = 0; i < COUNT(ptrs); i += 2) {
			ptrs[i] = take_usable(datamem_alloc_zeroed(1, nbytes),
					      &usable);
			ck_assert(is_filled(ptrs[i], nbytes, 0));
			fill(ptrs[i], usable);
		}
		for (size_t i = 0; i < COUNT(ptrs); i++) {
			ck_assert(is_filled(ptrs[i], usable, 0xa5));
			datamem_free(ptrs[i], nbytes);
		}
	}
}
END_TEST

START_TEST(all_of_usable_is_ours)
{
	size_t nbytes = sizes[_i], usable;
	unsigned char *ptrs[8];

	for (size_t i = 0; i < COUNT(ptrs); i++) {
		ptrs[i] = take_usable(datamem_alloc(nbytes), &usable);
		ck_assert_uint_ge(usable, nbytes);
		memset(ptrs[i], (int)i, usable);
	}
	for (size_t i = 0; i < COUNT(ptrs); i++) {
		usable = datamem_usable_size(ptrs[i]);
		ck_assert(is_filled(ptrs[i], usable, (int)i));
		/* All of it is copied when the block must move. */
		ptrs[i] = datamem_realloc(ptrs[i], 2 * usable);
		ck_assert(is_filled(ptrs[i], nbytes, (int)i));
		datamem_free(ptrs[i], nbytes);
	}
}
END_TEST

START_TEST(waste_is_bounded)
{
	for (size_t nbytes = 1; nbytes <= 64 * KIB; nbytes++) {
		void *ptr = datamem_alloc(nbytes);
		size_t usable = datamem_usable_size(ptr);

		datamem_free(ptr, nbytes);
		if (usable < nbytes || (usable - nbytes >= 16 &&
					usable > nbytes + nbytes / 8))
			ck_abort_msg("%zu bytes in %zu", nbytes, usable);
	}
}
END_TEST

START_TEST(dims_blocks)
{
	intptr_t *dims[64];

	for (size_t n = 0; n < COUNT(dims); n++) {
		dims[n] = datamem_dims_alloc(n);
		ck_assert_ptr_nonnull(dims[n]);
		for (size_t i = 0; i < (n < 2 ? 2 : n); i++)
			dims[n][i] = (intptr_t)(n * 100 + i);
	}
	for (size_t n = 0; n < COUNT(dims); n++) {
		for (size_t i = 0; i < (n < 2 ? 2 : n); i++)
			ck_assert_int_eq(dims[n][i], (intptr_t)(n * 100 + i));
		datamem_dims_free(dims[n], n);
	}
	dims[0] = datamem_dims_alloc(20000);
	ck_assert_ptr_nonnull(dims[0]);
	datamem_dims_free(dims[0], 20000);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().large_hints, 0);
}
END_TEST

START_TEST(raw)
{
	unsigned char *ptr;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		ptr = datamem_raw_new_zeroed(sizes[i], 1);
		ck_assert(is_filled(ptr, sizes[i], 0));
		fill(ptr, sizes[i]);
		ptr = datamem_raw_renew(ptr, 2 * sizes[i]);
		ck_assert(is_filled(ptr, sizes[i], 0xa5));
		datamem_raw_free(ptr);
	}
	ptr = datamem_raw_new(none);
	ck_assert_ptr_nonnull(ptr);
	ptr = datamem_raw_renew(ptr, none);
	ck_assert_ptr_nonnull(ptr);
	FAILS(datamem_raw_new(huge + 1));
	FAILS(datamem_raw_new_zeroed(most, 2));
	FAILS(datamem_raw_renew(ptr, most));
	datamem_raw_free(ptr);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("alloc");
	TCase *tc = tcase_create("alloc");
	int n = (int)COUNT(sizes);

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, success_keeps_errno, 0, n);
	tcase_add_test(tc, tracking_keeps_errno);
	tcase_add_test(tc, nothing_counts_as_one);
	tcase_add_test(tc, too_much);
	tcase_add_test(tc, null_is_legal);
	tcase_add_loop_test(tc, resized_to_nothing, 0, n);
	tcase_add_loop_test(tc, natural_alignment, 0, n);
	tcase_add_test(tc, bad_alignments);
	tcase_add_loop_test(tc, alignment_is_kept, 0, 22);
	tcase_add_test(tc, zeroed);
	tcase_add_test(tc, zeroed_alone);
	tcase_add_loop_test(tc, all_of_usable_is_ours, 0, n);
	tcase_add_test(tc, waste_is_bounded);
	tcase_add_test(tc, dims_blocks);
	tcase_add_test(tc, raw);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

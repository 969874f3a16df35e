/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Handlers whose blocks have an alignment, and keep it when resized. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <datamem.h>

#include "harness.h"

#define ALIGNMENT_MAX ((size_t)2 << 20)

static size_t beyond(const void *ptr, size_t alignment)
{
	return (uintptr_t)ptr & (alignment - 1);
}

START_TEST(every_power_of_two_has_one)
{
	const struct datamem_handler *handler;
	char name[64];

	for (size_t n = 1; n <= ALIGNMENT_MAX; n *= 2) {
		handler = datamem_handler_aligned(n);
		ck_assert_ptr_nonnull(handler);
		snprintf(name, sizeof(name), "datamem_aligned_%zu", n);
		ck_assert_str_eq(handler->name, name);
		ck_assert_int_eq(handler->version, DATAMEM_HANDLER_VERSION);
		ck_assert_ptr_eq(datamem_handler_aligned(n), handler);
		ck_assert_ptr_eq(datamem_handler_find(name), handler);
		ck_assert_int_eq(datamem_handler_unregister(handler), -EBUSY);
	}
}
END_TEST

START_TEST(nothing_else_has_one)
{
	static const size_t bad[] = { 0, 3, 24, 100, 4 << 20, SIZE_MAX };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		ck_assert_ptr_null(datamem_handler_aligned(bad[i]));
		ck_assert_int_eq(errno, EINVAL);
	}
	errno = 0;
	ck_assert_ptr_null(datamem_handler_find("datamem_aligned_24"));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* Found by name before anybody asked for it; not for others to take. */
START_TEST(the_names_are_reserved)
{
	const struct datamem_handler *handler =
		datamem_handler_find("datamem_aligned_4096");
	struct datamem_handler other = *datamem_handler_default();

	ck_assert_ptr_nonnull(handler);
	ck_assert_ptr_eq(handler, datamem_handler_aligned(4096));
	strcpy(other.name, "datamem_aligned_8192");
	ck_assert_int_eq(datamem_handler_register(&other), -EEXIST);
}
END_TEST

static void fill(unsigned char *block, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		block[i] = (unsigned char)(i * 7);
}

static void expect_filled(const unsigned char *block, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		ck_assert_uint_eq(block[i], (unsigned char)(i * 7));
}

static void through_sizes(const struct datamem_handler *handler,
			  size_t alignment)
{
	static const size_t sizes[] = { 1, 40, 1000, 70, 5000, 65536, 65537,
					300000, 5000000, 100, 3000000, 1 };
	size_t have = 0;
	void *block = NULL;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		block = datamem_handler_realloc(handler, block, sizes[i]);
		ck_assert_ptr_nonnull(block);
		ck_assert_uint_eq(beyond(block, alignment), 0);
		expect_filled(block, have < sizes[i] ? have : sizes[i]);
		fill(block, have < sizes[i] ? have : sizes[i], sizes[i]);
		have = sizes[i];
	}
	datamem_handler_free(handler, block, have);
}

START_TEST(resizes_keep_alignment_and_contents)
{
	for (size_t n = 1; n <= ALIGNMENT_MAX; n *= 8)
		through_sizes(datamem_handler_aligned(n), n);
}
END_TEST

static void expect_zeroed(const struct datamem_handler *handler,
			  size_t alignment, size_t nelem, size_t elsize)
{
	unsigned char *block =
		datamem_handler_alloc_zeroed(handler, nelem, elsize);

	ck_assert_ptr_nonnull(block);
	ck_assert_uint_eq(beyond(block, alignment), 0);
	/* An assertion a byte would take minutes. */
	for (size_t i = 0; i < nelem * elsize; i++)
		if (block[i])
			ck_abort_msg("byte %zu is not zero", i);
	memset(block, 0xa5, nelem * elsize);
	datamem_handler_free(handler, block, nelem * elsize);
}

/* Twice each: the second one may get what the first one wrote to. */
START_TEST(zeroed_is_zero_for_every_split)
{
	for (size_t n = 8; n <= ALIGNMENT_MAX; n *= 8)
		for (int i = 0; i < 2; i++) {
			expect_zeroed(datamem_handler_aligned(n), n, 7, 100);
			expect_zeroed(datamem_handler_aligned(n), n, 100000, 1);
			expect_zeroed(datamem_handler_aligned(n), n, 3, 1 << 20);
		}
	errno = 0;
	ck_assert_ptr_null(datamem_handler_aligned(64)->allocator.calloc(
		datamem_handler_aligned(64)->allocator.ctx, SIZE_MAX, 2));
	ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

START_TEST(blocks_are_in_the_accounts_once)
{
	const struct datamem_handler *handler = datamem_handler_aligned(256);
	struct datamem_trace_totals totals;
	void *block;

	ck_assert_int_eq(datamem_trace_start(), 0);
	block = datamem_handler_alloc(handler, 1000);
	ck_assert_ptr_nonnull(block);
	block = datamem_handler_realloc(handler, block, 3000);
	ck_assert_ptr_nonnull(block);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.blocks, 1);
	ck_assert_uint_eq(totals.bytes, 3000);
	datamem_handler_free(handler, block, 1);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.blocks, 0);
	datamem_trace_stop();
}
END_TEST

/* A program's environment may name one: it is the one that threads get. */
START_TEST(process_wide)
{
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_setting_set("handler", "datamem_aligned_512"),
			 0);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_aligned(512));
	ck_assert_int_eq(datamem_buffer_init(&buffer, 10), 0);
	ck_assert_uint_eq(beyond(buffer.data, 512), 0);
	datamem_buffer_release(&buffer);
	ck_assert_int_eq(datamem_setting_set("handler", "default_allocator"),
			 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("aligned");
	TCase *tcase = tcase_create("aligned");

	tcase_add_test(tcase, every_power_of_two_has_one);
	tcase_add_test(tcase, nothing_else_has_one);
	tcase_add_test(tcase, the_names_are_reserved);
	tcase_add_test(tcase, resizes_keep_alignment_and_contents);
	tcase_add_test(tcase, zeroed_is_zero_for_every_split);
	tcase_add_test(tcase, blocks_are_in_the_accounts_once);
	tcase_add_test(tcase, process_wide);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks of the handlers for hosts such as NumPy never touch each other: NumPy
 * takes operands that do for overlapping ones.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <datamem.h>

#include "harness.h"

#define BLOCKS 40

/* Sizes that fill their place to the last byte. */
static const size_t sizes[] = { 16, 64, 400, 1024, 4096, 32768, 65536, 131072,
				1 << 20, 2 << 20, 4 << 20 };
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

static const char *const names[] = { "datamem", "datamem_aligned_64",
				     "datamem_aligned_4096" };
#define NAMES 3

static void expect_apart(char *const *blocks, size_t nbytes)
{
	for (int i = 0; i < BLOCKS; i++)
		for (int j = 0; j < BLOCKS; j++)
			ck_assert_msg(blocks[i] + nbytes != blocks[j],
				      "two blocks of %zu bytes touch", nbytes);
}

static void *make(const struct datamem_allocator *table, int way, size_t nbytes)
{
	if (way == 0)
		return table->malloc(table->ctx, nbytes);
	if (way == 1)
		return table->calloc(table->ctx, nbytes, 1);
	return table->realloc(table->ctx, table->malloc(table->ctx, 40),
			      nbytes);
}

START_TEST(blocks_never_touch)
{
	const struct datamem_handler *handler =
		datamem_handler_find(names[_i / SIZES]);
	size_t nbytes = sizes[_i % SIZES];
	char *blocks[BLOCKS];

	ck_assert_ptr_nonnull(handler);
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = make(&handler->allocator, i % 3, nbytes);
		ck_assert_ptr_nonnull(blocks[i]);
		ck_assert_uint_ge(datamem_usable_size(blocks[i]), nbytes + 1);
	}
	expect_apart(blocks, nbytes);
	for (int i = 0; i < BLOCKS; i++)
		handler->allocator.free(handler->allocator.ctx, blocks[i],
					nbytes);
}
END_TEST

static size_t account(void)
{
	struct datamem_trace_totals totals;

	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	return totals.bytes;
}

/* The byte in between is nobody's. */
START_TEST(accounts_hold_what_was_asked_for)
{
	const struct datamem_handler *handler = datamem_handler_find("datamem");
	const struct datamem_allocator *table = &handler->allocator;
	void *one, *two;

	ck_assert_int_eq(datamem_trace_start(), 0);
	one = table->malloc(table->ctx, 1000);
	two = datamem_handler_alloc_zeroed(handler, 100, 7);
	ck_assert_uint_eq(account(), 1700);
	one = table->realloc(table->ctx, one, 3 << 20);
	two = datamem_handler_realloc(handler, two, 1);
	ck_assert_uint_eq(account(), (3 << 20) + 1);
	table->free(table->ctx, one, 1);
	datamem_handler_free(handler, two, 1);
	ck_assert_uint_eq(account(), 0);
	datamem_trace_stop();
}
END_TEST

START_TEST(too_much_stays_too_much)
{
	const struct datamem_handler *handler;
	const struct datamem_allocator *table;
	void *block;

	for (int i = 0; i < NAMES; i++) {
		handler = datamem_handler_find(names[i]);
		table = &handler->allocator;
		errno = 0;
		ck_assert_ptr_null(table->malloc(table->ctx, SIZE_MAX));
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_ptr_null(table->malloc(table->ctx, PTRDIFF_MAX));
		ck_assert_ptr_null(table->calloc(table->ctx, SIZE_MAX, 1));
		ck_assert_ptr_null(table->calloc(table->ctx, SIZE_MAX / 2, 3));
		block = table->malloc(table->ctx, 0);
		ck_assert_ptr_nonnull(block);
		ck_assert_ptr_null(table->realloc(table->ctx, block, SIZE_MAX));
		block = table->realloc(table->ctx, block, 0);
		ck_assert_ptr_nonnull(block);
		table->free(table->ctx, block, SIZE_MAX);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("apart");
	TCase *tcase = tcase_create("apart");

	tcase_add_loop_test(tcase, blocks_never_touch, 0, NAMES * SIZES);
	tcase_add_test(tcase, accounts_hold_what_was_asked_for);
	tcase_add_test(tcase, too_much_stays_too_much);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Scopes: what is counted, by whom, and for how long. */
#include <datamem.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "fake-handler.h"
#include "library.h"

static struct datamem_scope_counts counts_of(struct datamem_scope *scope)
{
	struct datamem_scope_counts counts;

	ck_assert_int_eq(datamem_scope_get(scope, &counts, sizeof(counts)), 0);
	return counts;
}

static const struct datamem_handler *in(struct datamem_scope *scope,
					const char *name)
{
	const struct datamem_handler *handler =
		datamem_scope_handler(scope, datamem_handler_find(name));

	ck_assert_ptr_nonnull(handler);
	ck_assert_str_eq(handler->name, name);
	return handler;
}

static void *make(const struct datamem_handler *handler, size_t nbytes)
{
	void *ptr = handler->allocator.malloc(handler->allocator.ctx, nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, nbytes);
	return ptr;
}

static void *resize(const struct datamem_handler *handler, void *ptr,
		    size_t nbytes)
{
	ptr = handler->allocator.realloc(handler->allocator.ctx, ptr, nbytes);
	ck_assert_ptr_nonnull(ptr);
	return ptr;
}

static void unmake(const struct datamem_handler *handler, void *ptr)
{
	handler->allocator.free(handler->allocator.ctx, ptr, 1);
}

static const char *const names[] = {
	"datamem", "default_allocator", "system", "debug",
	"datamem_aligned_4096", "datamem_lazy_64", "shared",
};

START_TEST(what_goes_through_is_counted)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);
	const struct datamem_handler *handler = in(scope, names[_i]);
	struct datamem_scope_counts counts = counts_of(scope);
	char *ptr, *zero;

	ck_assert_uint_eq(counts.calls + counts.peak_bytes, 0);
	ptr = make(handler, 3 * MIB);
	zero = handler->allocator.calloc(handler->allocator.ctx, 10, 50);
	ck_assert(zero && !zero[0] && !zero[499]);
	counts = counts_of(scope);
	ck_assert_uint_eq(counts.calls, 2);
	ck_assert_uint_eq(counts.live_blocks, 2);
	ck_assert_uint_ge(counts.live_bytes, 3 * MIB + 500);
	ck_assert_uint_le(counts.live_bytes, 3 * MIB + 20 * KIB);
	ck_assert_uint_eq(counts.peak_bytes, counts.live_bytes);
	ck_assert_uint_eq(counts.allocated_bytes, counts.live_bytes);
	ptr = resize(handler, ptr, 5 * MIB);
	ck_assert_int_eq(ptr[3 * MIB - 1], 1);
	counts = counts_of(scope);
	ck_assert_uint_ge(counts.allocated_bytes, 5 * MIB);
	ck_assert_uint_le(counts.allocated_bytes, 5 * MIB + 24 * KIB);
	ptr = resize(handler, ptr, 1000);
	ck_assert_uint_lt(counts_of(scope).live_bytes, MIB);
	ck_assert_uint_eq(counts_of(scope).peak_bytes, counts.peak_bytes);
	unmake(handler, ptr);
	unmake(handler, zero);
	unmake(handler, NULL);
	counts = counts_of(scope);
	ck_assert_uint_eq(counts.live_bytes, 0);
	ck_assert_uint_eq(counts.live_blocks, 0);
	ck_assert_uint_eq(counts.calls, 4);
	datamem_scope_free(scope);
}
END_TEST

START_TEST(a_block_counts_for_all_scopes_around_it)
{
	struct datamem_scope *outer = datamem_scope_new(NULL);
	struct datamem_scope *inner = datamem_scope_new(outer);
	const struct datamem_handler *of_outer = in(outer, "datamem");
	const struct datamem_handler *of_inner =
		datamem_scope_handler(inner, of_outer);
	void *one = make(of_outer, MIB), *two = make(of_inner, 2 * MIB);

	ck_assert_ptr_eq(of_inner, in(inner, "datamem"));
	ck_assert_ptr_ne(of_inner, of_outer);
	ck_assert_uint_eq(counts_of(outer).live_bytes, 3 * MIB);
	ck_assert_uint_eq(counts_of(inner).live_bytes, 2 * MIB);
	/* What the scope did not make is not its. */
	unmake(of_outer, one);
	ck_assert_uint_eq(counts_of(inner).live_bytes, 2 * MIB);
	ck_assert_uint_eq(counts_of(outer).live_bytes, 2 * MIB);
	ck_assert_uint_eq(counts_of(outer).peak_bytes, 3 * MIB);
	/* The outer one ends first; the block is freed after both. */
	datamem_scope_free(outer);
	datamem_scope_free(inner);
	two = resize(of_inner, two, 4 * MIB);
	unmake(of_inner, two);
}
END_TEST

START_TEST(records_are_used_again)
{
	size_t before = 0, after;

	for (int i = 0; i < 3000; i++) {
		struct datamem_scope *scope = datamem_scope_new(NULL);
		const struct datamem_handler *handler = in(scope, "datamem");
		void *ptr = make(handler, 100);

		ck_assert_uint_eq(counts_of(scope).live_blocks, 1);
		datamem_scope_free(scope);
		unmake(handler, ptr);
		if (i == 10)
			before = stats_now().meta_bytes;
	}
	after = stats_now().meta_bytes;
	ck_assert_uint_le(after, before + 64 * KIB);
}
END_TEST

START_TEST(what_cannot_be_counted_is_refused)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);
	struct datamem_scope_counts counts;
	struct datamem_handler own;
	struct fake fake = { 0 };
	void *ptr;

	fake_init(&own, &fake, "fake");
	errno = 0;
	ck_assert_ptr_null(datamem_scope_handler(scope, &own));
	ck_assert_int_eq(errno, ENOTSUP);
	own.version = 9;
	ck_assert_ptr_null(datamem_scope_handler(scope, &own));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(datamem_scope_handler(NULL, NULL));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(datamem_scope_get(NULL, &counts, 1), -EINVAL);
	ck_assert_int_eq(datamem_scope_get(scope, NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_scope_get(scope, &counts, 0), -EINVAL);
	datamem_scope_free(NULL);

	/* The host's own default, as NumPy's is. */
	own = *datamem_handler_find("system");
	strcpy(own.name, "default_allocator");
	ck_assert_ptr_nonnull(datamem_scope_handler(scope, &own));
	ptr = make(datamem_scope_handler(scope, &own), 1000);
	ck_assert_uint_ge(counts_of(scope).live_bytes, 1000);
	free(ptr);

	/* A failure is counted, and changes nothing else. */
	counts = counts_of(scope);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc(in(scope, "datamem"),
						 SIZE_MAX / 4));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_eq(counts_of(scope).failed_calls, 1);
	ck_assert_uint_eq(counts_of(scope).live_bytes, counts.live_bytes);
	datamem_scope_free(scope);
}
END_TEST

START_TEST(accounts_have_each_block_once)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);
	struct datamem_trace_totals totals;
	void *ptr;

	ck_assert_int_eq(datamem_trace_start(), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct datamem_handler *handler = in(scope, names[i]);

		ptr = datamem_handler_alloc(handler, 5000);
		ck_assert_ptr_nonnull(ptr);
		datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
					 sizeof(totals));
		ck_assert_uint_eq(totals.blocks, 1);
		ck_assert_uint_eq(totals.bytes, 5000);
		datamem_handler_free(handler, ptr, 5000);
		datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
					 sizeof(totals));
		ck_assert_uint_eq(totals.blocks, 0);
	}
	datamem_trace_stop();
	datamem_scope_free(scope);
}
END_TEST

#define THREADS 4
#define ROUNDS 2000

static void *churn(void *arg)
{
	const struct datamem_handler *handler = arg;
	void *kept = NULL;

	for (int i = 0; i < ROUNDS; i++) {
		void *ptr = datamem_handler_alloc(handler, 64);

		datamem_handler_free(handler, kept, 64);
		kept = ptr;
	}
	return kept;
}

START_TEST(threads_share_the_counts)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);
	const struct datamem_handler *handler = in(scope, "datamem");
	struct datamem_scope_counts counts;
	pthread_t threads[THREADS];
	void *kept;

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, churn,
						(void *)handler), 0);
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &kept), 0);
		unmake(handler, kept);
	}
	counts = counts_of(scope);
	ck_assert_uint_eq(counts.calls, THREADS * ROUNDS);
	ck_assert_uint_eq(counts.live_bytes + counts.live_blocks, 0);
	ck_assert_uint_ge(counts.peak_bytes, 2 * 64);
	ck_assert_uint_le(counts.peak_bytes, THREADS * 2 * 80);
	datamem_scope_free(scope);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scopes");
	TCase *tc = tcase_create("scopes");

	tcase_add_loop_test(tc, what_goes_through_is_counted, 0,
			    (int)COUNT(names));
	tcase_add_test(tc, a_block_counts_for_all_scopes_around_it);
	tcase_add_test(tc, records_are_used_again);
	tcase_add_test(tc, what_cannot_be_counted_is_refused);
	tcase_add_test(tc, accounts_have_each_block_once);
	tcase_add_test(tc, threads_share_the_counts);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

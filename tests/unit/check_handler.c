/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Calls through handlers: checked, with their blocks in the accounts. */
#include <stdio.h>

#include "fake-handler.h"
#include "library.h"
#include "trace/trace.h"

static bool no_entry;

int __real_dmem_trace_begin(struct dmem_trace_ticket *ticket,
			    unsigned int domain, const void *old_ptr);
int __wrap_dmem_trace_begin(struct dmem_trace_ticket *ticket,
			    unsigned int domain, const void *old_ptr);
int __wrap_dmem_trace_begin(struct dmem_trace_ticket *ticket,
			    unsigned int domain, const void *old_ptr)
{
	return no_entry ? -ENOMEM :
			  __real_dmem_trace_begin(ticket, domain, old_ptr);
}

static struct datamem_handler handler;
static struct fake fake;

static void setup(void)
{
	fake_init(&handler, &fake, "fake");
	no_entry = false;
}

/* Cases must also hold one after the other in one process. */
static void teardown(void)
{
	no_entry = false;
	datamem_trace_stop();
	datamem_handler_set(NULL);
	datamem_setting_set("handler", "default_allocator");
	datamem_setting_set("limit.max", "0");
	datamem_handler_unregister(&handler);
	ck_assert_uint_eq(fake.strays, 0);
}

static uint64_t counter(size_t offset)
{
	struct datamem_stats stats;

	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	return *(uint64_t *)((char *)&stats + offset);
}

static struct datamem_trace_totals totals(void)
{
	struct datamem_trace_totals out;

	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &out,
						  sizeof(out)), 0);
	return out;
}

START_TEST(sizes_are_checked_before_the_call)
{
	void *ptr = datamem_handler_alloc(&handler, 0);

	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(fake.nbytes, 1);
	ptr = datamem_handler_realloc(&handler, ptr, 0);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(fake.nbytes, 1);
	datamem_handler_free(&handler, ptr, 0);
	ptr = datamem_handler_alloc_zeroed(&handler, 0, 100);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(fake.nbytes, 1);
	ck_assert_uint_eq(fake.calls, 3);

	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc(&handler,
						 (size_t)PTRDIFF_MAX + 1));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_realloc(&handler, ptr, SIZE_MAX));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc_zeroed(&handler,
							SIZE_MAX / 8 + 1, 8));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc_zeroed(&handler,
							SIZE_MAX / 8, 8));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_eq(fake.calls, 3);
	datamem_handler_free(&handler, ptr, 1);
	ck_assert_uint_eq(fake.live, 0);
}
END_TEST

START_TEST(errno_is_the_handlers_or_ENOMEM)
{
	void *ptr;

	datamem_handler_default();
	errno = 77;
	ptr = datamem_handler_alloc(&handler, 8);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_int_eq(errno, 77);
	fake.fail_at = SIZE_MAX;
	ck_assert_ptr_null(datamem_handler_alloc(&handler, 8));
	ck_assert_int_eq(errno, ENOMEM);
	fake.error = EAGAIN;
	ck_assert_ptr_null(datamem_handler_alloc(&handler, 8));
	ck_assert_int_eq(errno, EAGAIN);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc_zeroed(&handler, 2, 4));
	ck_assert_int_eq(errno, EAGAIN);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_realloc(&handler, ptr, 80));
	ck_assert_int_eq(errno, EAGAIN);
	errno = 77;
	datamem_handler_free(&handler, ptr, 8);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(fake.hint, 8);
	ck_assert_uint_eq(fake.live, 0);
}
END_TEST

START_TEST(NULL_is_the_current_handler)
{
	void *ptr;

	ck_assert_ptr_nonnull(datamem_handler_set(&handler));
	ptr = datamem_handler_alloc(NULL, 8);
	ptr = datamem_handler_realloc(NULL, ptr, 16);
	ck_assert_uint_eq(fake.calls, 2);
	datamem_handler_free(NULL, ptr, 16);
	ck_assert_uint_eq(fake.live, 0);
	ptr = datamem_handler_realloc(&handler, NULL, 16);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(fake.live, 1);
	datamem_handler_free(&handler, ptr, 16);
	datamem_handler_free(&handler, NULL, 16);
	ck_assert_uint_eq(fake.frees, 2);
}
END_TEST

START_TEST(freeing_through_an_invalid_handler_leaks_and_counts)
{
	size_t leaked = offsetof(struct datamem_stats, leaked_blocks);
	uint64_t before = counter(leaked);
	void *ptr = datamem_handler_alloc(&handler, 8);

	handler.version = 2;
	errno = 77;
	datamem_handler_free(&handler, ptr, 8);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(counter(leaked), before + 1);
	ck_assert_uint_eq(fake.frees, 0);
	datamem_handler_free(&handler, NULL, 8);
	ck_assert_uint_eq(counter(leaked), before + 1);
	handler.version = 1;
	datamem_handler_free(&handler, ptr, 8);
	ck_assert_uint_eq(fake.live, 0);
}
END_TEST

static const char *const tracked[] = {
	"default_allocator", "datamem", "system", "debug", "shared", "fake"
};

/* Whoever enters a block into the account, it is in it once. */
START_TEST(a_block_is_tracked_once)
{
	const struct datamem_handler *used;
	char *ptr, *zeroed;

	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	used = datamem_handler_find(tracked[_i]);
	ck_assert_int_eq(datamem_trace_start(), 0);
	ptr = datamem_handler_alloc(used, 100);
	ck_assert_uint_eq(totals().blocks, 1);
	ck_assert_uint_eq(totals().bytes, 100);
	zeroed = datamem_handler_alloc_zeroed(used, 10, 20);
	ck_assert_uint_eq(totals().bytes, 300);
	ptr = datamem_handler_realloc(used, ptr, 2000000);
	ck_assert_uint_eq(totals().blocks, 2);
	ck_assert_uint_eq(totals().bytes, 2000200);
	datamem_handler_free(used, ptr, 2000000);
	datamem_handler_free(used, zeroed, 1);
	ck_assert_uint_eq(totals().blocks, 0);
	ck_assert_uint_eq(totals().bytes, 0);
}
END_TEST

START_TEST(a_failure_leaves_the_account_as_it_was)
{
	struct datamem_trace_totals before;
	void *ptr;

	ck_assert_int_eq(datamem_trace_start(), 0);
	ptr = datamem_handler_alloc(&handler, 100);
	before = totals();
	fake.fail_at = SIZE_MAX;
	ck_assert_ptr_null(datamem_handler_alloc(&handler, 50));
	ck_assert_ptr_null(datamem_handler_alloc_zeroed(&handler, 5, 10));
	ck_assert_ptr_null(datamem_handler_realloc(&handler, ptr, 1000));
	ck_assert_uint_eq(totals().blocks, before.blocks);
	ck_assert_uint_eq(totals().bytes, before.bytes);

	/* No room in the account: the handler is not even called. */
	fake.fail_at = 0;
	fake.calls = 0;
	no_entry = true;
	errno = 0;
	ck_assert_ptr_null(datamem_handler_alloc(&handler, 50));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_null(datamem_handler_alloc_zeroed(&handler, 5, 10));
	ck_assert_ptr_null(datamem_handler_realloc(&handler, ptr, 1000));
	ck_assert_uint_eq(fake.calls, 0);
	no_entry = false;
	ck_assert_uint_eq(totals().bytes, before.bytes);
	datamem_handler_free(&handler, ptr, 100);
	ck_assert_uint_eq(totals().blocks, 0);
}
END_TEST

/* Before any handler of the program: each is remembered for good. */
START_TEST(limit_leaves_nobody_out)
{
	ck_assert_int_eq(datamem_setting_set("limit.max", "1G"), 0);
	ck_assert_ptr_nonnull(datamem_handler_find("datamem_aligned_64"));
	ck_assert_str_eq(note_of("limit.max"), "");
}
END_TEST

START_TEST(limit_says_whom_it_leaves_out)
{
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_str_eq(note_of("limit.max"), "");
	ck_assert_int_eq(datamem_setting_set("limit.max", "1G"), 0);
	ck_assert_str_eq(note_of("limit.max"),
			 "blocks of handlers of the program do not count");
	ck_assert_int_eq(datamem_setting_set("handler", "system"), 0);
	ck_assert_str_eq(note_of("limit.max"),
			 "blocks of the handler system do not count");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("handler");
	TCase *tcase = tcase_create("handler");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, limit_leaves_nobody_out);
	tcase_add_test(tcase, limit_says_whom_it_leaves_out);
	tcase_add_test(tcase, sizes_are_checked_before_the_call);
	tcase_add_test(tcase, errno_is_the_handlers_or_ENOMEM);
	tcase_add_test(tcase, NULL_is_the_current_handler);
	tcase_add_test(tcase,
		       freeing_through_an_invalid_handler_leaks_and_counts);
	tcase_add_loop_test(tcase, a_block_is_tracked_once, 0, 6);
	tcase_add_test(tcase, a_failure_leaves_the_account_as_it_was);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

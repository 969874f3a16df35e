/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Contexts of a given handler, and functions that run in them. */
#include <datamem.h>

#include <errno.h>
#include <pthread.h>

#include "fake-handler.h"
#include "library.h"

static struct datamem_handler handler;
static struct fake fake;

static void setup(void)
{
	fake_init(&handler, &fake, "fake");
}

static void tell(void *arg)
{
	*(const struct datamem_handler **)arg = datamem_handler_get();
}

START_TEST(a_context_of_a_handler)
{
	const struct datamem_handler *seen = NULL;
	struct datamem_context *context;

	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	errno = 4711;
	context = datamem_context_new(&handler);
	ck_assert_ptr_nonnull(context);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	ck_assert_int_eq(datamem_context_run(context, tell, &seen), 0);
	ck_assert_ptr_eq(seen, &handler);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	ck_assert_int_eq(errno, 4711);
	datamem_context_free(context);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}
END_TEST

START_TEST(a_context_of_none_follows_the_process)
{
	const struct datamem_handler *seen = NULL;
	struct datamem_context *context;

	datamem_handler_set(&handler);
	context = datamem_context_new(NULL);
	ck_assert_ptr_nonnull(context);
	ck_assert_int_eq(datamem_context_run(context, tell, &seen), 0);
	ck_assert_ptr_eq(seen, datamem_handler_default());
	set("handler", "system");
	ck_assert_int_eq(datamem_context_run(context, tell, &seen), 0);
	ck_assert_str_eq(seen->name, "system");
	datamem_context_free(context);
	datamem_handler_set(NULL);
}
END_TEST

START_TEST(a_context_of_a_bad_handler)
{
	struct datamem_handler worse = handler;

	worse.allocator.free = NULL;
	errno = 0;
	ck_assert_ptr_null(datamem_context_new(&worse));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

static void never(void *arg)
{
	(void)arg;
	ck_abort_msg("was called");
}

static void again(void *arg)
{
	ck_assert_int_eq(datamem_context_run(arg, never, NULL), -EBUSY);
}

static void *on_another_thread(void *arg)
{
	ck_assert_int_eq(datamem_context_run(arg, never, NULL), -EBUSY);
	return NULL;
}

static void elsewhere(void *arg)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, on_another_thread, arg),
			 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(what_does_not_run)
{
	struct datamem_context *context = datamem_context_new(&handler);

	ck_assert_int_eq(datamem_context_run(context, NULL, NULL), -EINVAL);
	ck_assert_int_eq(datamem_context_run(NULL, never, NULL), -EINVAL);
	ck_assert_int_eq(datamem_context_run(context, again, context), 0);
	ck_assert_int_eq(datamem_context_run(context, elsewhere, context), 0);
	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_int_eq(datamem_context_run(context, never, NULL), -EBUSY);
	datamem_context_free(context);
	ck_assert_int_eq(datamem_context_run(context, never, NULL), -EINVAL);
	ck_assert_int_eq(datamem_context_leave(context), 0);
}
END_TEST

static void leave(void *arg)
{
	ck_assert_int_eq(datamem_context_leave(arg), 0);
}

static void discard(void *arg)
{
	datamem_context_free(arg);
}

static void enter_another(void *arg)
{
	ck_assert_int_eq(datamem_context_enter(arg), 0);
}

/* Whatever the function enters, leaves or frees, the thread is as before. */
START_TEST(a_function_that_is_untidy)
{
	struct datamem_context *context = datamem_context_new(&handler);
	struct datamem_context *other;

	ck_assert_int_eq(datamem_context_run(context, leave, context), 0);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	other = datamem_context_new(datamem_handler_find("system"));
	ck_assert_int_eq(datamem_context_run(context, enter_another, other),
			 0);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	ck_assert_int_eq(datamem_context_enter(other), 0);
	ck_assert_int_eq(datamem_context_leave(other), 0);
	datamem_context_free(other);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_context_run(context, discard, context), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("contexts");
	TCase *tc = tcase_create("contexts");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_context_of_a_handler);
	tcase_add_test(tc, a_context_of_none_follows_the_process);
	tcase_add_test(tc, a_context_of_a_bad_handler);
	tcase_add_test(tc, what_does_not_run);
	tcase_add_test(tc, a_function_that_is_untidy);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

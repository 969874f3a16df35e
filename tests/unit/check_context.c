/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The current handler of a thread, and contexts. */
#include "fake-handler.h"
#include "harness.h"
#include "no-memory.h"

static struct datamem_handler handler, other;
static struct fake fake, other_fake;

static void setup(void)
{
	no_memory = false;
	fake_init(&handler, &fake, "fake");
	fake_init(&other, &other_fake, "other");
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&other), 0);
}

/* Nothing may be left that uses a handler. */
static void teardown(void)
{
	no_memory = false;
	datamem_handler_set(NULL);
	datamem_setting_set("handler", "default_allocator");
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	ck_assert_int_eq(datamem_handler_unregister(&other), 0);
}

static void *on_thread(void *(*run)(void *), void *arg)
{
	pthread_t thread;
	void *result;

	ck_assert_int_eq(pthread_create(&thread, NULL, run, arg), 0);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	return result;
}

START_TEST(set_returns_the_previous_handler)
{
	const struct datamem_handler *def = datamem_handler_default();

	ck_assert_ptr_eq(datamem_handler_get(), def);
	errno = 77;
	ck_assert_ptr_eq(datamem_handler_set(&handler), def);
	ck_assert_ptr_eq(datamem_handler_set(&other), &handler);
	ck_assert_ptr_eq(datamem_handler_set(NULL), &other);
	ck_assert_ptr_eq(datamem_handler_set(NULL), def);
	ck_assert_int_eq(errno, 77);
	ck_assert_ptr_eq(datamem_handler_get(), def);
}
END_TEST

START_TEST(an_invalid_handler_changes_nothing)
{
	struct datamem_handler bad = handler;

	bad.version = 3;
	datamem_handler_set(&handler);
	errno = 0;
	ck_assert_ptr_null(datamem_handler_set(&bad));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
}
END_TEST

START_TEST(a_thread_that_uses_a_handler_keeps_it)
{
	datamem_handler_set(&handler);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	datamem_handler_set(&other);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	datamem_handler_set(&handler);
	datamem_handler_set(&handler);
	datamem_handler_set(NULL);
}
END_TEST

static void *get_and_set(void *arg)
{
	const struct datamem_handler *had = datamem_handler_get();

	datamem_handler_set(arg);
	return datamem_handler_get() == arg ?
		(void *)(uintptr_t)had : NULL;
}

START_TEST(threads_start_with_the_process_wide_handler)
{
	datamem_handler_set(&handler);
	ck_assert_ptr_eq(on_thread(get_and_set, &other),
			 datamem_handler_default());
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	ck_assert_int_eq(datamem_setting_set("handler", "other"), 0);
	ck_assert_ptr_eq(on_thread(get_and_set, &handler), &other);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
}
END_TEST

START_TEST(a_context_is_an_independent_snapshot)
{
	struct datamem_context *context;

	datamem_handler_set(&handler);
	context = datamem_context_copy();
	ck_assert_ptr_nonnull(context);
	datamem_handler_set(NULL);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);

	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	ck_assert_ptr_eq(datamem_handler_set(&other), &handler);
	ck_assert_int_eq(datamem_context_leave(context), 0);
	/* It was changed in the context, not in the thread. */
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_ptr_eq(datamem_handler_get(), &other);
	ck_assert_ptr_eq(datamem_handler_set(NULL), &other);
	ck_assert_ptr_eq(datamem_handler_get(), datamem_handler_default());
	ck_assert_int_eq(datamem_context_leave(context), 0);
	datamem_context_free(context);
}
END_TEST

START_TEST(leave_must_name_the_innermost)
{
	struct datamem_context *outer, *inner;

	datamem_handler_set(&handler);
	outer = datamem_context_copy();
	datamem_handler_set(&other);
	inner = datamem_context_copy();
	datamem_handler_set(NULL);

	ck_assert_int_eq(datamem_context_leave(outer), -EINVAL);
	ck_assert_int_eq(datamem_context_leave(NULL), -EINVAL);
	ck_assert_int_eq(datamem_context_enter(NULL), -EINVAL);
	ck_assert_int_eq(datamem_context_enter(outer), 0);
	ck_assert_int_eq(datamem_context_enter(inner), 0);
	ck_assert_ptr_eq(datamem_handler_get(), &other);
	ck_assert_int_eq(datamem_context_leave(outer), -EINVAL);
	ck_assert_int_eq(datamem_context_enter(outer), -EBUSY);
	ck_assert_int_eq(datamem_context_leave(inner), 0);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	ck_assert_int_eq(datamem_context_leave(inner), -EINVAL);
	ck_assert_int_eq(datamem_context_leave(outer), 0);
	datamem_context_free(inner);
	datamem_context_free(outer);
	datamem_context_free(NULL);
}
END_TEST

static void *try_enter(void *arg)
{
	return (void *)(intptr_t)datamem_context_enter(arg);
}

/* A thread that exits leaves what it entered, and its own handler. */
START_TEST(one_thread_at_a_time)
{
	struct datamem_context *context = datamem_context_copy();

	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_int_eq((intptr_t)on_thread(try_enter, context), -EBUSY);
	ck_assert_int_eq(datamem_context_leave(context), 0);
	ck_assert_int_eq((intptr_t)on_thread(try_enter, context), 0);
	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_int_eq(datamem_context_leave(context), 0);
	datamem_context_free(context);
}
END_TEST

START_TEST(free_while_entered_acts_at_leave)
{
	struct datamem_context *context;

	datamem_handler_set(&handler);
	context = datamem_context_copy();
	datamem_handler_set(NULL);
	ck_assert_int_eq(datamem_context_enter(context), 0);
	datamem_context_free(context);
	ck_assert_ptr_eq(datamem_handler_get(), &handler);
	ck_assert_int_eq(datamem_context_enter(context), -EINVAL);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	ck_assert_int_eq(datamem_context_leave(context), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
}
END_TEST

/* What a thread returns when something was wrong. */
static void *failed(const char *what)
{
	return (void *)(uintptr_t)what;
}

static void *enter_and_free(void *arg)
{
	struct datamem_context *context = datamem_context_copy();

	(void)arg;
	datamem_context_enter(context);
	datamem_handler_set(&handler);
	datamem_context_free(context);
	if (datamem_handler_get() != &handler)
		return failed("wrong handler");
	return NULL;
}

START_TEST(thread_exit_frees_what_was_freed_while_entered)
{
	ck_assert_ptr_null(on_thread(enter_and_free, NULL));
	/* teardown finds no use left */
}
END_TEST

static void late_destructor(void *value)
{
	datamem_handler_set(value);
}

static void *set_late(void *arg)
{
	static pthread_key_t late;

	(void)arg;
	/* Its destructor sets a handler after ours may have run. */
	pthread_key_create(&late, late_destructor);
	pthread_setspecific(late, &handler);
	datamem_handler_set(&other);
	return NULL;
}

START_TEST(destructors_of_others_may_set_a_handler)
{
	on_thread(set_late, NULL);
}
END_TEST

START_TEST(no_memory_for_a_context)
{
	struct datamem_context *contexts[3000];
	size_t n = 0;

	datamem_handler_get();
	no_memory = true;
	while (n < 3000 && (contexts[n] = datamem_context_copy()) != NULL)
		n++;
	ck_assert_uint_lt(n, 3000);
	ck_assert_int_eq(errno, ENOMEM);
	no_memory = false;
	contexts[n] = datamem_context_copy();
	ck_assert_ptr_nonnull(contexts[n++]);
	while (n > 0)
		datamem_context_free(contexts[--n]);
}
END_TEST

/* A pool of threads resumes tasks that carry their context along. */
#define TASKS 4
static struct datamem_context *tasks[TASKS];
static size_t resumed;

static void *resume(void *arg)
{
	size_t at = (uintptr_t)arg;

	for (size_t i = 0; i < 2000; i++, at++) {
		struct datamem_context *task = tasks[at % TASKS];
		const struct datamem_handler *now;
		void *ptr;
		int ret = datamem_context_enter(task);

		if (ret == -EBUSY)
			continue;
		if (ret)
			return failed("enter failed");
		now = datamem_handler_get();
		if (now != &handler && now != &other)
			return failed("wrong handler");
		ptr = datamem_handler_alloc(now, 16);
		if (datamem_handler_set(now == &handler ? &other : &handler) !=
		    now)
			return failed("not the previous handler");
		datamem_handler_free(now, ptr, 16);
		if (datamem_context_leave(task))
			return failed("leave failed");
		__atomic_fetch_add(&resumed, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

START_TEST(tasks_move_between_threads)
{
	pthread_t threads[3];
	void *failure;

	datamem_handler_set(&handler);
	for (size_t i = 0; i < TASKS; i++)
		tasks[i] = datamem_context_copy();
	datamem_handler_set(NULL);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, resume,
						(void *)i), 0);
	for (size_t i = 0; i < 3; i++) {
		pthread_join(threads[i], &failure);
		ck_assert_msg(!failure, "%s", (char *)failure);
	}
	ck_assert_uint_gt(resumed, 0);
	for (size_t i = 0; i < TASKS; i++)
		datamem_context_free(tasks[i]);
	ck_assert_uint_eq(fake.live + other_fake.live, 0);
	ck_assert_uint_eq(fake.strays + other_fake.strays, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("context");
	TCase *tcase = tcase_create("context");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, set_returns_the_previous_handler);
	tcase_add_test(tcase, an_invalid_handler_changes_nothing);
	tcase_add_test(tcase, a_thread_that_uses_a_handler_keeps_it);
	tcase_add_test(tcase, threads_start_with_the_process_wide_handler);
	tcase_add_test(tcase, a_context_is_an_independent_snapshot);
	tcase_add_test(tcase, leave_must_name_the_innermost);
	tcase_add_test(tcase, one_thread_at_a_time);
	tcase_add_test(tcase, free_while_entered_acts_at_leave);
	tcase_add_test(tcase, thread_exit_frees_what_was_freed_while_entered);
	tcase_add_test(tcase, destructors_of_others_may_set_a_handler);
	tcase_add_test(tcase, no_memory_for_a_context);
	tcase_add_test(tcase, tasks_move_between_threads);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

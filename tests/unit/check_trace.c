/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Accounts as callers see them, the hook, and the watcher. */
#include "trace/trace.h"

#include <sched.h>

#include "accounts.h"

/* Public functions */

START_TEST(tracking_counts_blocks_bytes_and_peak)
{
	datamem_trace_start();
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), 100), 0);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 50), 0);
	ck_assert_totals(DOMAIN, 2, 150, 150);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), 0);
	ck_assert_totals(DOMAIN, 1, 50, 150);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(3), 0), 0);
	ck_assert_totals(DOMAIN, 2, 50, 150);
	/* Again: the size is replaced. */
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 500), 0);
	ck_assert_totals(DOMAIN, 2, 500, 500);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 20), 0);
	ck_assert_totals(DOMAIN, 2, 20, 500);
}
END_TEST

START_TEST(domains_are_independent)
{
	static const unsigned int ids[] = { 0, 1, 64, 128, UINT32_MAX, DOMAIN };

	datamem_trace_start();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ids); i++)
		datamem_trace_track(ids[i], ADDRESS(1), i + 1);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ids); i++)
		ck_assert_totals(ids[i], 1, i + 1, i + 1);
	ck_assert_int_eq(datamem_trace_untrack(64, ADDRESS(1)), 0);
	ck_assert_totals(64, 0, 0, 3);
	ck_assert_totals(128, 1, 4, 4);
	ck_assert_int_eq(datamem_trace_untrack(12345, ADDRESS(1)), -ENOENT);
	ck_assert_totals(12345, 0, 0, 0);
	for (unsigned int i = 1000; i < 1500; i++)
		ck_assert_int_eq(datamem_trace_track(i, ADDRESS(i), i), 0);
	for (unsigned int i = 1000; i < 1500; i++)
		ck_assert_totals(i, 1, i, i);
}
END_TEST

START_TEST(null_is_never_tracked)
{
	ck_assert_int_eq(datamem_trace_track(DOMAIN, NULL, 1), -EINVAL);
	datamem_trace_start();
	ck_assert_int_eq(datamem_trace_track(DOMAIN, NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, NULL), -ENOENT);
	dmem_trace_free(DOMAIN, NULL);
	ck_assert_totals(DOMAIN, 0, 0, 0);
	ck_assert_int_eq(datamem_trace_totals_get(DOMAIN, NULL, 8), -EINVAL);
}
END_TEST

/* Sums of such sizes would wrap. */
START_TEST(no_memory_is_that_large)
{
	size_t most = PTRDIFF_MAX;

	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), most + 1),
			 -EINVAL);
	datamem_trace_start();
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), SIZE_MAX),
			 -EINVAL);
	ck_assert_totals(DOMAIN, 0, 0, 0);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), 5), 0);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), most + 1),
			 -EINVAL);
	ck_assert_totals(DOMAIN, 1, 5, 5);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), most), 0);
	ck_assert_totals(DOMAIN, 1, most, most);
}
END_TEST

START_TEST(nothing_is_kept_while_off)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), 10), 0);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, NULL), 0);
	ck_assert_ptr_null(ticket.entry);
	datamem_trace_start();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	/* Begun while off, ended while on. */
	dmem_trace_commit(&ticket, ADDRESS(1), 10);
	ck_assert_totals(DOMAIN, 0, 0, 0);
	datamem_trace_track(DOMAIN, ADDRESS(1), 10);
	ck_assert_int_eq(datamem_trace_start(), 0);
	ck_assert_totals(DOMAIN, 1, 10, 10);
	datamem_trace_stop();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	datamem_trace_start();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
}
END_TEST

/* Hook */

static struct {
	int event;
	unsigned int domain;
	const void *old_ptr, *new_ptr;
	size_t nbytes;
	size_t bytes_seen;
	int calls;
} told;
static int hook_arg;

static void hook(void *arg, int event, unsigned int domain,
		 const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	struct datamem_trace_totals totals;

	ck_assert_ptr_eq(arg, &hook_arg);
	datamem_trace_totals_get(domain, &totals, sizeof(totals));
	told.event = event;
	told.domain = domain;
	told.old_ptr = old_ptr;
	told.new_ptr = new_ptr;
	told.nbytes = nbytes;
	told.bytes_seen = totals.bytes;
	told.calls++;
	/* Tracked, but not reported. */
	make(ADDRESS(5000), 1);
	dmem_trace_free(DOMAIN, ADDRESS(5000));
}

#define ck_assert_told(event_, old_, new_, nbytes_)                          \
	do {                                                                 \
		ck_assert_int_eq(told.calls, 1);                             \
		ck_assert_int_eq(told.event, DATAMEM_TRACE_##event_);        \
		ck_assert_uint_eq(told.domain, DOMAIN);                      \
		ck_assert_ptr_eq(told.old_ptr, old_);                        \
		ck_assert_ptr_eq(told.new_ptr, new_);                        \
		ck_assert_uint_eq(told.nbytes, nbytes_);                     \
		told.calls = 0;                                              \
	} while (0)

START_TEST(hook_is_told_after_the_account_changed)
{
	ck_assert_int_eq(datamem_trace_set_hook(hook, &hook_arg), 0);
	make(ADDRESS(1), 10);
	ck_assert_int_eq(told.calls, 0);
	datamem_trace_start();
	make(ADDRESS(1), 10);
	ck_assert_uint_eq(told.bytes_seen, 10);
	ck_assert_told(ALLOC, NULL, ADDRESS(1), 10);
	resize(ADDRESS(1), ADDRESS(2), 30);
	ck_assert_uint_eq(told.bytes_seen, 30);
	ck_assert_told(RESIZE, ADDRESS(1), ADDRESS(2), 30);
	dmem_trace_free(DOMAIN, ADDRESS(2));
	ck_assert_uint_eq(told.bytes_seen, 0);
	ck_assert_told(FREE, ADDRESS(2), NULL, 30);
	dmem_trace_free(DOMAIN, ADDRESS(3));
	ck_assert_told(FREE, ADDRESS(3), NULL, 0);
	datamem_trace_track(DOMAIN, ADDRESS(4), 8);
	ck_assert_told(ALLOC, NULL, ADDRESS(4), 8);
	datamem_trace_track(DOMAIN, ADDRESS(4), 9);
	ck_assert_told(RESIZE, ADDRESS(4), ADDRESS(4), 9);
	datamem_trace_untrack(DOMAIN, ADDRESS(4));
	ck_assert_told(FREE, ADDRESS(4), NULL, 9);
	datamem_trace_untrack(DOMAIN, ADDRESS(4));
	ck_assert_int_eq(told.calls, 0);
	datamem_trace_set_hook(NULL, NULL);
	make(ADDRESS(1), 10);
	ck_assert_int_eq(told.calls, 0);
}
END_TEST

static void hook_that_stops(void *arg DMEM_UNUSED, int event DMEM_UNUSED,
			    unsigned int domain DMEM_UNUSED,
			    const void *old_ptr DMEM_UNUSED,
			    const void *new_ptr DMEM_UNUSED,
			    size_t nbytes DMEM_UNUSED)
{
	told.calls++;
	datamem_trace_set_hook(NULL, NULL);
	datamem_trace_stop();
}

START_TEST(hook_may_stop_accounts_and_remove_itself)
{
	datamem_trace_set_hook(hook_that_stops, NULL);
	datamem_trace_start();
	make(ADDRESS(1), 1);
	ck_assert_int_eq(told.calls, 1);
	ck_assert(!dmem_trace_on());
}
END_TEST

static void hook_that_ends(void *arg DMEM_UNUSED, int event DMEM_UNUSED,
			   unsigned int domain DMEM_UNUSED,
			   const void *old_ptr DMEM_UNUSED,
			   const void *new_ptr, size_t nbytes DMEM_UNUSED)
{
	dmem_fetch_add(&told.calls, 1);
	if (new_ptr == ADDRESS(1))
		pthread_exit(NULL);
}

static void *make_one(void *arg)
{
	make(ADDRESS(1), 1);
	return arg;
}

START_TEST(thread_may_end_inside_the_hook)
{
	pthread_t thread;

	datamem_trace_set_hook(hook_that_ends, NULL);
	datamem_trace_start();
	for (int i = 0; i < 3; i++) {
		/* The next thread gets the same id and the same stack. */
		ck_assert_int_eq(pthread_create(&thread, NULL, make_one, NULL),
				 0);
		pthread_join(thread, NULL);
	}
	ck_assert_int_eq(told.calls, 3);
	make(ADDRESS(2), 1);
	ck_assert_int_eq(told.calls, 4);
}
END_TEST

START_TEST(hook_of_many_threads_misses_nothing)
{
	pthread_t threads[THREADS];
	size_t calls = 0, alone;

	datamem_trace_set_hook(counting_hook, &calls);
	datamem_trace_start();
	for (size_t i = 0; i < THREADS; i++)
		churn((void *)i);
	alone = calls;
	ck_assert_uint_gt(alone, THREADS * ROUNDS / 2);
	calls = 0;
	datamem_trace_stop();
	datamem_trace_start();
	run_threads(churn, threads);
	join_threads(threads);
	ck_assert_uint_eq(calls, alone);
}
END_TEST

/* Watcher */

static int toggles_on, toggles_off, settles;

static void toggled(bool on)
{
	/* Neither before the caches are closed nor after they are open. */
	ck_assert(!dmem_trace_on());
	*(on ? &toggles_on : &toggles_off) += 1;
}

/* No lock is held: this is where the host's log function is called. */
static void settle(void)
{
	struct datamem_trace_totals totals;

	if (settles++)
		return;
	datamem_trace_start();
	datamem_trace_totals_get(0, &totals, sizeof(totals));
	datamem_trace_stop();
}

START_TEST(watcher_is_told_outside_of_accounts)
{
	toggles_on = toggles_off = settles = 0;
	dmem_trace_watch(toggled, NULL);
	datamem_trace_stop();
	ck_assert_int_eq(toggles_off, 0);
	datamem_trace_start();
	datamem_trace_start();
	ck_assert_int_eq(toggles_on, 1);
	ck_assert_int_eq(toggles_off, 0);
	datamem_trace_stop();
	datamem_trace_stop();
	ck_assert_int_eq(toggles_on, 1);
	ck_assert_int_eq(toggles_off, 1);
	dmem_trace_watch(toggled, settle);
	datamem_trace_start();
	ck_assert_int_eq(settles, 3);
	dmem_trace_watch(NULL, NULL);
}
END_TEST

/* Fork */

static int pipe_fds[2];

static void hook_that_waits(void *arg DMEM_UNUSED, int event DMEM_UNUSED,
			    unsigned int domain DMEM_UNUSED,
			    const void *old_ptr DMEM_UNUSED,
			    const void *new_ptr, size_t nbytes DMEM_UNUSED)
{
	char byte;

	dmem_fetch_add(&told.calls, 1);
	if (new_ptr == ADDRESS(1) && read(pipe_fds[0], &byte, 1) != 1)
		abort();
}

static void *make_two(void *arg)
{
	make(ADDRESS(2), 1);
	return arg;
}

/* In the child a new thread can get the id and stack of the one in the hook. */
START_TEST(child_forgets_threads_inside_the_hook)
{
	pthread_t waiter, thread;
	int status;
	pid_t pid;

	if (HARNESS_TSAN)
		harness_skip("TSan forbids new threads in a forked child");
	ck_assert_int_eq(pipe(pipe_fds), 0);
	datamem_trace_set_hook(hook_that_waits, NULL);
	datamem_trace_start();
	ck_assert_int_eq(pthread_create(&waiter, NULL, make_one, NULL), 0);
	while (!dmem_load(&told.calls))
		sched_yield();
	pid = locked_fork();
	if (!pid) {
		alarm(100);
		if (pthread_create(&thread, NULL, make_two, NULL))
			_exit(1);
		pthread_join(thread, NULL);
		_exit(told.calls == 2 ? 0 : 2);
	}
	status = wait_for(pid);
	ck_assert_int_eq(write(pipe_fds[1], "x", 1), 1);
	pthread_join(waiter, NULL);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void reset(void)
{
	memset(&told, 0, sizeof(told));
	datamem_trace_set_hook(NULL, NULL);
	datamem_trace_stop();
}

int main(void)
{
	Suite *suite = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_set_timeout(tc, 240);
	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_test(tc, tracking_counts_blocks_bytes_and_peak);
	tcase_add_test(tc, domains_are_independent);
	tcase_add_test(tc, null_is_never_tracked);
	tcase_add_test(tc, no_memory_is_that_large);
	tcase_add_test(tc, nothing_is_kept_while_off);
	tcase_add_test(tc, hook_is_told_after_the_account_changed);
	tcase_add_test(tc, hook_may_stop_accounts_and_remove_itself);
	tcase_add_test(tc, thread_may_end_inside_the_hook);
	tcase_add_test(tc, hook_of_many_threads_misses_nothing);
	tcase_add_test(tc, watcher_is_told_outside_of_accounts);
	tcase_add_test(tc, child_forgets_threads_inside_the_hook);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

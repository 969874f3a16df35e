/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A thread that is to be cancelled goes on through the library, where it holds
 * locks, whatever it waits for there.
 */
#include "arena/arena.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/state.h"
#include "kernel/kernel.h"
#include "library.h"

static unsigned int reached;

static void run(void *(*act)(void *arg), unsigned int steps)
{
	pthread_t thread;
	void *result;

	ck_assert_int_eq(pthread_create(&thread, NULL, act, NULL), 0);
	pthread_join(thread, &result);
	ck_assert_uint_eq(reached, steps);
	ck_assert_ptr_eq(result, PTHREAD_CANCELED);
}

static void *starts_and_stops(void *arg)
{
	pthread_cancel(pthread_self());
	datamem_control_start();
	reached++;
	datamem_control_stop();
	reached++;
	pthread_testcancel();
	return arg;
}

START_TEST(control_comes_and_goes)
{
	run(starts_and_stops, 2);
	datamem_control_note("its lock is free");
	datamem_control_stop();
}
END_TEST

static pid_t child;

/* The service thread ends before. */
static void *forks(void *arg)
{
	pthread_cancel(pthread_self());
	child = fork();
	if (!child)
		_exit(0);
	reached++;
	pthread_testcancel();
	return arg;
}

START_TEST(the_process_is_forked)
{
	int status;

	set("control", "thread");
	datamem_control_start();
	run(forks, 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	datamem_control_stop();
}
END_TEST

static bool keep_away, away;
int __real_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice)
{
	while (advice == DMEM_ADVICE_PURGE && dmem_load(&keep_away)) {
		dmem_store(&away, true);
		sched_yield();
	}
	return __real_dmem_kernel_advise(addr, nbytes, advice);
}

static void *trims(void *arg)
{
	dmem_arena_trim(0);
	return arg;
}

/* For the memory that the other has in its hands. */
static void *trims_too(void *arg)
{
	pthread_cancel(pthread_self());
	dmem_arena_trim(0);
	dmem_fetch_add(&reached, 1);
	pthread_testcancel();
	return arg;
}

static void *let_go(void *arg)
{
	while (!dmem_load(&dmem_arena.awaited))
		sched_yield();
	dmem_store(&keep_away, false);
	return arg;
}

START_TEST(memory_is_waited_for)
{
	size_t nbytes = 16 * DMEM_MIB;
	pthread_t first, last;
	char *ptr;

	set("control", "off");
	ptr = datamem_alloc(nbytes);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
	dmem_store(&keep_away, true);
	pthread_create(&first, NULL, trims, NULL);
	while (!dmem_load(&away))
		sched_yield();
	pthread_create(&last, NULL, let_go, NULL);
	run(trims_too, 1);
	pthread_join(first, NULL);
	pthread_join(last, NULL);
	datamem_free(datamem_alloc(nbytes), nbytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cancel");
	TCase *tc = tcase_create("cancellation");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, control_comes_and_goes);
	tcase_add_test(tc, the_process_is_forked);
	tcase_add_test(tc, memory_is_waited_for);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

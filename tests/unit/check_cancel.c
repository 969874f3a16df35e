/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A thread that is to be cancelled goes on through the library, where it holds
 * locks, whatever it waits for there.
 */
#include "arena/arena.h"

#include <fcntl.h>
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

/* Pages are moved to where there is room, if the kernel can. */
static void *grows(void *arg)
{
	char *ptr = datamem_alloc(32 * DMEM_MIB), *next;

	next = datamem_alloc(8 * DMEM_MIB);
	memset(ptr, 1, 32 * DMEM_MIB);
	pthread_cancel(pthread_self());
	ptr = datamem_realloc(ptr, 256 * DMEM_MIB);
	reached++;
	if (ptr[32 * DMEM_MIB - 1] == 1)
		reached++;
	datamem_free(ptr, 0);
	datamem_free(next, 0);
	reached++;
	pthread_testcancel();
	return arg;
}

START_TEST(a_block_moves)
{
	run(grows, 3);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static int null;

/* Each of the calls that list or ask. */
static void *asks(void *arg)
{
	static const char *const handlers[] = {
		"default_allocator", "datamem", "system", "debug", "shared",
		"datamem_aligned_4096", "datamem_lazy_64", "datamem_node_0",
	};
	struct datamem_stats stats;
	struct datamem_buffer buffer;
	char text[64];
	void *ptr;

	pthread_cancel(pthread_self());
	ptr = datamem_alloc_zeroed(300 * DMEM_KIB, 1);
	datamem_stats_get(&stats, sizeof(stats));
	datamem_trim(0);
	datamem_setting_set("retain.max", "4M");
	datamem_setting_set("profile", "64K");
	datamem_free(datamem_alloc(DMEM_MIB), DMEM_MIB);
	datamem_profile_write(null, DATAMEM_PROFILE_RAW);
	datamem_setting_set("profile", "off");
	datamem_setting_set("place.numa", "bind:0");
	datamem_setting_get("retain.max", text, sizeof(text));
	datamem_trace_start();
	datamem_trace_stop();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(handlers); i++)
		if (!datamem_buffer_init_with(
			    &buffer, datamem_handler_find(handlers[i]),
			    2 * DMEM_MIB, 0)) {
			datamem_buffer_resize(&buffer, 5 * DMEM_MIB);
			datamem_buffer_release(&buffer);
		}
	datamem_free(ptr, 0);
	reached++;
	pthread_testcancel();
	return arg;
}

START_TEST(what_has_no_point)
{
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(null, 0);
	run(asks, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static void *makes_a_mistake(void *arg)
{
	void *ptr = datamem_alloc(100 * DMEM_KIB);

	pthread_cancel(pthread_self());
	datamem_free(ptr, 0);
	datamem_free(ptr, 0);
	datamem_trim(0);
	reached++;
	pthread_testcancel();
	return arg;
}

/* On standard error, where a line of it may be waited for. */
START_TEST(a_mistake_is_reported)
{
	datamem_log_set(NULL, NULL);
	set("debug", "warn");
	run(makes_a_mistake, 1);
	ck_assert_uint_eq(stats_now().double_frees +
			  stats_now().foreign_pointers, 1);
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
	tcase_add_test(tc, a_block_moves);
	tcase_add_test(tc, what_has_no_point);
	tcase_add_test(tc, a_mistake_is_reported);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

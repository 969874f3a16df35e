/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What two threads do at once: free the same block, count the same thing. */
#include "alloc/hosted.h"

#include <pthread.h>
#include <sched.h>

#include "handler/debug.h"
#include "library.h"
#include "live.h"
#include "stats.h"

static void ignore(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static void setup(void)
{
	set("control", "off");
	datamem_log_set(ignore, NULL);
}

static pthread_t start(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, run, arg), 0);
	return thread;
}

/* A block that two threads free */

#define FREED_TWICE 200

static struct {
	void *ptr;
	unsigned int turn;      /* grows by 2 with each block */
	void (*free)(void *ptr);
} twice;

static void meet(unsigned int turn)
{
	dmem_fetch_add(&twice.turn, 1);
	while (dmem_load_acquire(&twice.turn) < 2 * turn)
		sched_yield();
}

static void *free_all(void *arg)
{
	for (unsigned int i = 0; i < FREED_TWICE; i++) {
		meet(2 * i + 1);
		twice.free(dmem_load(&twice.ptr));
		meet(2 * i + 2);
	}
	return arg;
}

static void free_twice(void *(*make)(void), void (*free)(void *ptr))
{
	pthread_t thread;

	twice.free = free;
	thread = start(free_all, NULL);
	for (unsigned int i = 0; i < FREED_TWICE; i++) {
		dmem_store(&twice.ptr, make());
		meet(2 * i + 1);
		twice.free(dmem_load(&twice.ptr));
		meet(2 * i + 2);
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(stats_now().double_frees, FREED_TWICE);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}

static void *make_small(void)
{
	return datamem_alloc(100);
}

static void free_small(void *ptr)
{
	datamem_free(ptr, 100);
}

START_TEST(a_guarded_block_is_freed_by_two)
{
	set("guard", "1/1");
	free_twice(make_small, free_small);
}
END_TEST

static void *make_debugged(void)
{
	return dmem_debug.malloc(NULL, 100 * KIB);
}

static void free_debugged(void *ptr)
{
	dmem_debug.free(NULL, ptr, 100 * KIB);
}

START_TEST(a_debugged_block_is_freed_by_two)
{
	free_twice(make_debugged, free_debugged);
}
END_TEST

/* Blocks of the C library that two threads free: whoever is behind catches up, as
 * to find nothing takes less time. */

static void *hosted[4000];

static void *free_hosted(void *arg)
{
	size_t *freed = arg, nbytes;

	meet(1);
	for (size_t i = 0; i < COUNT(hosted); i++)
		*freed += dmem_hosted_free(hosted[i], &nbytes);
	return NULL;
}

START_TEST(hosted_blocks_are_freed_by_two)
{
	size_t mine = 0, other = 0;
	pthread_t thread;

	for (int round = 0; round < 20; round++) {
		dmem_store(&twice.turn, 0);
		for (size_t i = 0; i < COUNT(hosted); i++)
			hosted[i] = dmem_hosted_make(100, 0, 0);
		thread = start(free_hosted, &other);
		free_hosted(&mine);
		pthread_join(thread, NULL);
	}
	ck_assert_uint_eq(mine + other, 20 * COUNT(hosted));
}
END_TEST

START_TEST(a_hosted_block_goes_before_it_shrinks)
{
	void *ptr = dmem_hosted_make(100, 0, 0);
	size_t nbytes;

	ck_assert(dmem_hosted_free(ptr, &nbytes));
	ck_assert(!dmem_hosted_fit(ptr, 50));
	ck_assert(dmem_hosted_was_freed(ptr));
}
END_TEST

/* What the control page shows */

#define COUNTED (HARNESS_TSAN ? 3000 : 30000)

static void *count_all(void *arg)
{
	for (unsigned int i = 0; i < COUNTED; i++) {
		meet(2 * i + 1);
		dmem_stats_count(DMEM_COUNT_FOREIGN_POINTERS);
		meet(2 * i + 2);
	}
	return arg;
}

START_TEST(the_page_shows_what_was_counted)
{
	pthread_t thread = start(count_all, NULL);
	unsigned int stale = 0;

	for (unsigned int i = 0; i < COUNTED; i++) {
		meet(2 * i + 1);
		dmem_stats_count(DMEM_COUNT_FOREIGN_POINTERS);
		meet(2 * i + 2);
		stale += dmem_load(&dmem_live->numbers.foreign_pointers) !=
			 2 * i + 2;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(stale, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("twice");
	TCase *tc = tcase_create("twice");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_guarded_block_is_freed_by_two);
	tcase_add_test(tc, a_debugged_block_is_freed_by_two);
	tcase_add_test(tc, hosted_blocks_are_freed_by_two);
	tcase_add_test(tc, a_hosted_block_goes_before_it_shrinks);
	tcase_add_test(tc, the_page_shows_what_was_counted);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

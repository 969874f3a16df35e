/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Locks that are held briefly; the check of the order of locks: what it takes and
 * what ends the program.
 */
#include "base.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "harness.h"

#define COUNTERS 4
#define COUNT 2000

static struct dmem_brief brief;
static unsigned int counted;

/* Whoever is preempted while it holds the lock is waited for. */
static void *count(void *arg)
{
	for (unsigned int i = 0; i < COUNT; i++) {
		unsigned int before;

		dmem_brief_lock(&brief);
		before = counted;
		if (i % 64 == 0)
			sched_yield();
		counted = before + 1;
		dmem_brief_unlock(&brief);
	}
	return arg;
}

START_TEST(brief_ones_exclude)
{
	pthread_t threads[COUNTERS];
	unsigned int patience = 2;

	dmem_brief_init(&brief, SHELF);
	for (size_t i = 0; i < COUNTERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count, NULL),
				 0);
	for (size_t i = 0; i < COUNTERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(counted, COUNTERS * COUNT);
	ck_assert(dmem_brief_trylock(&brief));
	ck_assert(!dmem_brief_trylock(&brief));
	ck_assert(!dmem_brief_idle(&brief, &patience));
	ck_assert_uint_eq(patience, 0);
	dmem_brief_unlock(&brief);
	ck_assert(dmem_brief_idle(&brief, &patience));
}
END_TEST

#ifdef DMEM_LOCK_RANKS

static struct dmem_lock caches = DMEM_LOCK_INIT(CACHES);
static struct dmem_lock cache[2] = {
	DMEM_LOCK_INIT(CACHE), DMEM_LOCK_INIT(CACHE),
};
static struct dmem_lock class[2] = {
	DMEM_LOCK_INIT(CLASS), DMEM_LOCK_INIT(CLASS),
};
static struct dmem_lock arena = DMEM_LOCK_INIT(ARENA);

START_TEST(downwards)
{
	dmem_lock(&caches);
	/* In any order, by whoever holds the lock above. */
	dmem_lock(&cache[1]);
	dmem_lock(&cache[0]);
	dmem_lock(&class[0]);
	dmem_lock(&class[1]);
	dmem_lock(&arena);
	dmem_unlock(&arena);
	dmem_unlock(&class[0]);
	dmem_unlock(&class[1]);
	dmem_unlock(&cache[1]);
	dmem_unlock(&cache[0]);
	dmem_unlock(&caches);
	dmem_host_call("a function");
}
END_TEST

START_TEST(upwards)
{
	dmem_lock(&arena);
	dmem_lock(&caches);
}
END_TEST

START_TEST(two_of_a_rank)
{
	dmem_lock(&arena);
	dmem_lock(&arena);
}
END_TEST

START_TEST(falling_addresses)
{
	dmem_lock(&class[1]);
	dmem_lock(&class[0]);
}
END_TEST

START_TEST(without_the_one_above)
{
	dmem_lock(&cache[0]);
	dmem_lock(&cache[1]);
}
END_TEST

START_TEST(after_one_that_was_tried)
{
	dmem_lock(&arena);
	ck_assert(dmem_trylock(&caches));
	dmem_unlock(&arena);
	/* Held by this thread: the second try is in vain. */
	ck_assert(!dmem_trylock(&caches));
	dmem_lock(&cache[0]);
	dmem_unlock(&cache[0]);
	dmem_unlock(&caches);
	dmem_host_call("a function");
}
END_TEST

START_TEST(host_with_a_lock_held)
{
	dmem_lock(&arena);
	dmem_host_call("a function");
}
END_TEST

START_TEST(host_with_a_lock_that_was_tried)
{
	ck_assert(dmem_trylock(&arena));
	dmem_host_call("a function");
}
END_TEST

START_TEST(costs_of_a_hold)
{
	struct dmem_lock_cost cost;

	dmem_lock_cost_reset();
	dmem_lock_step();
	dmem_lock_call();
	dmem_lock(&caches);
	dmem_lock_step();
	dmem_lock(&cache[0]);
	dmem_lock(&cache[1]);
	dmem_lock_step();
	dmem_lock_call();
	dmem_unlock(&cache[0]);
	dmem_lock_step();
	dmem_unlock(&cache[1]);
	dmem_unlock(&caches);
	/* A shorter one changes nothing. */
	dmem_lock(&caches);
	dmem_lock_step();
	dmem_unlock(&caches);
	ck_assert_str_eq(dmem_lock_cost(DMEM_RANK_CACHES, &cost), "CACHES");
	ck_assert_uint_eq(cost.holds, 2);
	ck_assert_uint_eq(cost.steps, 3);
	ck_assert_uint_eq(cost.calls, 1);
	/* From the first of a rank to the last. */
	dmem_lock_cost(DMEM_RANK_CACHE, &cost);
	ck_assert_uint_eq(cost.holds, 1);
	ck_assert_uint_eq(cost.steps, 2);
	ck_assert_uint_eq(cost.calls, 1);
	dmem_lock_cost(DMEM_RANK_ARENA, &cost);
	ck_assert_uint_eq(cost.holds, 0);
}
END_TEST

#endif

int main(void)
{
	Suite *suite = suite_create("locks");
	TCase *tc = tcase_create("locks");

	tcase_add_test(tc, brief_ones_exclude);
#ifdef DMEM_LOCK_RANKS
	tcase_add_test(tc, downwards);
	tcase_add_test(tc, after_one_that_was_tried);
	tcase_add_test(tc, costs_of_a_hold);
	tcase_add_test_raise_signal(tc, upwards, SIGABRT);
	tcase_add_test_raise_signal(tc, two_of_a_rank, SIGABRT);
	tcase_add_test_raise_signal(tc, falling_addresses, SIGABRT);
	tcase_add_test_raise_signal(tc, without_the_one_above, SIGABRT);
	tcase_add_test_raise_signal(tc, host_with_a_lock_held, SIGABRT);
	tcase_add_test_raise_signal(tc, host_with_a_lock_that_was_tried,
				    SIGABRT);
#endif
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

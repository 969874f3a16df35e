/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The check of the order of locks: what it takes and what ends the program. */
#include "base.h"

#include <signal.h>

#include "harness.h"

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

int main(void)
{
	Suite *suite = suite_create("locks");
	TCase *tc = tcase_create("ranks");

	tcase_add_test(tc, downwards);
	tcase_add_test(tc, after_one_that_was_tried);
	tcase_add_test_raise_signal(tc, upwards, SIGABRT);
	tcase_add_test_raise_signal(tc, two_of_a_rank, SIGABRT);
	tcase_add_test_raise_signal(tc, falling_addresses, SIGABRT);
	tcase_add_test_raise_signal(tc, without_the_one_above, SIGABRT);
	tcase_add_test_raise_signal(tc, host_with_a_lock_held, SIGABRT);
	tcase_add_test_raise_signal(tc, host_with_a_lock_that_was_tried,
				    SIGABRT);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

#else

int main(void)
{
	return harness_skip_all("configured without --enable-lock-ranks");
}

#endif

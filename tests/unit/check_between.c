/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What another thread does between a look and what follows from it. Most of it is
 * done in the functions that are called there, so that it comes at that moment.
 */
#include "slab/slab.h"

#include <pthread.h>
#include <string.h>

#include "arena/arena.h"
#include "arena/cap.h"
#include "arena/state.h"
#include "cache/idle.h"
#include "cache/roster.h"
#include "library.h"
#include "settings/settings.h"
#include "slab/central.h"

static uint64_t clock_ms = 1000000;
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return dmem_load(&clock_ms);
}

static void setup(void)
{
	set("control", "off");
}

static void in_a_thread(void *(*run)(void *arg))
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, run, NULL), 0);
	pthread_join(thread, NULL);
}

/* --- Settings -------------------------------------------------------------- */

static uint64_t acted;

static void *set_again(void *arg)
{
	set("cache.depth", "20");
	return arg;
}

static void act(enum dmem_setting_id id)
{
	uint64_t value = dmem_setting_value(id);

	if (value == 10)
		in_a_thread(set_again);
	dmem_store(&acted, value);
}

/* Of two changes at a time, the value that holds is the one acted on last. */
START_TEST(a_setting_is_changed_while_it_is_acted_on)
{
	dmem_setting_watch(DMEM_SETTING_CACHE_DEPTH, act);
	set("cache.depth", "10");
	ck_assert_uint_eq(dmem_setting_value(DMEM_SETTING_CACHE_DEPTH), 20);
	ck_assert_uint_eq(acted, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("between");
	TCase *tc = tcase_create("between two steps");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_setting_is_changed_while_it_is_acted_on);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

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

/* --- Threads ---------------------------------------------------------------- */

static pthread_barrier_t barrier;
static struct dmem_thread *other;

static void *wait_with_a_cache(void *arg)
{
	datamem_free(datamem_alloc(592), 592);
	dmem_store(&other, (struct dmem_thread *)dmem_cache_self);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static bool looks_first;
bool __real_dmem_threads_trylock(void);
bool __wrap_dmem_threads_trylock(void);
bool __wrap_dmem_threads_trylock(void)
{
	if (!__real_dmem_threads_trylock())
		return false;
	/* A third thread has just looked at it, a tick of the clock later. */
	if (looks_first) {
		clock_ms++;
		other->looked = (uint32_t)clock_ms;
	}
	return true;
}

/* Whoever was looked at just now was not at rest since for a second. */
START_TEST(two_look_for_idle_caches)
{
	struct dmem_thread *self;
	pthread_t thread;

	datamem_free(datamem_alloc(592), 592);
	self = (struct dmem_thread *)dmem_cache_self;
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, wait_with_a_cache, NULL);
	pthread_barrier_wait(&barrier);
	ck_assert_uint_gt(other->reserved, 0);
	clock_ms += 5000;
	dmem_idle_collect(self);
	ck_assert_uint_gt(other->reserved, 0);
	ck_assert_uint_eq(other->looked, (uint32_t)clock_ms);
	looks_first = true;
	dmem_idle_collect(self);
	looks_first = false;
	ck_assert_uint_gt(other->reserved, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
}
END_TEST

/* --- Clocks that were read before a lock was had ---------------------------- */

START_TEST(another_thread_has_aged_the_cap)
{
	uint32_t now = (uint32_t)clock_ms;
	size_t cap;

	dmem_arena_lock();
	dmem_cap_age(now, 1000);
	dmem_arena_unlock();
	datamem_free(datamem_alloc(64 * DMEM_MIB), 64 * DMEM_MIB);
	dmem_arena_lock();
	dmem_cap_age(now + 2000, 1000);
	cap = dmem_cap();
	ck_assert_uint_gt(cap, 0);
	/* It waited for the lock. */
	dmem_cap_age(now + 1000, 1000);
	ck_assert_uint_eq(dmem_cap(), cap);
	dmem_arena_unlock();
}
END_TEST

#define SMALL 3000

START_TEST(another_thread_has_seen_a_touched_chunk)
{
	static void *blocks[SMALL];

	for (size_t i = 0; i < SMALL; i++)
		blocks[i] = memset(datamem_alloc(8000), 1, 8000);
	for (size_t i = 0; i < SMALL; i++)
		if (i % 100)
			datamem_free(blocks[i], 8000);
	dmem_cache_trim();
	/* Touched since the last look: that is when they begin to age. */
	ck_assert(dmem_slab_age(1000));
	ck_assert_uint_eq(stats_now().opened_small_bytes, 0);
	clock_ms -= 10;
	ck_assert(dmem_slab_age(1000));
	ck_assert_uint_eq(stats_now().opened_small_bytes, 0);
	clock_ms += 7000;
	dmem_slab_age(1000);
	ck_assert_uint_gt(stats_now().opened_small_bytes, 0);
}
END_TEST

/* --- Slabs ------------------------------------------------------------------ */

/* On its way to the spans a slab has no class, whose lock nobody takes: fork(2)
 * does not wait for it. */
START_TEST(a_slab_is_found_that_has_no_class)
{
	char *ptr = datamem_alloc(592);
	struct dmem_slab *slab = dmem_spans_slab(ptr);
	struct dmem_slab_block block;
	uint8_t cls = slab->cls;

	ck_assert(dmem_slab_find(ptr, &block));
	dmem_store(&slab->cls, 0);
	dmem_lock(&dmem_centrals[0].lock);
	ck_assert(!dmem_slab_find(ptr, &block));
	dmem_unlock(&dmem_centrals[0].lock);
	dmem_store(&slab->cls, cls);
	datamem_free(ptr, 592);
}
END_TEST

/* A processor may see the class of a chunk's first slab before its records. */
START_TEST(a_class_is_seen_before_the_records)
{
	size_t nbytes = 8 * DMEM_MIB;
	char *ptr = datamem_alloc(nbytes), *in = ptr + nbytes / 2;
	size_t span = dmem_window_find(in) >> DMEM_SPAN_SHIFT;

	ck_assert_ptr_null(dmem_window.chunks[span / dmem_spans_of_chunk()]
				   .slabs);
	dmem_store(&dmem_window.classes[span], 1);
	ck_assert_ptr_null(dmem_spans_slab(in));
	dmem_store(&dmem_window.classes[span], 0);
	datamem_free(ptr, nbytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("between");
	TCase *tc = tcase_create("between two steps");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_setting_is_changed_while_it_is_acted_on);
	tcase_add_test(tc, two_look_for_idle_caches);
	tcase_add_test(tc, another_thread_has_aged_the_cap);
	tcase_add_test(tc, another_thread_has_seen_a_touched_chunk);
	tcase_add_test(tc, a_slab_is_found_that_has_no_class);
	tcase_add_test(tc, a_class_is_seen_before_the_records);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

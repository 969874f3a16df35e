/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The service thread of a program that does nothing: after ten seconds it ends,
 * and comes back when there is work; or it stays, where it was asked for. The
 * library's clock goes ahead meanwhile; with TEST_LONG the seconds pass.
 */
#define _GNU_SOURCE
#include "api/own-page.h"

#include "arena/arena.h"
#include "control/upkeep.h"
#include "kernel/kernel.h"
#include "kernel/shared.h"
#include "live.h"

/* What the clock is ahead by, and how often the thread let others start it. */
static uint64_t ahead_ms;
static unsigned int armed;

uint64_t __real_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return __real_dmem_kernel_clock_ms() + dmem_load(&ahead_ms);
}

void __real_dmem_arena_when_kept(void (*act)(void));
void __wrap_dmem_arena_when_kept(void (*act)(void));
void __wrap_dmem_arena_when_kept(void (*act)(void))
{
	__real_dmem_arena_when_kept(act);
	if (act)
		__atomic_add_fetch(&armed, 1, __ATOMIC_RELEASE);
}

static unsigned int ticks;

void __real_dmem_upkeep_tick(struct dmem_upkeep *upkeep, uint64_t now);
void __wrap_dmem_upkeep_tick(struct dmem_upkeep *upkeep, uint64_t now);
void __wrap_dmem_upkeep_tick(struct dmem_upkeep *upkeep, uint64_t now)
{
	__real_dmem_upkeep_tick(upkeep, now);
	__atomic_add_fetch(&ticks, 1, __ATOMIC_RELEASE);
}

/* A tick of the thread, which waits for the next. */
static void pass_time(void)
{
	if (!harness_is_long()) {
		__atomic_add_fetch(&ahead_ms, 1000, __ATOMIC_RELAXED);
		dmem_kernel_futex_wake(&dmem_live->request.state);
	}
	usleep(10000);
}

static void keep_memory(void)
{
	char *block = datamem_alloc(64 * MIB);

	ck_assert(block);
	memset(block, 1, 64 * MIB);
	datamem_free(block, 64 * MIB);
	take_slow_path();
}

/* Until it is stopped. */
static void check_that_it_serves(struct live_process *page)
{
	ck_assert_uint_eq(page->numbers.service, 1);
	ask(page, LIVE_SET, "cache.max", "1M", 0);
	ck_assert_int_eq(late_answer(page), 0);
	datamem_control_stop();
	ck_assert_int_eq(count_ours(), 0);
}

START_TEST(thread_ends_and_comes_back)
{
	struct live_process *page;

	ck_assert_int_eq(datamem_setting_set("retain.age", "100"), 0);
	ck_assert_int_eq(datamem_setting_set("service.retained", "1M"), 0);
	keep_memory();
	await_thread();
	page = map_page();
	ck_assert_uint_eq(page->numbers.service, 1);
	while (count_ours())
		pass_time();
	ck_assert_uint_eq(page->numbers.service, 0);
	/* Gone, it leaves requests to the program. */
	ask(page, LIVE_SET, "cache.max", "2M", 0);
	take_slow_path();
	ck_assert_int_eq(answer(page), 0);
	keep_memory();
	await_thread();
	check_that_it_serves(page);
}
END_TEST

START_TEST(thread_that_was_asked_for_stays)
{
	struct live_process *page;
	unsigned int before;

	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
	page = map_page();
	/* One that was not asked for would end at the first; this one arms for
	 * that, thinks better of it and arms anew to stay. */
	before = __atomic_load_n(&armed, __ATOMIC_ACQUIRE);
	while (__atomic_load_n(&armed, __ATOMIC_ACQUIRE) < before + 2 &&
	       count_ours() == 1)
		pass_time();
	ck_assert_int_eq(count_ours(), 1);
	check_that_it_serves(page);
}
END_TEST

#define CACHED 100

/* A program that works from caches alone, for longer than a thread without work
 * would wait, and then does nothing: they are emptied all the same. */
START_TEST(thread_outlives_the_use_of_caches)
{
	void *blocks[CACHED];
	unsigned int before;

	ck_assert_int_eq(datamem_setting_set("service.retained", "1M"), 0);
	keep_memory();
	await_thread();
	datamem_trim(0);
	for (size_t i = 0; i < CACHED; i++)
		ck_assert((blocks[i] = datamem_alloc(1000)));
	for (size_t i = 0; i < CACHED; i++)
		datamem_free(blocks[i], 1000);
	before = __atomic_load_n(&ticks, __ATOMIC_ACQUIRE);
	while (__atomic_load_n(&ticks, __ATOMIC_ACQUIRE) < before + 15 &&
	       count_ours()) {
		datamem_free(datamem_alloc(1000), 1000);
		pass_time();
	}
	ck_assert_int_eq(count_ours(), 1);
	ck_assert_uint_gt(stats_now().cached_bytes, 0);
	ck_assert_int_eq(datamem_setting_set("retain.age", "100"), 0);
	while (stats_now().cached_bytes)
		pass_time();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idle");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, thread_ends_and_comes_back);
	tcase_add_test(tests, thread_that_was_asked_for_stays);
	tcase_add_test(tests, thread_outlives_the_use_of_caches);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

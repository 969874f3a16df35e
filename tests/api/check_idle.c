/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The service thread of a program that does nothing: after ten seconds it ends,
 * and comes back when there is work; or it stays, where it was asked for.
 */
#define _GNU_SOURCE
#include "own-page.h"

static void keep_memory(void)
{
	char *block = datamem_alloc(64 * MIB);

	ck_assert(block);
	memset(block, 1, 64 * MIB);
	datamem_free(block, 64 * MIB);
	take_slow_path();
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
		usleep(10000);
	ck_assert_uint_eq(page->numbers.service, 0);
	/* Gone, it leaves requests to the program. */
	ask(page, LIVE_SET, "cache.max", "2M", 0);
	take_slow_path();
	ck_assert_int_eq(answer(page), 0);
	keep_memory();
	await_thread();
	ck_assert_uint_eq(page->numbers.service, 1);
	ask(page, LIVE_SET, "cache.max", "1M", 0);
	ck_assert_int_eq(late_answer(page), 0);
	datamem_control_stop();
	ck_assert_int_eq(count_ours(), 0);
}
END_TEST

START_TEST(thread_that_was_asked_for_stays)
{
	struct live_process *page;

	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
	page = map_page();
	/* Longer than one that was not asked for would. */
	sleep(12);
	ck_assert_int_eq(count_ours(), 1);
	ask(page, LIVE_SET, "cache.max", "1M", 0);
	ck_assert_int_eq(late_answer(page), 0);
	datamem_control_stop();
	ck_assert_int_eq(count_ours(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idle");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, thread_ends_and_comes_back);
	tcase_add_test(tests, thread_that_was_asked_for_stays);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The handler `debug` says where a block was made, while a profile runs. */
#include <datamem.h>

#include <stdio.h>
#include <string.h>

#include "debug-reports.h"
#include "profile/profile.h"

static void profile(const char *value)
{
	ck_assert_int_eq(datamem_setting_set("profile", value), 0);
}

static void begin(void)
{
	reports_begin();
	profile("512K");
}

/* Lines for the block come first: the mistake's may be the last. */
static void expect_made(const void *ptr, const char *mistake)
{
	const char *made, *frame, *found;
	char line[100];

	snprintf(line, sizeof(line),
		 "block %p of 100 bytes, allocated by thread ", ptr);
	made = strstr(messages, line);
	ck_assert_msg(made, "%s", messages);
	frame = strstr(made, "#0 0x");
	ck_assert_msg(frame && strstr(frame, "check_debug_made+0x"), "%s",
		      messages);
	found = strstr(messages, mistake);
	ck_assert_msg(found > frame, "%s", messages);
	ck_assert_ptr_null(strstr(found, "allocated by"));
	messages[0] = '\0';
	nmessages = 0;
}

START_TEST(each_mistake)
{
	char *ptr;

	if (!dmem_profile_on())
		harness_skip("no profile here");
	ptr = debug->malloc(NULL, 100);
	poke(ptr, 100, 1);
	debug->free(NULL, ptr, 100);
	expect_made(ptr, "write outside");
	debug->free(NULL, ptr, 100);
	expect_made(ptr, "double free");
	poke(ptr, 5, 1);
	dmem_debug_drain();
	expect_made(ptr, "write after free");
	ptr = debug->calloc(NULL, 10, 10);
	poke(ptr, 101, 1);
	ck_assert_ptr_nonnull(debug->realloc(NULL, ptr, 200));
	expect_made(ptr, "write outside");
}
END_TEST

/* What was made before it, or after, has none; what was made meanwhile has. */
START_TEST(only_while_it_runs)
{
	char *before, *meanwhile, *after;

	profile("off");
	before = debug->malloc(NULL, 100);
	profile("512K");
	if (!dmem_profile_on())
		harness_skip("no profile here");
	meanwhile = debug->malloc(NULL, 100);
	profile("off");
	after = debug->malloc(NULL, 100);
	poke(before, 100, 1);
	poke(meanwhile, 100, 1);
	poke(after, 100, 1);
	debug->free(NULL, before, 100);
	expect("write outside", before, "made by thread");
	debug->free(NULL, after, 100);
	expect("write outside", after, "made by thread");
	debug->free(NULL, meanwhile, 100);
	expect_made(meanwhile, "write outside");
}
END_TEST

/* Stacks are kept apart from the records, and reused with them. */
START_TEST(memory_is_bounded)
{
	size_t first;

	if (!dmem_profile_on())
		harness_skip("no profile here");
	for (int i = 0; i < 20000; i++)
		debug->free(NULL, debug->malloc(NULL, 100), 100);
	first = dmem_debug_meta_bytes();
	for (int i = 0; i < 100000; i++)
		debug->free(NULL, debug->malloc(NULL, 100), 100);
	ck_assert_uint_le(dmem_debug_meta_bytes(), first + first / 4);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("debug_made");
	TCase *tc = tcase_create("made");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_mistake);
	tcase_add_test(tc, only_while_it_runs);
	tcase_add_test(tc, memory_is_bounded);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

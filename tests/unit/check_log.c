/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Messages: where they go, how they look, and that no lock is held. */
#include "log.h"

#include <string.h>
#include <unistd.h>

#include "harness.h"

static char last[DMEM_LOG_MAX];
static int calls;

static void keep(void *arg, const char *message)
{
	ck_assert_ptr_eq(arg, &calls);
	strcpy(last, message);
	calls++;
}

/* What dmem_log() writes to standard error, without a function set. */
static void log_to_pipe(const char *message, char *out, size_t out_size)
{
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_int_eq(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	dmem_log("%s", message);
	dup2(saved, STDERR_FILENO);
	close(fds[1]);
	n = read(fds[0], out, out_size - 1);
	ck_assert_int_ge(n, 0);
	out[n] = '\0';
	close(fds[0]);
	close(saved);
}

START_TEST(default_is_a_line_on_stderr)
{
	char out[256];

	datamem_log_set(NULL, NULL);
	log_to_pipe("hello", out, sizeof(out));
	ck_assert_str_eq(out, "libdatamem: hello\n");
}
END_TEST

START_TEST(function_gets_argument_and_bare_line)
{
	char out[256];

	datamem_log_set(keep, &calls);
	log_to_pipe("one", out, sizeof(out));
	ck_assert_str_eq(out, "");
	ck_assert_str_eq(last, "one");
	dmem_log("%d and %s", 7, "eight");
	ck_assert_str_eq(last, "7 and eight");
	ck_assert_int_eq(calls, 2);
	datamem_log_set(NULL, NULL);
	log_to_pipe("back", out, sizeof(out));
	ck_assert_str_eq(out, "libdatamem: back\n");
	ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(errno_is_kept)
{
	int closed = dup(STDERR_FILENO);

	/* Standard error closed: write fails with EBADF inside. */
	close(STDERR_FILENO);
	errno = ERANGE;
	dmem_log("nobody hears this");
	ck_assert_int_eq(errno, ERANGE);
	dup2(closed, STDERR_FILENO);
	close(closed);
}
END_TEST

START_TEST(long_line_is_cut_and_marked)
{
	char text[DMEM_LOG_MAX + 10];

	memset(text, 'x', sizeof(text));
	datamem_log_set(keep, &calls);
	text[DMEM_LOG_MAX - 1] = '\0';
	dmem_log("%s", text);
	ck_assert_str_eq(last, text);
	text[DMEM_LOG_MAX - 1] = 'x';
	text[DMEM_LOG_MAX] = '\0';
	dmem_log("%s", text);
	ck_assert_uint_eq(strlen(last), DMEM_LOG_MAX - 1);
	ck_assert_str_eq(last + DMEM_LOG_MAX - 5, "x...");
}
END_TEST

START_TEST(control_characters_cannot_forge_a_line)
{
	datamem_log_set(keep, &calls);
	dmem_log("a%sb", "\nlibdatamem: \033[2J\177");
	ck_assert_str_eq(last, "a?libdatamem: ?[2J?b");
}
END_TEST

static void set_itself(void *arg, const char *message)
{
	keep(arg, message);
	datamem_log_set(keep, arg);
	if (calls == 1)
		dmem_log("inner");
}

START_TEST(function_may_log_and_replace_itself)
{
	datamem_log_set(set_itself, &calls);
	dmem_log("outer");
	ck_assert_int_eq(calls, 2);
	ck_assert_str_eq(last, "inner");
}
END_TEST

static char mark_a, mark_b;
static unsigned int torn, whole;

static void expect_a(void *arg, const char *message DMEM_UNUSED)
{
	dmem_fetch_add(arg == &mark_a ? &whole : &torn, 1);
}

static void expect_b(void *arg, const char *message DMEM_UNUSED)
{
	dmem_fetch_add(arg == &mark_b ? &whole : &torn, 1);
}

static void *swap(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		datamem_log_set(expect_a, &mark_a);
		datamem_log_set(expect_b, &mark_b);
	}
	return arg;
}

START_TEST(function_and_argument_change_together)
{
	pthread_t threads[2];

	datamem_log_set(expect_a, &mark_a);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, swap, NULL),
				 0);
	for (int i = 0; i < 4000; i++)
		dmem_log("x");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(torn, 0);
	ck_assert_uint_eq(whole, 4000);
}
END_TEST

static void reset(void)
{
	datamem_log_set(NULL, NULL);
	calls = 0;
	last[0] = '\0';
}

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_test(tc, default_is_a_line_on_stderr);
	tcase_add_test(tc, function_gets_argument_and_bare_line);
	tcase_add_test(tc, errno_is_kept);
	tcase_add_test(tc, long_line_is_cut_and_marked);
	tcase_add_test(tc, control_characters_cannot_forge_a_line);
	tcase_add_test(tc, function_may_log_and_replace_itself);
	tcase_add_test(tc, function_and_argument_change_together);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reports: whose turn it is, also beside fork(2) and threads that end. */
#include "reports/reports.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <datamem.h>

#include "harness.h"

static int begun, go_on;
static char last[200];
static pid_t child;

static void keep(void *arg, const char *message)
{
	(void)arg;
	snprintf(last, sizeof(last), "%s", message);
}

static void begin(void)
{
	datamem_log_set(keep, NULL);
	datamem_handler_default();
}

/* The status of a child, which ends by itself. */
static int status_of(pid_t pid)
{
	int status;

	ck_assert_int_ge(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Whether a report of the calling thread is written. */
static bool reports(const char *line)
{
	if (!dmem_report_begin("test", false))
		return false;
	dmem_report_add(line);
	dmem_report_line();
	dmem_report_end();
	return strstr(last, line);
}

static void *hold(void *arg)
{
	bool ends = arg;

	if (!dmem_report_begin("test", false))
		return NULL;
	__atomic_store_n(&begun, 1, __ATOMIC_RELEASE);
	while (!ends && !__atomic_load_n(&go_on, __ATOMIC_ACQUIRE))
		usleep(1000);
	if (!ends)
		dmem_report_end();
	return arg;
}

static pthread_t start(bool ends)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, hold,
					ends ? &begun : NULL), 0);
	while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		usleep(1000);
	return thread;
}

START_TEST(a_child_does_not_wait_for_its_parents_report)
{
	pthread_t thread = start(false);

	child = fork();
	if (!child)
		_exit(!reports("of a child"));
	ck_assert_int_eq(status_of(child), 0);
	__atomic_store_n(&go_on, 1, __ATOMIC_RELEASE);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(reports("afterwards"));
}
END_TEST

/* A child of the log function ends the report that it came from. */
static void fork_once(void *arg, const char *message)
{
	(void)message;
	if (*(pid_t *)arg < 0)
		*(pid_t *)arg = fork();
}

START_TEST(the_log_function_forks)
{
	child = -1;
	datamem_log_set(fork_once, &child);
	ck_assert(dmem_report_begin("test", false));
	dmem_report_add("first");
	dmem_report_line();
	if (!child) {
		if (dmem_report_begin("test", false))
			_exit(1);
		dmem_report_end();
		datamem_log_set(keep, NULL);
		_exit(reports("of a child") ? 0 : 2);
	}
	dmem_report_end();
	ck_assert_int_eq(status_of(child), 0);
}
END_TEST

START_TEST(a_thread_ends_within_its_report)
{
	pthread_t thread = start(true);

	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(reports("of another thread"));
	ck_assert(dmem_report_begin("test", false));
	ck_assert(!dmem_report_begin("test", false));
	dmem_report_end();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reports");
	TCase *tc = tcase_create("reports");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_child_does_not_wait_for_its_parents_report);
	tcase_add_test(tc, the_log_function_forks);
	tcase_add_test(tc, a_thread_ends_within_its_report);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

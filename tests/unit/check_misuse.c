/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Callers' mistakes: counted always, said and punished by setting. */
#include "misuse.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "harness.h"
#include "log.h"
#include "settings/settings.h"
#include "stats.h"

static char last[DMEM_LOG_MAX];
static int calls;

static void keep(void *arg DMEM_UNUSED, const char *message)
{
	strcpy(last, message);
	calls++;
}

static void set_debug(const char *level)
{
	ck_assert_int_eq(dmem_setting_set_from("debug", level,
					       DATAMEM_ORIGIN_API), 0);
}

static const struct {
	enum dmem_misuse misuse;
	size_t size;
	const char *message;
} cases[] = {
	{ DMEM_MISUSE_DOUBLE_FREE, 80,
	  "double free of 0x1230 (80 bytes) by handler debug" },
	{ DMEM_MISUSE_DOUBLE_FREE, 0,
	  "double free of 0x1230 by handler debug" },
	{ DMEM_MISUSE_FOREIGN_POINTER, 0,
	  "free or resize of foreign pointer 0x1230 by handler debug" },
	{ DMEM_MISUSE_LARGE_HINT, 4097,
	  "too large size hint for 0x1230 (hint 4097 bytes) by handler debug" },
	{ DMEM_MISUSE_OVERRUN, 16,
	  "write outside 0x1230 (16 bytes) by handler debug" },
	{ DMEM_MISUSE_USE_AFTER_FREE, 16,
	  "write after free to 0x1230 (16 bytes) by handler debug" },
	{ DMEM_MISUSE_FOREIGN_FREE, 16,
	  "free(3), not datamem_free(3), of 0x1230 (16 bytes) by handler "
	  "debug" },
};

/* The member of the statistics that counts a misuse. */
static uint64_t counted(enum dmem_misuse misuse)
{
	struct datamem_stats stats;

	dmem_stats_snapshot(&stats);
	switch (misuse) {
	case DMEM_MISUSE_DOUBLE_FREE:
		return stats.double_frees;
	case DMEM_MISUSE_FOREIGN_POINTER:
	case DMEM_MISUSE_FOREIGN_FREE:
		return stats.foreign_pointers;
	case DMEM_MISUSE_LARGE_HINT:
		return stats.large_hints;
	case DMEM_MISUSE_OVERRUN:
		return stats.overruns;
	case DMEM_MISUSE_USE_AFTER_FREE:
		return stats.uses_after_free;
	}
	return UINT64_MAX;
}

START_TEST(warn_says_what_where_and_who)
{
	set_debug("warn");
	dmem_misuse_report(cases[_i].misuse, "debug", (void *)0x1230,
			   cases[_i].size, false);
	ck_assert_int_eq(calls, 1);
	ck_assert_str_eq(last, cases[_i].message);
	ck_assert_uint_eq(counted(cases[_i].misuse), 1);
}
END_TEST

START_TEST(none_counts_in_silence)
{
	dmem_misuse_report(cases[_i].misuse, "x", (void *)0x1230, 1, false);
	dmem_misuse_report(cases[_i].misuse, "x", (void *)0x1230, 1, false);
	ck_assert_int_eq(calls, 0);
	ck_assert_uint_eq(counted(cases[_i].misuse), 2);
}
END_TEST

START_TEST(details_follow)
{
	dmem_misuse_report_more(DMEM_MISUSE_OVERRUN, "debug", (void *)0x10, 1,
				true, ", at offset 7");
	ck_assert_str_eq(last, "write outside 0x10 (1 bytes) by handler debug, "
			       "at offset 7");
}
END_TEST

START_TEST(strict_warns_where_debug_is_none)
{
	dmem_misuse_report(DMEM_MISUSE_OVERRUN, "debug", (void *)0x10, 1,
			   true);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(setting_is_read_live)
{
	dmem_misuse_report(DMEM_MISUSE_OVERRUN, "x", (void *)0x10, 1, false);
	set_debug("warn");
	dmem_misuse_report(DMEM_MISUSE_OVERRUN, "x", (void *)0x10, 1, false);
	set_debug("none");
	dmem_misuse_report(DMEM_MISUSE_OVERRUN, "x", (void *)0x10, 1, false);
	ck_assert_int_eq(calls, 1);
}
END_TEST

/* The signal that ends a process which reports at a level; 0: none. */
static int signal_of(const char *level, bool strict)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit) { 0, 0 });
		/* Sanitizers and Check catch some of them. */
		signal(SIGILL, SIG_DFL);
		signal(SIGTRAP, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		set_debug(level);
		dmem_misuse_report(DMEM_MISUSE_DOUBLE_FREE, "x", (void *)0x10,
				   1, strict);
		_exit(calls == 1 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		ck_assert_int_eq(WEXITSTATUS(status), 0);
		return 0;
	}
	return WTERMSIG(status);
}

START_TEST(trap_and_abort_end_the_process)
{
	int trap = signal_of("trap", false);

	ck_assert_int_eq(signal_of("warn", false), 0);
	ck_assert_int_eq(signal_of("abort", false), SIGABRT);
	ck_assert_int_eq(signal_of("abort", true), SIGABRT);
	/* Which one is the processor's choice. */
	ck_assert(trap == SIGILL || trap == SIGTRAP);
}
END_TEST

static void reset(void)
{
	dmem_settings_reset();
	dmem_stats_reset();
	datamem_log_set(keep, NULL);
	calls = 0;
}

int main(void)
{
	Suite *suite = suite_create("misuse");
	TCase *tc = tcase_create("misuse");
	int n = DMEM_ARRAY_SIZE(cases);

	tcase_add_checked_fixture(tc, reset, NULL);
	tcase_add_loop_test(tc, warn_says_what_where_and_who, 0, n);
	tcase_add_loop_test(tc, none_counts_in_silence, 0, n);
	tcase_add_test(tc, strict_warns_where_debug_is_none);
	tcase_add_test(tc, details_follow);
	tcase_add_test(tc, setting_is_read_live);
	tcase_add_test(tc, trap_and_abort_end_the_process);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

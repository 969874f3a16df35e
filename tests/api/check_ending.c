/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The end of a process is as without the library: when its last thread ends,
 * and when exit(3) is called, wherever that is. Each case is a program of its
 * own; one that does not end is a test that runs out of time.
 */
#define _GNU_SOURCE
#include <datamem.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

static void use(size_t nbytes)
{
	void *ptr = datamem_alloc(nbytes);

	if (ptr)
		memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
}

/* More than the service thread's stack has. */
static __attribute__((noinline)) size_t use_stack(void)
{
	volatile char bytes[MIB];

	for (size_t i = 0; i < sizeof(bytes); i += 1024)
		bytes[i] = 1;
	return bytes[1] != 0;
}

/* The host's, at exit: 7 tells that all was as it should be. */
static void at_end(void)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	use(5000);
	if (!use_stack() && !sigismember(&mask, SIGTERM))
		_exit(7);
}

static void *end_later(void *arg)
{
	usleep(50000);
	use(100);
	return arg;
}

/* Main ends first, then the last thread. */
static int last_thread_returns(void)
{
	pthread_t thread;

	atexit(at_end);
	use(8 * MIB);
	if (pthread_create(&thread, NULL, end_later, NULL))
		return 99;
	pthread_detach(thread);
	pthread_exit(NULL);
}

static const struct {
	const char *name;
	int (*run)(void);
	int status;
} cases[] = {
	{ "last-thread", last_thread_returns, 7 },
};

/* As often with a thread that stays as without one; the status of the last. */
static int run_case(const char *name, const char *control)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		setenv("DATAMEM_CONTROL", control, 1);
		setenv("DATAMEM_CONF", "stats.exit=/dev/null", 1);
		execl("/proc/self/exe", "check_ending", name, (char *)NULL);
		_exit(125);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(ends)
{
	static const char *const controls[] = { "on", "thread", "page", "off" };
	int status;

	for (size_t i = 0; i < COUNT(controls); i++) {
		status = run_case(cases[_i].name, controls[i]);
		ck_assert_msg(WIFEXITED(status) &&
				      WEXITSTATUS(status) == cases[_i].status,
			      "%s, control=%s: %#x", cases[_i].name,
			      controls[i], (unsigned int)status);
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("ending");
	TCase *tc = tcase_create("ending");

	for (size_t i = 0; argc > 1 && i < COUNT(cases); i++)
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run();
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, ends, 0, COUNT(cases));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

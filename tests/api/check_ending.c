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
#include <stdint.h>
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

static void use_without_writing(size_t nbytes)
{
	datamem_free(datamem_alloc(nbytes), nbytes);
}

/* More than the service thread's stack has. */
static __attribute__((noinline)) size_t use_stack(void)
{
	volatile char bytes[MIB];

	for (size_t i = 0; i < sizeof(bytes); i += 1024)
		bytes[i] = 1;
	return bytes[1] != 0;
}

/* The host's, at exit: 7 tells that all was as it should be, in each case. */
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

static void exit_in_handler(int number)
{
	(void)number;
	exit(7);
}

static void interrupt_after(useconds_t us)
{
	struct itimerval timer = { .it_value.tv_usec = us };

	signal(SIGALRM, exit_in_handler);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Whatever the program is at. */
static int exit_while_it_allocates(void)
{
	srand((unsigned int)getpid());
	interrupt_after(1000 + rand() % 20000);
	for (size_t n = 0; n < SIZE_MAX; n++) {
		use_without_writing(MIB);
		use_without_writing(3 * MIB + n * 4096 % MIB);
		use_without_writing(20000);
	}
	return 98;
}

static int exit_while_statistics_are_read(void)
{
	struct datamem_stats stats;

	srand((unsigned int)getpid());
	interrupt_after(1000 + rand() % 20000);
	for (size_t n = 0; n < SIZE_MAX; n++) {
		datamem_stats_get(&stats, sizeof(stats));
		datamem_trim(0);
	}
	return 98;
}

static void *allocate_for_ever(void *arg)
{
	for (;;) {
		use_without_writing(3 * MIB);
		use_without_writing(100);
		use_without_writing(20000);
	}
	return arg;
}

static int exit_beside_threads(void)
{
	pthread_t threads[3];

	for (size_t i = 0; i < COUNT(threads); i++)
		if (pthread_create(&threads[i], NULL, allocate_for_ever, NULL))
			return 99;
	usleep(3000);
	return 7;
}

static void log_and_exit(void *arg, const char *message)
{
	(void)arg;
	(void)message;
	exit(7);
}

static int exit_in_a_log_function(void)
{
	void *ptr = datamem_alloc(100);

	datamem_setting_set("debug", "warn");
	datamem_log_set(log_and_exit, NULL);
	datamem_free((char *)ptr + 8, 1);
	datamem_free(ptr, 100);
	datamem_free(ptr, 100);
	datamem_trim(0);
	return 98;
}

static void hook_and_exit(void *arg, int event, unsigned int domain,
			  const void *old, const void *fresh, size_t nbytes)
{
	(void)arg;
	(void)event;
	(void)domain;
	(void)old;
	(void)fresh;
	(void)nbytes;
	exit(7);
}

static int exit_in_a_hook(void)
{
	if (datamem_trace_set_hook(hook_and_exit, NULL))
		return 99;
	datamem_trace_start();
	use(5000);
	return 98;
}

static void exit_now(void)
{
	exit(7);
}

/* In the parent, in the child and before both, by what comes later. */
static int exit_before_fork(void)
{
	use(8 * MIB);
	pthread_atfork(exit_now, NULL, NULL);
	fork();
	return 98;
}

static int exit_after_fork(void)
{
	use(8 * MIB);
	pthread_atfork(NULL, exit_now, NULL);
	fork();
	return 98;
}

static int status_of_child(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 97;
	return WEXITSTATUS(status);
}

static int exit_in_fork_of_child(void)
{
	pid_t pid;

	use(8 * MIB);
	pthread_atfork(NULL, NULL, exit_now);
	pid = fork();
	return pid ? status_of_child(pid) : 98;
}

static int exit_in_a_child(void)
{
	pthread_t thread;
	pid_t pid;

	use(8 * MIB);
	if (pthread_create(&thread, NULL, allocate_for_ever, NULL))
		return 99;
	pid = fork();
	if (!pid) {
		use(5000);
		exit(7);
	}
	return status_of_child(pid);
}

static int exit_quickly(void)
{
	use(8 * MIB);
	quick_exit(7);
}

static const struct {
	const char *name;
	int (*run)(void);
	size_t rounds;  /* several, where what is under way then is chance */
} cases[] = {
	{ "last-thread", last_thread_returns, 1 },
	{ "while-it-allocates", exit_while_it_allocates, 3 },
	{ "while-statistics-are-read", exit_while_statistics_are_read, 3 },
	{ "beside-threads", exit_beside_threads, 3 },
	{ "in-a-log-function", exit_in_a_log_function, 1 },
	{ "in-a-hook", exit_in_a_hook, 1 },
	{ "before-fork", exit_before_fork, 1 },
	{ "after-fork", exit_after_fork, 1 },
	{ "in-fork-of-child", exit_in_fork_of_child, 1 },
	{ "in-a-child", exit_in_a_child, 3 },
	{ "quickly", exit_quickly, 1 },
};

static int run_case(const char *name, const char *control)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		setenv("DATAMEM_CONTROL", control, 1);
		setenv("DATAMEM_CONF", "stats.exit=/dev/null", 1);
		/* At exit, in a child of threads, LeakSanitizer waits for a
		 * lock that a thread held at fork(2) (gcc 12). */
		setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
		harness_exec_self(name);
		_exit(125);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(ends)
{
	static const char *const controls[] = { "on", "thread", "page", "off" };
	size_t rounds = harness_is_long() ? 3 : cases[_i].rounds;
	int status;

	/* Its own thread keeps a process alive that has no other any more. */
	if (HARNESS_TSAN && cases[_i].run == last_thread_returns)
		harness_skip("ThreadSanitizer");
	if (harness_emulator() && cases[_i].run == last_thread_returns)
		harness_skip("an emulator has threads of its own");
	for (size_t i = 0; i < rounds * COUNT(controls); i++) {
		const char *control = controls[i % COUNT(controls)];

		status = run_case(cases[_i].name, control);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 7,
			      "%s, control=%s: %#x", cases[_i].name, control,
			      (unsigned int)status);
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tc;

	for (size_t i = 0; argc > 1 && i < COUNT(cases); i++)
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run();
	suite = suite_create("ending");
	tc = tcase_create("ending");
	/* Each starts four to twelve programs; a sanitizer makes them slow. */
	tcase_set_timeout(tc, HARNESS_SANITIZED ? 900 : 120);
	tcase_add_loop_test(tc, ends, 0, COUNT(cases));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

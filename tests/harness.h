/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What every Check program of the tests shares: run a suite, speak TAP. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

/*
 * Check writes every assertion that holds into a file, which the parent reads:
 * in loops that takes longer than all else. One that holds again and again is
 * written once. A call, as Check's own is: inlined it makes functions long.
 */
__attribute__((__noinline__, __unused__))
static void harness_mark(const char *file, int line)
{
	static __thread const char *last_file;
	static __thread int last_line;

	if (file == last_file && line == last_line)
		return;
	last_file = file;
	last_line = line;
	_mark_point(file, line);
}
#define _mark_point harness_mark

/*
 * Run a suite; main() returns the result, which is 0 also after failures: the
 * TAP lines carry them. CK_FORK=no runs all cases in one process, for gdb and
 * valgrind.
 */
static inline int harness_main(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int ran;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	ran = srunner_ntests_run(runner);
	srunner_free(runner);
	return ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* TEST_EMULATOR: the program that runs the tests, qemu-user, which has the
 * kernel's calls and not all that they do. */
static inline const char *harness_emulator(void)
{
	const char *path = getenv("TEST_EMULATOR");

	return path && *path ? path : NULL;
}

/* Become this program anew, with one argument; returns if that fails. The
 * kernel does not know of an emulator. */
__attribute__((__unused__))
static void harness_exec_self(const char *argument)
{
	const char *emulator = harness_emulator();
	char path[4096];
	ssize_t length;

	if (!emulator) {
		execl("/proc/self/exe", "again", argument, (char *)NULL);
		return;
	}
	length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length < 0)
		return;
	path[length] = '\0';
	execl(emulator, emulator, path, argument, (char *)NULL);
}

/* Leave the whole program out; reason in a few words. Return its result. */
__attribute__((__unused__))
static int harness_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return EXIT_SUCCESS;
}

/* Whether all is wanted (make check-long). */
static inline bool harness_is_long(void)
{
	const char *text = getenv("TEST_LONG");

	return text && *text;
}

/* Whether the compiler built for ThreadSanitizer, or for it or ASan. */
#if defined(__has_feature)
#define HARNESS_HAS_FEATURE(name) __has_feature(name)
#else
#define HARNESS_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || HARNESS_HAS_FEATURE(thread_sanitizer)
#define HARNESS_TSAN 1
#else
#define HARNESS_TSAN 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HARNESS_HAS_FEATURE(address_sanitizer)
#define HARNESS_SANITIZED 1
#else
#define HARNESS_SANITIZED HARNESS_TSAN
#endif

/* How often: `few` times, or `many` where all is wanted. ThreadSanitizer is some
 * ten times slower, and its builds do a tenth of these. */
static inline size_t harness_times(size_t few, size_t many)
{
	if (!harness_is_long())
		return few;
	return HARNESS_TSAN ? many / 10 : many;
}

/*
 * Run this program anew with an argument, and tell what it returned: for what a
 * process does before a test, or must not have done.
 */
__attribute__((__unused__))
static int harness_run_again(const char *argument)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		harness_exec_self(argument);
		_exit(255);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) < 255, "%#x",
		      (unsigned int)status);
	return WEXITSTATUS(status);
}

/* Mappings that the process has; 0: unknown. */
static inline size_t harness_count_maps(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	size_t lines = 0;
	int c;

	while (file && (c = getc(file)) != EOF)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

/*
 * Check has no way to skip one case: say why on standard error, which goes to
 * the log, and return from it.
 */
#define harness_skip(...)                                                    \
	do {                                                                 \
		fputs("# skipped: ", stderr);                                \
		fprintf(stderr, __VA_ARGS__);                                \
		fputc('\n', stderr);                                         \
		return;                                                      \
	} while (0)

#endif /* TESTS_HARNESS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * live-user [WORD...]: a program for the tests of live control. Holds 8 MiB,
 * has freed 64 MiB, prints "ready" and then does as it is told by lines of
 * standard input, until its end:
 *
 *	alloc    make and free a block, on a slow path
 *	spin     make and free blocks until the end of the input
 *	fork     print the id of a child that does the same, but reads nothing
 *	close    close all descriptors but the standard ones
 *	hide     PR_SET_DUMPABLE 0; show: 1
 *	chroot   make the working directory the root
 *	drop     become the user 65534, for good
 *	exec     start again
 *	trap     a SIGTERM handler that calls exit(3)
 *
 * Each is answered with "done".
 */
#define _GNU_SOURCE
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <datamem.h>

#define MIB ((size_t)1 << 20)
#define NOBODY 65534

static volatile sig_atomic_t stop;

static void on_term(int number)
{
	(void)number;
	stop = 1;
}

static void use(void)
{
	void *small = datamem_alloc(100), *large = datamem_alloc(MIB);

	datamem_free(small, 100);
	datamem_free(large, MIB);
}

static void say(const char *word)
{
	printf("%s\n", word);
	fflush(stdout);
}

static void begin(void)
{
	char *kept = datamem_alloc(8 * MIB), *freed = datamem_alloc(64 * MIB);

	if (kept == NULL || freed == NULL)
		exit(EXIT_FAILURE);
	memset(kept, 1, 8 * MIB);
	memset(freed, 1, 64 * MIB);
	datamem_free(freed, 64 * MIB);
}

static void must(int well, const char *what)
{
	if (!well) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

static void close_all(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3, ~0u, 0) == 0)
		return;
#endif
	for (int fd = 3; fd < 1000; fd++)
		close(fd);
}

static void start_child(void)
{
	pid_t pid = fork();

	if (pid != 0) {
		printf("%d\n", (int)pid);
		return;
	}
	use();
	/* As long as the parent, but no longer. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void obey(const char *line, char **argv)
{
	if (strcmp(line, "alloc") == 0) {
		use();
	} else if (strcmp(line, "spin") == 0) {
		say("done");
		while (!stop)
			use();
	} else if (strcmp(line, "fork") == 0) {
		start_child();
	} else if (strcmp(line, "close") == 0) {
		close_all();
		use();
	} else if (strcmp(line, "hide") == 0) {
		prctl(PR_SET_DUMPABLE, 0);
	} else if (strcmp(line, "show") == 0) {
		prctl(PR_SET_DUMPABLE, 1);
	} else if (strcmp(line, "chroot") == 0) {
		must(chroot(".") == 0, "chroot");
		use();
	} else if (strcmp(line, "drop") == 0) {
		must(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 &&
		     setuid(NOBODY) == 0, "setuid");
		use();
	} else if (strcmp(line, "exec") == 0) {
		execv("/proc/self/exe", argv);
	} else if (strcmp(line, "trap") == 0) {
		signal(SIGTERM, on_term);
	}
}

int main(int argc, char **argv)
{
	char line[100];

	(void)argc;
	begin();
	say("ready");
	/* A read each: exec must not lose what is buffered. */
	setvbuf(stdin, NULL, _IONBF, 0);
	while (!stop && fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		obey(line, argv);
		say("done");
	}
	return EXIT_SUCCESS;
}

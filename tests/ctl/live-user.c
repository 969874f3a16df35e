/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * live-user [HELD FREED]: a program for the tests of live control. Holds 8 MiB,
 * has freed 64 MiB, or as many as are given, prints "ready" and then does as it
 * is told by lines of standard input, until its end:
 *
 *	alloc    make and free a block, on a slow path
 *	live     print live_bytes of the statistics
 *	spin     make and free blocks until the end of the input
 *	fork     print the id of a child that does the same, but reads nothing
 *	close    close all descriptors but the standard ones
 *	hide     PR_SET_DUMPABLE 0; show: 1
 *	chroot   make the working directory the root
 *	drop     become the user 65534, for good
 *	exec     start again
 *	handler  register a handler; account  account for 4096 bytes in domain 7
 *	trap     a SIGTERM handler that calls exit(3)
 *	await N FILE   wait until anybody has opened the file N times from now on
 *
 * Each is answered with "done".
 */
#define _GNU_SOURCE
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <datamem.h>

#include "must.h"

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

static void begin(size_t held, size_t freed)
{
	char *first = datamem_alloc(held), *second = datamem_alloc(freed);

	if (first == NULL || second == NULL)
		exit(EXIT_FAILURE);
	memset(first, 1, held);
	memset(second, 1, freed);
	datamem_free(second, freed);
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

/* "N FILE" */
static void await_opens(const char *text)
{
	_Alignas(struct inotify_event) char buffer[4096];
	char *path;
	long left = strtol(text, &path, 10);
	int fd = inotify_init1(IN_CLOEXEC);

	/* Closes are for nothing but that opens in a row are not one event. */
	must(fd >= 0 && inotify_add_watch(fd, path + strspn(path, " "),
					  IN_OPEN | IN_CLOSE) >= 0, path);
	while (left > 0) {
		ssize_t got = read(fd, buffer, sizeof(buffer));

		must(got > 0, "inotify");
		for (char *at = buffer; at < buffer + got;) {
			struct inotify_event *event = (void *)at;

			left -= (event->mask & IN_OPEN) != 0;
			at += sizeof(*event) + event->len;
		}
	}
	close(fd);
}

static void register_handler(void)
{
	static struct datamem_handler handler;

	handler = *datamem_handler_default();
	strcpy(handler.name, "live-user's own");
	must(datamem_handler_register(&handler) == 0, "a handler");
}

static void account(void)
{
	must(datamem_trace_start() == 0 &&
	     datamem_trace_track(7, "some", 4096) == 0, "accounts");
}

static void print_live(void)
{
	struct datamem_stats stats;

	must(datamem_stats_get(&stats, sizeof(stats)) == 0, "statistics");
	printf("%zu\n", (size_t)stats.live_bytes);
}

static void obey(const char *line, char **argv)
{
	if (strcmp(line, "alloc") == 0) {
		use();
	} else if (strcmp(line, "live") == 0) {
		print_live();
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
	} else if (strcmp(line, "handler") == 0) {
		register_handler();
	} else if (strcmp(line, "account") == 0) {
		account();
	} else if (strcmp(line, "trap") == 0) {
		signal(SIGTERM, on_term);
	} else if (strncmp(line, "await ", 6) == 0) {
		await_opens(line + 6);
	}
}

int main(int argc, char **argv)
{
	char line[PATH_MAX + 20];

	begin((argc > 2 ? (size_t)atoi(argv[1]) : 8) * MIB,
	      (argc > 2 ? (size_t)atoi(argv[2]) : 64) * MIB);
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

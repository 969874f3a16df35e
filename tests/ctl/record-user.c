/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A program for `record`, which uses malloc(3) and its family as its arguments
 * say, one after the other. Sizes tell in the recording who made a block.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

#define MUST(condition) must(condition, #condition)

/* What the compiler cannot see through. */
static void *volatile seen;
static volatile size_t too_much = SIZE_MAX / 2;

static void *keep(void *ptr)
{
	MUST(ptr != NULL);
	seen = ptr;
	return seen;
}

static void family(void)
{
	void (*free_sized)(void *ptr, size_t nbytes) = NULL;
	void *function = dlsym(RTLD_DEFAULT, "free_sized");
	void *ptr;

	errno = EDOM;
	ptr = keep(malloc(10001));
	MUST(malloc_usable_size(ptr) >= 10001);
	free(ptr);
	free(keep(calloc(1, 10002)));
	ptr = keep(malloc(100));
	ptr = keep(realloc(ptr, 10003));
	ptr = keep(realloc(ptr, 20003));
	ptr = keep(realloc(ptr, 100));
	free(ptr);
	free(keep(reallocarray(NULL, 2, 10004)));
	free(keep(memalign(256, 10005)));
	MUST(posix_memalign(&ptr, 4096, 10006) == 0);
	free(keep(ptr));
	free(keep(aligned_alloc(64, 10048)));
	free(keep(valloc(10008)));
	free(keep(pvalloc(10009)));
	MUST(errno == EDOM);
	ptr = keep(malloc(10010));
	memcpy(&free_sized, &function, sizeof(function));
	if (free_sized)
		free_sized(ptr, 10010);
	else
		free(ptr);
	seen = malloc(too_much);
	MUST(!seen && errno == ENOMEM);
	seen = calloc(too_much, 3);
	MUST(!seen);
}

static void *other_thread(void *arg)
{
	free(arg);
	return keep(malloc(30002));
}

static void threads(void)
{
	pthread_t thread;
	void *ptr;

	MUST(pthread_create(&thread, NULL, other_thread,
			    keep(malloc(30001))) == 0);
	MUST(pthread_join(thread, &ptr) == 0);
	free(ptr);
}

static void await(pid_t pid)
{
	int status;

	MUST(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

static void children(const char *self)
{
	char *args[] = { (char *)(uintptr_t)self, "many", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		free(keep(malloc(40001)));
		_exit(0);
	}
	await(pid);
	/* One that no handler of fork(3) is told of. */
	pid = (pid_t)syscall(SYS_fork);
	if (pid == 0) {
		free(keep(malloc(40002)));
		_exit(0);
	}
	await(pid);
	pid = fork();
	if (pid == 0) {
		execv(self, args);
		_exit(1);
	}
	await(pid);
	free(keep(malloc(40003)));
}

/* More than a window of the file holds. */
static void many(void)
{
	for (int i = 0; i < 60000; i++)
		free(keep(malloc(50000)));
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (!strcmp(word, "family"))
			family();
		else if (!strcmp(word, "threads"))
			threads();
		else if (!strcmp(word, "children"))
			children(argv[0]);
		else if (!strcmp(word, "many"))
			many();
		else if (!strcmp(word, "close"))
			MUST(close_range(3, ~0U, 0) == 0);
		else if (!strcmp(word, "fail"))
			return 3;
		else if (!strcmp(word, "kill"))
			kill(getpid(), SIGKILL);
		else if (!strcmp(word, "hold"))
			keep(malloc(60000));
		else
			return 2;
	}
	return 0;
}

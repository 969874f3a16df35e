/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A program for `record`, which uses malloc(3) and its family as its arguments
 * say, one after the other. Sizes tell in the recording who made a block.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
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
	free(keep(malloc(99999999)));
	free(keep(malloc(100000000)));
	free(keep(malloc(102030405)));
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

static volatile sig_atomic_t forked;

static void fork_one(int signal)
{
	int saved = errno, status;
	pid_t pid = fork();

	(void)signal;
	if (pid == 0)
		_exit(0);
	forked += waitpid(pid, &status, 0) == pid && status == 0;
	errno = saved;
}

/* Forks from a handler of signals, wherever the program is then. */
static void storm(void)
{
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };

	signal(SIGALRM, fork_one);
	MUST(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (forked < 30)
		free(keep(malloc(70000)));
	MUST(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

/* --- With files ----------------------------------------------------------- */

static const char *file(const char *name)
{
	const char *path = getenv(name);

	MUST(path != NULL);
	return path;
}

static void tell(void)
{
	int fd = open(file("TELL"), O_WRONLY | O_CREAT, 0600);

	MUST(fd >= 0 && close(fd) == 0);
}

/* For a minute. */
static void await_file(void)
{
	for (int i = 0; i < 6000 && access(file("AWAIT"), F_OK) < 0; i++)
		usleep(10000);
}

/* What follows is done by a child, without descriptors; it has begun. */
static bool detach(void)
{
	int fds[2];
	char byte;

	MUST(pipe(fds) == 0);
	switch (fork()) {
	case 0:
		MUST(close_range(0, ~0U, 0) == 0);
		return true;
	default:
		close(fds[1]);
		MUST(read(fds[0], &byte, 1) == 0);
		return false;
	}
}

static void limit_descriptors(void)
{
	const struct rlimit limit = { 3, 3 };

	MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* What the tool and the observer need here and there. */
static bool has_leases(void)
{
	int fd = open(file("TELL"), O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
}

static bool has_populate(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* MADV_POPULATE_WRITE */
	return page != MAP_FAILED && madvise(page, 4096, 23) == 0;
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
		else if (!strcmp(word, "storm"))
			storm();
		else if (!strcmp(word, "close"))
			MUST(close_range(3, ~0U, 0) == 0);
		else if (!strcmp(word, "limit"))
			limit_descriptors();
		else if (!strcmp(word, "tell"))
			tell();
		else if (!strcmp(word, "await"))
			await_file();
		else if (!strcmp(word, "detach")) {
			if (!detach())
				return 0;
		} else if (!strcmp(word, "leases")) {
			if (!has_leases())
				return 4;
		} else if (!strcmp(word, "populate")) {
			if (!has_populate())
				return 4;
		} else if (!strcmp(word, "fail"))
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

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The first lines of a profile, from the program that reads profiles. */
#include "tool.h"
#include "top.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "locate.h"

/* Of the table, its heading among them. */
#define LINES_MOST 6
/* Seconds that the program may take, and for which its answer is good. */
#define PATIENCE 3
#define GOOD_FOR 8

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* Its messages would end up on the screen. */
static pid_t start(const char *path, pid_t pid, int out)
{
	char *number = ctl_printf("%d", (int)pid);
	char *const argv[] = {
		(char *)(uintptr_t)path, (char *)(uintptr_t)"--columns",
		(char *)(uintptr_t)"LIVE,PEAK,COUNT,LINE", number, NULL,
	};
	posix_spawn_file_actions_t files;
	pid_t child;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	if (posix_spawn(&child, path, &files, NULL, argv, environ) != 0)
		child = -1;
	posix_spawn_file_actions_destroy(&files);
	free(number);
	return child;
}

/* What comes until the end, or until patience does. */
static size_t read_all(int fd, char *out, size_t size)
{
	double end = now() + PATIENCE;
	size_t n = 0;

	while (n < size - 1) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		double left = end - now();
		ssize_t got;

		if (left <= 0)
			break;
		if (poll(&ready, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		got = read(fd, out + n, size - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	return n;
}

/* The first whole lines. */
static void cut(char *text)
{
	char *end = text;

	for (int i = 0; i < LINES_MOST && strchr(end, '\n'); i++)
		end = strchr(end, '\n') + 1;
	*end = '\0';
}

static void ask(pid_t pid, char *out, size_t size)
{
	char *path = ctl_locate("profile");
	int ends[2];
	pid_t child;

	*out = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		ctl_die("%s", strerror(errno));
	child = start(path, pid, ends[1]);
	free(path);
	close(ends[1]);
	if (child > 0) {
		read_all(ends[0], out, size);
		/* It has ended, has said enough, or takes too long. */
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	close(ends[0]);
	cut(out);
}

char *ctl_top_lines(pid_t pid)
{
	static char text[8192];
	static double asked;
	static pid_t last;

	if (pid != last || now() - asked > GOOD_FOR) {
		ask(pid, text, sizeof(text));
		last = pid;
		asked = now();
	}
	return ctl_strdup(text);
}

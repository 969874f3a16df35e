/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What a process costs that takes one block of 100 bytes, with each of some
 * allocators, all of them preloaded: processor time from its beginning to the
 * block, page faults, and its memory then.
 *
 *   start ROUNDS LIBRARY...      "": the C library's malloc
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 1000
#define LIBRARIES_MAX 16
#define FIGURES 4

static const char *const names[FIGURES] = { "CPU_US", "FAULTS", "PSS", "ANON" };

/* Whatever was preloaded. */
void *datamem_alloc(size_t nbytes) __attribute__((__weak__));

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Of smaps_rollup, KiB. */
static void read_memory(double *pss, double *anon)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	char line[256];

	if (!file)
		fail("smaps_rollup");
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "Pss: %lf", pss);
		sscanf(line, "Anonymous: %lf", anon);
	}
	fclose(file);
}

static void run_once(void)
{
	char *block = datamem_alloc ? datamem_alloc(100) : malloc(100);
	double figures[FIGURES] = { 0 };
	struct rusage usage;
	struct timespec cpu;

	if (!block)
		fail("100 bytes");
	*(volatile char *)block = 1;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	getrusage(RUSAGE_SELF, &usage);
	figures[0] = (double)cpu.tv_sec * 1e6 + (double)cpu.tv_nsec / 1e3;
	figures[1] = (double)usage.ru_minflt;
	read_memory(&figures[2], &figures[3]);
	if (write(1, figures, sizeof(figures)) != sizeof(figures))
		fail("write");
}

static void spawn(const char *library, double *figures)
{
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0)
		fail("a process");
	if (pid == 0) {
		if (*library)
			setenv("LD_PRELOAD", library, 1);
		else
			unsetenv("LD_PRELOAD");
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl("/proc/self/exe", "start", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	if (read(fds[0], figures, FIGURES * sizeof(*figures)) !=
	    FIGURES * sizeof(*figures)) {
		fprintf(stderr, "start: nothing from %s\n", library);
		exit(1);
	}
	close(fds[0]);
	waitpid(pid, &status, 0);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double samples[LIBRARIES_MAX][FIGURES][ROUNDS_MAX];
	int rounds = argc > 1 ? atoi(argv[1]) : 0, n = argc - 2;
	double figures[FIGURES];

	if (argc == 1) {
		run_once();
		return 0;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX || n < 1 || n > LIBRARIES_MAX) {
		fprintf(stderr, "usage: start ROUNDS LIBRARY...\n");
		return 2;
	}
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < n; i++) {
			spawn(argv[2 + i], figures);
			for (int k = 0; k < FIGURES; k++)
				samples[i][k][round] = figures[k];
		}
	for (int k = 0; k < FIGURES; k++)
		printf("%8s", names[k]);
	printf("  ALLOCATOR\n");
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < FIGURES; k++) {
			qsort(samples[i][k], (size_t)rounds, sizeof(double),
			      compare);
			printf("%8.0f", samples[i][k][rounds / 2]);
		}
		printf("  %s\n", *argv[2 + i] ? argv[2 + i] : "glibc");
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Benchmarks of what an allocator costs its host beside blocks: the start of a
 * process and of a thread, fork(2), and stops.
 */
#include "tool.h"
#include "kernels.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* --- The first block of a process ----------------------------------------- */

static uint64_t resident(void)
{
	struct measure_usage usage;

	measure_usage_read(&usage);
	return usage.rss;
}

void bench_run_start(const struct bench_row *row, enum allocator_kind kind,
		     struct bench_result *result)
{
	uint64_t before = resident(), begin = measure_now();
	char *block = bench_need(allocator_alloc(kind, row->n));

	*block = 1;
	bench_hide(block);
	result->ns = (double)(measure_now() - begin);
	result->operations = 1;
	result->peak_rss = measure_more(resident(), before);
	result->end_rss = result->peak_rss;
	allocator_free(kind, block, row->n);
}

const struct bench_kernel bench_start = { .setup = NULL };

/* --- The first block of a thread beside others ---------------------------- */

static void beside_many_setup(struct bench *b)
{
	bench_begin_idlers(b, b->row->arg, false);
}

/* Adds the time that it takes. */
static void first_block(struct bench *b)
{
	uint64_t begin = bench_cpu_now();
	void *block = bench_need(allocator_alloc(b->kind, b->row->n));

	b->spent += bench_cpu_now() - begin;
	allocator_free(b->kind, block, b->row->n);
}

static void *comes_and_goes(void *arg)
{
	first_block(arg);
	return NULL;
}

ALLOCATOR_INLINE uint64_t attach_one(enum allocator_kind kind, struct bench *b)
{
	pthread_t thread;
	int err;

	(void)kind;
	err = pthread_create(&thread, NULL, comes_and_goes, b);
	if (err)
		ctl_die("no thread: %s", strerror(err));
	pthread_join(thread, NULL);
	return 1;
}

BENCH_RUN(attach_one)
const struct bench_kernel bench_attach = {
	.setup = beside_many_setup,
	.run = BENCH_RUN_ALL(attach_one),
};

static pthread_barrier_t came;

static void *comes_and_stays(void *arg)
{
	first_block(arg);
	pthread_barrier_wait(&came);
	for (;;)
		pause();
	return NULL;
}

static void add_setup(struct bench *b)
{
	pthread_barrier_init(&came, NULL, 2);
	beside_many_setup(b);
}

/* They end with the process. */
ALLOCATOR_INLINE uint64_t add_one(enum allocator_kind kind, struct bench *b)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	(void)kind;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	err = pthread_create(&thread, &attr, comes_and_stays, b);
	if (err)
		ctl_die("no thread: %s", strerror(err));
	pthread_attr_destroy(&attr);
	pthread_barrier_wait(&came);
	return 1;
}

BENCH_RUN(add_one)
const struct bench_kernel bench_add = {
	.setup = add_setup,
	.run = BENCH_RUN_ALL(add_one),
};

/* --- fork(2) beside threads ----------------------------------------------- */

/* Some MiB are kept by then. */
static void fork_setup(struct bench *b)
{
	char *block = bench_need(allocator_alloc(b->kind, 8 * MIB));

	memset(block, 1, 8 * MIB);
	allocator_free(b->kind, block, 8 * MIB);
	beside_many_setup(b);
}

ALLOCATOR_INLINE uint64_t fork_beside(enum allocator_kind kind,
				      struct bench *b)
{
	uint64_t begin = bench_cpu_now();
	pid_t pid = fork();

	(void)kind;
	if (pid < 0)
		ctl_die("fork: %s", strerror(errno));
	if (pid == 0)
		_exit(0);
	b->spent += bench_cpu_now() - begin;
	waitpid(pid, NULL, 0);
	return 1;
}

BENCH_RUN(fork_beside)
const struct bench_kernel bench_fork_beside = {
	.setup = fork_setup,
	.run = BENCH_RUN_ALL(fork_beside),
};

/* Kept rows between live blocks: of each a page was written. */
#define ROW (132 << 10)

static void rows_setup(struct bench *b)
{
	size_t n = 2 * (size_t)b->row->arg;
	char **blocks = measure_memory(n * sizeof(*blocks));

	for (size_t i = 0; i < n; i++) {
		blocks[i] = bench_need(allocator_alloc(b->kind, ROW));
		*blocks[i] = 1;
	}
	for (size_t i = 0; i < n; i += 2)
		allocator_free(b->kind, blocks[i], ROW);
}

const struct bench_kernel bench_fork_rows = {
	.setup = rows_setup,
	.run = BENCH_RUN_ALL(fork_beside),
};

/* --- The longest stop beside threads that sleep --------------------------- */

#define STOP_BLOCKS 64
#define STOP_NS UINT64_C(3000000000)

static long preemptions(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void stop_setup(struct bench *b)
{
	bench_begin_idlers(b, b->row->arg, true);
}

/* One of batches in which the thread was not preempted. */
ALLOCATOR_INLINE uint64_t longest_stop(enum allocator_kind kind,
				       struct bench *b)
{
	uint64_t begin = measure_now(), from, took;
	char *blocks[STOP_BLOCKS];
	long before;

	do {
		before = preemptions();
		from = measure_now();
		for (size_t i = 0; i < STOP_BLOCKS; i++)
			blocks[i] = allocator_alloc(kind, b->row->n);
		for (size_t i = 0; i < STOP_BLOCKS; i++)
			allocator_free(kind, blocks[i], b->row->n);
		took = measure_now() - from;
		if (took > b->spent && preemptions() == before)
			b->spent = took;
	} while (measure_now() - begin < STOP_NS);
	return 1;
}

BENCH_RUN(longest_stop)
const struct bench_kernel bench_longest_stop = {
	.setup = stop_setup,
	.run = BENCH_RUN_ALL(longest_stop),
};

/* --- The same while another thread reads statistics ----------------------- */

static void *read_statistics(void *arg)
{
	const struct bench *b = arg;

	for (;;) {
		allocator_count(b->kind);
		usleep(10000);
	}
	return NULL;
}

static void stats_setup(struct bench *b)
{
	pthread_t thread;
	int err;

	stop_setup(b);
	err = pthread_create(&thread, NULL, read_statistics, b);
	if (err)
		ctl_die("no thread: %s", strerror(err));
}

const struct bench_kernel bench_stats_beside = {
	.setup = stats_setup,
	.run = BENCH_RUN_ALL(longest_stop),
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Benchmarks of how costs grow with threads, by the processor time of the
 * threads that are measured, so that more of them than processors may run.
 */
#include "tool.h"
#include "kernels.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)

uint64_t bench_cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void bench_longest(struct bench *b, uint64_t begin)
{
	uint64_t took = bench_cpu_now() - begin;

	if (took > b->longest)
		b->longest = took;
}

/* --- Beside threads that sleep with full caches --------------------------- */

/* A row beside thousands of threads takes some seconds, longer on a busy
 * machine. */
#define ROW_SECONDS 150

/* Of threads that are to sleep, so many run at a time: an allocator that makes
 * thousands spin for a lock would take the machine for minutes. */
#define AT_WORK 16

struct idlers {
	pthread_barrier_t asleep;
	sem_t turns;
	enum allocator_kind kind;
	bool fill;
};

static void fill_batch(enum allocator_kind kind, size_t nbytes, size_t n)
{
	void *blocks[128];

	for (size_t i = 0; i < n; i++)
		blocks[i] = bench_need(allocator_alloc(kind, nbytes));
	for (size_t i = 0; i < n; i++)
		allocator_free(kind, blocks[i], nbytes);
}

static void *sleep_idle(void *arg)
{
	struct idlers *idlers = arg;

	sem_wait(&idlers->turns);
	fill_batch(idlers->kind, 100, 1);
	for (int round = 0; idlers->fill && round < 10; round++) {
		for (size_t n = 8 * KIB; n <= 64 * KIB; n += 8 * KIB)
			fill_batch(idlers->kind, n - 64, 500000 / n);
		for (size_t n = 48; n <= 8 * KIB; n += n < KIB ? 64 : 512)
			fill_batch(idlers->kind, n, 128);
	}
	sem_post(&idlers->turns);
	pthread_barrier_wait(&idlers->asleep);
	for (;;)
		pause();
	return NULL;
}

void bench_begin_idlers(struct bench *b, unsigned int n, bool fill)
{
	struct idlers *idlers = measure_memory(sizeof(*idlers));
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	idlers->kind = b->kind;
	idlers->fill = fill;
	/* It ends by itself, and counts as failed. */
	alarm(ROW_SECONDS);
	sem_init(&idlers->turns, 0, AT_WORK);
	pthread_barrier_init(&idlers->asleep, NULL, n + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * KIB);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (unsigned int i = 0; i < n; i++) {
		err = pthread_create(&thread, &attr, sleep_idle, idlers);
		if (err)
			ctl_die("no thread: %s", strerror(err));
	}
	pthread_attr_destroy(&attr);
	pthread_barrier_wait(&idlers->asleep);
}

void bench_idle_setup(struct bench *b)
{
	if (b->row->arg)
		bench_begin_idlers(b, b->row->arg, true);
}

/* --- Batches of 32 of one size, 1 to 63 KiB ------------------------------- */

#define BATCH 32

ALLOCATOR_INLINE uint64_t wide_batch(enum allocator_kind kind,
				     struct bench *b)
{
	char *blocks[BATCH];

	for (int i = 0; i < 64; i++) {
		size_t n = KIB + bench_draw(b) % (62 * KIB);

		for (size_t k = 0; k < BATCH; k++) {
			blocks[k] = allocator_alloc(kind, n);
			bench_hide(blocks[k]);
			*blocks[k] = 1;
		}
		for (size_t k = 0; k < BATCH; k++)
			allocator_free(kind, blocks[k], n);
	}
	return 64 * BATCH;
}

BENCH_RUN(wide_batch)
const struct bench_kernel bench_wide_batch = {
	.run = BENCH_RUN_ALL(wide_batch),
};

/* --- Pairs of n/4 to n bytes ---------------------------------------------- */

ALLOCATOR_INLINE uint64_t wide_pair(enum allocator_kind kind, struct bench *b)
{
	size_t most = b->row->n;

	for (int i = 0; i < 256; i++) {
		size_t n = most / 4 + bench_draw(b) % (most - most / 4 + 1);
		char *p = allocator_alloc(kind, n);

		bench_hide(p);
		*p = 1;
		allocator_free(kind, p, n);
	}
	return 256;
}

BENCH_RUN(wide_pair)
const struct bench_kernel bench_wide_pair = {
	.run = BENCH_RUN_ALL(wide_pair),
};

/* --- Pairs after so many GiB of live blocks ------------------------------- */

#define GIB ((size_t)1 << 30)

static void hold(struct bench *b, size_t nbytes, size_t n)
{
	while (n-- > 0)
		bench_need(allocator_alloc(b->kind, nbytes));
}

/* Nothing is written to them, and they end with the process. The smaller ones
 * are for what the larger ones leave of a range of addresses. */
void bench_live_setup(struct bench *b)
{
	if (!b->row->arg)
		return;
	hold(b, GIB, b->row->arg);
	hold(b, GIB / 16, 17);
	hold(b, GIB / 512, 33);
	hold(b, b->row->n, GIB / 256 / b->row->n);
}

/* --- Beside chunks with holes that are too small -------------------------- */

#define HOLE (64 * KIB)
#define HOLES_A_CHUNK 32
#define BATCHES_A_LOOK 64

/* Of so many huge pages in blocks that fill them, one block each is freed. */
static void holes_setup(struct bench *b)
{
	size_t n = (size_t)b->row->arg * HOLES_A_CHUNK;
	void **blocks = measure_memory(n * sizeof(*blocks));

	for (size_t i = 0; i < n; i++)
		blocks[i] = bench_need(allocator_alloc(b->kind, HOLE));
	for (size_t i = 0; i < n; i += HOLES_A_CHUNK)
		allocator_free(b->kind, blocks[i], HOLE);
}

/* Looking costs, so what is looked at does not count. */
ALLOCATOR_INLINE void look_at_calls(enum allocator_kind kind, struct bench *b)
{
	char *blocks[BATCH];
	uint64_t begin;

	for (size_t i = 0; i < BATCH; i++) {
		begin = bench_cpu_now();
		blocks[i] = allocator_alloc(kind, b->row->n);
		bench_longest(b, begin);
	}
	for (size_t i = 0; i < BATCH; i++) {
		begin = bench_cpu_now();
		allocator_free(kind, blocks[i], b->row->n);
		bench_longest(b, begin);
	}
}

ALLOCATOR_INLINE uint64_t beside_holes(enum allocator_kind kind,
				       struct bench *b)
{
	uint64_t begin = bench_cpu_now();
	char *blocks[BATCH];

	for (size_t i = 0; i < BATCHES_A_LOOK; i++) {
		for (size_t k = 0; k < BATCH; k++)
			blocks[k] = allocator_alloc(kind, b->row->n);
		for (size_t k = 0; k < BATCH; k++)
			allocator_free(kind, blocks[k], b->row->n);
	}
	b->spent += bench_cpu_now() - begin;
	look_at_calls(kind, b);
	return (uint64_t)BATCHES_A_LOOK * BATCH;
}

BENCH_RUN(beside_holes)
const struct bench_kernel bench_beside_holes = {
	.setup = holes_setup,
	.run = BENCH_RUN_ALL(beside_holes),
};

/* --- What a limit on address space leaves --------------------------------- */

/* Until one is refused; a process that has nothing left cannot even tell how it
 * went, so the limit ends here. */
ALLOCATOR_INLINE uint64_t take_all(enum allocator_kind kind, struct bench *b)
{
	uint64_t n = 0;

	while (allocator_alloc(kind, b->row->n))
		n++;
	b->had = n * b->row->n;
	measure_unlimit();
	return n;
}

BENCH_RUN(take_all)
const struct bench_kernel bench_limit = { .run = BENCH_RUN_ALL(take_all) };

static void limit_growth_setup(struct bench *b)
{
	bench_need(allocator_alloc(b->kind, 1000 * KIB * KIB));
	b->blocks[0] = bench_need(allocator_alloc(b->kind, b->row->n));
	b->sizes[0] = b->row->n;
	memset(b->blocks[0], 1, b->row->n);
}

ALLOCATOR_INLINE uint64_t limit_growth(enum allocator_kind kind,
				       struct bench *b)
{
	while (b->sizes[0] < 3 * b->row->n) {
		b->sizes[0] += 64 * KIB * KIB;
		b->blocks[0] = bench_need(allocator_resize(kind, b->blocks[0],
							   b->sizes[0]));
	}
	measure_unlimit();
	return 1;
}

BENCH_RUN(limit_growth)
const struct bench_kernel bench_limit_growth = {
	.setup = limit_growth_setup,
	.run = BENCH_RUN_ALL(limit_growth),
	.finish = bench_free_blocks,
};

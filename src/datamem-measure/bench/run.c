/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Runs one benchmark in the measured process. */
#include "tool.h"
#include "kernels.h"

#include <pthread.h>

#define RECEIPT_MIN ((size_t)4 << 20)

struct worker {
	struct bench bench;
	uint64_t target_ns;
	uint64_t operations, elapsed_ns;
	pthread_barrier_t *barrier;     /* NULL: alone */
	pthread_t thread;
};

void *bench_need(void *ptr)
{
	if (!ptr)
		ctl_die("an allocation was refused");
	return ptr;
}

void bench_free_blocks(struct bench *b)
{
	for (size_t i = 0; i < BENCH_BLOCKS; i++) {
		allocator_free(b->kind, b->blocks[i], b->sizes[i]);
		b->blocks[i] = NULL;
	}
}

/*
 * The clock of windows, and of warming up before. Where there may be more threads
 * than processors it is each thread's own: by the other it would have run for a
 * fraction of both, and show what its first calls cost.
 */
static uint64_t now_of(const struct bench_row *row)
{
	return row->scale && row->threads ? bench_cpu_now() : measure_now();
}

/* Calls run until the time is over, or as often as the row says. */
static uint64_t repeat(struct bench *b, uint64_t (*run)(struct bench *),
		       uint64_t fixed, uint64_t target_ns, uint64_t *elapsed)
{
	uint64_t begin = now_of(b->row);
	uint64_t operations = 0;

	do {
		operations += run(b);
		*elapsed = now_of(b->row) - begin;
	} while (fixed ? operations < fixed : *elapsed < target_ns);
	return operations;
}

static void synchronize(const struct worker *w)
{
	if (w->barrier)
		pthread_barrier_wait(w->barrier);
}

static void warm_up(struct worker *w)
{
	struct bench *b = &w->bench;
	uint64_t elapsed;

	if (b->row->kernel->setup)
		b->row->kernel->setup(b);
	/* A row of fixed length is about the first time. */
	if (!b->row->fixed)
		repeat(b, b->row->kernel->run[b->kind], 0, w->target_ns / 4,
		       &elapsed);
}

static void run_timed(struct worker *w)
{
	struct bench *b = &w->bench;

	uint64_t begin = bench_cpu_now();

	b->spent = 0;
	w->operations = repeat(b, b->row->kernel->run[b->kind], b->row->fixed,
			       w->target_ns, &w->elapsed_ns);
	if (b->spent)
		w->elapsed_ns = b->spent;
	else if (b->row->scale)
		w->elapsed_ns = bench_cpu_now() - begin;
}

static void finish(struct worker *w)
{
	if (w->bench.row->kernel->finish)
		w->bench.row->kernel->finish(&w->bench);
}

static void *run_worker(void *arg)
{
	struct worker *w = arg;

	warm_up(w);
	synchronize(w);
	run_timed(w);
	synchronize(w);
	finish(w);
	return NULL;
}

/* Resident memory when all is freed, but threads and their caches live. */
static uint64_t resident(void)
{
	struct measure_usage usage;

	measure_usage_read(&usage);
	return usage.rss;
}

static void run_threads(struct worker *workers, unsigned int n,
			struct measure_point *begin, struct measure_point *end)
{
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, n + 1);
	for (unsigned int i = 0; i < n; i++) {
		int err;

		workers[i].barrier = &barrier;
		err = pthread_create(&workers[i].thread, NULL, run_worker,
				     &workers[i]);
		if (err)
			ctl_die("no thread: %s", strerror(err));
	}
	measure_begin(begin);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	measure_end(end);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
}

static void read_receipt(const struct bench_row *row,
			 struct bench_result *result)
{
	struct datamem_hugepage_receipt receipt;
	char *p = bench_need(datamem_alloc(row->n));

	memset(p, 1, row->n);
	if (!datamem_hugepage_receipt_get(p, row->n, &receipt,
					  sizeof(receipt)) &&
	    receipt.backed != SIZE_MAX) {
		result->eligible = receipt.eligible;
		result->backed = receipt.backed;
	}
	datamem_free(p, row->n);
}

static void run_reference(struct worker *w, struct bench_result *result)
{
	const struct bench_kernel *kernel = w->bench.row->kernel;
	uint64_t elapsed, operations;

	if (!kernel->reference)
		return;
	kernel->reference(&w->bench);
	operations = repeat(&w->bench, kernel->reference, 0, w->target_ns,
			    &elapsed);
	result->reference_ns = (double)elapsed / (double)operations;
}

static void gather(const struct worker *workers, unsigned int n,
		   const struct measure_point *begin,
		   const struct measure_point *end,
		   struct bench_result *result)
{
	for (unsigned int i = 0; i < n; i++) {
		result->operations += workers[i].operations;
		result->ns += (double)workers[i].elapsed_ns /
			(double)workers[i].operations / n;
		result->had += workers[i].bench.had;
		if ((double)workers[i].bench.longest > result->longest_ns)
			result->longest_ns = (double)workers[i].bench.longest;
	}
	result->memory = workers[0].bench.memory;
	result->faults = (double)(end->minor_faults - begin->minor_faults) /
		(double)result->operations;
}

void bench_run(const struct bench_row *row, enum allocator_kind kind,
	       uint64_t ns, struct bench_result *result)
{
	unsigned int n = row->threads ? row->threads : 1;
	struct worker *workers = measure_memory(n * sizeof(*workers));
	struct measure_point begin, end;
	uint64_t base;

	*result = (struct bench_result){ .size = sizeof(*result) };
	if (row->kernel == &bench_start) {
		bench_run_start(row, kind, result);
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		workers[i].bench.row = row;
		workers[i].bench.kind = kind;
		/* The same for every allocator. */
		workers[i].bench.random = UINT64_C(0x9e3779b97f4a7c15) + i;
		workers[i].target_ns = ns;
	}
	allocator_numpy_lock(row->threads > 1 ||
			     row->kernel == &bench_producer || row->scale ||
			     row->kernel == &bench_short_threads);
	allocator_free(kind, allocator_alloc(kind, 64), 64);
	base = resident();
	if (row->threads) {
		run_threads(workers, n, &begin, &end);
	} else {
		warm_up(&workers[0]);
		measure_begin(&begin);
		run_timed(&workers[0]);
		measure_end(&end);
		finish(&workers[0]);
	}
	gather(workers, n, &begin, &end, result);
	result->peak_rss = measure_more(end.peak_rss, base);
	result->end_rss = workers[0].bench.mean_rss ?
				  workers[0].bench.mean_rss :
				  measure_more(resident(), base);
	run_reference(&workers[0], result);
	if (kind == ALLOCATOR_DATAMEM && row->n >= RECEIPT_MIN)
		read_receipt(row, result);
}

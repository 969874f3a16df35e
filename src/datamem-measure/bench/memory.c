/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Benchmarks of what stays resident. Nothing is freed at the end: END is what
 * live blocks, and what the allocator keeps beside them, take.
 */
#include "tool.h"
#include "kernels.h"

#include <math.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOTAL ((size_t)400 << 20)
#define LARGE ((size_t)2 << 20)

/* Seconds after which free memory has gone wherever it goes by age: jemalloc's
 * after 10, in steps, and libdatamem's. */
#define AGEING 13

static void idle(unsigned int seconds)
{
	struct timespec left = { seconds, 0 };

	while (nanosleep(&left, &left))
		;
}

/* Some allocators give back at calls only. */
ALLOCATOR_INLINE void idle_with_calls(enum allocator_kind kind,
				      unsigned int seconds)
{
	const struct timespec pause = { 0, 100000000 };

	for (unsigned int i = 0; i < seconds * 10; i++) {
		nanosleep(&pause, NULL);
		for (int k = 0; k < 1000; k++) {
			char *p = allocator_alloc(kind, 100);

			bench_hide(p);
			allocator_free(kind, p, 100);
		}
	}
}

/* --- The blocks that live at the end -------------------------------------- */

struct blocks {
	char **blocks;          /* NULL: freed */
	size_t *sizes;          /* NULL: all of one */
	size_t size, n;
};

static size_t size_of(const struct blocks *all, size_t i)
{
	return all->sizes ? all->sizes[i] : all->size;
}

static bool look_at_pages(const struct blocks *all)
{
	char *first = NULL, *end = NULL;

	for (size_t i = 0; i < all->n; i++) {
		char *p = all->blocks[i];

		if (!p)
			continue;
		if (!first || p < first)
			first = p;
		if (p + size_of(all, i) > end)
			end = p + size_of(all, i);
	}
	return first && measure_huge_look(first, end);
}

static void add_live(struct bench_memory *memory, const struct blocks *all)
{
	bool known = look_at_pages(all);

	if (!known)
		memory->huge = MEASURE_UNKNOWN;
	for (size_t i = 0; i < all->n; i++) {
		size_t size = size_of(all, i);
		uint64_t huge;

		if (!all->blocks[i])
			continue;
		memory->live += size;
		if (!known)
			continue;
		huge = measure_huge_of(all->blocks[i], size);
		memory->huge += huge;
		if (size < LARGE)
			continue;
		memory->large += size;
		memory->large_huge += huge;
	}
}

/* --- Blocks that stay ----------------------------------------------------- */

/* Whether a block is one that stays: one of arg, in order or at random. */
static bool stays(struct bench *b, size_t i)
{
	unsigned int one_of = b->row->arg & 0xff;

	return b->row->arg & BENCH_AT_RANDOM ? !(bench_draw(b) % one_of)
					     : !(i % one_of);
}

ALLOCATOR_INLINE uint64_t survivors(enum allocator_kind kind, struct bench *b)
{
	size_t size = b->row->n, n = TOTAL / size;
	char **blocks = measure_memory(n * sizeof(*blocks));

	for (size_t i = 0; i < n; i++) {
		blocks[i] = bench_need(allocator_alloc(kind, size));
		memset(blocks[i], 1, size);
	}
	for (size_t i = 0; i < n; i++) {
		if (stays(b, i))
			continue;
		allocator_free(kind, blocks[i], size);
		blocks[i] = NULL;
	}
	if (b->row->arg & BENCH_AGED)
		idle_with_calls(kind, AGEING);
	else
		allocator_give_back(kind);
	add_live(&b->memory, &(struct blocks){ blocks, NULL, size, n });
	return n;
}

BENCH_RUN(survivors)
const struct bench_kernel bench_survivors = {
	.run = BENCH_RUN_ALL(survivors),
};

/* --- A program that idles after its work ---------------------------------- */

ALLOCATOR_INLINE void work(enum allocator_kind kind, size_t size, size_t n)
{
	char **blocks = measure_memory(n * sizeof(*blocks));

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < n; i++) {
			blocks[i] = bench_need(allocator_alloc(kind, size));
			memset(blocks[i], 1, size);
		}
		for (size_t i = 0; i < n; i++)
			allocator_free(kind, blocks[i], size);
	}
}

ALLOCATOR_INLINE uint64_t idles(enum allocator_kind kind, struct bench *b)
{
	size_t n = TOTAL / b->row->n;

	work(kind, b->row->n, n);
	idle(b->row->arg);
	return 3 * n;
}

BENCH_RUN(idles)
const struct bench_kernel bench_idles = {
	.run = BENCH_RUN_ALL(idles),
};

static uint64_t resident(void)
{
	struct measure_usage usage;

	measure_usage_read(&usage);
	return usage.rss;
}

#define IDLE_SECONDS 15

/* The mean of what is resident more than before the work. */
ALLOCATOR_INLINE uint64_t idles_mean(enum allocator_kind kind, struct bench *b)
{
	size_t n = ((size_t)b->row->arg << 20) / b->row->n;
	const struct timespec pause = { 0, 100000000 };
	uint64_t before = resident(), sum = 0;

	work(kind, b->row->n, n);
	for (unsigned int i = 0; i < 10 * IDLE_SECONDS; i++) {
		sum += measure_more(resident(), before);
		nanosleep(&pause, NULL);
	}
	b->mean_rss = sum / (10 * IDLE_SECONDS);
	return 3 * n;
}

BENCH_RUN(idles_mean)
const struct bench_kernel bench_idles_mean = {
	.run = BENCH_RUN_ALL(idles_mean),
};

/* --- Blocks of one size, of each of many ---------------------------------- */

/* In a process of its own. */
ALLOCATOR_INLINE void fill(enum allocator_kind kind, size_t size,
			   struct bench_memory *out)
{
	size_t n = TOTAL / size;
	char **blocks = measure_memory(n * sizeof(*blocks));
	uint64_t before;

	allocator_free(kind, bench_need(allocator_alloc(kind, 64)), 64);
	before = resident();
	for (size_t i = 0; i < n; i++) {
		blocks[i] = bench_need(allocator_alloc(kind, size));
		memset(blocks[i], 1, size);
	}
	out->resident = measure_more(resident(), before);
	add_live(out, &(struct blocks){ blocks, NULL, size, n });
}

ALLOCATOR_INLINE void fill_apart(enum allocator_kind kind, size_t size,
				 struct bench_memory *out)
{
	struct bench_memory memory = { 0 };
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0)
		ctl_die("no process: %s", strerror(errno));
	if (pid == 0) {
		fill(kind, size, &memory);
		_exit(write(fds[1], &memory, sizeof(memory)) < 0);
	}
	close(fds[1]);
	if (read(fds[0], &memory, sizeof(memory)) != sizeof(memory))
		ctl_die("blocks of %zu bytes: no result", size);
	close(fds[0]);
	waitpid(pid, &status, 0);
	*out = memory;
}

static void add_size(struct bench_memory *sum, const struct bench_memory *one,
		     size_t size)
{
	double over = (double)one->resident / (double)one->live;

	sum->live += one->live;
	sum->resident += one->resident;
	sum->huge = one->huge == MEASURE_UNKNOWN ? one->huge :
						   sum->huge + one->huge;
	sum->large += one->large;
	sum->large_huge += one->large_huge;
	if (over <= sum->worst)
		return;
	sum->worst = over;
	sum->worst_size = size;
}

ALLOCATOR_INLINE uint64_t sizes(enum allocator_kind kind, struct bench *b)
{
	bool pages = b->row->arg == BENCH_PAGES;
	double size = pages ? 256 << 10 : 1 << 10;
	uint64_t n = 0;

	for (; size <= 64 << 20; size *= 1.1, n++) {
		size_t nbytes = (size_t)size;
		struct bench_memory one;

		if (pages)
			nbytes = (nbytes + 4095) & ~(size_t)4095;
		fill_apart(kind, nbytes, &one);
		add_size(&b->memory, &one, nbytes);
	}
	return n;
}

BENCH_RUN(sizes)
const struct bench_kernel bench_sizes = { .run = BENCH_RUN_ALL(sizes) };

/* --- Blocks of all sizes that live for different times -------------------- */

#define SMALLEST 64.0

static double draw_real(struct bench *b)
{
	return (double)(bench_draw(b) >> 11) / (double)(UINT64_C(1) << 53);
}

/* By its logarithm, in half of the range, which goes round once. */
static size_t draw_size(struct bench *b, double progress)
{
	double at = draw_real(b) / 2 + progress;

	at -= floor(at);
	return (size_t)(SMALLEST * exp2(at * log2((double)b->row->n /
						  SMALLEST)));
}

/* One of 16 is seldom chosen. */
static size_t draw_victim(struct bench *b, size_t n)
{
	size_t i = bench_draw(b) % n;

	return i % 16 || !(bench_draw(b) % 16) ? i : bench_draw(b) % n;
}

ALLOCATOR_INLINE uint64_t lifetimes(enum allocator_kind kind, struct bench *b)
{
	uint64_t n = b->row->arg;
	struct blocks all = {
		.blocks = measure_memory(n * sizeof(*all.blocks)),
		.sizes = measure_memory(n * sizeof(*all.sizes)),
	};
	size_t live = 0, i;

	for (uint64_t done = 0; done < n; done++) {
		size_t size = draw_size(b, (double)done / (double)n);

		while (live + size > TOTAL) {
			i = draw_victim(b, all.n);
			allocator_free(kind, all.blocks[i], all.sizes[i]);
			live -= all.sizes[i];
			all.n--;
			all.blocks[i] = all.blocks[all.n];
			all.sizes[i] = all.sizes[all.n];
		}
		all.blocks[all.n] = bench_need(allocator_alloc(kind, size));
		all.sizes[all.n] = size;
		memset(all.blocks[all.n++], 1, size);
		live += size;
	}
	idle_with_calls(kind, AGEING);
	add_live(&b->memory, &all);
	return n;
}

BENCH_RUN(lifetimes)
const struct bench_kernel bench_lifetimes = {
	.run = BENCH_RUN_ALL(lifetimes),
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Benchmarks of large blocks, written as array programs write them. */
#include "tool.h"
#include "kernels.h"

#include <math.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static void fill(char *p, size_t n)
{
	memset(bench_need(p), 1, n);
	bench_hide(p);
}

/* --- One size in a loop --------------------------------------------------- */

ALLOCATOR_INLINE uint64_t single(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;
	char *p = allocator_alloc(kind, n);

	fill(p, n);
	allocator_free(kind, p, n);
	return 1;
}

/* Writing to memory that is there: what no allocator can beat. */
static uint64_t single_reference(struct bench *b)
{
	static char *warm;
	size_t n = b->row->n;

	if (!warm) {
		warm = mmap(NULL, n + 2 * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (warm == MAP_FAILED)
			ctl_die("no memory: %s", strerror(errno));
		warm += -(uintptr_t)warm % (2 * MIB);
		madvise(warm, n, MADV_HUGEPAGE);
		fill(warm, n);
	}
	fill(warm, n);
	return 1;
}

BENCH_RUN(single)
const struct bench_kernel bench_single = {
	.run = BENCH_RUN_ALL(single),
	.reference = single_reference,
};

/* --- Temporaries of an expression: six, n/4 to n, freed in any order ------ */

#define MIXED 6

ALLOCATOR_INLINE uint64_t mixed(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;
	size_t left = MIXED;

	for (size_t i = 0; i < MIXED; i++) {
		b->sizes[i] = n / 4 + bench_draw(b) % (n - n / 4 + 1);
		b->blocks[i] = allocator_alloc(kind, b->sizes[i]);
		fill(b->blocks[i], b->sizes[i]);
	}
	while (left) {
		size_t i = bench_draw(b) % left--;

		allocator_free(kind, b->blocks[i], b->sizes[i]);
		b->blocks[i] = b->blocks[left];
		b->sizes[i] = b->sizes[left];
		b->blocks[left] = NULL;
	}
	return 1;
}

BENCH_RUN(mixed)
const struct bench_kernel bench_mixed = { .run = BENCH_RUN_ALL(mixed) };

/* --- Eight live, log-uniform n/64 to n, replaced at random ---------------- */

#define CHURN 8

static size_t churn_size(struct bench *b)
{
	double octaves = (double)(bench_draw(b) >> 11) * 0x1p-53 * 6;

	return (size_t)((double)(b->row->n / 64) * exp2(octaves));
}

static void churn_setup(struct bench *b)
{
	for (size_t i = 0; i < CHURN; i++) {
		b->sizes[i] = churn_size(b);
		b->blocks[i] = allocator_alloc(b->kind, b->sizes[i]);
		fill(b->blocks[i], b->sizes[i]);
	}
}

ALLOCATOR_INLINE uint64_t churn(enum allocator_kind kind, struct bench *b)
{
	size_t i = (bench_draw(b) >> 32) % CHURN;

	allocator_free(kind, b->blocks[i], b->sizes[i]);
	b->sizes[i] = churn_size(b);
	b->blocks[i] = allocator_alloc(kind, b->sizes[i]);
	fill(b->blocks[i], b->sizes[i]);
	return 1;
}

BENCH_RUN(churn)
const struct bench_kernel bench_churn = {
	.setup = churn_setup,
	.run = BENCH_RUN_ALL(churn),
	.finish = bench_free_blocks,
};

/* --- Doubling from 4 MiB to n, writing the new half ----------------------- */

#define GROWTH_FROM (4 * MIB)

ALLOCATOR_INLINE uint64_t growth(enum allocator_kind kind, struct bench *b)
{
	size_t size = GROWTH_FROM;
	char *p = allocator_alloc(kind, size);

	fill(p, size);
	while (size < b->row->n) {
		p = allocator_resize(kind, p, 2 * size);
		fill(p + size, size);
		size *= 2;
	}
	allocator_free(kind, p, size);
	return 1;
}

/* The same by copying, with the same allocator. */
static uint64_t growth_reference(struct bench *b)
{
	size_t size = GROWTH_FROM;
	char *p = allocator_alloc(b->kind, size);

	fill(p, size);
	while (size < b->row->n) {
		char *grown = bench_need(allocator_alloc(b->kind, 2 * size));

		memcpy(grown, p, size);
		allocator_free(b->kind, p, size);
		p = grown;
		fill(p + size, size);
		size *= 2;
	}
	allocator_free(b->kind, p, size);
	return 1;
}

BENCH_RUN(growth)
const struct bench_kernel bench_growth = {
	.run = BENCH_RUN_ALL(growth),
	.reference = growth_reference,
};

/* --- Zeroed, arg percent of it written ------------------------------------ */

ALLOCATOR_INLINE uint64_t zeroed(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;
	char *p = allocator_zeroed(kind, n);

	fill(p, n / 100 * b->row->arg);
	allocator_free(kind, p, n);
	return 1;
}

BENCH_RUN(zeroed)
const struct bench_kernel bench_zeroed = { .run = BENCH_RUN_ALL(zeroed) };

/* --- First touch of memory that nobody had before ------------------------- */

ALLOCATOR_INLINE uint64_t first_touch(enum allocator_kind kind,
				      struct bench *b)
{
	size_t n = b->row->n;
	/* Other mappings come in between in a program: without them, blocks
	 * may lie well by luck. */
	size_t gap = 4096 * (1 + bench_draw(b) % 511);

	mmap(NULL, gap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	b->blocks[b->next] = allocator_alloc(kind, n);
	fill(b->blocks[b->next], n);
	b->sizes[b->next++] = n;
	return 1;
}

BENCH_RUN(first_touch)
const struct bench_kernel bench_first_touch = {
	.run = BENCH_RUN_ALL(first_touch),
	.finish = bench_free_blocks,
};

/* --- fork(2) beside warm memory ------------------------------------------- */

/* The child allocates; the parent goes on with its large block meanwhile. */
ALLOCATOR_INLINE uint64_t fork_once(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;
	pid_t pid = fork();
	char *p;

	if (pid < 0)
		ctl_die("fork: %s", strerror(errno));
	if (pid == 0) {
		p = allocator_alloc(kind, MIB);
		fill(p, MIB);
		allocator_free(kind, p, MIB);
		_exit(0);
	}
	p = allocator_alloc(kind, n);
	fill(p, n);
	allocator_free(kind, p, n);
	waitpid(pid, NULL, 0);
	return 1;
}

BENCH_RUN(fork_once)
const struct bench_kernel bench_fork = { .run = BENCH_RUN_ALL(fork_once) };

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Benchmarks of what stays resident. Nothing is freed at the end: END is what
 * live blocks, and what the allocator keeps beside them, take.
 */
#include "tool.h"
#include "kernels.h"

#include <malloc.h>
#include <time.h>

#define TOTAL ((size_t)400 << 20)

static void give_back(enum allocator_kind kind)
{
	if (kind == ALLOCATOR_DATAMEM)
		datamem_trim(0);
	else
		malloc_trim(0);
}

static void idle(unsigned int seconds)
{
	struct timespec left = { seconds, 0 };

	while (nanosleep(&left, &left))
		;
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
	for (size_t i = 0; i < n; i++)
		if (!stays(b, i))
			allocator_free(kind, blocks[i], size);
	if (b->row->arg & BENCH_AGED)
		idle(10);
	else
		give_back(kind);
	return n;
}

BENCH_RUN(survivors)
const struct bench_kernel bench_survivors = {
	.run = BENCH_RUN_ALL(survivors),
};

/* --- A program that idles after its work ---------------------------------- */

ALLOCATOR_INLINE uint64_t idles(enum allocator_kind kind, struct bench *b)
{
	size_t size = b->row->n, n = TOTAL / size;
	char **blocks = measure_memory(n * sizeof(*blocks));

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < n; i++) {
			blocks[i] = bench_need(allocator_alloc(kind, size));
			memset(blocks[i], 1, size);
		}
		for (size_t i = 0; i < n; i++)
			allocator_free(kind, blocks[i], size);
	}
	idle(b->row->arg);
	return 3 * n;
}

BENCH_RUN(idles)
const struct bench_kernel bench_idles = {
	.run = BENCH_RUN_ALL(idles),
};

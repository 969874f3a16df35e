/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Benchmarks of large blocks beside many that live, or many gaps: what is
 * searched for a place must not be longer for it. Nothing is written to them.
 */
#include "tool.h"
#include "kernels.h"

#define MIB ((size_t)1 << 20)

/* So many are live at a time: more than are kept at hand of a size. */
#define BATCH 200
#define BATCHES 4

/* --- Beside gaps that are a little too small ------------------------------ */

#define GAP (2 * MIB)

static void gaps_setup(struct bench *b)
{
	size_t n = 2 * (size_t)b->row->arg;
	void **blocks = measure_memory(n * sizeof(*blocks) + 1);

	for (size_t i = 0; i < n; i++)
		blocks[i] = bench_need(allocator_alloc(b->kind, GAP));
	for (size_t i = 0; i < n; i += 2)
		allocator_free(b->kind, blocks[i], GAP);
}

/* --- Beside blocks with a large alignment --------------------------------- */

#define ALIGNMENT (2 * MIB)

static void aligned_setup(struct bench *b)
{
	for (unsigned int i = 0; i < b->row->arg; i++)
		bench_need(allocator_aligned(b->kind, b->row->n, ALIGNMENT));
}

/* --- What both do --------------------------------------------------------- */

ALLOCATOR_INLINE void *take(enum allocator_kind kind, const struct bench *b,
			    bool aligned)
{
	return aligned ? allocator_aligned(kind, b->row->n, ALIGNMENT) :
			 allocator_alloc(kind, b->row->n);
}

/* Looking costs, so what is looked at does not count. */
ALLOCATOR_INLINE void look_at_calls(enum allocator_kind kind, struct bench *b,
				    bool aligned)
{
	uint64_t begin;

	for (size_t i = 0; i < BATCH; i++) {
		begin = bench_cpu_now();
		b->blocks[i] = take(kind, b, aligned);
		bench_longest(b, begin);
	}
	for (size_t i = 0; i < BATCH; i++) {
		begin = bench_cpu_now();
		allocator_free(kind, b->blocks[i], b->row->n);
		bench_longest(b, begin);
	}
}

ALLOCATOR_INLINE uint64_t walk(enum allocator_kind kind, struct bench *b,
			       bool aligned)
{
	uint64_t begin = bench_cpu_now();

	for (size_t i = 0; i < BATCHES; i++) {
		for (size_t k = 0; k < BATCH; k++)
			b->blocks[k] = bench_need(take(kind, b, aligned));
		for (size_t k = 0; k < BATCH; k++)
			allocator_free(kind, b->blocks[k], b->row->n);
	}
	b->spent += bench_cpu_now() - begin;
	look_at_calls(kind, b, aligned);
	for (size_t k = 0; k < BATCH; k++)
		b->blocks[k] = NULL;
	return (uint64_t)BATCHES * BATCH;
}

ALLOCATOR_INLINE uint64_t beside_gaps(enum allocator_kind kind,
				      struct bench *b)
{
	return walk(kind, b, false);
}

BENCH_RUN(beside_gaps)
const struct bench_kernel bench_beside_gaps = {
	.setup = gaps_setup,
	.run = BENCH_RUN_ALL(beside_gaps),
};

ALLOCATOR_INLINE uint64_t beside_aligned(enum allocator_kind kind,
					 struct bench *b)
{
	return walk(kind, b, true);
}

BENCH_RUN(beside_aligned)
const struct bench_kernel bench_beside_aligned = {
	.setup = aligned_setup,
	.run = BENCH_RUN_ALL(beside_aligned),
};

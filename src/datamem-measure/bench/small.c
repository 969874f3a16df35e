/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Benchmarks of small blocks: nanoseconds an allocation with its free. */
#include "tool.h"
#include "kernels.h"

#include <pthread.h>
#include <sched.h>

#define LOOPS 4096
#define DICE 16384

/* --- One block, allocated and freed --------------------------------------- */

ALLOCATOR_INLINE uint64_t pair(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;

	for (int i = 0; i < LOOPS; i++) {
		char *p = allocator_alloc(kind, n);

		bench_hide(p);
		*p = 1;
		allocator_free(kind, p, n);
	}
	return LOOPS;
}

BENCH_RUN(pair)
const struct bench_kernel bench_pair = { .run = BENCH_RUN_ALL(pair) };
/* The same loop, so that what idle threads or live blocks cost is the
 * difference. */
const struct bench_kernel bench_beside_idle = {
	.setup = bench_idle_setup,
	.run = BENCH_RUN_ALL(pair),
};
const struct bench_kernel bench_live = {
	.setup = bench_live_setup,
	.run = BENCH_RUN_ALL(pair),
};

ALLOCATOR_INLINE uint64_t zeroed_small(enum allocator_kind kind,
				       struct bench *b)
{
	size_t n = b->row->n;

	for (int i = 0; i < LOOPS; i++) {
		char *p = allocator_zeroed(kind, n);

		bench_hide(p);
		*p = 1;
		allocator_free(kind, p, n);
	}
	return LOOPS;
}

BENCH_RUN(zeroed_small)
const struct bench_kernel bench_zeroed_small = {
	.run = BENCH_RUN_ALL(zeroed_small),
};

/* --- Several of one size, freed in the order they were made --------------- */

ALLOCATOR_INLINE uint64_t batch(enum allocator_kind kind, struct bench *b)
{
	size_t n = b->row->n;
	unsigned int count = b->row->arg;

	for (int i = 0; i < 64; i++) {
		for (unsigned int k = 0; k < count; k++) {
			char *p = allocator_alloc(kind, n);

			bench_hide(p);
			*p = 1;
			b->blocks[k] = p;
		}
		for (unsigned int k = 0; k < count; k++)
			allocator_free(kind, b->blocks[k], n);
	}
	return 64 * count;
}

BENCH_RUN(batch)
const struct bench_kernel bench_batch = { .run = BENCH_RUN_ALL(batch) };

/* --- Many live of any size, replaced at random ---------------------------- */

static void random_setup(struct bench *b)
{
	b->dice = measure_memory(DICE * sizeof(*b->dice));
	for (size_t i = 0; i < DICE; i++)
		b->dice[i] = (uint32_t)(bench_draw(b) >> 20);
	for (size_t i = 0; i < BENCH_BLOCKS; i++) {
		b->sizes[i] = 1 + bench_draw(b) % 1023;
		b->blocks[i] = bench_need(allocator_alloc(b->kind,
							  b->sizes[i]));
	}
}

ALLOCATOR_INLINE uint64_t random_replace(enum allocator_kind kind,
					 struct bench *b)
{
	size_t at = b->next;

	for (int i = 0; i < LOOPS; i++) {
		uint32_t die = b->dice[at++ % DICE];
		size_t slot = die % BENCH_BLOCKS;
		size_t n = 1 + (die >> 10) % 1023;
		char *p;

		allocator_free(kind, b->blocks[slot], b->sizes[slot]);
		p = allocator_alloc(kind, n);
		bench_hide(p);
		*p = 1;
		b->blocks[slot] = p;
		b->sizes[slot] = n;
	}
	b->next = at;
	return LOOPS;
}

BENCH_RUN(random_replace)
const struct bench_kernel bench_random = {
	.setup = random_setup,
	.run = BENCH_RUN_ALL(random_replace),
	.finish = bench_free_blocks,
};

/* --- One thread makes, another frees -------------------------------------- */

#define RING 1024

struct ring {
	_Alignas(64) uint64_t made;     /* written by the producer */
	_Alignas(64) uint64_t freed;    /* written by the consumer */
	_Alignas(64) char *blocks[RING];
	enum allocator_kind kind;
	size_t n;
	pthread_t consumer;
};

static void *consume(void *arg)
{
	struct ring *ring = arg;
	uint64_t freed = 0;

	for (;;) {
		uint64_t made = __atomic_load_n(&ring->made, __ATOMIC_ACQUIRE);

		if (made == UINT64_MAX)
			return NULL;
		if (made == freed)
			sched_yield();
		for (; freed < made; freed++)
			allocator_free(ring->kind, ring->blocks[freed % RING],
				       ring->n);
		__atomic_store_n(&ring->freed, freed, __ATOMIC_RELEASE);
	}
}

static void producer_setup(struct bench *b)
{
	struct ring *ring = measure_memory(sizeof(*ring));
	int err;

	ring->kind = b->kind;
	ring->n = b->row->n;
	b->partner = ring;
	err = pthread_create(&ring->consumer, NULL, consume, ring);
	if (err)
		ctl_die("no thread: %s", strerror(err));
}

static void await_freed(const struct ring *ring, uint64_t count)
{
	while (__atomic_load_n(&ring->freed, __ATOMIC_ACQUIRE) < count)
		sched_yield();
}

ALLOCATOR_INLINE uint64_t produce(enum allocator_kind kind, struct bench *b)
{
	struct ring *ring = b->partner;
	uint64_t made = ring->made;
	size_t n = ring->n;

	for (int i = 0; i < 64; i++) {
		await_freed(ring, made + RING / 4 < RING ? 0 :
			    made + RING / 4 - RING);
		for (int k = 0; k < RING / 4; k++) {
			char *p = allocator_alloc(kind, n);

			bench_hide(p);
			*p = 1;
			ring->blocks[(made + (uint64_t)k) % RING] = p;
		}
		made += RING / 4;
		__atomic_store_n(&ring->made, made, __ATOMIC_RELEASE);
	}
	return 64 * (RING / 4);
}

static void producer_finish(struct bench *b)
{
	struct ring *ring = b->partner;

	await_freed(ring, ring->made);
	__atomic_store_n(&ring->made, UINT64_MAX, __ATOMIC_RELEASE);
	pthread_join(ring->consumer, NULL);
}

BENCH_RUN(produce)
const struct bench_kernel bench_producer = {
	.setup = producer_setup,
	.run = BENCH_RUN_ALL(produce),
	.finish = producer_finish,
};

/* --- Threads that live for a few blocks ----------------------------------- */

ALLOCATOR_INLINE void live_shortly(enum allocator_kind kind)
{
	char *blocks[32];

	for (size_t i = 0; i < 32; i++) {
		char *p = allocator_alloc(kind, 16 + 32 * i);

		bench_hide(p);
		*p = 1;
		blocks[i] = p;
	}
	for (size_t i = 0; i < 32; i++)
		allocator_free(kind, blocks[i], 16 + 32 * i);
}

static void *short_thread(void *arg)
{
	const struct bench *b = arg;

	if (b->kind == ALLOCATOR_DATAMEM)
		live_shortly(ALLOCATOR_DATAMEM);
	else if (b->kind == ALLOCATOR_NUMPY)
		live_shortly(ALLOCATOR_NUMPY);
	else
		live_shortly(ALLOCATOR_MALLOC);
	return NULL;
}

static uint64_t short_threads(struct bench *b)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, short_thread, b);

	if (err)
		ctl_die("no thread: %s", strerror(err));
	pthread_join(thread, NULL);
	return 1;
}

const struct bench_kernel bench_short_threads = {
	.run = { short_threads, short_threads, short_threads },
};

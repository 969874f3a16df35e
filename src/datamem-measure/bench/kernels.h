/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The benchmarks from inside. A kernel does a few operations; the driver calls
 * it until the time is over and divides. Kernels are compiled once for each
 * kind of allocator, with the calls that a program of its own would make.
 */
#ifndef BENCH_KERNELS_H
#define BENCH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "measure/measure.h"
#include "bench.h"

#define BENCH_BLOCKS 1024

/* The state of one thread that runs a benchmark. */
struct bench {
	const struct bench_row *row;
	enum allocator_kind kind;
	uint64_t random;
	char *blocks[BENCH_BLOCKS];
	size_t sizes[BENCH_BLOCKS];
	/* Numbers drawn before the clock starts, used round and round. */
	uint32_t *dice;
	size_t next;
	void *partner;          /* of a kernel with a thread of its own */
	uint64_t spent;         /* ns, where the kernel measures by itself */
	uint64_t had;           /* bytes of blocks before one was refused */
	uint64_t longest;       /* ns of one call, where the kernel looks */
	uint64_t mean_rss;      /* what END is to be, where it is not at the end */
	struct bench_memory memory;
};

struct bench_kernel {
	/* Before the clock starts; may be NULL. */
	void (*setup)(struct bench *bench);
	/* Does some operations; returns how many. */
	uint64_t (*run[ALLOCATOR_KINDS])(struct bench *bench);
	/* The same work without an allocator, or with copying; or NULL. */
	uint64_t (*reference)(struct bench *bench);
	/* Frees what is live; may be NULL. */
	void (*finish)(struct bench *bench);
};

/* scale.c: threads that fill their caches and then sleep, as many as the row
 * says. */
void bench_idle_setup(struct bench *b);
/* The same: hold so many GiB, and what is left of a range beside them. */
void bench_live_setup(struct bench *b);
/* So many; fill: their caches, else they make one block. They end with the
 * process. */
void bench_begin_idlers(struct bench *b, unsigned int n, bool fill);

/* host.c: the row is about the first block of the process, in place of all
 * that bench_run() does. */
void bench_run_start(const struct bench_row *row, enum allocator_kind kind,
		     struct bench_result *result);

/* memory.c: arg of its rows, beside one of how many blocks stays. */
#define BENCH_AT_RANDOM 0x100
#define BENCH_AGED 0x200
/* Sizes: whole pages, from 256 KiB on. */
#define BENCH_PAGES 1

/* The kernels that rows.c names. */
extern const struct bench_kernel bench_pair, bench_batch, bench_random,
	bench_zeroed_small, bench_producer, bench_short_threads;
extern const struct bench_kernel bench_single, bench_mixed, bench_churn,
	bench_growth, bench_zeroed, bench_first_touch, bench_fork;
extern const struct bench_kernel bench_beside_idle, bench_wide_batch,
	bench_wide_pair, bench_live, bench_limit, bench_limit_growth,
	bench_beside_holes;
extern const struct bench_kernel bench_beside_gaps, bench_beside_aligned;
extern const struct bench_kernel bench_start, bench_attach, bench_add,
	bench_fork_beside, bench_fork_rows, bench_longest_stop,
	bench_stats_beside;
extern const struct bench_kernel bench_survivors, bench_idles,
	bench_idles_mean, bench_sizes, bench_lifetimes;

ALLOCATOR_INLINE uint64_t bench_draw(struct bench *b)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 7;
	b->random ^= b->random << 17;
	return b->random;
}

/* The compiler must not know where the block came from or who reads it. */
#define bench_hide(ptr) __asm__ volatile("" : "+r"(ptr) : : "memory")

/* Ends the process when an allocation failed. */
void *bench_need(void *ptr);

/* Processor time of the calling thread, ns. */
uint64_t bench_cpu_now(void);

/* A call that began then has ended: it may be the longest. */
void bench_longest(struct bench *b, uint64_t begin);

/* Frees all blocks. */
void bench_free_blocks(struct bench *b);

/*
 * A loop that crosses a cache line of code by where the linker has put it is
 * slower by up to a tenth, and a change elsewhere seems to be one of what it
 * measures: all begin a line.
 */
#define BENCH_LOOP static __attribute__((__aligned__(64))) uint64_t

/* One kernel function for each kind. */
#define BENCH_RUN(name)                                                      \
	BENCH_LOOP name##_datamem(struct bench *b)                           \
	{                                                                    \
		return name(ALLOCATOR_DATAMEM, b);                           \
	}                                                                    \
	BENCH_LOOP name##_malloc(struct bench *b)                            \
	{                                                                    \
		return name(ALLOCATOR_MALLOC, b);                            \
	}                                                                    \
	BENCH_LOOP name##_numpy(struct bench *b)                             \
	{                                                                    \
		return name(ALLOCATOR_NUMPY, b);                             \
	}
#define BENCH_RUN_ALL(name)                                                  \
	{                                                                    \
		[ALLOCATOR_DATAMEM] = name##_datamem,                        \
		[ALLOCATOR_MALLOC] = name##_malloc,                          \
		[ALLOCATOR_NUMPY] = name##_numpy,                            \
	}

#endif /* BENCH_KERNELS_H */

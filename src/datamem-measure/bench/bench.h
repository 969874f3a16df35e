/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The benchmarks: what is measured, as a table, how one is run in the measured
 * process, and what is printed of it. The door of this folder.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "measure/measure.h"

struct bench_kernel;

struct bench_row {
	const char *name;
	const struct bench_kernel *kernel;
	size_t n;               /* size in bytes */
	unsigned int arg;       /* what else the kernel varies */
	/* 0: in the main thread; else in so many, each for itself. */
	unsigned int threads;
	uint64_t fixed;         /* operations; 0: as many as fit */
	size_t peak;            /* memory that it needs, to be primed */
	size_t address_space;   /* the process is limited to so much; or 0 */
	/* How it grows with threads, or what stays resident: by processor time,
	 * and run only when a pattern names it. */
	bool scale;
	const char *what;       /* an operation, in a few words */
};

extern const struct bench_row bench_rows[];
extern const size_t bench_n_rows;

/* Of rows of memory.c: what the blocks are that live in the end. */
struct bench_memory {
	uint64_t live;          /* bytes asked for; 0: not such a row */
	uint64_t huge;          /* of these in huge pages; MEASURE_UNKNOWN */
	uint64_t large, large_huge;     /* the same of blocks from 2 MiB on */
	uint64_t resident;      /* where it is not END */
	double worst;           /* most resident / live of a size; or 0 ... */
	uint64_t worst_size;    /* ... and which size that is */
};

struct bench_result {
	uint64_t size;          /* sizeof(struct bench_result) */
	double ns;              /* an operation */
	double reference_ns;    /* 0: the row has none */
	double faults;          /* an operation */
	uint64_t operations;
	uint64_t peak_rss, end_rss;     /* beyond the start; end: all freed,
					 * but in rows of memory.c */
	uint64_t had;           /* bytes of blocks before one was refused */
	double longest_ns;      /* of one call, where the row looks; or 0 */
	struct bench_memory memory;
	/* Of a touched block of n bytes, for rows of 4 MiB and more; 0. */
	uint64_t eligible, backed;      /* libdatamem's receipt */
};

/*
 * Runs a row for about so many nanoseconds, in the measured process; ends it
 * with a message on trouble.
 */
void bench_run(const struct bench_row *row, enum allocator_kind kind,
	       uint64_t ns, struct bench_result *result);

#include "report.h"

#endif /* BENCH_H */

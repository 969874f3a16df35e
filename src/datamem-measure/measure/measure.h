/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Measuring allocators: each measurement in a fresh process of the program, and
 * what such a process reads about itself. The door of this folder; which
 * allocators there are is in allocator.h.
 *
 * Nothing here that runs in the measured process allocates with malloc(3): its
 * heap is what is being measured.
 */
#ifndef CTL_MEASURE_H
#define CTL_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocator.h"
#include "comparison.h"

/* A number that is not known. */
#define MEASURE_UNKNOWN UINT64_MAX

/* --- The tool's side ------------------------------------------------------ */

struct measure_spec {
	/* The tool is executed again with these arguments. */
	const char *const *argv;
	int input;              /* standard input of the process, or -1 */
	const char *preload;    /* LD_PRELOAD; NULL: none */
	const char *tunables;   /* GLIBC_TUNABLES; NULL: as they are */
	/* "NAME=VALUE" of further variables, then NULL; NULL: none. */
	const char *const *environment;
	/*
	 * So many bytes are written and given back just before the start. A
	 * virtual machine's host takes back memory that is free for some
	 * seconds; without this the first to use it pays for that, 50 times
	 * the cost of an ordinary page fault.
	 */
	size_t prime_bytes;
	size_t address_space;   /* RLIMIT_AS; 0: as it is */
	const char *name;       /* for messages */
};

/*
 * Runs a process that writes a result of result_size bytes to its standard
 * output. Returns 0, or -errno after a message on standard error: -ECHILD when
 * the process failed or died, -EPROTO when the result has another size.
 */
int measure_spawn(const struct measure_spec *spec, void *result,
		  size_t result_size);

/* Sorts samples, then answers; n is at least 1. */
struct measure_summary {
	double median, min, max;
};
struct measure_summary measure_summarize(double *samples, size_t n);

/* On a terminal: which round of what is running; erased after the last. */
void measure_progress(const char *name, unsigned int round,
		      unsigned int rounds);

/* Bytes that can be primed for a peak without disturbing the machine. */
size_t measure_prime_size(size_t peak_bytes);

/* A field of /proc/meminfo ("MemTotal:") in bytes; MEASURE_UNKNOWN. */
uint64_t measure_meminfo(const char *field);

/* --- The measured process ------------------------------------------------- */

/* Address space without a limit from now on. */
void measure_unlimit(void);

struct measure_point {
	uint64_t ns;            /* CLOCK_MONOTONIC */
	uint64_t cpu_ns;        /* processor time of all threads, of it */
	uint64_t system_ns;     /* in the kernel */
	uint64_t minor_faults;
	uint64_t major_faults;
	uint64_t rss;           /* bytes resident now */
	uint64_t peak_rss;      /* most since the start, or the last reset */
};

/* Resident memory by kind, from smaps_rollup; exact and slow. */
struct measure_usage {
	uint64_t rss;
	uint64_t anon;          /* private and anonymous */
	uint64_t huge;          /* of it, in huge pages */
};

uint64_t measure_now(void);
/* Resets the peak where the kernel can (clear_refs), then reads all. */
void measure_begin(struct measure_point *point);
void measure_end(struct measure_point *point);
void measure_usage_read(struct measure_usage *usage);
/* a - b, not below 0; unknown if one is. */
uint64_t measure_more(uint64_t a, uint64_t b);

/*
 * Look which pages between two addresses are huge; false where the kernel does
 * not tell (before Linux 6.7). Then the bytes of a block in them.
 */
bool measure_huge_look(const void *first, const void *end);
uint64_t measure_huge_of(const void *ptr, size_t nbytes);

/* Writes the result to standard output; false after a message. */
bool measure_report(const void *result, size_t result_size);
/* Zeroed, resident memory that is no allocator's; exits when there is none. */
void *measure_memory(size_t nbytes);

#endif /* CTL_MEASURE_H */

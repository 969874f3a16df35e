/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Small records of one size on mappings of their own, for the library's books
 * about handlers. Freed records are reused, never given back, so that a stale
 * pointer to one always points at a record.
 *
 * Thread-safe. Memory comes from the kernel, not from the allocator: records
 * outlive a thread's cache, and are no part of the callers' statistics.
 */
#ifndef DMEM_RECORDS_H
#define DMEM_RECORDS_H

#include "base.h"

struct dmem_records {
	struct dmem_lock lock;
	size_t record_size;  /* a multiple of 16 */
	void *free;          /* records, linked through their first word */
	char *fresh;         /* what no record was made of yet, */
	size_t fresh_bytes;  /* and how much of it there is */
	size_t mapped;       /* bytes; relaxed, for statistics */
};

#define DMEM_RECORDS_INIT(type, rank) {                                               \
	.lock = DMEM_LOCK_INIT(rank),                                   \
	.record_size = DMEM_ROUND_UP(sizeof(type), (size_t)16),              \
}

/* The same; the first records are made of an array of bytes, so that there is no
 * mapping where no more are needed. */
#define DMEM_RECORDS_INIT_FROM(type, rank, area) {                           \
	.lock = DMEM_LOCK_INIT(rank),                                        \
	.record_size = DMEM_ROUND_UP(sizeof(type), (size_t)16),              \
	.fresh = (area),                                                     \
	.fresh_bytes = sizeof(area),                                         \
}

/* A zeroed record, or NULL: the kernel refused memory. Keeps errno. */
void *dmem_records_get(struct dmem_records *pool);
void dmem_records_put(struct dmem_records *pool, void *record);

#endif /* DMEM_RECORDS_H */

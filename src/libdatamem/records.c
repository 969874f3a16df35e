/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Small records of one size on mappings of their own. */
#include "records.h"

#include <string.h>

#include "kernel/kernel.h"

/* A whole number of pages for every page size that Linux has. */
#define POOL_STEP (64 * DMEM_KIB)

/* Called with the lock held; rare, so the system call does no harm there. */
static bool refill(struct dmem_records *pool)
{
	char *area = dmem_kernel_map(POOL_STEP);

	if (!area)
		return false;
	dmem_kernel_name(area, POOL_STEP, "datamem-records");
	for (size_t at = 0; at + pool->record_size <= POOL_STEP;
	     at += pool->record_size) {
		*(void **)(area + at) = pool->free;
		pool->free = area + at;
	}
	dmem_count(&pool->mapped, POOL_STEP);
	return true;
}

void *dmem_records_get(struct dmem_records *pool)
{
	void *record = NULL;

	dmem_lock(&pool->lock);
	if (pool->free || refill(pool)) {
		record = pool->free;
		pool->free = *(void **)record;
	}
	dmem_unlock(&pool->lock);
	if (record)
		memset(record, 0, pool->record_size);
	return record;
}

void dmem_records_put(struct dmem_records *pool, void *record)
{
	dmem_lock(&pool->lock);
	*(void **)record = pool->free;
	pool->free = record;
	dmem_unlock(&pool->lock);
}

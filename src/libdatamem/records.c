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
	pool->fresh = area;
	pool->fresh_bytes = POOL_STEP;
	dmem_count(&pool->mapped, POOL_STEP);
	return true;
}

/* One that was never used, untouched so far. */
static void *get_fresh(struct dmem_records *pool)
{
	char *record;

	if (pool->fresh_bytes < pool->record_size && !refill(pool))
		return NULL;
	record = pool->fresh;
	pool->fresh += pool->record_size;
	pool->fresh_bytes -= pool->record_size;
	return record;
}

void *dmem_records_get(struct dmem_records *pool)
{
	void *record;

	dmem_lock(&pool->lock);
	record = pool->free;
	if (record)
		pool->free = *(void **)record;
	else
		record = get_fresh(pool);
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

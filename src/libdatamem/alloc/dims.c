/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks for shapes and strides: datamem_dims_alloc() and datamem_dims_free(). */

#include "alloc.h"

#include "cache/cache.h"
#include "guard/guard.h"
#include "find.h"
#include "route.h"

/* Fewer than two elements count as two: shape and stride of one dimension. */
static size_t dims_bytes(size_t n)
{
	size_t nbytes;

	return dmem_mul(DMEM_MAX(n, 2u), sizeof(intptr_t), &nbytes) ? nbytes
								    : SIZE_MAX;
}

/* They have no part in a profile or recording. */
static DMEM_NOINLINE void *slow_alloc(size_t nbytes)
{
	void *block = NULL;

	dmem_library_init();
	if (dmem_cache_counts(DMEM_COUNT_ANY)) {
		if (nbytes <= DMEM_SMALL_MAX)
			block = dmem_cache_pop_counted(dmem_class_of(nbytes),
						       0);
		if (!block && dmem_cache_counts(DMEM_COUNT_BLOCKS) &&
		    dmem_guard_turn())
			block = dmem_route_make_guarded(nbytes, 0);
	}
	return block ? block : dmem_route_make(nbytes, 0, 0);
}

void *datamem_dims_alloc(size_t n)
{
	size_t nbytes = dims_bytes(n);
	void *block = NULL;

	if (dmem_likely(nbytes <= DMEM_SMALL_MAX))
		block = dmem_cache_pop(dmem_class_of(nbytes));
	if (dmem_unlikely(!block))
		block = slow_alloc(nbytes);
	return block;
}

static DMEM_NOINLINE void slow_free(void *ptr, size_t hint)
{
	dmem_library_init();
	if (!dmem_cache_counts(DMEM_COUNT_ANY) ||
	    !dmem_cache_push_counted(ptr, hint, dmem_find_class(ptr)))
		dmem_route_unmake(ptr, hint);
}

void datamem_dims_free(void *ptr, size_t n)
{
	size_t hint = dims_bytes(n);

	if (dmem_likely(dmem_cache_push(ptr, hint)) || !ptr)
		return;
	slow_free(ptr, hint);
}

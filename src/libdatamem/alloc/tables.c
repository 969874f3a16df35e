/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The default allocator as handlers' tables. */

#include "alloc.h"

#include "fast.h"
#include "find.h"
#include "route.h"

static void *table_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return dmem_fast_alloc(nbytes, DMEM_DOOR_HANDLER);
}

static void *table_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	return dmem_fast_zeroed(nelem, elsize, DMEM_DOOR_HANDLER);
}

static void *table_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	return dmem_slow_resize(DMEM_DOOR_HANDLER, ptr, nbytes);
}

static void table_free(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	dmem_fast_free(ptr, nbytes, DMEM_DOOR_HANDLER);
}

const struct datamem_allocator dmem_alloc_default = {
	NULL, table_malloc, table_calloc, table_realloc, table_free,
};

static void *apart_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return dmem_fast_alloc(dmem_fast_more(nbytes), DMEM_DOOR_HANDLER_APART);
}

static void *apart_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	return dmem_fast_zeroed(nelem, elsize, DMEM_DOOR_HANDLER_APART);
}

static void *apart_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	return dmem_slow_resize(DMEM_DOOR_HANDLER_APART, ptr,
				dmem_fast_more(nbytes));
}

const struct datamem_allocator dmem_alloc_apart = {
	NULL, apart_malloc, apart_calloc, apart_realloc, table_free,
};

void *dmem_alloc_default_aligned(size_t nbytes, size_t align)
{
	/* 16 is what every block has. */
	return align <= 16 ?
		       dmem_fast_alloc(nbytes, DMEM_DOOR_HANDLER) :
		       dmem_slow_make(nbytes, align, 0, DMEM_DOOR_HANDLER);
}

void *dmem_alloc_with(size_t nbytes, size_t align, unsigned int kind)
{
	if (dmem_kind_node(kind) >= 0)
		return dmem_slow_make(dmem_fast_more(nbytes), align, kind,
				      DMEM_DOOR_HANDLER_APART);
	if (kind & DMEM_KIND_SPARSE && nbytes > DMEM_SMALL_MAX)
		return dmem_slow_make(dmem_fast_more(nbytes),
				      align <= 16 ? 0 : align, kind,
				      DMEM_DOOR_HANDLER_APART);
	if (align <= 16)
		return kind ? apart_calloc(NULL, nbytes, 1)
			    : apart_malloc(NULL, nbytes);
	return dmem_slow_make(dmem_fast_more(nbytes), align,
			      kind & DMEM_KIND_ZERO, DMEM_DOOR_HANDLER_APART);
}

size_t dmem_alloc_counted(const void *ptr)
{
	unsigned int cls = dmem_find_class(ptr);
	struct dmem_block block;

	if (cls)
		return dmem_classes[cls].size;
	return dmem_find_start(ptr, &block) ? block.nbytes : 0;
}

static void *untracked_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return dmem_route_make(nbytes, 0, 0);
}

static void *untracked_calloc(void *ctx DMEM_UNUSED, size_t nelem,
			      size_t elsize)
{
	size_t nbytes;

	return dmem_route_make(dmem_mul(nelem, elsize, &nbytes) ?
					 nbytes : SIZE_MAX, 0, DMEM_KIND_ZERO);
}

static void *untracked_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	struct dmem_block block;
	bool found;

	if (!ptr)
		return dmem_route_make(nbytes, 0, false);
	found = dmem_find_start(ptr, &block);
	return dmem_route_remake(ptr, found ? &block : NULL, nbytes, 0);
}

static void untracked_free(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	if (ptr)
		dmem_route_unmake(ptr, nbytes);
}

const struct datamem_allocator dmem_alloc_untracked = {
	NULL, untracked_malloc, untracked_calloc, untracked_realloc,
	untracked_free,
};

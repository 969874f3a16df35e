/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The entry points of the default allocator: fast path, accounts, family. */

#include "alloc.h"

#include <string.h>

#include "cache.h"
#include "default.h"
#include "settings.h"
#include "stats.h"
#include "trace.h"

#define ALIGN_MAX ((size_t)2 << 20)

/* Small zeroed blocks are cleared in line up to this size. */
#define CLEAR_INLINE 256

/* Entry points at the start of a cache line: worth up to a tenth in a loop. */
#define HOT __attribute__((__hot__, __aligned__(64)))

/* The table behind the family when it is not the default's. */
static const struct datamem_allocator *family;
static size_t (*family_usable)(const void *ptr);

void dmem_alloc_set_family(const struct datamem_allocator *table,
			   size_t (*usable)(const void *ptr))
{
	family_usable = usable;
	dmem_store_release(&family, table);
	if (table)
		dmem_cache_shut(DMEM_SHUT_FAMILY, true);
}

static void toggled(bool on)
{
	dmem_cache_shut(DMEM_SHUT_TRACE, on);
}

static void debug_changed(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_DEBUG,
			dmem_setting_value(id) != DMEM_DEBUG_NONE);
}

void dmem_alloc_init(void)
{
	dmem_trace_watch(toggled);
	dmem_setting_watch(DMEM_SETTING_DEBUG, debug_changed);
	debug_changed(DMEM_SETTING_DEBUG);
}

/* A request as it comes in; product checked. */
struct request {
	size_t nbytes;
	size_t align;
	bool zero;
};

static void *make(const struct datamem_allocator *table,
		  const struct request *request)
{
	if (!table)
		return dmem_default_make(request->nbytes, request->align,
					 request->zero);
	return request->zero ? table->calloc(table->ctx, request->nbytes, 1)
			     : table->malloc(table->ctx, request->nbytes);
}

static DMEM_NOINLINE void *make_tracked(const struct datamem_allocator *table,
					const struct request *request)
{
	struct dmem_trace_ticket ticket;
	void *ptr;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL)) {
		dmem_stats_count(DMEM_COUNT_FAILED_ALLOCS);
		errno = ENOMEM;
		return NULL;
	}
	ptr = make(table, request);
	if (ptr)
		dmem_trace_commit(&ticket, ptr, request->nbytes);
	else
		dmem_trace_cancel(&ticket);
	return ptr;
}

/* Whatever the fast path could not serve. */
static DMEM_NOINLINE void *slow(size_t nbytes, size_t align, bool zero,
				bool of_family)
{
	struct request request = { nbytes ? nbytes : 1, align, zero };
	const struct datamem_allocator *table;

	dmem_library_init();
	table = of_family && !align ? dmem_load_acquire(&family) : NULL;
	if (table && nbytes > DMEM_SIZE_MAX)
		table = NULL; /* fails, and counts */
	return dmem_trace_on() ? make_tracked(table, &request)
			       : make(table, &request);
}

/*
 * The table that a pointer of the family belongs to. Aligned blocks are always
 * the default's, which keeps alignments; it knows which ones are.
 */
static const struct datamem_allocator *table_of(bool of_family, const void *ptr)
{
	const struct datamem_allocator *table = dmem_load_acquire(&family);

	if (!of_family || !table || dmem_default_align(ptr))
		return NULL;
	return table;
}

static DMEM_NOINLINE void slow_free(void *ptr, size_t hint, bool of_family)
{
	const struct datamem_allocator *table;

	if (!ptr)
		return;
	dmem_library_init();
	if (dmem_trace_on())
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
	table = table_of(of_family, ptr);
	if (table)
		table->free(table->ctx, ptr, hint);
	else
		dmem_default_unmake(ptr, hint);
}

static void *remake(const struct datamem_allocator *table, void *ptr,
		    size_t nbytes)
{
	return table ? table->realloc(table->ctx, ptr, nbytes)
		     : dmem_default_remake(ptr, nbytes);
}

static void *resize(bool of_family, void *ptr, size_t nbytes)
{
	const struct datamem_allocator *table;
	struct dmem_trace_ticket ticket;
	void *fresh;

	nbytes = nbytes ? nbytes : 1;
	if (!ptr)
		return slow(nbytes, 0, false, of_family);
	dmem_library_init();
	table = table_of(of_family, ptr);
	if (!dmem_trace_on())
		return remake(table, ptr, nbytes);
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr)) {
		dmem_stats_count(DMEM_COUNT_FAILED_ALLOCS);
		errno = ENOMEM;
		return NULL;
	}
	fresh = remake(table, ptr, nbytes);
	if (fresh)
		dmem_trace_commit(&ticket, fresh, nbytes);
	else
		dmem_trace_cancel(&ticket);
	return fresh;
}

DMEM_INLINE void *fast_alloc(size_t nbytes, bool of_family)
{
	void *block;

	/* The two tests of size are apart: small sizes pass only one. */
	if (dmem_likely(nbytes <= DMEM_FINE_MAX)) {
		block = dmem_cache_pop(dmem_fine_class(nbytes));
		if (dmem_likely(block))
			return block;
	} else if (nbytes <= DMEM_SMALL_MAX) {
		block = dmem_cache_pop(dmem_coarse_class(nbytes));
		if (dmem_likely(block))
			return block;
	}
	return slow(nbytes, 0, false, of_family);
}

/*
 * Blocks are multiples of 16 bytes at multiples of 16: whole ones are cleared,
 * with stores in line, as a call of memset costs more than the stores.
 */
DMEM_INLINE void clear(void *block, size_t nbytes)
{
	typedef uint64_t pair __attribute__((__vector_size__(16),
					     __may_alias__));
	pair *at = block, *end = at + (nbytes + 15) / 16;

	if (nbytes > CLEAR_INLINE) {
		memset(block, 0, nbytes);
		return;
	}
	do {
		*at++ = (pair){ 0, 0 };
	} while (at < end);
}

DMEM_INLINE void *fast_zeroed(size_t nelem, size_t elsize, bool of_family)
{
	size_t nbytes;
	void *block;

	if (dmem_unlikely(!dmem_mul(nelem, elsize, &nbytes)))
		nbytes = SIZE_MAX;
	if (dmem_likely(nbytes <= DMEM_SMALL_MAX)) {
		block = dmem_cache_pop(dmem_class_of(nbytes));
		if (dmem_likely(block)) {
			clear(block, nbytes);
			return block;
		}
	}
	return slow(nbytes, 0, true, of_family);
}

DMEM_INLINE void fast_free(void *ptr, size_t hint, bool of_family)
{
	if (dmem_unlikely(!dmem_cache_push(ptr, hint)))
		slow_free(ptr, hint, of_family);
}

HOT void *datamem_alloc(size_t nbytes)
{
	return fast_alloc(nbytes, true);
}

HOT void *datamem_alloc_zeroed(size_t nelem, size_t elsize)
{
	return fast_zeroed(nelem, elsize, true);
}

void *datamem_alloc_aligned(size_t nbytes, size_t alignment)
{
	if (!alignment || alignment & (alignment - 1) ||
	    alignment > ALIGN_MAX) {
		errno = EINVAL;
		return NULL;
	}
	/* 16 is what every block has. */
	if (alignment <= 16)
		return fast_alloc(nbytes, true);
	return slow(nbytes, alignment, false, true);
}

void *dmem_alloc_with(size_t nbytes, size_t align, bool zero)
{
	if (align <= 16)
		return zero ? fast_zeroed(nbytes, 1, false)
			    : fast_alloc(nbytes, false);
	return slow(nbytes, align, zero, false);
}

void *datamem_realloc(void *ptr, size_t nbytes)
{
	return resize(true, ptr, nbytes);
}

HOT void datamem_free(void *ptr, size_t nbytes)
{
	fast_free(ptr, nbytes, true);
}

size_t datamem_usable_size(const void *ptr)
{
	if (!ptr)
		return 0;
	dmem_library_init();
	return table_of(true, ptr) ? family_usable(ptr)
				   : dmem_default_usable(ptr);
}

/* Fewer than two elements count as two: shape and stride of one dimension. */
static size_t dims_bytes(size_t n)
{
	size_t nbytes;

	return dmem_mul(DMEM_MAX(n, 2u), sizeof(intptr_t), &nbytes) ?
		       nbytes : SIZE_MAX;
}

void *datamem_dims_alloc(size_t n)
{
	size_t nbytes = dims_bytes(n);
	void *block = NULL;

	if (dmem_likely(nbytes <= DMEM_SMALL_MAX))
		block = dmem_cache_pop(dmem_class_of(nbytes));
	if (dmem_unlikely(!block)) {
		dmem_library_init();
		block = dmem_default_make(nbytes, 0, false);
	}
	return block;
}

void datamem_dims_free(void *ptr, size_t n)
{
	size_t hint = dims_bytes(n);

	if (dmem_likely(dmem_cache_push(ptr, hint)) || !ptr)
		return;
	dmem_library_init();
	dmem_default_unmake(ptr, hint);
}

/* The default allocator as handler tables. */

static void *table_malloc(void *ctx, size_t nbytes)
{
	(void)ctx;
	return fast_alloc(nbytes, false);
}

static void *table_calloc(void *ctx, size_t nelem, size_t elsize)
{
	(void)ctx;
	return fast_zeroed(nelem, elsize, false);
}

static void *table_realloc(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	return resize(false, ptr, nbytes);
}

static void table_free(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	fast_free(ptr, nbytes, false);
}

const struct datamem_allocator dmem_alloc_default = {
	NULL, table_malloc, table_calloc, table_realloc, table_free,
};

static void *untracked_malloc(void *ctx, size_t nbytes)
{
	(void)ctx;
	return dmem_default_make(nbytes, 0, false);
}

static void *untracked_calloc(void *ctx, size_t nelem, size_t elsize)
{
	size_t nbytes;

	(void)ctx;
	return dmem_default_make(dmem_mul(nelem, elsize, &nbytes) ?
					 nbytes : SIZE_MAX, 0, true);
}

static void *untracked_realloc(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	return ptr ? dmem_default_remake(ptr, nbytes)
		   : dmem_default_make(nbytes, 0, false);
}

static void untracked_free(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	if (ptr)
		dmem_default_unmake(ptr, nbytes);
}

const struct datamem_allocator dmem_alloc_untracked = {
	NULL, untracked_malloc, untracked_calloc, untracked_realloc,
	untracked_free,
};

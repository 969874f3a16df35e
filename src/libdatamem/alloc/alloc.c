/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The entry points of the default allocator: fast path, accounts, family. */

#include "alloc.h"

#include <string.h>

#include "cache/cache.h"
#include "live.h"
#include "settings/settings.h"
#include "stats.h"
#include "trace/trace.h"
#include "route.h"

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

/* Which door a call came through. */
enum door {
	FAMILY,  /* datamem_alloc() and its family: follow the setting */
	TABLE,   /* the default allocator's */
	APART,   /* the same, a byte more than was asked for */
};

/* A request as it comes in; product checked. */
struct request {
	size_t nbytes;
	size_t align;
	bool zero;
	enum door door;
};

/* The size for APART; what cannot be had stays so. */
DMEM_INLINE size_t more(size_t nbytes)
{
	return nbytes + (nbytes != SIZE_MAX);
}

/* What the accounts hold of a block. */
static size_t asked(const struct request *request)
{
	return request->door == APART && request->nbytes > 1 ?
		       request->nbytes - 1 : request->nbytes;
}

static void *make(const struct datamem_allocator *table,
		  const struct request *request)
{
	if (!table)
		return dmem_route_make(request->nbytes, request->align,
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
		dmem_trace_commit(&ticket, ptr, asked(request));
	else
		dmem_trace_cancel(&ticket);
	return ptr;
}

/* With no lock held. */
static void attend(void)
{
	if (dmem_unlikely(dmem_live_pending()))
		dmem_live_attend();
}

/* Whatever the fast path could not serve. */
static DMEM_NOINLINE void *slow(size_t nbytes, size_t align, bool zero,
				enum door door)
{
	struct request request = { nbytes ? nbytes : 1, align, zero, door };
	const struct datamem_allocator *table;
	void *ptr;

	dmem_library_init();
	table = door == FAMILY && !align ? dmem_load_acquire(&family) : NULL;
	if (table && nbytes > DMEM_SIZE_MAX)
		table = NULL; /* fails, and counts */
	ptr = dmem_trace_on() ? make_tracked(table, &request)
			      : make(table, &request);
	attend();
	return ptr;
}

/*
 * The table that a pointer of the family belongs to. Aligned blocks are always
 * the default's, which keeps alignments; it knows which ones are.
 */
static const struct datamem_allocator *table_of(enum door door, const void *ptr)
{
	const struct datamem_allocator *table = dmem_load_acquire(&family);

	if (door != FAMILY || !table || dmem_route_align(ptr))
		return NULL;
	return table;
}

static DMEM_NOINLINE void slow_free(void *ptr, size_t hint, enum door door)
{
	const struct datamem_allocator *table;

	if (!ptr)
		return;
	dmem_library_init();
	table = table_of(door, ptr);
	/* Not what is no block: the address may be in the account by
	 * datamem_trace_track(). */
	if (dmem_trace_on() && (table || dmem_route_usable(ptr)))
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
	if (table)
		table->free(table->ctx, ptr, hint);
	else
		dmem_route_unmake(ptr, hint);
	attend();
}

static void *remake(const struct datamem_allocator *table, void *ptr,
		    size_t nbytes)
{
	return table ? table->realloc(table->ctx, ptr, nbytes)
		     : dmem_route_remake(ptr, nbytes);
}

static void *resize(enum door door, void *ptr, size_t nbytes)
{
	const struct datamem_allocator *table;
	struct request request = { nbytes ? nbytes : 1, 0, false, door };
	struct dmem_trace_ticket ticket;
	void *fresh;

	if (!ptr)
		return slow(nbytes, 0, false, door);
	dmem_library_init();
	table = table_of(door, ptr);
	attend();
	if (!dmem_trace_on())
		return remake(table, ptr, request.nbytes);
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr)) {
		dmem_stats_count(DMEM_COUNT_FAILED_ALLOCS);
		errno = ENOMEM;
		return NULL;
	}
	fresh = remake(table, ptr, request.nbytes);
	if (fresh)
		dmem_trace_commit(&ticket, fresh, asked(&request));
	else
		dmem_trace_cancel(&ticket);
	return fresh;
}

DMEM_INLINE void *fast_alloc(size_t nbytes, enum door door)
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
	return slow(nbytes, 0, false, door);
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

DMEM_INLINE void *fast_zeroed(size_t nelem, size_t elsize, enum door door)
{
	size_t asked, nbytes;
	void *block;

	if (dmem_unlikely(!dmem_mul(nelem, elsize, &asked)))
		asked = SIZE_MAX;
	nbytes = door == APART ? more(asked) : asked;
	if (dmem_likely(nbytes <= DMEM_SMALL_MAX)) {
		block = dmem_cache_pop(dmem_class_of(nbytes));
		if (dmem_likely(block)) {
			clear(block, asked);
			return block;
		}
	}
	return slow(nbytes, 0, true, door);
}

DMEM_INLINE void fast_free(void *ptr, size_t hint, enum door door)
{
	if (dmem_unlikely(!dmem_cache_push(ptr, hint)))
		slow_free(ptr, hint, door);
}

HOT void *datamem_alloc(size_t nbytes)
{
	return fast_alloc(nbytes, FAMILY);
}

HOT void *datamem_alloc_zeroed(size_t nelem, size_t elsize)
{
	return fast_zeroed(nelem, elsize, FAMILY);
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
		return fast_alloc(nbytes, FAMILY);
	return slow(nbytes, alignment, false, FAMILY);
}

void *dmem_alloc_with(size_t nbytes, size_t align, bool zero)
{
	if (align <= 16)
		return zero ? fast_zeroed(nbytes, 1, APART)
			    : fast_alloc(more(nbytes), APART);
	return slow(more(nbytes), align, zero, APART);
}

void *datamem_realloc(void *ptr, size_t nbytes)
{
	return resize(FAMILY, ptr, nbytes);
}

HOT void datamem_free(void *ptr, size_t nbytes)
{
	fast_free(ptr, nbytes, FAMILY);
}

size_t datamem_usable_size(const void *ptr)
{
	if (!ptr)
		return 0;
	dmem_library_init();
	return table_of(FAMILY, ptr) ? family_usable(ptr)
				   : dmem_route_usable(ptr);
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
		block = dmem_route_make(nbytes, 0, false);
	}
	return block;
}

void datamem_dims_free(void *ptr, size_t n)
{
	size_t hint = dims_bytes(n);

	if (dmem_likely(dmem_cache_push(ptr, hint)) || !ptr)
		return;
	dmem_library_init();
	dmem_route_unmake(ptr, hint);
}

/* The default allocator as handler tables. */

static void *table_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return fast_alloc(nbytes, TABLE);
}

static void *table_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	return fast_zeroed(nelem, elsize, TABLE);
}

static void *table_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	return resize(TABLE, ptr, nbytes);
}

static void table_free(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	fast_free(ptr, nbytes, TABLE);
}

const struct datamem_allocator dmem_alloc_default = {
	NULL, table_malloc, table_calloc, table_realloc, table_free,
};

static void *apart_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return fast_alloc(more(nbytes), APART);
}

static void *apart_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	return fast_zeroed(nelem, elsize, APART);
}

static void *apart_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	return resize(APART, ptr, more(nbytes));
}

const struct datamem_allocator dmem_alloc_apart = {
	NULL, apart_malloc, apart_calloc, apart_realloc, table_free,
};

static void *untracked_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return dmem_route_make(nbytes, 0, false);
}

static void *untracked_calloc(void *ctx DMEM_UNUSED, size_t nelem,
			      size_t elsize)
{
	size_t nbytes;

	return dmem_route_make(dmem_mul(nelem, elsize, &nbytes) ?
					 nbytes : SIZE_MAX, 0, true);
}

static void *untracked_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	return ptr ? dmem_route_remake(ptr, nbytes)
		   : dmem_route_make(nbytes, 0, false);
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

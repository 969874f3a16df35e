/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slow path: which table a block belongs to, and its account. */

#include "slow.h"

#include <string.h>

#include "cache/cache.h"
#include "guard/guard.h"
#include "live.h"
#include "profile/profile.h"
#include "settings/settings.h"
#include "stats.h"
#include "trace/trace.h"
#include "alloc.h"
#include "find.h"
#include "route.h"

/* What stands behind the family when it is not the default. */
static const struct dmem_alloc_family *family;

static const struct datamem_allocator *family_table(void)
{
	const struct dmem_alloc_family *other = dmem_load_acquire(&family);

	return other ? other->table : NULL;
}

void dmem_alloc_set_family(const struct dmem_alloc_family *other)
{
	dmem_store_release(&family, other);
	if (!other)
		return;
	dmem_cache_shut(DMEM_SHUT_FAMILY, true);
	dmem_slab_settle();
}

static void toggled(bool on)
{
	dmem_cache_shut(DMEM_SHUT_TRACE, on);
}

static void debug_changed(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_DEBUG,
			dmem_setting_value(id) != DMEM_DEBUG_NONE);
	dmem_slab_settle();
}

void dmem_alloc_init(void)
{
	dmem_trace_watch(toggled, dmem_slab_settle);
	dmem_profile_watch(dmem_cache_count, dmem_slab_settle);
	dmem_setting_watch(DMEM_SETTING_DEBUG, debug_changed);
	debug_changed(DMEM_SETTING_DEBUG);
}

/* A request as it comes in; product checked. */
struct request {
	size_t nbytes;
	size_t align;
	unsigned int kind;  /* enum dmem_kind */
	enum dmem_door door;
	bool guarded;       /* if it can be had */
};

/* The size of a block in the accounts. */
static size_t asked(const struct request *request)
{
	bool more = request->door == DMEM_DOOR_HANDLER_APART;

	return more && request->nbytes > 1 ? request->nbytes - 1
					   : request->nbytes;
}

static void *make(const struct datamem_allocator *table,
		  const struct request *request)
{
	void *ptr = NULL;

	if (!table) {
		if (dmem_unlikely(request->guarded))
			ptr = dmem_route_make_guarded(asked(request),
						      request->align);
		return ptr ? ptr : dmem_route_make(request->nbytes,
						   request->align,
						   request->kind);
	}
	if (request->kind & DMEM_KIND_ZERO)
		return table->calloc(table->ctx, request->nbytes, 1);
	return table->malloc(table->ctx, request->nbytes);
}

static DMEM_NOINLINE void *make_tracked(const struct datamem_allocator *table,
					const struct request *request)
{
	struct dmem_trace_ticket ticket;
	void *ptr;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL)) {
		dmem_stats_count(DMEM_COUNT_FAILED);
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

static void *make_anyway(const struct datamem_allocator *table,
			 const struct request *request)
{
	return dmem_trace_on() ? make_tracked(table, request)
			       : make(table, request);
}

/* With no lock held. */
static void attend(void)
{
	if (dmem_unlikely(dmem_live_pending()))
		dmem_live_attend();
}

/* The kind of block that a door asks for. */
static unsigned int kind_of(enum dmem_door door)
{
	return door == DMEM_DOOR_HANDLER_APART ? DMEM_KIND_APART : 0;
}

/* The table for a new block; NULL: the default's. */
static const struct datamem_allocator *table_for(const struct request *request)
{
	if (request->door != DMEM_DOOR_CALLS || request->align ||
	    request->nbytes > DMEM_SIZE_MAX) /* fails, and counts */
		return NULL;
	return family_table();
}

/* The name of the handler of a block, in a profile. */
static const char *handler_name(const struct datamem_allocator *table,
				enum dmem_door door)
{
	if (table)
		return dmem_load_acquire(&family)->name;
	return door == DMEM_DOOR_HANDLER_APART ? "datamem"
					       : "default_allocator";
}

/* The end of what dmem_profile_begin() began. A small block that had to be in a
 * slab is no sample: its free would not be seen. */
static void profile(struct dmem_profile_ticket *ticket, const void *ptr,
		    const struct datamem_allocator *table, enum dmem_door door,
		    void *const *frame)
{
	if (!ptr) {
		dmem_profile_cancel(ticket);
		return;
	}
	if (ticket->interval && !table && dmem_find_class(ptr))
		ticket->interval = 0;
	dmem_profile_commit(ticket, ptr, handler_name(table, door), frame);
}

static bool begin_profile(struct dmem_profile_ticket *ticket,
			  struct request *request, const void *old_ptr)
{
	int64_t *left;
	struct dmem_sampler *sampler = dmem_cache_sampler(&left);

	return dmem_profile_begin(ticket, sampler, left, old_ptr,
				  asked(request));
}

/* No call within may come before that of the frame, which is what the caller's
 * saved registers lie in. */
static DMEM_NOINLINE void *make_profiled(size_t nbytes, size_t align,
					 unsigned int kind,
					 enum dmem_door door, bool guarded)
{
	void *const *frame = __builtin_frame_address(0);
	struct request request = { nbytes ? nbytes : 1, align,
				   kind | kind_of(door), door, guarded };
	const struct datamem_allocator *table;
	struct dmem_profile_ticket ticket;
	void *ptr;

	dmem_library_init();
	table = table_for(&request);
	if (begin_profile(&ticket, &request, NULL) && !table &&
	    nbytes <= DMEM_SMALL_MAX)
		request.kind |= DMEM_KIND_SAMPLED;
	ptr = make_anyway(table, &request);
	profile(&ticket, ptr, table, door, frame);
	attend();
	return ptr;
}

static DMEM_NOINLINE void *slow_make(size_t nbytes, size_t align,
				     unsigned int kind, enum dmem_door door,
				     bool guarded)
{
	struct request request = { nbytes ? nbytes : 1, align,
				   kind | kind_of(door), door, guarded };
	void *ptr;

	dmem_library_init();
	ptr = make_anyway(table_for(&request), &request);
	attend();
	return ptr;
}

/* The fast path while blocks or bytes are counted, and what follows it. */
static DMEM_NOINLINE void *make_counted(size_t nbytes, size_t align,
					unsigned int kind, enum dmem_door door)
{
	bool more = door == DMEM_DOOR_HANDLER_APART && nbytes > 1;
	bool guarded;
	void *block;

	if (!align && nbytes - 1 < DMEM_SMALL_MAX) {
		block = dmem_cache_pop_counted(dmem_class_of(nbytes),
					       nbytes - more);
		if (dmem_likely(block)) {
			if (kind & DMEM_KIND_ZERO)
				memset(block, 0, nbytes);
			return block;
		}
	}
	guarded = dmem_cache_counts(DMEM_COUNT_BLOCKS) && dmem_guard_turn();
	return dmem_profile_on() ?
		       make_profiled(nbytes, align, kind, door, guarded) :
		       slow_make(nbytes, align, kind, door, guarded);
}

void *dmem_slow_make(size_t nbytes, size_t align, unsigned int kind,
		     enum dmem_door door)
{
	return dmem_cache_counts(DMEM_COUNT_BYTES | DMEM_COUNT_BLOCKS) ?
		       make_counted(nbytes, align, kind, door) :
		       slow_make(nbytes, align, kind, door, false);
}

/* The owner of a pointer; looked up once a call. */
struct found {
	const struct datamem_allocator *table;  /* NULL: the default's */
	const struct dmem_block *block;         /* the default's; NULL: none */
	struct dmem_block room;
};

/*
 * Aligned blocks of the family are always the default's, which keeps
 * alignments; it knows which ones are.
 */
static void find(enum dmem_door door, const void *ptr, struct found *out)
{
	const struct datamem_allocator *table = family_table();

	out->table = NULL;
	out->block = dmem_find_start(ptr, &out->room) ? &out->room : NULL;
	if (door == DMEM_DOOR_CALLS && table &&
	    !(out->block && out->block->align))
		out->table = table;
}

static DMEM_NOINLINE void slow_free(void *ptr, size_t hint, enum dmem_door door)
{
	struct found found;

	if (!ptr)
		return;
	dmem_library_init();
	found.table = NULL;
	found.block = NULL;
	/* The default finds by itself what it is to free. */
	if (dmem_trace_on() ||
	    (door == DMEM_DOOR_CALLS && dmem_load_acquire(&family)))
		find(door, ptr, &found);
	/* Blocks only: another address may be in the accounts through
	 * datamem_trace_track(). */
	if (dmem_trace_on() && (found.table || found.block))
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
	if (dmem_profile_on())
		dmem_profile_free(ptr);
	if (found.table)
		found.table->free(found.table->ctx, ptr, hint);
	else
		dmem_route_unmake(ptr, hint);
	attend();
}

/* Into the cache, while blocks or bytes are counted. */
static bool free_counted(void *ptr, size_t hint)
{
	return dmem_cache_counts(DMEM_COUNT_BYTES | DMEM_COUNT_BLOCKS) &&
	       dmem_cache_push_counted(ptr, hint, dmem_find_class(ptr));
}

/* The fast path knows the window alone: into bins go blocks of other regions
 * from here. */
void dmem_slow_free(void *ptr, size_t hint, enum dmem_door door)
{
	size_t offset = SIZE_MAX;

	if (free_counted(ptr, hint))
		return;
	if (dmem_unlikely(dmem_window_offset(ptr) >= dmem_window.size))
		offset = dmem_regions_find(ptr);
	if (offset == SIZE_MAX ||
	    !dmem_cache_push_class(ptr, hint,
			dmem_load(&dmem_window.classes[offset >>
						       DMEM_SPAN_SHIFT])))
		slow_free(ptr, hint, door);
}

static void *remake(const struct found *found, void *ptr,
		    const struct request *request)
{
	const struct datamem_allocator *table = found->table;

	return table ? table->realloc(table->ctx, ptr, request->nbytes)
		     : dmem_route_remake(ptr, found->block, request->nbytes,
					 request->kind);
}

static void *remake_anyway(const struct found *found, void *ptr,
			   const struct request *request)
{
	struct dmem_trace_ticket ticket;
	void *fresh;

	if (!dmem_trace_on())
		return remake(found, ptr, request);
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr)) {
		dmem_stats_count(DMEM_COUNT_FAILED);
		errno = ENOMEM;
		return NULL;
	}
	fresh = remake(found, ptr, request);
	if (fresh)
		dmem_trace_commit(&ticket, fresh, asked(request));
	else
		dmem_trace_cancel(&ticket);
	return fresh;
}

static void *remake_profiled(const struct found *found, void *ptr,
			     struct request *request, void *const *frame)
{
	struct dmem_profile_ticket ticket;
	void *fresh;

	if (begin_profile(&ticket, request, ptr) && !found->table &&
	    request->nbytes <= DMEM_SMALL_MAX)
		request->kind |= DMEM_KIND_SAMPLED;
	fresh = remake_anyway(found, ptr, request);
	profile(&ticket, fresh, found->table, request->door, frame);
	return fresh;
}

void *dmem_slow_resize(enum dmem_door door, void *ptr, size_t nbytes)
{
	void *const *frame = __builtin_frame_address(0);
	struct request request = { nbytes ? nbytes : 1, 0, kind_of(door),
				   door, false };
	struct found found;

	if (!ptr)
		return dmem_slow_make(nbytes, 0, 0, door);
	dmem_library_init();
	attend();
	find(door, ptr, &found);
	return dmem_profile_on() ?
		       remake_profiled(&found, ptr, &request, frame) :
		       remake_anyway(&found, ptr, &request);
}

static int fit(const struct found *found, void *ptr, size_t nbytes)
{
	return found->table ? dmem_load_acquire(&family)->fit(ptr, nbytes)
			    : dmem_route_fit(ptr, found->block, nbytes);
}

static int fit_tracked(const struct found *found, void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	int ret;

	if (!dmem_trace_on())
		return fit(found, ptr, nbytes);
	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr))
		return -ENOMEM;
	ret = fit(found, ptr, nbytes);
	if (ret)
		dmem_trace_cancel(&ticket);
	else
		dmem_trace_commit(&ticket, ptr, nbytes);
	return ret;
}

/* A block in a slab stays there, and what it was counted as. */
static int fit_profiled(const struct found *found, void *ptr, size_t nbytes,
			void *const *frame)
{
	struct request request = { .nbytes = nbytes, .door = DMEM_DOOR_CALLS };
	struct dmem_profile_ticket ticket;
	int ret;

	if (!found->table && dmem_find_class(ptr))
		return fit_tracked(found, ptr, nbytes);
	begin_profile(&ticket, &request, ptr);
	ret = fit_tracked(found, ptr, nbytes);
	profile(&ticket, ret ? NULL : ptr, found->table, DMEM_DOOR_CALLS,
		frame);
	return ret;
}

int dmem_slow_fit(void *ptr, size_t nbytes)
{
	void *const *frame = __builtin_frame_address(0);
	struct found found;
	int saved = errno, ret;

	if (!ptr)
		return -EINVAL;
	if (nbytes > DMEM_SIZE_MAX)
		return -ENOMEM;
	nbytes = nbytes ? nbytes : 1;
	dmem_library_init();
	attend();
	find(DMEM_DOOR_CALLS, ptr, &found);
	ret = dmem_profile_on() ? fit_profiled(&found, ptr, nbytes, frame)
				: fit_tracked(&found, ptr, nbytes);
	errno = saved;
	return ret;
}

size_t dmem_slow_usable(const void *ptr)
{
	struct found found;

	if (!ptr)
		return 0;
	dmem_library_init();
	find(DMEM_DOOR_CALLS, ptr, &found);
	if (found.table)
		return dmem_load_acquire(&family)->usable(ptr);
	return found.block ? found.block->usable : 0;
}

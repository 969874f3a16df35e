/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slow path: which table a block belongs to, and its account. */

#include "slow.h"

#include <string.h>

#include "cache/cache.h"
#include "events/events.h"
#include "guard/guard.h"
#include "guest/guest.h"
#include "live.h"
#include "profile/profile.h"
#include "slab/slab.h"
#include "stats.h"
#include "trace/trace.h"
#include "alloc.h"
#include "find.h"
#include "request.h"
#include "route.h"

/* What stands behind the family when it is not the default. */
static const struct dmem_alloc_family *family;

const struct dmem_alloc_family *dmem_slow_family(void)
{
	return dmem_load_acquire(&family);
}

const struct datamem_allocator *dmem_slow_table(void)
{
	const struct dmem_alloc_family *other = dmem_slow_family();

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

static void *make(const struct datamem_allocator *table,
		  const struct dmem_request *request)
{
	void *ptr = NULL;

	if (!table) {
		if (dmem_unlikely(request->guarded))
			ptr = dmem_route_make_guarded(dmem_request_size(request),
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
					const struct dmem_request *request)
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
		dmem_trace_commit(&ticket, ptr, dmem_request_size(request));
	else
		dmem_trace_cancel(&ticket);
	return ptr;
}

static void *make_anyway(const struct datamem_allocator *table,
			 const struct dmem_request *request)
{
	return dmem_trace_on() ? make_tracked(table, request)
			       : make(table, request);
}

/* With no lock held. */
void dmem_slow_attend(void)
{
	/* Also where no event tells that their reader is gone. */
	if (dmem_unlikely(dmem_load(&dmem_events_there)) && dmem_events_look())
		dmem_live_errand_add(DMEM_ERRAND_EVENTS);
	if (dmem_unlikely(dmem_live_pending()))
		dmem_live_attend();
}

/* The table for a new block; NULL: the default's. */
static const struct datamem_allocator *
table_for(const struct dmem_request *request)
{
	if (request->door != DMEM_DOOR_CALLS || request->align ||
	    request->nbytes > DMEM_SIZE_MAX) /* fails, and counts */
		return NULL;
	return dmem_slow_table();
}

/* The name of the handler of a block, in a profile. */
static const char *handler_name(const struct datamem_allocator *table,
				enum dmem_door door)
{
	if (table)
		return dmem_slow_family()->name;
	return door == DMEM_DOOR_HANDLER_APART ? "datamem"
					       : "default_allocator";
}

/* The end of what dmem_profile_begin() began. A small block that had to be in a
 * slab is no sample: its free would not be seen. */
void dmem_slow_end_sample(struct dmem_profile_ticket *ticket, const void *ptr,
			  const struct datamem_allocator *table,
			  enum dmem_door door, void *const *frame)
{
	if (!ptr) {
		dmem_profile_cancel(ticket);
		return;
	}
	if (ticket->interval && !table && dmem_find_class(ptr))
		ticket->interval = 0;
	dmem_profile_commit(ticket, ptr, handler_name(table, door), frame);
}

bool dmem_slow_begin_sample(struct dmem_profile_ticket *ticket,
			  struct dmem_request *request, const void *old_ptr)
{
	int64_t *left;
	struct dmem_sampler *sampler = dmem_cache_sampler(&left);

	return dmem_profile_begin(ticket, sampler, left, old_ptr,
				  dmem_request_size(request));
}

/* No call within may come before that of the frame, which is what the caller's
 * saved registers lie in. */
static DMEM_NOINLINE void *make_profiled(size_t nbytes, size_t align,
					 unsigned int kind,
					 enum dmem_door door, bool guarded)
{
	void *const *frame = __builtin_frame_address(0);
	struct dmem_request request = { nbytes ? nbytes : 1, align,
					kind | dmem_request_kind(door), door,
					guarded };
	const struct datamem_allocator *table;
	struct dmem_profile_ticket ticket;
	void *ptr;

	dmem_library_init();
	table = table_for(&request);
	if (dmem_slow_begin_sample(&ticket, &request, NULL) && !table &&
	    nbytes <= DMEM_SMALL_MAX)
		request.kind |= DMEM_KIND_SAMPLED;
	ptr = make_anyway(table, &request);
	dmem_slow_end_sample(&ticket, ptr, table, door, frame);
	dmem_slow_attend();
	return ptr;
}

DMEM_INLINE void *make_slowly(size_t nbytes, size_t align, unsigned int kind,
			      enum dmem_door door, bool guarded)
{
	struct dmem_request request = { nbytes ? nbytes : 1, align,
					kind | dmem_request_kind(door), door,
					guarded };
	void *ptr;

	dmem_library_init();
	ptr = make_anyway(table_for(&request), &request);
	dmem_slow_attend();
	return ptr;
}

static DMEM_NOINLINE void *slow_make(size_t nbytes, size_t align,
				     unsigned int kind, enum dmem_door door,
				     bool guarded)
{
	return make_slowly(nbytes, align, kind, door, guarded);
}

/* The same, where tools look at the stack. */
static DMEM_FRAMED void *make_framed(size_t nbytes, size_t align,
				     unsigned int kind, enum dmem_door door)
{
	return make_slowly(nbytes, align, kind, door, false);
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
	/* A tool that watches malloc finds more than a guard. */
	guarded = dmem_cache_counts(DMEM_COUNT_BLOCKS) &&
		  !dmem_guest_hosted() && dmem_guard_turn();
	return dmem_profile_on() ?
		       make_profiled(nbytes, align, kind, door, guarded) :
		       slow_make(nbytes, align, kind, door, guarded);
}

/* Not in line: it comes with no frame of its own to those that see none. */
static DMEM_NOINLINE void *make_told(size_t nbytes, size_t align,
				     unsigned int kind, enum dmem_door door)
{
	bool more = door == DMEM_DOOR_HANDLER_APART && nbytes > 1;
	void *ptr = make_counted(nbytes, align, kind, door);

	if (ptr)
		dmem_events_made(ptr, nbytes - more, align,
				 kind & DMEM_KIND_ZERO);
	return ptr;
}

void *dmem_slow_make(size_t nbytes, size_t align, unsigned int kind,
		     enum dmem_door door)
{
	unsigned int counting = dmem_load(&dmem_cache_counting);

	if (dmem_unlikely(counting)) {
		if (counting & DMEM_COUNT_EVENTS && dmem_events_want(nbytes))
			return make_told(nbytes, align, kind, door);
		return make_counted(nbytes, align, kind, door);
	}
	if (dmem_guest_hosted())
		return make_framed(nbytes, align, kind, door);
	return slow_make(nbytes, align, kind, door, false);
}

/*
 * Aligned blocks of the family are always the default's, which keeps
 * alignments; it knows which ones are.
 */
void dmem_slow_find(enum dmem_door door, const void *ptr, struct dmem_found *out)
{
	const struct datamem_allocator *table = dmem_slow_table();

	out->table = NULL;
	out->block = dmem_find_start(ptr, &out->room) ? &out->room : NULL;
	if (door == DMEM_DOOR_CALLS && table &&
	    !(out->block && out->block->align))
		out->table = table;
}

static DMEM_FRAMED void slow_free(void *ptr, size_t hint, enum dmem_door door)
{
	struct dmem_found found;

	if (!ptr)
		return;
	dmem_library_init();
	found.table = NULL;
	found.block = NULL;
	/* The default finds by itself what it is to free. */
	if (dmem_trace_on() ||
	    (door == DMEM_DOOR_CALLS && dmem_load_acquire(&family)))
		dmem_slow_find(door, ptr, &found);
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
	dmem_slow_attend();
}

/* A block of another handler is told of, too, or nothing that is one. */
bool dmem_slow_tell(void (*tell)(const void *ptr), const void *ptr)
{
	unsigned int cls = dmem_find_class(ptr);

	if (!dmem_events_want(cls ? dmem_classes[cls].size : SIZE_MAX - 1))
		return false;
	tell(ptr);
	return true;
}

/* While blocks or bytes are counted, or told of: into the cache. */
static bool free_counted(void *ptr, size_t hint)
{
	unsigned int counting = dmem_load(&dmem_cache_counting);

	if (dmem_likely(!counting))
		return false;
	if (counting & DMEM_COUNT_EVENTS && ptr)
		dmem_slow_tell(dmem_events_freed, ptr);
	return dmem_cache_push_counted(ptr, hint, dmem_find_class(ptr));
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

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slow path of resizes, and what is asked of a block. */

#include "slow.h"

#include "events/events.h"
#include "profile/profile.h"
#include "slab/slab.h"
#include "stats.h"
#include "trace/trace.h"
#include "alloc.h"
#include "find.h"
#include "request.h"
#include "route.h"

static void *remake(const struct dmem_found *found, void *ptr,
		    const struct dmem_request *request)
{
	const struct datamem_allocator *table = found->table;

	return table ? table->realloc(table->ctx, ptr, request->nbytes)
		     : dmem_route_remake(ptr, found->block, request->nbytes,
					 request->kind);
}

static void *remake_anyway(const struct dmem_found *found, void *ptr,
			   const struct dmem_request *request)
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
		dmem_trace_commit(&ticket, fresh, dmem_request_size(request));
	else
		dmem_trace_cancel(&ticket);
	return fresh;
}

static void *remake_profiled(const struct dmem_found *found, void *ptr,
			     struct dmem_request *request, void *const *frame)
{
	struct dmem_profile_ticket ticket;
	void *fresh;

	if (dmem_slow_begin_sample(&ticket, request, ptr) && !found->table &&
	    request->nbytes <= DMEM_SMALL_MAX)
		request->kind |= DMEM_KIND_SAMPLED;
	fresh = remake_anyway(found, ptr, request);
	dmem_slow_end_sample(&ticket, fresh, found->table, request->door, frame);
	return fresh;
}

/* Whether a recording is told that a resize begins; then, how it ended. */
static bool tell_begin(const void *ptr)
{
	return dmem_events_want(SIZE_MAX - 1) &&
	       dmem_slow_tell(dmem_events_taken, ptr);
}

static void tell_end(bool told, const void *ptr, const void *fresh,
		     size_t nbytes)
{
	if (dmem_unlikely(fresh && (told || dmem_events_want(nbytes))))
		dmem_events_resized(fresh, nbytes);
	else if (dmem_unlikely(told))
		dmem_events_kept(ptr);
}

DMEM_FRAMED void *dmem_slow_resize(enum dmem_door door, void *ptr, size_t nbytes)
{
	void *const *frame = __builtin_frame_address(0);
	struct dmem_request request = { nbytes ? nbytes : 1, 0,
					dmem_request_kind(door), door, false };
	struct dmem_found found;
	void *fresh;
	bool told;

	if (!ptr)
		return dmem_slow_make(nbytes, 0, 0, door);
	dmem_library_init();
	dmem_slow_attend();
	dmem_slow_find(door, ptr, &found);
	told = tell_begin(ptr);
	fresh = dmem_profile_on() ?
			remake_profiled(&found, ptr, &request, frame) :
			remake_anyway(&found, ptr, &request);
	tell_end(told, ptr, fresh, dmem_request_size(&request));
	return fresh;
}

static int fit(const struct dmem_found *found, void *ptr, size_t nbytes)
{
	return found->table ? dmem_slow_family()->fit(ptr, nbytes)
			    : dmem_route_fit(ptr, found->block, nbytes);
}

static int fit_tracked(const struct dmem_found *found, void *ptr, size_t nbytes)
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
static int fit_profiled(const struct dmem_found *found, void *ptr, size_t nbytes,
			void *const *frame)
{
	struct dmem_request request = { .nbytes = nbytes,
					.door = DMEM_DOOR_CALLS };
	struct dmem_profile_ticket ticket;
	int ret;

	if (!found->table && dmem_find_class(ptr))
		return fit_tracked(found, ptr, nbytes);
	dmem_slow_begin_sample(&ticket, &request, ptr);
	ret = fit_tracked(found, ptr, nbytes);
	dmem_slow_end_sample(&ticket, ret ? NULL : ptr, found->table,
			     DMEM_DOOR_CALLS, frame);
	return ret;
}

int dmem_slow_fit(void *ptr, size_t nbytes)
{
	void *const *frame = __builtin_frame_address(0);
	struct dmem_found found;
	int saved = errno, ret;
	bool told;

	if (!ptr)
		return -EINVAL;
	if (nbytes > DMEM_SIZE_MAX)
		return -ENOMEM;
	nbytes = nbytes ? nbytes : 1;
	dmem_library_init();
	dmem_slow_attend();
	dmem_slow_find(DMEM_DOOR_CALLS, ptr, &found);
	told = tell_begin(ptr);
	ret = dmem_profile_on() ? fit_profiled(&found, ptr, nbytes, frame)
				: fit_tracked(&found, ptr, nbytes);
	tell_end(told, ptr, ret ? NULL : ptr, nbytes);
	errno = saved;
	return ret;
}

size_t dmem_slow_usable(const void *ptr)
{
	struct dmem_found found;

	if (!ptr)
		return 0;
	dmem_library_init();
	dmem_slow_find(DMEM_DOOR_CALLS, ptr, &found);
	if (found.table)
		return dmem_slow_family()->usable(ptr);
	return found.block ? found.block->usable : 0;
}

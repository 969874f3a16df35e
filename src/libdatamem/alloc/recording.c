/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Recordings begin and end, and the blocks that are there already. */
#include "alloc.h"

#include "arena/arena.h"
#include "cache/cache.h"
#include "events/events.h"
#include "guard/guard.h"
#include "guest/guest.h"
#include "slab/slab.h"
#include "request.h"

/* Held over begin and end as a whole. */
static struct dmem_lock lock = DMEM_LOCK_INIT(EVENTS_SWITCH);

/* With the lock held. */
static void end(void)
{
	if (dmem_events_close())
		dmem_cache_count_events(false);
}

int dmem_alloc_record(size_t nbytes, uint64_t *inode)
{
	int err;

	dmem_lock(&lock);
	if (dmem_events_over())
		end();
	err = dmem_events_open(nbytes, inode);
	if (!err) {
		dmem_cache_count_events(true);
		dmem_events_begin();
	}
	dmem_unlock(&lock);
	dmem_slab_settle();
	return err;
}

/* Of the small ones that are told of; the others are all. */
static void visit_other(const void *ptr, size_t nbytes, size_t align)
{
	if (dmem_events_want(nbytes))
		dmem_events_listed(ptr, nbytes, align);
}

/*
 * A block that a cache or a stash has looks used: until all is listed they have
 * none. Blocks that are being made or freed meanwhile are in the events. What a
 * thread does that was on its slow path before the recording began is not: that
 * was at another request.
 */
int dmem_alloc_record_list(void)
{
	bool whole;

	if (!dmem_load(&dmem_events_there))
		return -ENODATA;
	if (dmem_slow_family() || dmem_guest_hosted())
		return -ENOTSUP;
	dmem_cache_shut(DMEM_SHUT_LIST, true);
	dmem_slab_trim();
	dmem_events_list_begin();
	whole = dmem_slab_each_live(dmem_load(&dmem_events_min),
				    dmem_events_list_wait,
				    dmem_events_listed) &&
		dmem_arena_each_live(dmem_events_list_wait, visit_other) &&
		dmem_guard_each_live(dmem_events_list_wait, visit_other);
	dmem_events_list_end();
	dmem_cache_shut(DMEM_SHUT_LIST, false);
	dmem_slab_settle();
	return whole ? 0 : -ECANCELED;
}

void dmem_alloc_record_end(bool if_over)
{
	dmem_lock(&lock);
	if (!if_over || dmem_events_over())
		end();
	dmem_unlock(&lock);
	dmem_slab_settle();
}

void dmem_alloc_record_fork_prepare(void)
{
	dmem_lock(&lock);
	dmem_events_fork_prepare();
}

void dmem_alloc_record_fork_parent(void)
{
	dmem_events_fork_parent();
	dmem_unlock(&lock);
}

/* Its one thread opens its bins again as it finds them at its next call. */
void dmem_alloc_record_fork_child(void)
{
	dmem_events_fork_child();
	dmem_cache_count_no_events();
	dmem_cache_shut(DMEM_SHUT_LIST, false);
	dmem_unlock(&lock);
}

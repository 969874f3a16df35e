/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes records from owners that are gone. */

#include "gone.h"

#include "kernel/kernel.h"
#include "counts.h"
#include "roster.h"

void dmem_gone_set_owner(struct dmem_thread *thread, bool taken)
{
	thread->taken = taken;
	thread->tid = taken ? dmem_kernel_thread_id() : 0;
	dmem_store(&dmem_threads_slot(thread)->tid, (uint32_t)thread->tid);
}

void dmem_gone_put_away(struct dmem_thread *thread, struct dmem_thread **gone)
{
	dmem_counts_leave(thread);
	dmem_roster_drop(thread);
	dmem_gone_set_owner(thread, false);
	if (dmem_roster_keep(thread))
		return;
	dmem_counts_end(thread);
	thread->next = *gone;
	*gone = thread;
}

/* The owner is gone without a word; its lock is held, and let go. */
static void take_over(struct dmem_thread *thread, struct dmem_thread **gone)
{
	dmem_threads_shut(thread);
	thread->cache.busy = 0;
	thread->open = false;
	dmem_counts_put(thread);
	dmem_threads_empty(thread);
	dmem_unlock(thread->lock);
	dmem_gone_put_away(thread, gone);
}

/*
 * Unless it still has an owner, put a record away. A thread that comes now (its
 * id, or 0) cannot be the owner, whatever its number.
 */
static void put_away_dead(struct dmem_thread *thread, int who_comes,
			  struct dmem_thread **gone)
{
	bool comes = who_comes && thread->tid == who_comes;

	/* Not positive: the kernel did not say. One that it does not know stores
	 * nothing any more (caches.pml, A5). */
	if (thread->tid <= 0 || &thread->cache == dmem_cache_self ||
	    (!comes && dmem_kernel_thread_alive(thread->tid)) ||
	    !dmem_trylock(thread->lock))
		return;
	take_over(thread, gone);
}

/*
 * One that was inside its fast path has stored its new top or not; either way
 * the bin is whole.
 */
void dmem_gone_inherit(uint32_t n, struct dmem_thread **gone)
{
	struct dmem_thread *thread;

	while (n-- > 0 && (thread = dmem_roster.forked)) {
		dmem_store(&dmem_roster.forked, thread->next);
		dmem_roster_enter(thread);
		dmem_lock(thread->lock);
		take_over(thread, gone);
	}
}

void dmem_gone_look(uint32_t n, struct dmem_thread **gone)
{
	int who_comes;

	n = DMEM_MIN(n, dmem_roster.nowned);
	who_comes = n && dmem_threads_comes() ? dmem_kernel_thread_id() : 0;
	for (; n > 0; n--) {
		struct dmem_thread *thread = dmem_roster.look;

		/* The oldest first. */
		if (!thread)
			thread = dmem_roster.last;
		dmem_roster.look = thread->prev;
		put_away_dead(thread, who_comes, gone);
	}
}

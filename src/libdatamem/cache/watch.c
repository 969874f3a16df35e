/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Looks on at the caches without a lock, some at a time, round and round, so that
 * a call is short however many there are.
 */

#include "cache.h"

#include "budget.h"
#include "counts.h"
#include "roster.h"

/* Caches looked at in a call, and while the list is locked. */
#define LOOKS 256u
#define LOOKS_LOCKED 16u

/*
 * Another value after hits, and after slow paths. Of an owner that goes on
 * meanwhile it is any of those between.
 */
static uint64_t uses(struct dmem_thread *thread)
{
	uint64_t sum = 0;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct live_counts *counts =
			dmem_bin_counts(&thread->own.bin[cls]);

		sum += dmem_load(&counts->hits) + dmem_load(&counts->misses) +
		       (dmem_load(&counts->cached) << 32);
	}
	return sum;
}

/* Whether it was used since it was looked at last; the list is locked. */
static bool look(struct dmem_thread *thread)
{
	if (uses(thread) == thread->watched)
		return false;
	/* Those who have no slot in the control page tell it at slow paths. One
	 * that is at one tells it by itself. */
	if (thread->index == LIVE_SLOTS && dmem_trylock(thread->lock)) {
		for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
			dmem_counts_note(thread, cls);
		dmem_unlock(thread->lock);
	}
	thread->watched = uses(thread);
	return true;
}

/* Some more of a round; true: it has ended. */
static bool look_at_some(uint32_t n, bool *used)
{
	struct dmem_thread *thread;

	dmem_threads_lock();
	thread = dmem_roster.eye ? dmem_roster.eye : dmem_roster.first;
	for (; thread && n > 0; thread = thread->next, n--)
		*used |= look(thread);
	dmem_roster.eye = thread;
	dmem_threads_unlock();
	return !thread;
}

bool dmem_cache_watch(unsigned int *rounds)
{
	bool used = false;

	dmem_threads_inherit();
	for (uint32_t looks = 0; looks < LOOKS; looks += LOOKS_LOCKED)
		if (look_at_some(LOOKS_LOCKED, &used)) {
			++*rounds;
			break;
		}
	return used;
}

bool dmem_cache_holds(void)
{
	size_t out, stashed;

	if (dmem_budget_reserved())
		return true;
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		dmem_slab_count(cls, &out, &stashed);
		if (stashed)
			return true;
	}
	return false;
}

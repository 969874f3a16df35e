/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks for caches that nobody uses, a few at a time, round and round. */

#include "idle.h"

#include "kernel/kernel.h"
#include "budget.h"
#include "roster.h"

/* Caches looked at in a call. */
#define LOOKS 8u

/* A cache that was not used for so long, ms, is one that nobody uses: where more
 * threads work than there are processors, most of them wait for theirs at any
 * time, some tenths of a second. */
#define REST_MS 1000

/* After a round that found nothing its thread waits so long for the next, ms. */
#define PAUSE_MS 100

/* Grows with every hit and miss of a cache; exact for one at rest. */
static uint64_t activity(struct dmem_thread *thread)
{
	uint64_t sum = 0;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct dmem_bin *bin = &thread->own.bin[cls];

		if (thread->bounds->allowance[cls])
			sum += dmem_load(&dmem_bin_counts(bin)->hits) +
			       bin->misses;
	}
	return sum;
}

/* Whether one was not used since it was looked at last. */
static bool rests(struct dmem_thread *thread, uint32_t now)
{
	uint64_t used = activity(thread);
	bool same = used == thread->activity;

	thread->activity = used;
	thread->looked = now;
	return same;
}

/* Close the bins of one that rests; false: not, and its lock is free again. */
static bool seize(struct dmem_thread *thread, uint32_t now)
{
	/* To look costs, as all of it is in another processor's cache. */
	if (now - thread->looked < REST_MS)
		return false;
	/* One at its slow path does not rest. */
	if (!dmem_trylock(thread->lock))
		return false;
	if (!thread->reserved || !rests(thread, now)) {
		dmem_unlock(thread->lock);
		return false;
	}
	dmem_threads_shut(thread);
	return true;
}

static unsigned int look(const struct dmem_thread *self, uint32_t now,
			 struct dmem_thread **found)
{
	/* None twice: who is at work would seem to rest. */
	uint32_t looks = DMEM_MIN(LOOKS, dmem_roster.nowned);
	unsigned int n = 0;

	while (looks-- > 0) {
		struct dmem_thread *thread = dmem_roster.hand;

		if (!thread) {
			thread = dmem_roster.first;
			dmem_roster.rounds++;
		}
		dmem_roster.hand = thread->next;
		if (thread != self && seize(thread, now))
			found[n++] = thread;
	}
	return n;
}

static bool empty(struct dmem_thread **found, unsigned int n)
{
	bool barrier = n && !dmem_kernel_membarrier(), any = false;

	for (unsigned int i = 0; i < n; i++) {
		if (dmem_threads_let_go(found[i], barrier)) {
			dmem_threads_empty(found[i]);
			any = true;
		} else {
			found[i]->drain = dmem_threads_pass();
		}
		dmem_unlock(found[i]->lock);
	}
	return any;
}

void dmem_idle_collect(struct dmem_thread *self)
{
	uint32_t now = (uint32_t)dmem_kernel_clock_ms();
	struct dmem_thread *found[LOOKS];

	if ((int32_t)(now - self->patience) < 0)
		return;
	dmem_budget_scale();
	if (!dmem_threads_trylock())
		return;
	/* Again: what another thread has looked at since would seem to rest. */
	now = (uint32_t)dmem_kernel_clock_ms();
	if (empty(found, look(self, now, found))) {
		self->round = dmem_roster.rounds;
	} else if (dmem_roster.rounds - self->round > 1) {
		/* Whoever moved the hand: all were looked at since. */
		self->patience = now + PAUSE_MS;
		self->round = dmem_roster.rounds;
	}
	dmem_threads_unlock();
	dmem_slab_settle();
}

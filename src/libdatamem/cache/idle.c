/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks for caches that nobody uses, a few at a time, round and round. */

#include "idle.h"

#include "kernel/kernel.h"
#include "budget.h"
#include "roster.h"

/* Caches looked at in a call. */
#define LOOKS 8u

/* Calls that are let pass after rounds that found nothing: a first one sees who
 * is at work, so it takes two. */
#define ROUNDS 2
#define PATIENCE_MAX 1024

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

/* Close the bins of one that rests; false: not, and its lock is free again. */
static bool seize(struct dmem_thread *thread)
{
	uint64_t now;

	/* One at its slow path does not rest. */
	if (!dmem_trylock(thread->lock))
		return false;
	if (!thread->reserved) {
		dmem_unlock(thread->lock);
		return false;
	}
	now = activity(thread);
	if (now != thread->activity) {
		thread->activity = now;
		dmem_unlock(thread->lock);
		return false;
	}
	dmem_threads_shut(thread);
	return true;
}

static unsigned int look(const struct dmem_thread *self,
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
		if (thread != self && seize(thread))
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
	struct dmem_thread *found[LOOKS];
	bool any;

	if (self->patience) {
		self->patience--;
		return;
	}
	dmem_budget_scale();
	if (!dmem_threads_trylock())
		return;
	any = empty(found, look(self, found));
	if (any) {
		self->pause = 0;
		self->round = dmem_roster.rounds;
	} else if (dmem_roster.rounds - self->round > ROUNDS) {
		self->pause = DMEM_MIN(2 * self->pause + 1, PATIENCE_MAX);
		self->round = dmem_roster.rounds;
	}
	self->patience = self->pause;
	dmem_threads_unlock();
	dmem_slab_settle();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * All caches are emptied by another thread in two ways through the list: first
 * all are closed and their owners told, then one barrier is good for all of them,
 * then those are emptied whose owners did not do it by themselves.
 */

#include "drain.h"

#include "kernel/kernel.h"
#include "counts.h"
#include "gone.h"
#include "roster.h"
#include "threads.h"

/* With the list locked: caches looked at, and bytes of those emptied. */
#define LOOKS 32u
#define BYTES ((size_t)256 << 10)

struct draining {
	unsigned int pass;  /* unlike that of any other */
	bool others;        /* there are other caches than the caller's own */
	bool barrier;       /* and the kernel keeps their owners off them */
};

/* Act on some more, and return whether there are more; act() says how many bytes
 * it had to do with. */
static bool some(struct dmem_walk *walk, struct draining *draining,
		 size_t (*act)(struct dmem_thread *thread,
			       struct draining *draining))
{
	struct dmem_thread *thread;
	size_t nbytes = 0;

	dmem_threads_lock();
	thread = walk->at;
	for (unsigned int looks = 0;
	     thread && looks < LOOKS && nbytes < BYTES;
	     thread = thread->next, looks++) {
		dmem_lock(thread->lock);
		nbytes += act(thread, draining);
		dmem_unlock(thread->lock);
	}
	walk->at = thread;
	dmem_threads_unlock();
	return thread;
}

static size_t tell(struct dmem_thread *thread, struct draining *draining)
{
	if (!thread->reserved)
		return 0;
	dmem_threads_shut(thread);
	thread->drain = draining->pass;
	draining->others |= &thread->cache != dmem_cache_self;
	return 0;
}

static size_t empty(struct dmem_thread *thread, struct draining *draining)
{
	size_t nbytes = thread->reserved;

	/* Its owner was here, or another pass is, whose barrier is to come. */
	if (thread->drain != draining->pass ||
	    !dmem_threads_let_go(thread, draining->barrier))
		return 0;
	thread->drain = 0;
	dmem_threads_empty(thread);
	return nbytes;
}

static void walk_all(struct draining *draining,
		     size_t (*act)(struct dmem_thread *thread,
				   struct draining *draining))
{
	struct dmem_walk walk;

	dmem_threads_lock();
	dmem_roster_begin(&walk);
	dmem_threads_unlock();
	while (some(&walk, draining, act))
		;
	dmem_threads_lock();
	dmem_roster_finish(&walk);
	dmem_threads_unlock();
}

void dmem_drain_all(void)
{
	struct draining draining = { .pass = dmem_threads_pass() };

	walk_all(&draining, tell);
	/* A program of one thread does without the system call. */
	draining.barrier = draining.others && !dmem_kernel_membarrier();
	walk_all(&draining, empty);
}

/* Of threads that are gone, those also whose destructor never ran: a system call
 * tells. *left: owners to look at yet; false: there is none. */
static bool trim_records(uint32_t *left)
{
	struct dmem_thread *gone = NULL, *thread;
	uint32_t n;

	dmem_threads_lock();
	n = DMEM_MIN(dmem_roster.nowned, LOOKS);
	*left = DMEM_MIN(*left, dmem_roster.nowned);
	*left -= DMEM_MIN(*left, n);
	dmem_gone_look(n, &gone);
	while ((thread = dmem_roster_reuse())) {
		dmem_counts_end(thread);
		thread->next = gone;
		gone = thread;
	}
	dmem_threads_unlock();
	dmem_roster_end(gone);
	return *left;
}

void dmem_cache_trim(void)
{
	uint32_t left = UINT32_MAX;

	dmem_threads_inherit_all();
	dmem_drain_all();
	while (trim_records(&left))
		;
	/* Finds misuse as well. */
	dmem_slab_trim();
	dmem_slab_settle();
}

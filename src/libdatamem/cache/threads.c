/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Threads come and go; their caches are made, taken over and shut. The words
 * `bins` and `counted` are written with the cache locked, records found with the
 * list locked (caches.pml, A3).
 */

#include "threads.h"

#include <sched.h>

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "stats.h"
#include "budget.h"
#include "counts.h"
#include "drain.h"
#include "gone.h"
#include "groups.h"
#include "meter.h"
#include "roster.h"

/* Waits for a thread inside its fast path: it was preempted there. Of thousands
 * that run it may be long until it is its turn, and whoever comes meanwhile waits
 * for the list: where it can see to it by itself, these are few. */
#define WAITS_MAX 1000
#define WAITS_LET_GO 32

/* Empty (NULL below the top), and full, and too small for any hint. Also class
 * 0 of open bins: what is in no slab, and a request for 0 bytes. */
static void *nothing[1];
#define CLOSED_BIN { nothing + 1, nothing + 1, 0, 0 }

static struct dmem_bins closed = {
	.bin = { [0 ... DMEM_CLASSES - 1] = CLOSED_BIN },
};
struct dmem_cache dmem_cache_nobody = { &closed, 0, 0, &closed, 0 };
/* Of a thread whose cache was taken away as it ends: it gets no other, as there
 * may be no destructor any more that takes that away. */
static struct dmem_cache departed = { &closed, 0, 0, &closed, 0 };

__thread struct dmem_cache *dmem_cache_self
	__attribute__((__tls_model__("initial-exec"))) = &dmem_cache_nobody;

/* Owners that are looked at before a record is made: one whose first use was in
 * its very last destructor is gone without a word. There are never more of
 * these than of the others, then. */
#define LOOKS 2

/* Records that a child takes over from its parent's threads at a call. */
#define INHERITS 8

static struct dmem_lock registry = DMEM_LOCK_INIT(CACHES);
static pthread_key_t exit_key;
static bool have_key;
static unsigned int shut_mask;

void dmem_threads_inherit(void)
{
	struct dmem_thread *gone = NULL;

	if (dmem_likely(!dmem_load(&dmem_roster.forked)) ||
	    !dmem_trylock(&registry))
		return;
	dmem_gone_inherit(INHERITS, &gone);
	dmem_unlock(&registry);
	dmem_roster_end(gone);
	dmem_slab_settle();
}

void dmem_threads_inherit_all(void)
{
	struct dmem_thread *gone = NULL;

	dmem_lock(&registry);
	dmem_gone_inherit(UINT32_MAX, &gone);
	dmem_unlock(&registry);
	dmem_roster_end(gone);
}

/* A record for the calling thread; with the registry locked. */
static struct dmem_thread *take_record(struct dmem_thread **gone)
{
	struct dmem_thread *thread;

	dmem_gone_inherit(INHERITS, gone);
	if (!dmem_roster.idle)
		dmem_gone_look(LOOKS, gone);
	thread = dmem_roster_reuse();
	if (!thread)
		thread = dmem_roster_make();
	if (!thread)
		return NULL;
	dmem_roster_enter(thread);
	dmem_gone_set_owner(thread, true);
	thread->patience = thread->looked = (uint32_t)dmem_kernel_clock_ms();
	thread->round = dmem_roster.rounds;
	thread->bounds->sampler = (struct dmem_sampler) { 0 };
	dmem_counts_enter(thread);
	return thread;
}

struct dmem_thread *dmem_threads_attach(void)
{
	struct dmem_thread *thread, *gone = NULL;

	if (dmem_cache_self == &departed)
		return NULL;
	if (dmem_cache_self != &dmem_cache_nobody)
		return (struct dmem_thread *)dmem_cache_self;
	if (!have_key)
		return NULL;
	dmem_lock(&registry);
	thread = take_record(&gone);
	dmem_unlock(&registry);
	dmem_roster_end(gone);
	dmem_slab_settle();
	if (!thread)
		return NULL;
	dmem_cache_self = &thread->cache;
	/* Without the key (no memory) the cache outlives its thread until
	 * another one finds that it is gone. */
	pthread_setspecific(exit_key, thread);
	return thread;
}

bool dmem_threads_comes(void)
{
	return dmem_cache_self == &dmem_cache_nobody;
}

/* By the owner. */
static void open_bins(struct dmem_thread *thread)
{
	unsigned int counting = dmem_load(&dmem_cache_counting);

	if (dmem_unlikely(counting)) {
		dmem_meter_begin(thread, counting);
		dmem_store(&thread->cache.bins, &closed);
		dmem_store_release(&thread->cache.counted, &thread->own);
	} else {
		dmem_store(&thread->cache.counted, &closed);
		dmem_store_release(&thread->cache.bins, &thread->own);
	}
}

bool dmem_threads_open(struct dmem_thread *thread)
{
	dmem_lock(thread->lock);
	if (dmem_unlikely(thread->drain || dmem_load(&shut_mask))) {
		thread->drain = 0;
		if (thread->reserved)
			dmem_threads_empty(thread);
	}
	if (dmem_unlikely(dmem_load(&shut_mask))) {
		/* Here this may be seen before the bins are closed. */
		dmem_threads_shut(thread);
		thread->open = false;
		return false;
	}
	dmem_counts_put(thread);
	thread->open = true;
	open_bins(thread);
	return true;
}

void dmem_threads_close(struct dmem_thread *thread)
{
	dmem_unlock(thread->lock);
	dmem_slab_settle();
}

/*
 * The thread exits. Other destructors may still allocate and free afterwards,
 * in which no cache has a part.
 */
static void leave(void *arg)
{
	struct dmem_thread *thread = arg, *gone = NULL;

	dmem_lock(thread->lock);
	dmem_threads_shut(thread);
	thread->open = false;
	dmem_threads_empty(thread);
	dmem_threads_close(thread);
	dmem_cache_self = &departed;
	dmem_lock(&registry);
	dmem_gone_put_away(thread, &gone);
	dmem_unlock(&registry);
	dmem_roster_end(gone);
}

void dmem_threads_each(void (*act)(struct dmem_thread *thread))
{
	for (struct dmem_thread *thread = dmem_roster.first; thread;
	     thread = thread->next)
		act(thread);
	for (struct dmem_thread *thread = dmem_roster.forked; thread;
	     thread = thread->next)
		act(thread);
	for (struct dmem_thread *thread = dmem_roster.idle; thread;
	     thread = thread->next)
		act(thread);
}

void dmem_threads_lock(void)
{
	dmem_lock(&registry);
}

bool dmem_threads_trylock(void)
{
	return dmem_trylock(&registry);
}

void dmem_threads_unlock(void)
{
	dmem_unlock(&registry);
}

unsigned int dmem_threads_pass(void)
{
	static unsigned int passes;
	unsigned int pass;

	do {
		pass = dmem_fetch_add(&passes, 1) + 1;
	} while (!pass);
	return pass;
}

/* False: the owner did not leave its fast path in time. */
static bool wait_idle(const struct dmem_thread *thread, unsigned int waits)
{
	while (dmem_load_acquire(&thread->cache.busy)) {
		if (!waits--)
			return false;
		sched_yield();
	}
	return true;
}

void dmem_threads_shut(struct dmem_thread *thread)
{
	dmem_store(&thread->cache.bins, &closed);
	dmem_store(&thread->cache.counted, &closed);
}

/* Which of the two pointers leads to the own bins; NULL: they are closed. */
static struct dmem_bins **open_at(struct dmem_thread *thread)
{
	struct dmem_cache *cache = &thread->cache;

	if (dmem_load(&cache->bins) == &thread->own)
		return &cache->bins;
	return dmem_load(&cache->counted) == &thread->own ? &cache->counted
							  : NULL;
}

bool dmem_threads_let_go(struct dmem_thread *thread, bool barrier)
{
	if (thread->open && &thread->cache != dmem_cache_self &&
	    !(barrier && wait_idle(thread, WAITS_LET_GO)))
		return false;
	thread->open = false;
	return true;
}

void dmem_threads_reach(void (*act)(struct dmem_thread *thread))
{
	struct dmem_thread *self = (struct dmem_thread *)dmem_cache_self;
	bool barrier;

	dmem_lock(&registry);
	for (struct dmem_thread *thread = dmem_roster.first; thread;
	     thread = thread->next) {
		dmem_lock(thread->lock);
		thread->was_own = open_at(thread);
		if (thread->was_own)
			dmem_threads_shut(thread);
	}
	/* For others only: a program of one thread does without the call. */
	barrier = dmem_roster.first &&
		  (dmem_roster.first != self || dmem_roster.first->next) &&
		  !dmem_kernel_membarrier();
	for (struct dmem_thread *thread = dmem_roster.first; thread;
	     thread = thread->next) {
		/* Closed bins are not enough: the thread that closed them may
		 * not have reached the owner, which is then still at its last
		 * look. */
		if (thread->open && thread != self &&
		    !(barrier && wait_idle(thread, WAITS_MAX)))
			continue;
		act(thread);
		if (thread->was_own)
			dmem_store_release(thread->was_own, &thread->own);
	}
	/* Nobody is at these. */
	for (struct dmem_thread *thread = dmem_roster.idle; thread;
	     thread = thread->next)
		act(thread);
	for (struct dmem_thread *thread = dmem_roster.ended; thread;
	     thread = thread->next)
		act(thread);
	for (struct dmem_thread *thread = dmem_roster.first; thread;
	     thread = thread->next)
		dmem_unlock(thread->lock);
	dmem_unlock(&registry);
}

void dmem_cache_shut(enum dmem_shut reason, bool shut)
{
	if (!shut) {
		__atomic_and_fetch(&shut_mask, ~reason, __ATOMIC_SEQ_CST);
		return;
	}
	__atomic_or_fetch(&shut_mask, reason, __ATOMIC_SEQ_CST);
	dmem_threads_inherit_all();
	dmem_drain_all();
}

static void switched(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_OFF, !dmem_setting_value(id));
	dmem_slab_settle();
}

static void resized(enum dmem_setting_id id DMEM_UNUSED)
{
	dmem_drain_all();
	dmem_slab_settle();
}

void dmem_cache_init(void)
{
	dmem_roster_init();
	dmem_budget_init();
	have_key = !pthread_key_create(&exit_key, leave);
	if (!dmem_setting_value(DMEM_SETTING_CACHE_ENABLED))
		shut_mask |= DMEM_SHUT_OFF;
	dmem_setting_watch(DMEM_SETTING_CACHE_ENABLED, switched);
	dmem_setting_watch(DMEM_SETTING_CACHE_DEPTH, resized);
	dmem_setting_watch(DMEM_SETTING_CACHE_MAX, resized);
	dmem_setting_watch(DMEM_SETTING_CACHE_TOTAL, resized);
	dmem_stats_collect(dmem_counts_collect);
}

void dmem_cache_fork_prepare(void)
{
	dmem_lock(&registry);
	dmem_groups_lock();
}

void dmem_cache_fork_parent(void)
{
	dmem_groups_unlock();
	dmem_unlock(&registry);
}

/*
 * The other threads do not exist here. What they have is taken over little by
 * little: of thousands it takes long, and most children exec(3) or exit.
 */
void dmem_cache_fork_child(void)
{
	struct dmem_thread *self = (struct dmem_thread *)dmem_cache_self;
	bool have = self && dmem_cache_self != &dmem_cache_nobody &&
		    dmem_cache_self != &departed;
	struct dmem_thread *last;

	if (have)
		dmem_roster_drop(self);
	last = dmem_roster.last;
	if (last) {
		last->next = dmem_roster.forked;
		dmem_store(&dmem_roster.forked, dmem_roster.first);
	}
	dmem_roster.first = dmem_roster.last = NULL;
	dmem_roster.hand = dmem_roster.eye = dmem_roster.look = NULL;
	dmem_roster.walks = NULL;
	dmem_roster.nowned = 0;
	if (have) {
		dmem_roster_enter(self);
		/* The next call takes the slow path, which sees to what the
		 * child needs. */
		dmem_threads_shut(self);
		dmem_profile_forked(&self->bounds->sampler);
		dmem_gone_set_owner(self, true);
	}
	dmem_cache_fork_parent();
}

bool dmem_cache_idle(unsigned int *patience)
{
	bool can_be_had = true;

	if (!dmem_lock_within(&registry, patience))
		return false;
	for (struct dmem_thread *thread = dmem_roster.first; thread && can_be_had;
	     thread = thread->next)
		can_be_had = dmem_lock_idle(thread->lock, patience);
	dmem_unlock(&registry);
	return can_be_had;
}

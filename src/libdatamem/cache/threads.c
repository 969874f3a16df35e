/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Threads come and go; their caches are made, taken over and shut. */

#include "threads.h"

#include <sched.h>
#include <string.h>

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "stats.h"
#include "counts.h"

/* No bin holds more than this many blocks, nor more than this many bytes. */
#define SLOTS_MAX 128
#define BIN_BYTES ((size_t)512 << 10)

/* Waits for a thread inside its fast path: it was preempted there. */
#define WAITS_MAX 1000

/* Empty (NULL below the top), and full, and too small for any hint. Also class
 * 0 of open bins: what is in no slab, and a request for 0 bytes. */
static void *nothing[1];
#define CLOSED_BIN { nothing + 1, nothing + 1, 0, 0 }

static struct dmem_bins closed = {
	.bin = { [0 ... DMEM_CLASSES - 1] = CLOSED_BIN },
};
static struct dmem_cache nobody = { &closed, 0 };

__thread struct dmem_cache *dmem_cache_self
	__attribute__((__tls_model__("initial-exec"))) = &nobody;

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static struct dmem_thread *threads;
static uint32_t records;
static pthread_key_t exit_key;
static bool have_key;
static unsigned int shut_mask;

static uint32_t offsets[DMEM_CLASSES], slots_total;

uint32_t dmem_threads_slots(unsigned int cls)
{
	return (uint32_t)DMEM_MIN(SLOTS_MAX, BIN_BYTES / dmem_classes[cls].size);
}

void **dmem_threads_first(struct dmem_thread *thread, unsigned int cls)
{
	return (void **)((char *)thread + DMEM_CACHE_SLOTS_OFFSET) +
	       offsets[cls];
}

static void set_owner(struct dmem_thread *thread, bool taken)
{
	thread->taken = taken;
	thread->tid = taken ? dmem_kernel_thread_id() : 0;
	dmem_store(&dmem_threads_slot(thread)->tid, (uint32_t)thread->tid);
}

static struct dmem_thread *new_thread(void)
{
	size_t nbytes = DMEM_CACHE_SLOTS_OFFSET + slots_total * sizeof(void *);
	struct dmem_thread *thread = dmem_kernel_map(nbytes);

	if (!thread)
		return NULL;
	pthread_mutex_init(&thread->lock, NULL);
	thread->cache.bins = &closed;
	thread->own.bin[0] = closed.bin[0];
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct dmem_bin *bin = &thread->own.bin[cls];

		bin->size = dmem_classes[cls].size;
		bin->top = bin->limit = dmem_threads_first(thread, cls);
	}
	thread->index = records++;
	dmem_live_store(records, records);
	dmem_counts_put(thread);
	thread->next = threads;
	dmem_store_release(&threads, thread);
	return thread;
}

struct dmem_thread *dmem_threads_attach(void)
{
	struct dmem_thread *thread;

	if (dmem_cache_self != &nobody)
		return (struct dmem_thread *)dmem_cache_self;
	if (!have_key)
		return NULL;
	pthread_mutex_lock(&registry);
	for (thread = threads; thread && thread->taken; thread = thread->next)
		;
	if (!thread)
		thread = new_thread();
	if (thread)
		set_owner(thread, true);
	pthread_mutex_unlock(&registry);
	if (!thread)
		return NULL;
	dmem_cache_self = &thread->cache;
	/* Without the key (no memory) the cache outlives its thread until a
	 * trim finds that the thread is gone. */
	pthread_setspecific(exit_key, thread);
	return thread;
}

bool dmem_threads_open(struct dmem_thread *thread)
{
	pthread_mutex_lock(&thread->lock);
	if (dmem_unlikely(thread->drain || dmem_load(&shut_mask))) {
		thread->drain = false;
		if (thread->reserved)
			dmem_threads_empty(thread);
	}
	if (dmem_unlikely(dmem_load(&shut_mask))) {
		/* Here this may be seen before the bins are closed. */
		dmem_store(&thread->cache.bins, &closed);
		thread->open = false;
		return false;
	}
	dmem_counts_put(thread);
	thread->open = true;
	dmem_store_release(&thread->cache.bins, &thread->own);
	return true;
}

void dmem_threads_close(struct dmem_thread *thread)
{
	pthread_mutex_unlock(&thread->lock);
	dmem_slab_settle();
}

/*
 * The thread exits. Other destructors may still allocate and free afterwards:
 * that attaches again, and this runs again; the last time it may not (it is
 * called four times at most), then the next trim takes the cache over.
 */
static void leave(void *arg)
{
	struct dmem_thread *thread = arg;

	pthread_mutex_lock(&thread->lock);
	dmem_store(&thread->cache.bins, &closed);
	thread->open = false;
	dmem_threads_empty(thread);
	dmem_threads_close(thread);
	dmem_cache_self = &nobody;
	pthread_mutex_lock(&registry);
	set_owner(thread, false);
	pthread_mutex_unlock(&registry);
}

void dmem_threads_each(void (*act)(struct dmem_thread *thread))
{
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next)
		act(thread);
}

void dmem_threads_lock(void)
{
	pthread_mutex_lock(&registry);
}

void dmem_threads_unlock(void)
{
	pthread_mutex_unlock(&registry);
}

/* False: the owner did not leave its fast path in time. */
static bool wait_idle(const struct dmem_thread *thread)
{
	for (unsigned int waits = 0; dmem_load_acquire(&thread->cache.busy);
	     waits++) {
		if (waits == WAITS_MAX)
			return false;
		sched_yield();
	}
	return true;
}

void dmem_threads_reach(void (*act)(struct dmem_thread *thread, void *arg),
			void *arg, enum dmem_reach how)
{
	struct dmem_thread *self = (struct dmem_thread *)dmem_cache_self;
	bool barrier;

	pthread_mutex_lock(&registry);
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next) {
		pthread_mutex_lock(&thread->lock);
		thread->was_own = dmem_load(&thread->cache.bins) ==
				  &thread->own;
		if (thread->was_own)
			dmem_store(&thread->cache.bins, &closed);
	}
	/* For others only: a program of one thread does without the call. */
	barrier = threads && (threads != self || threads->next) &&
		  !dmem_kernel_membarrier();
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next) {
		/* Closed bins are not enough: whoever closed them may not have
		 * reached the owner, which is then still at its last look. */
		bool ours = !thread->open || thread == self ||
			    (barrier && wait_idle(thread));

		if (ours || how == DMEM_REACH_LOOK)
			act(thread, arg);
		if (how == DMEM_REACH_CLOSE) {
			thread->open = thread->open && !ours;
			thread->drain = thread->drain || !ours;
		} else if (thread->was_own && (ours || how == DMEM_REACH_LOOK)) {
			dmem_store_release(&thread->cache.bins, &thread->own);
		}
	}
	if (how == DMEM_REACH_LOOK)
		act(NULL, arg);
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next)
		pthread_mutex_unlock(&thread->lock);
	pthread_mutex_unlock(&registry);
}

static void empty_one(struct dmem_thread *thread, void *arg DMEM_UNUSED)
{
	dmem_threads_empty(thread);
	/* Its destructor never ran. */
	if (thread->taken && !dmem_kernel_thread_alive(thread->tid))
		set_owner(thread, false);
}

void dmem_cache_trim(void)
{
	dmem_threads_reach(empty_one, NULL, DMEM_REACH_CLOSE);
	/* Finds misuse as well. */
	dmem_slab_trim();
	dmem_slab_settle();
}

void dmem_cache_shut(enum dmem_shut reason, bool shut)
{
	if (!shut) {
		__atomic_and_fetch(&shut_mask, ~reason, __ATOMIC_SEQ_CST);
		return;
	}
	__atomic_or_fetch(&shut_mask, reason, __ATOMIC_SEQ_CST);
	dmem_threads_reach(empty_one, NULL, DMEM_REACH_CLOSE);
	dmem_slab_settle();
}

static void switched(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_OFF, !dmem_setting_value(id));
}

static void resized(enum dmem_setting_id id DMEM_UNUSED)
{
	dmem_threads_reach(empty_one, NULL, DMEM_REACH_CLOSE);
	dmem_slab_settle();
}

void dmem_cache_init(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		/* One slot more: the NULL below the first. */
		offsets[cls] = slots_total + 1;
		slots_total += dmem_threads_slots(cls) + 1;
	}
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
	pthread_mutex_lock(&registry);
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next)
		pthread_mutex_lock(&thread->lock);
}

void dmem_cache_fork_parent(void)
{
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next)
		pthread_mutex_unlock(&thread->lock);
	pthread_mutex_unlock(&registry);
}

/*
 * The other threads do not exist here. One that was inside its fast path has
 * stored its new top or not; either way the bin is whole.
 */
void dmem_cache_fork_child(void)
{
	struct dmem_thread *self = (struct dmem_thread *)dmem_cache_self;

	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next) {
		/* The own one as well: the next call takes the slow path, which
		 * sees to what the child needs. */
		dmem_store(&thread->cache.bins, &closed);
		if (thread == self) {
			set_owner(thread, true);
		} else {
			thread->cache.busy = 0;
			thread->open = false;
			dmem_threads_empty(thread);
			set_owner(thread, false);
		}
	}
	dmem_cache_fork_parent();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Threads come and go; their caches are made, taken over, shut and counted. */

#include "threads.h"

#include <sched.h>
#include <string.h>

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "stats.h"

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
/* Where counts are to be; a later generation takes effect record by record. */
static int (*place)(struct live_slot *slot, uint32_t index);
static unsigned int generation;
static pthread_key_t exit_key;
static bool have_key;
static unsigned int shut_mask;

static uint32_t offsets[DMEM_CLASSES], slots_total;

/* Allocations that no cache counts: of threads without one, aligned ones. */
static uint64_t orphans[DMEM_CLASSES];

uint32_t dmem_threads_slots(unsigned int cls)
{
	return (uint32_t)DMEM_MIN(SLOTS_MAX, BIN_BYTES / dmem_classes[cls].size);
}

void **dmem_threads_first(struct dmem_thread *thread, unsigned int cls)
{
	return (void **)((char *)thread + DMEM_CACHE_SLOTS_OFFSET) +
	       offsets[cls];
}

static struct live_slot *slot_of(struct dmem_thread *thread)
{
	return (struct live_slot *)((char *)thread + DMEM_COUNTS_OFFSET);
}

/* With the thread's lock held, and its owner off the fast path. */
static void put_counts(struct dmem_thread *thread)
{
	unsigned int wanted = dmem_load_acquire(&generation);
	int (*act)(struct live_slot *slot, uint32_t index) = dmem_load(&place);

	if (thread->placed == wanted)
		return;
	if (act)
		act(slot_of(thread), thread->index);
	thread->placed = wanted;
}

static void set_owner(struct dmem_thread *thread, bool taken)
{
	thread->taken = taken;
	thread->tid = taken ? dmem_kernel_thread_id() : 0;
	dmem_store(&slot_of(thread)->tid, (uint32_t)thread->tid);
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
	put_counts(thread);
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
	if (dmem_unlikely(thread->placed != dmem_load_acquire(&generation)))
		put_counts(thread);
	thread->open = true;
	dmem_store_release(&thread->cache.bins, &thread->own);
	return true;
}

void dmem_threads_close(struct dmem_thread *thread)
{
	pthread_mutex_unlock(&thread->lock);
	dmem_slab_settle();
}

void dmem_threads_count_orphan(unsigned int cls)
{
	dmem_fetch_add(&orphans[cls], 1);
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

enum how {
	CLOSE,   /* owners open their bins at their next slow path */
	REOPEN,  /* owners go on with their fast path afterwards */
	/* The same; also those that cannot be kept off: they may be one pop or
	 * push further than what is seen. At last act(NULL) with all locked. */
	LOOK,
};

/* Do something to the bins of all caches while their owners are kept off. Who
 * calls has locks perhaps, and settles when it has none. */
static void with_all(void (*act)(struct dmem_thread *thread, void *arg),
		     void *arg, enum how how)
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
	barrier = !dmem_kernel_membarrier();
	for (struct dmem_thread *thread = threads; thread;
	     thread = thread->next) {
		/* Closed bins are not enough: whoever closed them may not have
		 * reached the owner, which is then still at its last look. */
		bool ours = !thread->open || thread == self ||
			    (barrier && wait_idle(thread));

		if (ours || how == LOOK)
			act(thread, arg);
		if (how == CLOSE) {
			thread->open = thread->open && !ours;
			thread->drain = thread->drain || !ours;
		} else if (thread->was_own && (ours || how == LOOK)) {
			dmem_store_release(&thread->cache.bins, &thread->own);
		}
	}
	if (how == LOOK)
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
	with_all(empty_one, NULL, CLOSE);
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
	with_all(empty_one, NULL, CLOSE);
	dmem_slab_settle();
}

struct sums {
	struct datamem_stats *stats;
	uint64_t hits[DMEM_CLASSES], misses[DMEM_CLASSES];
	size_t cached[DMEM_CLASSES];
	size_t out[DMEM_CLASSES], stashed[DMEM_CLASSES];
};

static void add_one(struct dmem_thread *thread, void *arg)
{
	struct sums *sums = arg;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct dmem_bin *bin;

		if (!thread) {
			/* No block goes from or to a cache meanwhile. */
			dmem_slab_count(cls, &sums->out[cls],
					&sums->stashed[cls]);
			continue;
		}
		bin = &thread->own.bin[cls];
		sums->hits[cls] += dmem_load(&dmem_bin_counts(bin)->hits);
		sums->misses[cls] += bin->misses;
		sums->cached[cls] += (size_t)(dmem_load(&bin->top) -
					      dmem_threads_first(thread, cls));
	}
	if (!thread)
		return;
	if (thread->taken)
		sums->stats->threads++;
}

static void collect(struct datamem_stats *stats)
{
	struct sums sums = { .stats = stats };

	with_all(add_one, &sums, LOOK);
	dmem_slab_settle();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];
		size_t size = dmem_classes[cls].size, out = sums.out[cls];
		uint64_t allocs;

		sums.misses[cls] += dmem_load(&orphans[cls]);
		c->size = size;
		c->hits = sums.hits[cls];
		c->misses = sums.misses[cls];
		c->cached_blocks = sums.cached[cls] + sums.stashed[cls];
		c->live_blocks = out > sums.cached[cls] ?
					 out - sums.cached[cls] : 0;
		allocs = c->hits + c->misses;
		stats->hits += c->hits;
		stats->misses += c->misses;
		stats->allocs += allocs;
		/* A block of no cache is out before it is counted, and the
		 * hits may be others' to write to. */
		stats->frees += allocs - DMEM_MIN(allocs, c->live_blocks);
		stats->live_blocks += c->live_blocks;
		stats->live_bytes += c->live_blocks * size;
		stats->small_bytes += c->live_blocks * size;
		stats->cached_bytes += c->cached_blocks * size;
	}
}

static void place_one(struct dmem_thread *thread, void *arg DMEM_UNUSED)
{
	put_counts(thread);
}

void dmem_cache_place(int (*fresh)(struct live_slot *slot, uint32_t index),
		      bool forked)
{
	if (forked) {
		/* The locks are held, and there is no other thread. */
		place = fresh;
		generation++;
		for (struct dmem_thread *thread = threads; thread;
		     thread = thread->next)
			put_counts(thread);
		return;
	}
	pthread_mutex_lock(&registry);
	dmem_store(&place, fresh);
	dmem_store_release(&generation, generation + 1);
	pthread_mutex_unlock(&registry);
	with_all(place_one, NULL, REOPEN);
}

static void switched(enum dmem_setting_id id)
{
	dmem_cache_shut(DMEM_SHUT_OFF, !dmem_setting_value(id));
}

static void resized(enum dmem_setting_id id DMEM_UNUSED)
{
	with_all(empty_one, NULL, CLOSE);
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
	dmem_stats_collect(collect);
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

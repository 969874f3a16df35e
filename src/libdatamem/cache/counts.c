/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts of hits and misses: placed where others can see them, and added up. */

#include "counts.h"

#include "roster.h"

/* Where counts are to be; a later generation takes effect record by record. */
static int (*place)(struct live_slot *slot, uint32_t index);
static unsigned int generation;

/* Allocations that no cache counts: of threads without one, aligned ones; and
 * those of records that have ended. The same of dmem_bounds.net. */
static uint64_t orphans[DMEM_CLASSES] DMEM_TABLE;
static uint64_t orphan_hits[DMEM_CLASSES] DMEM_TABLE;
static ptrdiff_t orphan_net[DMEM_CLASSES] DMEM_TABLE;

/* What no snapshot may fall below. */
static uint64_t most_frees;

/* Caches looked at while the list is locked. */
#define LOOKS 16u

/* Slots of the page that no record has, a bit each. */
static uint64_t free_slots[LIVE_SLOTS / 64] = {
	[0 ... LIVE_SLOTS / 64 - 1] = UINT64_MAX,
};
static uint32_t slots_used, without_slot;

/* To the slot that those share who have none. */
static void show(unsigned int cls, uint64_t hits, uint64_t misses,
		 uint64_t cached)
{
	struct live_counts *to = &dmem_live->rest.counts[cls];

	if (hits)
		dmem_fetch_add(&to->hits, hits);
	if (misses)
		dmem_fetch_add(&to->misses, misses);
	if (cached)
		dmem_fetch_add(&to->cached, cached);
}

void dmem_counts_orphan(unsigned int cls, ptrdiff_t n)
{
	/* First: an allocation seen without it would be one that is freed. */
	__atomic_fetch_add(&orphan_net[cls], n, __ATOMIC_RELAXED);
	if (n <= 0)
		return;
	__atomic_fetch_add(&orphans[cls], 1, __ATOMIC_RELEASE);
	show(cls, 0, 1, 0);
}

/*
 * Without a slot, the record's own counts are what the others' slot has of it,
 * `spare` of its hits.
 */
void dmem_counts_note(struct dmem_thread *thread, unsigned int cls)
{
	struct dmem_bin *bin = &thread->own.bin[cls];
	struct live_counts *counts = dmem_bin_counts(bin);
	uint64_t cached = (uint64_t)(dmem_load(&bin->top) -
				     dmem_threads_first(thread, cls)), hits;

	if (dmem_unlikely(thread->index == LIVE_SLOTS)) {
		hits = dmem_load(&counts->hits);
		show(cls, hits - counts->spare, bin->misses - counts->misses,
		     cached - counts->cached);
		counts->spare = hits;
	}
	dmem_store(&counts->misses, bin->misses);
	dmem_store(&counts->cached, cached);
}

static uint32_t take_slot(void)
{
	for (uint32_t i = 0; i < LIVE_SLOTS; i++)
		if (free_slots[i / 64] >> (i % 64) & 1) {
			free_slots[i / 64] &= ~(UINT64_C(1) << (i % 64));
			return i;
		}
	return LIVE_SLOTS;
}

bool dmem_counts_without_slot(void)
{
	for (uint32_t i = 0; i < LIVE_SLOTS / 64; i++)
		if (free_slots[i])
			return false;
	return true;
}

static void show_records(void)
{
	static uint32_t shown;

	dmem_live_store(records, slots_used + without_slot);
	/* Its page is touched where somebody has no slot. */
	if (shown != without_slot)
		dmem_store(&dmem_live->rest.threads, without_slot);
	shown = without_slot;
}

void dmem_counts_begin(struct dmem_thread *thread)
{
	thread->index = take_slot();
	if (thread->index < LIVE_SLOTS)
		slots_used = DMEM_MAX(slots_used, thread->index + 1);
	dmem_counts_put(thread);
}

void dmem_counts_enter(struct dmem_thread *thread)
{
	without_slot += thread->index == LIVE_SLOTS;
	show_records();
}

/* To a sum, or from it (sign -1). The lock of the cache is held, or nobody is at
 * it. */
static void add(struct datamem_stats *stats, struct dmem_thread *thread,
		int sign)
{
	uint64_t calls = (uint64_t)sign;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];
		struct dmem_bin *bin = &thread->own.bin[cls];
		/* First: a block popped behind it has no allocation yet, but is
		 * not free either. */
		uint64_t hits =
			dmem_load_acquire(&dmem_bin_counts(bin)->hits);
		size_t cached = (size_t)(dmem_load(&bin->top) -
					 dmem_threads_first(thread, cls));

		c->hits += calls * hits;
		c->misses += calls * bin->misses;
		c->cached_blocks += calls * cached;
		c->live_blocks +=
			calls * ((size_t)thread->bounds->net[cls] - cached);
	}
	stats->threads += calls * thread->taken;
}

void dmem_counts_leave(struct dmem_thread *thread)
{
	for (struct dmem_walk *walk = dmem_roster.walks; walk;
	     walk = walk->next)
		if (walk->stats && dmem_roster_met(walk, thread))
			add(walk->stats, thread, -1);
	if (thread->index < LIVE_SLOTS)
		return;
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		dmem_counts_note(thread, cls);
	without_slot--;
	show_records();
}

void dmem_counts_end(struct dmem_thread *thread)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct dmem_bin *bin = &thread->own.bin[cls];
		struct live_counts *counts = dmem_bin_counts(bin);
		uint64_t hits = dmem_load(&counts->hits);

		__atomic_fetch_add(&orphan_net[cls], thread->bounds->net[cls],
				   __ATOMIC_RELAXED);
		thread->bounds->net[cls] = 0;
		if (!hits && !bin->misses)
			continue;
		dmem_fetch_add(&orphan_hits[cls], hits);
		dmem_fetch_add(&orphans[cls], bin->misses);
		/* Without a slot they are with the others' already. */
		if (thread->index < LIVE_SLOTS)
			show(cls, hits, bin->misses, 0);
		bin->misses = 0;
		counts->spare = 0;
		dmem_store(&counts->hits, 0);
		dmem_store(&counts->misses, 0);
	}
}

void dmem_counts_release(struct dmem_thread *thread)
{
	uint32_t index = thread->index;

	if (index < LIVE_SLOTS)
		free_slots[index / 64] |= UINT64_C(1) << (index % 64);
}

void dmem_counts_put(struct dmem_thread *thread)
{
	unsigned int wanted = dmem_load_acquire(&generation);
	int (*act)(struct live_slot *slot, uint32_t index) = dmem_load(&place);

	if (thread->placed == wanted)
		return;
	if (act)
		act(dmem_threads_slot(thread), thread->index);
	thread->placed = wanted;
}

/* Of one without a slot nothing is moved: its page is not written to. */
static void put_slot(struct dmem_thread *thread)
{
	if (thread->index < LIVE_SLOTS)
		dmem_counts_put(thread);
}

void dmem_cache_place(int (*fresh)(struct live_slot *slot, uint32_t index),
		      bool forked)
{
	if (forked) {
		/* The locks are held, and there is no other thread. */
		place = fresh;
		generation++;
		dmem_threads_each(put_slot);
		for (struct dmem_thread *thread = dmem_roster.ended; thread;
		     thread = thread->next)
			put_slot(thread);
		return;
	}
	dmem_threads_lock();
	dmem_store(&place, fresh);
	dmem_store_release(&generation, generation + 1);
	dmem_threads_unlock();
	dmem_threads_reach(dmem_counts_put);
}

/* Of an owner that is at work. */
static void look(struct datamem_stats *stats, struct dmem_thread *thread)
{
	dmem_lock(thread->lock);
	add(stats, thread, 1);
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		dmem_counts_note(thread, cls);
	dmem_unlock(thread->lock);
}

/* Those that came since, those without an owner, and what is in no record: all
 * at once, as one goes over into the other. */
static void look_at_rest(struct dmem_walk *walk)
{
	struct datamem_stats *stats = walk->stats;
	struct dmem_thread *thread;

	for (thread = dmem_roster.first;
	     thread && thread->entered > walk->until; thread = thread->next)
		look(stats, thread);
	for (thread = dmem_roster.idle; thread; thread = thread->next)
		add(stats, thread, 1);
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];

		c->misses += dmem_load_acquire(&orphans[cls]);
		c->hits += dmem_load(&orphan_hits[cls]);
		c->live_blocks += (size_t)dmem_load(&orphan_net[cls]);
	}
}

/* Some more of a walk; false: it has ended. */
static bool look_at_some(struct dmem_walk *walk)
{
	unsigned int n = LOOKS;

	dmem_threads_lock();
	for (; walk->at && n > 0; walk->at = walk->at->next, n--)
		look(walk->stats, walk->at);
	if (!walk->at) {
		look_at_rest(walk);
		dmem_roster_finish(walk);
		n = 1;
	}
	dmem_threads_unlock();
	return !n;
}

/* Frees are what is not live of what was allocated: where a thread was seen
 * between the two, or where a block is found that was not free, fewer. */
static void add_frees(struct datamem_stats *stats, uint64_t frees,
		      size_t restored)
{
	uint64_t seen = dmem_load(&most_frees), sum = frees + restored;

	while (sum > seen &&
	       !__atomic_compare_exchange_n(&most_frees, &seen, sum, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	stats->frees += DMEM_MAX(sum, seen) - restored;
}

void dmem_counts_collect(struct datamem_stats *stats)
{
	struct dmem_walk walk;
	size_t restored = 0;
	uint64_t frees = 0;

	dmem_threads_inherit_all();
	dmem_threads_lock();
	dmem_roster_begin(&walk);
	walk.stats = stats;
	dmem_threads_unlock();
	while (look_at_some(&walk))
		;
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];
		size_t size = dmem_classes[cls].size, out, stashed, wrong;
		uint64_t allocs = c->hits + c->misses;

		dmem_slab_count(cls, &out, &stashed);
		wrong = dmem_slab_restored(cls);
		c->live_blocks += wrong;
		restored += wrong;
		/* Freed by one that was seen later than where it was made. */
		if (c->live_blocks > SIZE_MAX / 2)
			c->live_blocks = 0;
		c->cached_blocks += stashed;
		c->size = size;
		stats->hits += c->hits;
		stats->misses += c->misses;
		stats->allocs += allocs;
		frees += allocs - DMEM_MIN(allocs, c->live_blocks);
		stats->live_blocks += c->live_blocks;
		stats->live_bytes += c->live_blocks * size;
		stats->small_bytes += c->live_blocks * size;
		stats->cached_bytes += c->cached_blocks * size;
	}
	add_frees(stats, frees, restored);
}

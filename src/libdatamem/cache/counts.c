/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counts of hits and misses: placed where others can see them, and added up. */

#include "counts.h"

#include "roster.h"

/* Where counts are to be; a later generation takes effect record by record. */
static int (*place)(struct live_slot *slot, uint32_t index);
static unsigned int generation;

/* Allocations that no cache counts: of threads without one, aligned ones; and
 * those of records that have ended. */
static uint64_t orphans[DMEM_CLASSES], orphan_hits[DMEM_CLASSES];

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

void dmem_counts_orphan(unsigned int cls)
{
	dmem_fetch_add(&orphans[cls], 1);
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
	dmem_live_store(records, slots_used + without_slot);
	dmem_store(&dmem_live->rest.threads, without_slot);
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

void dmem_counts_leave(struct dmem_thread *thread)
{
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

static void place_one(struct dmem_thread *thread, void *arg DMEM_UNUSED)
{
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
	dmem_threads_reach(place_one, NULL, DMEM_REACH_REOPEN);
}

/* No block goes from or to a cache meanwhile. */
static void add_slabs(struct datamem_class_stats *c, unsigned int cls)
{
	size_t out, stashed;

	dmem_slab_count(cls, &out, &stashed);
	c->live_blocks = out > c->cached_blocks ? out - c->cached_blocks : 0;
	c->cached_blocks += stashed;
}

/* Sums are made in place: there may be little stack. */
static void add_one(struct dmem_thread *thread, void *arg)
{
	struct datamem_stats *stats = arg;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];
		struct dmem_bin *bin;

		if (!thread) {
			add_slabs(c, cls);
			continue;
		}
		bin = &thread->own.bin[cls];
		c->hits += dmem_load(&dmem_bin_counts(bin)->hits);
		c->misses += bin->misses;
		c->cached_blocks += (size_t)(dmem_load(&bin->top) -
					     dmem_threads_first(thread, cls));
		dmem_counts_note(thread, cls);
	}
	if (thread && thread->taken)
		stats->threads++;
}

void dmem_counts_collect(struct datamem_stats *stats)
{
	dmem_threads_reach(add_one, stats, DMEM_REACH_LOOK);
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct datamem_class_stats *c = &stats->classes[cls - 1];
		size_t size = dmem_classes[cls].size;
		uint64_t allocs;

		c->hits += dmem_load(&orphan_hits[cls]);
		c->misses += dmem_load(&orphans[cls]);
		c->size = size;
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

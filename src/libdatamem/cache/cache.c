/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slow path of the caches: how much a bin may hold, refill and flush. */

#include "cache.h"

#include <string.h>

#include "arena/arena.h"
#include "probes.h"
#include "settings/settings.h"
#include "budget.h"
#include "counts.h"
#include "idle.h"
#include "threads.h"

/* A bin starts with this many bytes' worth of blocks, and each time holds so many
 * times as much. */
#define START_BYTES ((size_t)2 << 10)
#define START_MIN 2
#define START_MAX 8
#define GROWTH 4

/* No bin may hold more than this part of cache.max. */
#define BIN_PART 4

/* Calls of reclaim() that do nothing after one that found too little. */
#define RECLAIM_REST 64

/* The most blocks that a bin of the class may ever hold. */
static uint32_t most(unsigned int cls)
{
	size_t depth = dmem_setting_value(DMEM_SETTING_CACHE_DEPTH);
	size_t max = dmem_setting_value(DMEM_SETTING_CACHE_MAX);
	size_t blocks = max / BIN_PART / dmem_classes[cls].size;

	if (!blocks && max >= dmem_classes[cls].size)
		blocks = 1;
	depth = DMEM_MIN(depth, dmem_threads_slots(cls));
	return (uint32_t)DMEM_MIN(depth, blocks);
}

static void set_allowance(struct dmem_thread *thread, unsigned int cls,
			  uint32_t allowance)
{
	uint64_t *word = &thread->allowed[cls / 64], bit = UINT64_C(1) << cls % 64;

	*word = allowance ? *word | bit : *word & ~bit;
	thread->bounds->allowance[cls] = (uint8_t)allowance;
	thread->own.bin[cls].limit = dmem_threads_first(thread, cls) + allowance;
}

/* n blocks came from the slabs, or went to them (below 0). */
static void came(struct dmem_thread *thread, unsigned int cls, ptrdiff_t n)
{
	thread->bounds->net[cls] += n;
}

/* Give the n oldest blocks of a bin back. */
static void give_oldest(struct dmem_thread *thread, unsigned int cls, size_t n)
{
	struct dmem_bin *bin = &thread->own.bin[cls];
	void **first = dmem_threads_first(thread, cls);
	size_t have = (size_t)(bin->top - first);

	n = DMEM_MIN(n, have);
	if (!n)
		return;
	came(thread, cls, -(ptrdiff_t)dmem_slab_pass(cls, first, n));
	memmove(first, first + n, (have - n) * sizeof(*first));
	bin->top = first + have - n;
	dmem_counts_note(thread, cls);
}

void dmem_threads_empty(struct dmem_thread *thread)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		give_oldest(thread, cls, SIZE_MAX);
		set_allowance(thread, cls, 0);
	}
	dmem_budget_release(thread, thread->reserved);
}

/* The bin behind one, round and round, that may hold something; 0: none. */
static unsigned int next_allowed(const struct dmem_thread *thread,
				 unsigned int cls)
{
	const unsigned int words = DMEM_ARRAY_SIZE(thread->allowed);
	unsigned int word = ++cls / 64 % words;
	uint64_t bits = thread->allowed[word] & UINT64_MAX << cls % 64;

	for (unsigned int i = 0; !bits && i < words; i++) {
		word = (word + 1) % words;
		bits = thread->allowed[word];
	}
	return bits ? word * 64 + (unsigned int)__builtin_ctzll(bits) : 0;
}

static uint32_t hits_of(struct dmem_thread *thread, unsigned int cls)
{
	return (uint32_t)dmem_load(&dmem_bin_counts(&thread->own.bin[cls])->hits);
}

/*
 * Take the allowance of a bin; returns its bytes. When its class comes again it
 * gets as much at once where half of what it was filled with was used, else half.
 */
static size_t take_away(struct dmem_thread *thread, unsigned int cls)
{
	struct dmem_bounds *bounds = thread->bounds;
	uint32_t allowance = bounds->allowance[cls];
	size_t freed = allowance * (size_t)dmem_classes[cls].size;
	/* Hits wrap around. */
	bool used = (int32_t)(hits_of(thread, cls) - bounds->worth[cls]) >= 0;

	give_oldest(thread, cls, SIZE_MAX);
	set_allowance(thread, cls, 0);
	bounds->before[cls] = (uint8_t)(used ? allowance : allowance / 2);
	dmem_budget_release(thread, freed);
	return freed;
}

/*
 * Take allowance from bins that do not use it, in two rounds of all at most; for
 * a thread whose work has changed to other sizes, or goes through many. Of those
 * that were all used since the last round the first ones go: to exchange bins
 * costs less than to be without one for a batch.
 */
static void reclaim(struct dmem_thread *thread, unsigned int wanted,
		    size_t nbytes)
{
	struct dmem_bounds *bounds = thread->bounds;
	unsigned int start = thread->clock, wrapped = 0, cls;

	if (thread->rest) {
		thread->rest--;
		return;
	}
	while (nbytes) {
		uint32_t hits;
		size_t freed;

		cls = next_allowed(thread, thread->clock);
		wrapped += cls <= thread->clock;
		if (!cls || wrapped > 2 || (wrapped > 1 && cls > start))
			break;
		thread->clock = cls;
		if (cls == wanted)
			continue;
		hits = hits_of(thread, cls);
		/* Used since the hand's last round: spared this time. */
		if (hits != bounds->seen[cls]) {
			bounds->seen[cls] = hits;
			continue;
		}
		freed = take_away(thread, cls);
		nbytes -= DMEM_MIN(nbytes, freed);
	}
	/* All that there is is in use: let some time pass. */
	if (nbytes)
		thread->rest = RECLAIM_REST;
}

/* How much a bin is to hold next: some times as much, or what was taken. */
static uint32_t more(struct dmem_thread *thread, unsigned int cls)
{
	size_t blocks = START_BYTES / dmem_classes[cls].size;
	struct dmem_bounds *bounds = thread->bounds;
	uint32_t before = bounds->before[cls];

	bounds->before[cls] = 0;
	if (bounds->allowance[cls])
		blocks = GROWTH * (size_t)bounds->allowance[cls];
	else
		blocks = DMEM_MIN(DMEM_MAX(blocks, START_MIN), START_MAX);
	return (uint32_t)DMEM_MAX(blocks, before);
}

/* Let a bin hold more, as far as budgets go. */
static void grow(struct dmem_thread *thread, unsigned int cls)
{
	size_t size = dmem_classes[cls].size, nbytes;
	size_t share = dmem_budget_share(thread);
	uint32_t have, want, limit = most(cls);

	/* Others came, or cache.max is less by now. */
	if (dmem_unlikely(thread->reserved > share))
		reclaim(thread, cls, thread->reserved - share);
	have = thread->bounds->allowance[cls];
	want = DMEM_MIN(more(thread, cls), limit);
	if (want <= have) {
		/* A smaller cache.depth takes effect here. */
		if (limit < have) {
			give_oldest(thread, cls, have - limit);
			set_allowance(thread, cls, limit);
			dmem_budget_release(thread, (have - limit) * size);
		}
		return;
	}
	nbytes = (want - have) * size;
	if (!dmem_budget_reserve(thread, nbytes)) {
		reclaim(thread, cls, nbytes);
		if (!dmem_budget_reserve(thread, nbytes))
			return;
	}
	set_allowance(thread, cls, want);
}

/* Half of what the bin may hold is given away at a time. */
static size_t batch(const struct dmem_thread *thread, unsigned int cls)
{
	return DMEM_MAX(thread->bounds->allowance[cls] / 2, 1u);
}

/*
 * End a slow path, and get more for the next time if others have too much.
 * Threads that sleep give nothing back at calls, so that somebody else must.
 */
static void leave(struct dmem_thread *thread)
{
	bool starved = thread->starved;
	thread->starved = false;
	dmem_threads_close(thread);
	dmem_arena_kept_elsewhere(dmem_budget_reserved());
	if (dmem_unlikely(starved))
		dmem_idle_collect(thread);
	dmem_threads_inherit();
}

void dmem_cache_attach(void)
{
	dmem_threads_attach();
}

void *dmem_cache_refill(unsigned int cls)
{
	struct dmem_thread *thread = dmem_threads_attach();
	void *block = NULL, **first;
	struct dmem_bin *bin;
	size_t got;

	if (!thread || !dmem_threads_open(thread)) {
		/* No cache: exact, one block at a time. */
		if (dmem_slab_take(cls, &block, 1) && thread) {
			came(thread, cls, 1);
			thread->own.bin[cls].misses++;
		} else if (block) {
			dmem_counts_orphan(cls, 1);
		}
		if (thread)
			dmem_threads_close(thread);
		else
			dmem_slab_settle();
		return block;
	}
	bin = &thread->own.bin[cls];
	first = dmem_threads_first(thread, cls);
	if (bin->top != first) {
		/* A caller that did not try the bin: aligned, resizes. */
		block = *--bin->top;
		dmem_count(&dmem_bin_counts(bin)->hits, 1);
		dmem_counts_note(thread, cls);
		dmem_threads_close(thread);
		return block;
	}
	grow(thread, cls);
	if (!thread->bounds->allowance[cls]) {
		got = dmem_slab_take(cls, &block, 1);
	} else {
		/* All that it may hold; of new slabs there is one at most. */
		got = dmem_slab_take(cls, first,
				     thread->bounds->allowance[cls]);
		thread->bounds->worth[cls] = hits_of(thread, cls) +
					     (uint32_t)got / 2;
		if (got) {
			block = first[got - 1];
			bin->top = first + got - 1;
		}
	}
	if (got) {
		came(thread, cls, (ptrdiff_t)got);
		bin->misses++;
	}
	dmem_counts_note(thread, cls);
	leave(thread);
	dmem_probe2(DATAMEM, refill, (size_t)dmem_classes[cls].size, got);
	return block;
}

void *dmem_cache_take_aligned(unsigned int cls, size_t align)
{
	void *block = dmem_slab_take_aligned(cls, align);

	if (block)
		dmem_counts_orphan(cls, 1);
	return block;
}

void dmem_cache_flush(unsigned int cls, void *block)
{
	struct dmem_thread *thread = dmem_threads_attach();
	struct dmem_bin *bin;
	void **top;

	if (!thread) {
		dmem_counts_orphan(cls,
				   -(ptrdiff_t)dmem_slab_give(cls, &block, 1));
		dmem_slab_settle();
		return;
	}
	if (!dmem_threads_open(thread)) {
		came(thread, cls, -(ptrdiff_t)dmem_slab_give(cls, &block, 1));
		dmem_threads_close(thread);
		return;
	}
	bin = &thread->own.bin[cls];
	if (bin->top == bin->limit) {
		grow(thread, cls);
		if (bin->top == bin->limit)
			give_oldest(thread, cls, batch(thread, cls));
	}
	top = bin->top;
	if (top != bin->limit) {
		*top = block;
		bin->top = top + 1;
		block = NULL;
	}
	if (block)
		came(thread, cls, -(ptrdiff_t)dmem_slab_pass(cls, &block, 1));
	dmem_counts_note(thread, cls);
	leave(thread);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of a class come back: into stashes, bitmaps; and are found there. */

#include "slab.h"

#include "arena/arena.h"
#include "limit.h"
#include "stats.h"
#include "central.h"
#include "notes.h"
#include "open.h"
#include "pages.h"

struct dmem_central dmem_centrals[DMEM_CLASSES] DMEM_TABLE;

/* Records only: the arena counts the chunks. */
static void collect(struct datamem_stats *stats)
{
	size_t records, absent;

	dmem_spans_count(&records, &absent);
	stats->meta_bytes += records;
	dmem_slab_open_collect(stats);
}

void dmem_slab_init(void)
{
	dmem_classes_init();
	for (unsigned int cls = 0; cls < DMEM_CLASSES; cls++)
		dmem_lock_begin(&dmem_centrals[cls].lock, CLASS);
	dmem_stash_init();
	dmem_stats_collect(collect);
}

/* The block's number in its slab; false when ptr does not begin one. */
static bool index_of(const struct dmem_slab *slab, unsigned int cls,
		     const void *ptr, size_t *index)
{
	size_t offset = (size_t)((const char *)ptr - dmem_central_start(slab));

	/* A multiplication for the division: exact, as offset / 16 is below
	 * 2^16 (11 spans of 64 KiB) and the reciprocal's error below 1. */
	*index = (offset / 16 * dmem_classes[cls].recip) >> 32;
	return *index < slab->nblocks &&
	       *index * dmem_classes[cls].size == offset;
}

/* The arena got chunks back. */
static bool unsettled;

void dmem_slab_settle(void)
{
	dmem_host_call("what may report misuse");
	dmem_slab_open_tell();
	if (dmem_unlikely(dmem_load(&unsettled))) {
		dmem_store(&unsettled, false);
		dmem_arena_settle();
	}
	dmem_arena_louder();
	dmem_stash_scale();
	dmem_notes_report();
}

static bool note(enum dmem_misuse misuse, const void *ptr, unsigned int cls)
{
	dmem_notes_add(misuse, ptr, dmem_classes[cls].size);
	return false;
}

/* An empty slab is of its class no more; the class is locked. */
static void retire(struct dmem_central *central, struct dmem_slab *slab)
{
	dmem_list_drop(dmem_central_list(central, slab), slab);
	if (!slab->log2_align)
		central->nfree -= slab->nfree;
	dmem_pages_end(slab);
	dmem_store(&slab->cls, 0);
}

bool dmem_central_spare(unsigned int cls, struct dmem_slab *slab)
{
	struct dmem_central *central = &dmem_centrals[cls];

	/* One empty slab stays, so that a block at the edge does not make and
	 * unmake slabs. */
	if (slab->nfree != slab->nblocks ||
	    (!slab->log2_align && central->nfree == slab->nfree))
		return false;
	retire(central, slab);
	return true;
}

/* Whether an address lies in a slab. */
static bool is_inside(const struct dmem_slab *slab, const void *ptr)
{
	return (size_t)((const char *)ptr - dmem_central_start(slab)) <
	       (size_t)slab->nspans << DMEM_SPAN_SHIFT;
}

/*
 * Put one block into its slab; a slab that is not needed goes to *empty. *last:
 * the slab of the block before, or NULL: the next is often of the same.
 */
static bool put(struct dmem_central *central, unsigned int cls, void *ptr,
		struct dmem_slab **last, struct dmem_slab **empty)
{
	struct dmem_slab *slab = *last;
	uint64_t bit;
	size_t index;

	if (!slab || !is_inside(slab, ptr))
		slab = dmem_spans_slab(ptr);
	*last = NULL;
	if (!slab || !dmem_slab_is_of(slab, cls) ||
	    !index_of(slab, cls, ptr, &index))
		return note(DMEM_MISUSE_FOREIGN_POINTER, ptr, cls);
	bit = UINT64_C(1) << (index % 64);
	if (slab->free[index / 64] & bit || dmem_slab_open_holds(slab, index))
		return note(DMEM_MISUSE_DOUBLE_FREE, ptr, cls);

	slab->free[index / 64] |= bit;
	slab->touched = true;
	slab->cursor = (uint16_t)DMEM_MIN(slab->cursor, index / 64);
	if (!slab->nfree++)
		dmem_list_push(dmem_central_list(central, slab), slab);
	if (!slab->log2_align)
		central->nfree++;
	if (dmem_central_spare(cls, slab)) {
		slab->next = *empty;
		*empty = slab;
	} else {
		*last = slab;
	}
	return true;
}

/* Locks of caches may be held: dmem_slab_settle() comes without. */
static void return_slabs(struct dmem_slab *empty)
{
	if (!empty)
		return;
	while (empty) {
		struct dmem_slab *next = empty->next;

		dmem_spans_give(empty);
		empty = next;
	}
	/* Read by all at the end of their slow paths. */
	if (!dmem_load(&unsettled))
		dmem_store(&unsettled, true);
}

/*
 * Put the blocks that the stash holds beyond some into their slabs. They were
 * counted as given: wrongly where they were free already, or no blocks at all.
 */
static void unstash(struct dmem_central *central, unsigned int cls, size_t keep,
		    struct dmem_slab **empty)
{
	struct dmem_slab *last = NULL;
	void *block;

	while (central->stash.n > keep) {
		dmem_stash_take(&central->stash, cls, &block + 1, 1);
		dmem_pages_loose((ptrdiff_t)dmem_classes[cls].size);
		if (put(central, cls, block, &last, empty))
			continue;
		dmem_pages_loose(-(ptrdiff_t)dmem_classes[cls].size);
		central->out++;
		central->restored++;
		dmem_limit_restore(dmem_classes[cls].size);
	}
}

static void narrow(struct dmem_central *central, unsigned int cls,
		   struct dmem_slab **empty)
{
	unstash(central, cls, dmem_classes[cls].stash_max, empty);
	dmem_stash_narrow(&central->stash, cls);
}

/* Take room from a stash that was not used since the last round. */
static void narrow_next(void)
{
	struct dmem_slab *empty = NULL;

	for (unsigned int looks = 0; looks < 8; looks++) {
		unsigned int cls = dmem_stash_next();
		struct dmem_central *central = &dmem_centrals[cls];

		if (!dmem_trylock(&central->lock))
			continue;
		if (central->stash.used)
			central->stash.used = false;
		else
			narrow(central, cls, &empty);
		dmem_unlock(&central->lock);
	}
	return_slabs(empty);
}

static size_t give(unsigned int cls, void *const *blocks, size_t n, bool check)
{
	struct dmem_central *central = &dmem_centrals[cls];
	struct dmem_slab *last = NULL, *empty = NULL;
	size_t i = 0, given;
	bool starved;

	dmem_lock(&central->lock);
	if (!check)
		i = dmem_stash_put(&central->stash, cls, blocks, n);
	given = i;
	/* Before, as a slab that ends takes its own off: never below 0. */
	dmem_pages_loose((ptrdiff_t)((n - i) * dmem_classes[cls].size));
	for (size_t k = i; k < n; k++)
		given += put(central, cls, blocks[k], &last, &empty);
	dmem_pages_loose(-(ptrdiff_t)((n - given) * dmem_classes[cls].size));
	central->out -= given;
	starved = i < n && central->stash.starved;
	dmem_unlock(&central->lock);
	dmem_limit_release(given * dmem_classes[cls].size);
	return_slabs(empty);
	if (!check && starved)
		narrow_next();
	return given;
}

size_t dmem_slab_give(unsigned int cls, void *const *blocks, size_t n)
{
	/* A single block is checked at once: debug mode relies on it. */
	return give(cls, blocks, n, n == 1);
}

size_t dmem_slab_pass(unsigned int cls, void *const *blocks, size_t n)
{
	return give(cls, blocks, n, false);
}

/* The block that holds ptr; the class is locked. */
static bool find_in(const struct dmem_slab *slab, unsigned int cls,
		    const void *ptr, struct dmem_slab_block *out)
{
	size_t size = dmem_classes[cls].size, index;
	char *start = dmem_central_start(slab);

	if (!is_inside(slab, ptr))
		return false;
	index = (size_t)((const char *)ptr - start) / size;
	if (index >= slab->nblocks)
		return false;
	out->start = start + index * size;
	out->size = size;
	out->align = slab->log2_align ? (size_t)1 << slab->log2_align : 0;
	out->free = slab->free[index / 64] >> (index % 64) & 1 ||
		    dmem_slab_open_holds(slab, index);
	return true;
}

bool dmem_slab_find(const void *ptr, struct dmem_slab_block *out)
{
	struct dmem_slab *slab = dmem_spans_slab(ptr);
	unsigned int cls;
	bool found;

	if (!slab)
		return false;
	cls = dmem_load(&slab->cls);
	/* The lock of no class is none that fork(2) waits for. */
	if (!cls)
		return false;
	dmem_lock(&dmem_centrals[cls].lock);
	/* The address of a freed block: its slab may have gone meanwhile. */
	found = dmem_slab_is_of(slab, cls) && find_in(slab, cls, ptr, out);
	dmem_unlock(&dmem_centrals[cls].lock);
	return found;
}

static void age_stash(unsigned int cls)
{
	struct dmem_central *central = &dmem_centrals[cls];
	struct dmem_slab *empty = NULL;

	if (!dmem_trylock(&central->lock))
		return;
	if (!central->stash.lately)
		unstash(central, cls, 0, &empty);
	central->stash.lately = false;
	dmem_unlock(&central->lock);
	return_slabs(empty);
}

void dmem_slab_age_stashes(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		/* A trim and a fork find slabs that become empty, too. */
		dmem_slab_open_lock();
		age_stash(cls);
		dmem_slab_open_unlock();
	}
}

static void trim_class(unsigned int cls)
{
	struct dmem_central *central = &dmem_centrals[cls];
	struct dmem_slab *empty = NULL, *next;

	dmem_lock(&central->lock);
	unstash(central, cls, 0, &empty);
	narrow(central, cls, &empty);
	for (struct dmem_slab *slab = central->partial; slab; slab = next) {
		dmem_lock_step();
		next = slab->next;
		if (slab->nfree != slab->nblocks)
			continue;
		retire(central, slab);
		slab->next = empty;
		empty = slab;
	}
	dmem_unlock(&central->lock);
	return_slabs(empty);
}

void dmem_slab_trim(void)
{
	/* What is held while it is opened would stay. */
	dmem_slab_open_lock();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		trim_class(cls);
	dmem_spans_trim();
	dmem_slab_open_unlock();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Slabs: 64 KiB spans of the arena cut into blocks of one size class, with
 * bitmaps out of line. A slab of the larger classes takes up to five spans, so
 * that at most an eighth of it is left over.
 *
 * A span's class (classes.h) is in dmem_window.classes, so a block's size
 * follows from its address.
 *
 * A stash a class hands whole batches from threads that free to threads that
 * allocate without a look at the bitmaps.
 *
 * Thread-safe: a lock a class, one for spans, then the arena's, in this order.
 */
#ifndef DMEM_SLAB_H
#define DMEM_SLAB_H

#include "base.h"
#include "arena/window.h"
#include "classes.h"

/* Once. */
void dmem_slab_init(void);

/*
 * Take up to n blocks of a class; returns how many, 0 when there is no memory
 * or the limit is reached. out[n - 1] is to be used first.
 */
size_t dmem_slab_take(unsigned int cls, void **out, size_t n);

/* One block at a multiple of align; its slab remembers that. NULL: none. */
void *dmem_slab_take_aligned(unsigned int cls, size_t align);

/*
 * Give n blocks of a class back; a single one is checked at once, batches may
 * be when the stash is emptied. An address that is no block of the class, or a
 * free one, is left alone and noted for dmem_slab_settle(). Returns how many
 * are not out any more.
 */
size_t dmem_slab_give(unsigned int cls, void *const *blocks, size_t n);

/* The same for blocks of open caches: none of them is checked at once. */
size_t dmem_slab_pass(unsigned int cls, void *const *blocks, size_t n);

/*
 * Finish taking and giving once no lock is held: report the misuse noted, let
 * the arena obey its cap and ages. Cheap if there is nothing to do.
 */
void dmem_slab_settle(void);

/* The block of a slab at an address. */
struct dmem_slab_block {
	char *start;      /* of the block that holds it */
	size_t size;
	size_t align;     /* asked for; 0: nothing special */
	bool free;        /* in the slab, not with a thread or in a stash */
};
bool dmem_slab_find(const void *ptr, struct dmem_slab_block *out);

/*
 * Visit the live blocks of classes from `least` bytes on, with caches shut. Each
 * slab is looked at as it is at one time, after wait(n), which comes with no lock
 * held, for n blocks at most; visit() comes with locks held. False: wait() ended
 * it.
 */
bool dmem_slab_each_live(size_t least, bool (*wait)(uint32_t n),
			 void (*visit)(const void *ptr, size_t nbytes,
				       size_t align));

/*
 * Give back whole pages where blocks keep a chunk from being free: of chunks
 * that were left alone for age ms and are half free, some at a time. Returns
 * whether there is more to do, later.
 */
bool dmem_slab_age(uint32_t age);

/* The same of all chunks, now, if an eighth is free; returns the bytes. */
size_t dmem_slab_reclaim(void);

/* Empty the stashes and return empty slabs to the arena. */
void dmem_slab_trim(void);

/* Blocks of a class that are out of slab and stash, and those in the stash. */
void dmem_slab_count(unsigned int cls, size_t *out, size_t *stashed);

/* Of those that were given back: how many a later check found to be no blocks
 * that were out. */
size_t dmem_slab_restored(unsigned int cls);

void dmem_slab_fork_prepare(void);
void dmem_slab_fork_parent(void);
bool dmem_slab_idle(unsigned int *patience);

#endif /* DMEM_SLAB_H */

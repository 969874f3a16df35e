/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Shelves: blocks freed last, kept as they are, one shelf for each processor,
 * so that the temporaries of a thread come back without the arena's lock. Which
 * processor is a hint only: a shelf that is in use is passed by.
 *
 * Their runs count as used for the arena, and as retained for all others. What
 * they were charged for stays charged, as with blocks in threads' caches.
 *
 * A lock a shelf, below the arena's.
 */
#ifndef DMEM_ARENA_SHELF_H
#define DMEM_ARENA_SHELF_H

#include "state.h"

/* Blocks of other sizes are the arena's alone: above this the cost of a run is
 * lost in that of writing to it. */
#define DMEM_SHELF_BLOCK_MIN ((size_t)128 << 10)
#define DMEM_SHELF_BLOCK_MAX ((size_t)4 << 20)

/* Once. */
void dmem_shelf_init(void);

/* Bytes of runs on all of them. */
size_t dmem_shelf_bytes(void);

/*
 * Whether the shelves are to be cleared for a request of so many granules that
 * finds no warm run; not where blocks of such sizes are made and freed in pairs:
 * they find them.
 */
bool dmem_shelf_in_the_way(uint32_t len);

/* End all of them, so that they join their neighbours. Arena's lock held. */
void dmem_shelf_clear(void);

/* What went over them; sums, as of one time. With the arena's lock held no block is
 * on its way between these and its numbers. */
void dmem_shelf_count(struct live_shelf *out);

/* Arena's lock held: no block goes to a shelf or comes from one until the other
 * is called; the runs become free. */
void dmem_shelf_fork_prepare(void);
void dmem_shelf_fork_parent(void);
bool dmem_shelf_idle(unsigned int *patience);

#endif /* DMEM_ARENA_SHELF_H */

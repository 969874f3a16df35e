/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Opens chunks of slabs: whole pages of free blocks, and free spans, are given
 * back where blocks in use keep a chunk from being free.
 *
 * Thread-safe, a lock above those of the classes; system calls are made with
 * this one only, for which nobody waits but fork(2), trims and ageing: but for
 * one of advice for each chunk.
 */
#ifndef DMEM_SLAB_OPEN_H
#define DMEM_SLAB_OPEN_H

#include "spans.h"

struct datamem_stats;

/* See to it that somebody opens what is free, if it is much; no lock held. */
void dmem_slab_open_tell(void);

/* Part of a snapshot, and of the page. */
void dmem_slab_open_collect(struct datamem_stats *stats);

/*
 * With the class locked: whether a block, whose bit says that it is in use, is
 * free and held (slabs.pml, A3).
 */
bool dmem_slab_open_held(size_t index);
DMEM_INLINE bool dmem_slab_open_holds(const struct dmem_slab *slab, size_t index)
{
	return slab->held && dmem_slab_open_held(index);
}

/* While it is locked nothing is held. */
void dmem_slab_open_lock(void);
void dmem_slab_open_unlock(void);
bool dmem_slab_open_idle(unsigned int *patience);

#endif /* DMEM_SLAB_OPEN_H */

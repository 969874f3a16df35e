/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Trees of free runs in order of length, then of address. A tree is a treap: a
 * hash of the address decides which run is above, so that it stays flat
 * (about 2 log2(n) steps) whatever the order of work. The links lie in the
 * runs' tags. All under the arena's lock.
 *
 * by_chunk: the order is by the length from the run's first chunk boundary on,
 * as blocks aligned to a chunk need it; such a run has two granules at least.
 */
#ifndef DMEM_ARENA_TREES_H
#define DMEM_ARENA_TREES_H

#include "window.h"

#define DMEM_NO_RUN UINT32_MAX

/* The length that a tree is ordered by; 0: the run is in no such tree. */
DMEM_INLINE uint32_t dmem_trees_length(uint32_t run, bool by_chunk)
{
	uint32_t len = dmem_window.tags[run].len;
	uint32_t skip = -run & (dmem_chunk_granules() - 1);

	if (!by_chunk)
		return len;
	return len > 1 && len > skip ? len - skip : 0;
}

/* len: the run's, as above; the run's tag must be as it was when inserted. */
void dmem_trees_insert(uint32_t *root, bool by_chunk, uint32_t len,
		       uint32_t run);
void dmem_trees_remove(uint32_t *root, bool by_chunk, uint32_t len,
		       uint32_t run);

/* The first run of a length and address not below these, or DMEM_NO_RUN. */
uint32_t dmem_trees_first(uint32_t root, bool by_chunk, uint32_t len,
			  uint32_t address);

/* Steps taken by all calls so far; tests bound them. */
extern uint64_t dmem_trees_steps;

#endif /* DMEM_ARENA_TREES_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What a shelf is, for shelf.c and again.c only. With its lock held.
 */
#ifndef DMEM_ARENA_SHELVES_H
#define DMEM_ARENA_SHELVES_H

#include "shelf.h"

#define DMEM_SHELF_SLOTS 12

/* So many blocks in a row that were freed before the next one was made show that
 * such blocks do not live. */
#define DMEM_SHELF_PAIRS_MIN 4

/* Sizes asked for last, one for each value of a hash. */
#define DMEM_SHELF_SIZES_SHIFT 6

struct dmem_shelf_slot {
	uint32_t at, len;         /* a run */
	dmem_tag_block block;     /* as it was, so that no tag is looked at */
};

struct dmem_shelf {
	struct dmem_brief lock;
	unsigned int filled, misses, rest, calls;
	unsigned int pairs;       /* blocks in a row freed as they were made */
	unsigned int noted;       /* most filled that retention knows of */
	size_t last;              /* size asked for last; 0: a free came after */
	/* The one freed last at the end. */
	struct dmem_shelf_slot slots[DMEM_SHELF_SLOTS];
	size_t bytes;             /* of them */
	size_t told;              /* the same, in dmem_arena.shelved */
	size_t surplus;           /* charged, and no block's */
	uint64_t allocs, frees, nbytes, faults_avoided;  /* live-page.h */
	/* Twice the size; plus 1 where it came again. */
	uint64_t sizes[1 << DMEM_SHELF_SIZES_SHIFT];
} DMEM_OWN_LINES;

DMEM_INLINE size_t dmem_shelf_slot_bytes(const struct dmem_shelf_slot *slot)
{
	return (size_t)slot->len << DMEM_GRANULE_SHIFT;
}

/* Bytes that a shelf may hold now. */
size_t dmem_shelf_most(void);

/* Lock one that nobody is at, the processor's if it can be had. */
struct dmem_shelf *dmem_shelf_lock(void);

/* Show its numbers, and unlock it. */
void dmem_shelf_unlock(struct dmem_shelf *shelf);

/* Empty a slot, which the others close up to. */
void dmem_shelf_take_out(struct dmem_shelf *shelf, unsigned int slot);

/* Of what is charged for no block, keep at most so much. */
void dmem_shelf_settle(struct dmem_shelf *shelf, size_t keep);

/* Tell the arena how much it holds. The arena's lock is held as well. */
void dmem_shelf_tell(struct dmem_shelf *shelf);

/* End the run that was freed first. The arena's lock is held as well. */
void dmem_shelf_end_oldest(struct dmem_shelf *shelf);

/* Clear one; no lock may be held. */
void dmem_shelf_clear_one(struct dmem_shelf *shelf);

#endif /* DMEM_ARENA_SHELVES_H */

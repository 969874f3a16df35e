/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Guarded blocks and their addresses. For guard/ only.
 *
 * The area is a range of addresses that nothing is mapped in but these blocks
 * (dmem_arena_set_aside()): a slot of 16 pages for each record, then as many
 * large slots, of which a block takes as many as it needs. So the record of an
 * address is found without a search. A block's mapping is
 *
 *   [ no access | ... block, padding | no access ]
 *
 * and all of it has no access from when it is freed until its record is needed
 * for another one, the block that was freed first being the next.
 */
#ifndef DMEM_BLOCKS_H
#define DMEM_BLOCKS_H

#include "base.h"
#include "reports/reports.h"

#define DMEM_GUARD_BLOCKS 1000u

enum dmem_guarded_state {
	DMEM_GUARDED_NONE,
	DMEM_GUARDED_MADE,   /* taken, not the caller's yet */
	DMEM_GUARDED_LIVE,
	DMEM_GUARDED_GOING,  /* being freed; in a child that is forked meanwhile
			      * for ever */
	DMEM_GUARDED_FREED,
};

/* Written with the records locked, but for the state and the stacks, which are of
 * the one who has the block. Read without a lock by a handler of signals. */
struct dmem_guarded {
	uint32_t state;
	uint32_t next;       /* of those not in use, those freed; index + 1 */
	uint32_t slot, slots;  /* the large ones; slots 0: the small one */
	uint32_t reported;   /* an access was */
	char *map;
	size_t mapped;
	char *start;
	char *end;           /* the pages behind it have no access */
	size_t nbytes;
	size_t align;
	struct dmem_stack made, freed;
};

/* Find the area; false: no addresses, no memory. With no lock held. */
bool dmem_blocks_open(void);

/*
 * A record with its mapping, of zeros, state MADE; the block ends as near to
 * the end as a multiple of align (a power of two) allows. NULL: no memory, or
 * all records are of live blocks.
 */
struct dmem_guarded *dmem_blocks_take(size_t nbytes, size_t align);

/* The record whose mapping has an address, in any state but NONE; NULL. Takes
 * no lock, and the record may be another block's when it is read: for a handler
 * of signals. */
struct dmem_guarded *dmem_blocks_find(const void *ptr);

/* A copy of it, with the stacks that are written by now; false: there is none. */
bool dmem_blocks_copy(const void *ptr, struct dmem_guarded *out);

/* Whether it is being freed, or was. */
DMEM_INLINE bool dmem_blocks_is_freed(const struct dmem_guarded *block)
{
	return dmem_load_acquire(&block->state) >= DMEM_GUARDED_GOING;
}

/* Visit those that are LIVE, with the records locked. */
void dmem_blocks_each_live(void (*visit)(const void *ptr, size_t nbytes,
					 size_t align));

/* The block that begins at an address, from LIVE to GOING, by one thread alone.
 * NULL: it is not live, and *seen is a copy as above, its state NONE if there is
 * no record. */
struct dmem_guarded *dmem_blocks_seize(const void *ptr,
				       struct dmem_guarded *seen);

/* Take all access to a block that is GOING: it is FREED then. */
void dmem_blocks_retire(struct dmem_guarded *block);

/* Let freed blocks go. */
void dmem_blocks_forget(void);

/* The padding around a block, which is written and looked at as one finds it:
 * the address of the first byte that has changed, or NULL. */
void dmem_blocks_pad(struct dmem_guarded *block);
const char *dmem_blocks_look(const struct dmem_guarded *block);

void dmem_blocks_fork_prepare(void);
void dmem_blocks_fork_parent(void);
bool dmem_blocks_idle(unsigned int *patience);

#endif /* DMEM_BLOCKS_H */

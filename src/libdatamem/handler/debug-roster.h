/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Records of the blocks of the handler `debug`: live ones, and those freed not
 * long ago. Does not touch the blocks themselves.
 *
 * Blocks are spread by address over shards, each with a lock, a hash table and
 * a queue of freed blocks, oldest first. A freed block stays in the queue until
 * younger ones exceed a number or a number of bytes, and its address is not used
 * again so long (quarantine). Its memory is kept as well, unless it is too large
 * for that. Where an address cannot be kept, the record stays, so that a second
 * free is still recognised, until the address is used again.
 *
 * The records belong to the shard: they are read and written with its lock held
 * (dmem_debug_roster_lock), or by the caller of dmem_debug_roster_expel(), who
 * gets them for good.
 */
#ifndef DMEM_DEBUG_ROSTER_H
#define DMEM_DEBUG_ROSTER_H

#include "base.h"
#include "reports/reports.h"

/* Freed blocks kept in a shard; 16 shards. */
#define DMEM_DEBUG_ROSTER_QUEUE_BLOCKS 256
#define DMEM_DEBUG_ROSTER_QUEUE_BYTES (4 * DMEM_MIB)
/* Bytes of addresses without memory; the youngest block may be larger. */
#define DMEM_DEBUG_ROSTER_QUEUE_SPAN (256 * DMEM_MIB)

enum dmem_debug_roster_state {
	DMEM_DEBUG_ROSTER_LIVE,
	DMEM_DEBUG_ROSTER_GOING, /* being freed, not in the queue yet; of a
				  * child that is forked meanwhile for ever */
	DMEM_DEBUG_ROSTER_KEPT,  /* freed, memory in quarantine */
	DMEM_DEBUG_ROSTER_EMPTY, /* freed, its addresses in quarantine */
	DMEM_DEBUG_ROSTER_GONE,  /* freed, memory given back */
};

struct dmem_debug_block {
	char *ptr;
	size_t nbytes;       /* as asked for */
	size_t held;         /* the same when it was made; shrinks stay */
	size_t pad;          /* bytes in front of ptr that belong to it */
	int made_by;         /* thread ids */
	int freed_by;
	struct dmem_stack *made_at;  /* NULL: not known */
	enum dmem_debug_roster_state state;
	struct dmem_debug_block *chain;           /* of the hash table */
	struct dmem_debug_block *older, *younger; /* in the queue */
};

struct dmem_debug_shard;

/* Lock the shard that answers for an address; valid until unlocked. */
struct dmem_debug_shard *dmem_debug_roster_lock(const void *ptr);
void dmem_debug_roster_unlock(struct dmem_debug_shard *shard);

/* The record of an address, or NULL. */
struct dmem_debug_block *dmem_debug_roster_find(struct dmem_debug_shard *shard,
						const void *ptr);
/*
 * Enter a new live block: 0, or -ENOMEM. A record that is GONE is replaced. The
 * stack of who made it is copied, as long as there is memory for that; NULL: it
 * is not known.
 */
int dmem_debug_roster_add(struct dmem_debug_shard *shard, void *ptr,
			  size_t nbytes, size_t pad,
			  const struct dmem_stack *made_at);
/* Put a block that is GOING at the queue's end: KEPT, EMPTY or GONE. */
void dmem_debug_roster_retire(struct dmem_debug_shard *shard,
			      struct dmem_debug_block *block,
			      enum dmem_debug_roster_state state);
/*
 * Take the oldest freed block out of roster and queue, if the queue is above
 * its bounds, or in any case; NULL: it is not, or is empty. The record is the
 * caller's until it is put back with dmem_debug_roster_forget().
 */
struct dmem_debug_block *dmem_debug_roster_expel(struct dmem_debug_shard *shard,
						 bool in_any_case);
/* Lock the shards one by one, from 0 on; NULL: there are no more. */
struct dmem_debug_shard *dmem_debug_roster_lock_number(size_t number);
void dmem_debug_roster_forget(struct dmem_debug_block *block);

/*
 * Call visit(block) for all records, each with its shard's lock held; visit
 * must not call back. Leaves out a shard that is locked: a signal handler that
 * interrupted its owner may be what ends the process.
 */
void dmem_debug_roster_walk(void (*visit)(struct dmem_debug_block *block));

size_t dmem_debug_roster_meta_bytes(void);

void dmem_debug_roster_fork_prepare(void);
void dmem_debug_roster_fork_parent(void);

#endif /* DMEM_DEBUG_ROSTER_H */

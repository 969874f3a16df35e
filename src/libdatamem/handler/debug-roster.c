/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Records of the blocks of the handler `debug`. */
#include "debug-roster.h"

#include "kernel/kernel.h"
#include "records.h"

#define SHARDS 16
/* The first table: 64 KiB, a whole number of pages everywhere. */
#define FIRST_HEADS (64 * DMEM_KIB / sizeof(struct dmem_debug_block *))

struct dmem_debug_shard {
	struct dmem_lock lock;
	struct dmem_debug_block **heads;
	size_t nheads;       /* a power of two, or 0 */
	size_t nblocks;      /* records in the table */
	struct dmem_debug_block *oldest, *youngest;
	size_t queue_blocks;
	size_t queue_bytes;  /* memory kept */
	size_t queue_span;   /* addresses kept, without memory */
} __attribute__((__aligned__(64)));

static struct dmem_debug_shard shards[SHARDS] DMEM_TABLE = {
	[0 ... SHARDS - 1] = { .lock = DMEM_LOCK_INIT(ROSTER) },
};
static struct dmem_records records =
	DMEM_RECORDS_INIT(struct dmem_debug_block, ROSTER_RECORDS);
static struct dmem_records stacks =
	DMEM_RECORDS_INIT(struct dmem_stack, ROSTER_STACKS);

static uint64_t hash(const void *ptr)
{
	return dmem_hash((uintptr_t)ptr);
}

/* The shard takes the hash's top bits, the table the ones below. */
static struct dmem_debug_block **head_of(struct dmem_debug_block **heads,
					 size_t nheads, const void *ptr)
{
	return &heads[(hash(ptr) >> 16) & (nheads - 1)];
}

struct dmem_debug_shard *dmem_debug_roster_lock(const void *ptr)
{
	struct dmem_debug_shard *shard = &shards[hash(ptr) >> 60];

	dmem_lock(&shard->lock);
	return shard;
}

void dmem_debug_roster_unlock(struct dmem_debug_shard *shard)
{
	dmem_unlock(&shard->lock);
}

struct dmem_debug_block *dmem_debug_roster_find(struct dmem_debug_shard *shard,
						const void *ptr)
{
	struct dmem_debug_block *block;

	if (!shard->nheads)
		return NULL;
	block = *head_of(shard->heads, shard->nheads, ptr);
	while (block && block->ptr != ptr)
		block = block->chain;
	return block;
}

/* A table that cannot grow gets longer chains; only the first one must be. */
static bool grow(struct dmem_debug_shard *shard)
{
	size_t nheads = shard->nheads ? 2 * shard->nheads : FIRST_HEADS;
	size_t nbytes = nheads * sizeof(*shard->heads);
	struct dmem_debug_block **heads = dmem_kernel_map(nbytes), *block;

	if (!heads)
		return shard->nheads > 0;
	for (size_t i = 0; i < shard->nheads; i++) {
		while ((block = shard->heads[i])) {
			struct dmem_debug_block **head =
				head_of(heads, nheads, block->ptr);

			shard->heads[i] = block->chain;
			block->chain = *head;
			*head = block;
		}
	}
	if (shard->nheads)
		dmem_kernel_unmap(shard->heads,
				  shard->nheads * sizeof(*shard->heads));
	shard->heads = heads;
	dmem_store(&shard->nheads, nheads);
	return true;
}

static void unqueue(struct dmem_debug_shard *shard,
		    struct dmem_debug_block *block)
{
	*(block->older ? &block->older->younger : &shard->oldest) =
		block->younger;
	*(block->younger ? &block->younger->older : &shard->youngest) =
		block->older;
	block->older = block->younger = NULL;
	shard->queue_blocks--;
	if (block->state == DMEM_DEBUG_ROSTER_KEPT)
		shard->queue_bytes -= block->held;
	if (block->state == DMEM_DEBUG_ROSTER_EMPTY)
		shard->queue_span -= block->held;
}

static void set_made_at(struct dmem_debug_block *block,
			const struct dmem_stack *made_at)
{
	if (!made_at) {
		if (block->made_at)
			dmem_records_put(&stacks, block->made_at);
		block->made_at = NULL;
		return;
	}
	if (!block->made_at)
		block->made_at = dmem_records_get(&stacks);
	if (block->made_at)
		*block->made_at = *made_at;
}

int dmem_debug_roster_add(struct dmem_debug_shard *shard, void *ptr,
			  size_t nbytes, size_t pad,
			  const struct dmem_stack *made_at)
{
	struct dmem_debug_block *block = dmem_debug_roster_find(shard, ptr);
	struct dmem_debug_block **head;

	if (block) {
		unqueue(shard, block);
	} else {
		if (shard->nblocks >= shard->nheads && !grow(shard))
			return -ENOMEM;
		block = dmem_records_get(&records);
		if (!block)
			return -ENOMEM;
		block->ptr = ptr;
		head = head_of(shard->heads, shard->nheads, ptr);
		block->chain = *head;
		*head = block;
		shard->nblocks++;
	}
	block->nbytes = nbytes;
	block->held = nbytes;
	block->pad = pad;
	block->made_by = dmem_kernel_thread_id();
	block->freed_by = 0;
	block->state = DMEM_DEBUG_ROSTER_LIVE;
	set_made_at(block, made_at);
	return 0;
}

void dmem_debug_roster_retire(struct dmem_debug_shard *shard,
			      struct dmem_debug_block *block,
			      enum dmem_debug_roster_state state)
{
	block->state = state;
	if (state == DMEM_DEBUG_ROSTER_KEPT)
		shard->queue_bytes += block->held;
	if (state == DMEM_DEBUG_ROSTER_EMPTY)
		shard->queue_span += block->held;
	block->older = shard->youngest;
	*(block->older ? &block->older->younger : &shard->oldest) = block;
	shard->youngest = block;
	shard->queue_blocks++;
}

struct dmem_debug_shard *dmem_debug_roster_lock_number(size_t number)
{
	if (number >= SHARDS)
		return NULL;
	dmem_lock(&shards[number].lock);
	return &shards[number];
}

static bool within_bounds(const struct dmem_debug_shard *shard)
{
	return shard->queue_blocks <= DMEM_DEBUG_ROSTER_QUEUE_BLOCKS &&
	       shard->queue_bytes <= DMEM_DEBUG_ROSTER_QUEUE_BYTES &&
	       (shard->queue_span <= DMEM_DEBUG_ROSTER_QUEUE_SPAN ||
		shard->oldest == shard->youngest);
}

struct dmem_debug_block *dmem_debug_roster_expel(struct dmem_debug_shard *shard,
						 bool in_any_case)
{
	struct dmem_debug_block *block = shard->oldest, **link;

	if (!block || (!in_any_case && within_bounds(shard)))
		return NULL;
	unqueue(shard, block);
	link = head_of(shard->heads, shard->nheads, block->ptr);
	while (*link != block)
		link = &(*link)->chain;
	*link = block->chain;
	shard->nblocks--;
	return block;
}

void dmem_debug_roster_forget(struct dmem_debug_block *block)
{
	set_made_at(block, NULL);
	dmem_records_put(&records, block);
}

void dmem_debug_roster_walk(void (*visit)(struct dmem_debug_block *block))
{
	for (size_t i = 0; i < SHARDS; i++) {
		if (!dmem_trylock(&shards[i].lock))
			continue;
		for (size_t j = 0; j < shards[i].nheads; j++) {
			struct dmem_debug_block *block;

			for (block = shards[i].heads[j]; block;
			     block = block->chain)
				visit(block);
		}
		dmem_unlock(&shards[i].lock);
	}
}

size_t dmem_debug_roster_meta_bytes(void)
{
	size_t nbytes = dmem_load(&records.mapped) +
			dmem_load(&stacks.mapped);

	for (size_t i = 0; i < SHARDS; i++)
		nbytes += dmem_load(&shards[i].nheads) *
			  sizeof(*shards[i].heads);
	return nbytes;
}

void dmem_debug_roster_fork_prepare(void)
{
	for (size_t i = 0; i < SHARDS; i++)
		dmem_lock(&shards[i].lock);
	dmem_lock(&records.lock);
	dmem_lock(&stacks.lock);
}

void dmem_debug_roster_fork_parent(void)
{
	dmem_unlock(&stacks.lock);
	dmem_unlock(&records.lock);
	for (size_t i = SHARDS; i > 0; i--)
		dmem_unlock(&shards[i - 1].lock);
}

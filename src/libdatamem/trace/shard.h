/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The hash table of tracked addresses, cut into shards so that threads seldom
 * meet. The meaning of entries, and when they may be had, is in ledger.c.
 *
 * The lock of a shard guards its members. Functions are called with it held,
 * unless their comment says otherwise.
 */
#ifndef DMEM_SHARD_H
#define DMEM_SHARD_H

#include "domain.h"

#define DMEM_SHARDS 16

/* In a bucket, on a free list, or held by a ticket. */
struct dmem_entry {
	struct dmem_entry *next;
	const void *ptr;
	size_t nbytes;
	struct dmem_domain *domain;
};

struct entry_slab;

struct dmem_shard {
	struct dmem_lock lock;
	struct dmem_entry **buckets;
	size_t nbuckets;               /* a power of two */
	size_t nentries;
	struct dmem_entry *free;
	struct entry_slab *slabs;
} __attribute__((__aligned__(128)));   /* lines are fetched in pairs */

extern struct dmem_shard dmem_shards[DMEM_SHARDS];

uint64_t dmem_shard_hash(const struct dmem_domain *domain, const void *ptr);
/* The shard of a key that hash gave; without the lock. */
struct dmem_shard *dmem_shard_of(uint64_t key);

/* The link that points to the entry, or the NULL at the end of its chain. */
struct dmem_entry **dmem_shard_lookup(struct dmem_shard *shard,
				      const struct dmem_domain *domain,
				      const void *ptr, uint64_t key);
void dmem_shard_link(struct dmem_shard *shard, struct dmem_entry *entry,
		     uint64_t key);
struct dmem_entry *dmem_shard_unlink(struct dmem_shard *shard,
				     struct dmem_entry **link);
void dmem_shard_push_free(struct dmem_shard *shard, struct dmem_entry *entry);

/*
 * Double the buckets once there are two entries each; without memory, chains
 * grow instead. Without the lock: the mapping is made and released outside it.
 */
void dmem_shard_grow(struct dmem_shard *shard);

/* Mappings for accounts, counted; without the lock. Unmapping NULL is legal. */
void *dmem_shard_map(size_t nbytes);
void dmem_shard_unmap(void *addr, size_t nbytes);
size_t dmem_shard_mapped(void);

/* All locks, in order. */
void dmem_shard_lock_all(void);
void dmem_shard_unlock_all(void);

#endif /* DMEM_SHARD_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A hash table in shards, each with a lock of its own. */
#include "shard.h"

#include "kernel/kernel.h"

struct dmem_shard dmem_shards[DMEM_SHARDS] DMEM_TABLE = {
	[0 ... DMEM_SHARDS - 1] = { .lock = DMEM_LOCK_INIT(LEDGER) },
};
static size_t mapped;  /* bytes */

void *dmem_shard_map(size_t nbytes)
{
	void *addr = dmem_kernel_map(nbytes);

	if (addr)
		dmem_fetch_add(&mapped, nbytes);
	return addr;
}

void dmem_shard_unmap(void *addr, size_t nbytes)
{
	if (!addr)
		return;
	dmem_kernel_unmap(addr, nbytes);
	dmem_fetch_sub(&mapped, nbytes);
}

void dmem_shard_lock_all(void)
{
	for (size_t i = 0; i < DMEM_SHARDS; i++)
		dmem_lock(&dmem_shards[i].lock);
}

void dmem_shard_unlock_all(void)
{
	for (size_t i = DMEM_SHARDS; i-- > 0; )
		dmem_unlock(&dmem_shards[i].lock);
}

uint64_t dmem_shard_hash(const struct dmem_domain *domain, const void *ptr)
{
	uint64_t x = dmem_hash((uintptr_t)ptr ^ (uint64_t)domain->id << 44);

	return x ^ x >> 32;
}

/* Low bits choose the shard, the next ones the bucket. */
struct dmem_shard *dmem_shard_of(uint64_t key)
{
	return &dmem_shards[key % DMEM_SHARDS];
}

static struct dmem_entry **bucket_of(struct dmem_shard *shard, uint64_t key)
{
	return &shard->buckets[key / DMEM_SHARDS & (shard->nbuckets - 1)];
}

struct dmem_entry **dmem_shard_lookup(struct dmem_shard *shard,
				      const struct dmem_domain *domain,
				      const void *ptr, uint64_t key)
{
	struct dmem_entry **link = bucket_of(shard, key);

	while (*link && ((*link)->ptr != ptr || (*link)->domain != domain))
		link = &(*link)->next;
	return link;
}

void dmem_shard_push_free(struct dmem_shard *shard, struct dmem_entry *entry)
{
	entry->next = shard->free;
	shard->free = entry;
}

void dmem_shard_link(struct dmem_shard *shard, struct dmem_entry *entry,
		     uint64_t key)
{
	struct dmem_entry **bucket = bucket_of(shard, key);

	entry->next = *bucket;
	*bucket = entry;
	shard->nentries++;
}

struct dmem_entry *dmem_shard_unlink(struct dmem_shard *shard,
				     struct dmem_entry **link)
{
	struct dmem_entry *entry = *link;

	*link = entry->next;
	shard->nentries--;
	return entry;
}

void dmem_shard_grow(struct dmem_shard *shard)
{
	size_t have, nbuckets;
	struct dmem_entry **fresh, **old = NULL;

	dmem_lock(&shard->lock);
	have = shard->nbuckets;
	if (!have || shard->nentries <= 2 * have)
		have = 0;
	dmem_unlock(&shard->lock);
	if (!have)
		return;
	nbuckets = 2 * have;
	fresh = dmem_shard_map(nbuckets * sizeof(*fresh));
	if (!fresh)
		return;

	dmem_lock(&shard->lock);
	if (shard->nbuckets == have) {
		old = shard->buckets;
		shard->buckets = fresh;
		shard->nbuckets = nbuckets;
		shard->nentries = 0;
		for (size_t i = 0; i < have; i++) {
			struct dmem_entry *next;

			for (struct dmem_entry *entry = old[i]; entry;
			     entry = next) {
				next = entry->next;
				dmem_shard_link(shard, entry, dmem_shard_hash(
						entry->domain, entry->ptr));
			}
		}
		fresh = NULL;
	}
	dmem_unlock(&shard->lock);
	dmem_shard_unmap(old, have * sizeof(*old));
	dmem_shard_unmap(fresh, nbuckets * sizeof(*fresh));
}

size_t dmem_shard_mapped(void)
{
	return dmem_load(&mapped);
}

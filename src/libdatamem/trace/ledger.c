/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Every change of entries and totals happens under the lock of a shard, so that
 * with all of them held the accounts stand still: opening, closing, fork and
 * the reading of totals do that. Totals are atomic sums; each change is one
 * addition, whose result is what a peak is compared with, so peaks are exact.
 */
#include "ledger.h"

#include "shard.h"

#define BUCKETS_MIN 512   /* of a shard; one page of pointers */
#define SLAB_BYTES (64 * DMEM_KIB)
#define STEAL_MAX 64      /* free entries that change shards at once */

struct entry_slab {
	struct entry_slab *next;
	struct dmem_entry entries[];
};
#define SLAB_ENTRIES                                                         \
	((SLAB_BYTES - sizeof(struct entry_slab)) / sizeof(struct dmem_entry))

bool dmem_trace_active;

/* Changed with all shards locked. */
static unsigned int epoch;
/* Entries outside table and free lists; changed under the lock of a shard. */
static size_t outstanding;

/* Free entries. Those on their way between shards count as outstanding. */

static size_t take_from(struct dmem_shard *shard, struct dmem_entry **list,
			size_t max)
{
	size_t n = 0;

	dmem_lock(&shard->lock);
	while (n < max && shard->free) {
		struct dmem_entry *entry = shard->free;

		shard->free = entry->next;
		entry->next = *list;
		*list = entry;
		n++;
	}
	dmem_fetch_add(&outstanding, n);
	dmem_unlock(&shard->lock);
	return n;
}

static void give_back(struct dmem_shard *shard, struct dmem_entry *list)
{
	dmem_lock(&shard->lock);
	while (list) {
		struct dmem_entry *next = list->next;

		dmem_shard_push_free(shard, list);
		dmem_fetch_sub(&outstanding, 1);
		list = next;
	}
	dmem_unlock(&shard->lock);
}

/* False: no memory. */
static bool add_slab(struct dmem_shard *shard)
{
	struct entry_slab *slab = dmem_shard_map(SLAB_BYTES);

	if (!slab)
		return false;
	dmem_lock(&shard->lock);
	if (dmem_trace_on()) {
		slab->next = shard->slabs;
		shard->slabs = slab;
		for (size_t i = 0; i < SLAB_ENTRIES; i++)
			dmem_shard_push_free(shard, &slab->entries[i]);
		slab = NULL;
	}
	dmem_unlock(&shard->lock);
	dmem_shard_unmap(slab, SLAB_BYTES);
	return true;
}

/*
 * Reserve an entry: from the thread's home shard, else from what others have
 * too many of, else from fresh memory. *out stays NULL while accounts are off.
 */
static int reserve(struct dmem_entry **out, unsigned int *out_epoch)
{
	uint64_t self = dmem_hash((uintptr_t)pthread_self());
	size_t home = self >> 60;
	struct dmem_entry *list;

	_Static_assert(DMEM_SHARDS == 16, "four bits choose the home shard");
	while (dmem_trace_on()) {
		struct dmem_shard *shard = &dmem_shards[home];
		struct dmem_entry *entry = NULL;

		dmem_lock(&shard->lock);
		if (dmem_trace_on() && shard->free) {
			entry = shard->free;
			shard->free = entry->next;
			dmem_fetch_add(&outstanding, 1);
			*out_epoch = epoch;
		}
		dmem_unlock(&shard->lock);
		if (entry) {
			*out = entry;
			return 0;
		}

		list = NULL;
		for (size_t i = 1; i < DMEM_SHARDS && !list; i++)
			take_from(&dmem_shards[(home + i) % DMEM_SHARDS], &list,
				  STEAL_MAX);
		if (list)
			give_back(shard, list);
		else if (!add_slab(shard))
			return -ENOMEM;
	}
	return 0;
}

/* Release a reserved entry. */
static void release(struct dmem_entry *entry)
{
	entry->next = NULL;
	give_back(dmem_shard_of(dmem_shard_hash(entry->domain, entry->ptr)),
		  entry);
}

int dmem_ledger_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		      const void *old_ptr)
{
	struct dmem_entry *entry = NULL, **link;
	struct dmem_domain *account;
	int err;

	*ticket = (struct dmem_trace_ticket) {
		.domain = domain, .old_ptr = old_ptr,
	};
	if (!dmem_trace_on())
		return 0;
	account = dmem_domain_make(domain);
	if (!account)
		return -ENOMEM;
	if (old_ptr) {
		uint64_t key = dmem_shard_hash(account, old_ptr);
		struct dmem_shard *shard = dmem_shard_of(key);

		dmem_lock(&shard->lock);
		if (dmem_trace_on()) {
			link = dmem_shard_lookup(shard, account, old_ptr, key);
			if (*link) {
				entry = dmem_shard_unlink(shard, link);
				dmem_fetch_add(&outstanding, 1);
				ticket->epoch = epoch;
				ticket->was_tracked = true;
			}
		}
		dmem_unlock(&shard->lock);
	}
	if (!entry) {
		err = reserve(&entry, &ticket->epoch);
		if (err || !entry)
			return err;
		entry->domain = account;
		entry->ptr = old_ptr;
		entry->nbytes = 0;
	}
	ticket->entry = entry;
	return 0;
}

/* keep: an entry that has taken the place meanwhile is the truth. */
static int enter(struct dmem_trace_ticket *ticket, const void *ptr,
		 size_t nbytes, bool keep)
{
	struct dmem_entry *entry = ticket->entry, *other = NULL, **link;
	struct dmem_domain *domain = entry->domain;
	uint64_t key = dmem_shard_hash(domain, ptr);
	struct dmem_shard *shard = dmem_shard_of(key);
	size_t blocks = ticket->was_tracked ? 0 : 1;
	size_t bytes = nbytes - entry->nbytes;
	bool crowded;

	dmem_lock(&shard->lock);
	if (!dmem_trace_on() || ticket->epoch != epoch) {
		dmem_unlock(&shard->lock);
		release(entry);
		return -ESTALE;
	}
	link = dmem_shard_lookup(shard, domain, ptr, key);
	if (*link) {
		other = *link;
		blocks--;
		if (keep) {
			bytes -= nbytes;
		} else {
			bytes -= other->nbytes;
			other->nbytes = nbytes;
		}
		dmem_shard_push_free(shard, entry);
	} else {
		entry->ptr = ptr;
		entry->nbytes = nbytes;
		dmem_shard_link(shard, entry, key);
	}
	dmem_fetch_sub(&outstanding, 1);
	dmem_domain_change(domain, blocks, bytes);
	crowded = shard->nentries > 2 * shard->nbuckets;
	dmem_unlock(&shard->lock);
	if (dmem_unlikely(crowded))
		dmem_shard_grow(shard);
	return other ? 1 : 0;
}

int dmem_ledger_enter(struct dmem_trace_ticket *ticket, const void *ptr,
		      size_t nbytes)
{
	return enter(ticket, ptr, nbytes, false);
}

void dmem_ledger_restore(struct dmem_trace_ticket *ticket)
{
	struct dmem_entry *entry = ticket->entry;

	if (ticket->was_tracked)
		enter(ticket, ticket->old_ptr, entry->nbytes, true);
	else
		release(entry);
}

bool dmem_ledger_forget(unsigned int domain, const void *ptr, size_t *nbytes)
{
	struct dmem_domain *account = dmem_domain_find(domain);
	struct dmem_entry *entry = NULL, **link;
	struct dmem_shard *shard;
	uint64_t key;

	if (!account)
		return false;
	key = dmem_shard_hash(account, ptr);
	shard = dmem_shard_of(key);
	dmem_lock(&shard->lock);
	if (dmem_trace_on()) {
		link = dmem_shard_lookup(shard, account, ptr, key);
		if (*link) {
			entry = dmem_shard_unlink(shard, link);
			*nbytes = entry->nbytes;
			dmem_domain_change(account, (size_t)-1, -*nbytes);
			dmem_shard_push_free(shard, entry);
		}
	}
	dmem_unlock(&shard->lock);
	return entry;
}

void dmem_ledger_totals(unsigned int domain, struct datamem_trace_totals *out)
{
	struct dmem_domain *account = dmem_domain_find(domain);

	*out = (struct datamem_trace_totals) { 0 };
	if (!account)
		return;
	dmem_shard_lock_all();
	out->blocks = account->blocks;
	out->bytes = account->bytes;
	out->peak_bytes = account->peak;
	dmem_shard_unlock_all();
}

size_t dmem_ledger_mapped(void)
{
	return dmem_shard_mapped() + dmem_domain_mapped();
}

int dmem_ledger_prepare(void)
{
	for (size_t i = 0; i < DMEM_SHARDS; i++) {
		struct dmem_entry **buckets;
		bool have;

		/* Left by an earlier try that ran out of memory. */
		dmem_lock(&dmem_shards[i].lock);
		have = dmem_shards[i].buckets;
		dmem_unlock(&dmem_shards[i].lock);
		if (have)
			continue;
		buckets = dmem_shard_map(BUCKETS_MIN * sizeof(*buckets));
		if (!buckets)
			return -ENOMEM;
		dmem_lock(&dmem_shards[i].lock);
		dmem_shards[i].buckets = buckets;
		dmem_shards[i].nbuckets = BUCKETS_MIN;
		dmem_unlock(&dmem_shards[i].lock);
	}
	return 0;
}

void dmem_ledger_open(void)
{
	dmem_shard_lock_all();
	epoch++;
	dmem_domain_clear();
	dmem_store(&dmem_trace_active, true);
	dmem_shard_unlock_all();
}

/* Memory of a shard, to be unmapped once no lock is held. */
struct remains {
	struct dmem_entry **buckets;
	size_t nbuckets;
	struct entry_slab *slabs;
};

/* With all shards locked. Slabs stay while a ticket still points into one. */
static void empty_shard(struct dmem_shard *shard, struct remains *remains)
{
	*remains = (struct remains) { shard->buckets, shard->nbuckets, NULL };
	if (!dmem_load(&outstanding)) {
		remains->slabs = shard->slabs;
		shard->slabs = NULL;
		shard->free = NULL;
	} else {
		for (size_t i = 0; i < shard->nbuckets; i++)
			while (shard->buckets[i])
				dmem_shard_push_free(shard, dmem_shard_unlink(
						shard, &shard->buckets[i]));
	}
	shard->buckets = NULL;
	shard->nbuckets = 0;
	shard->nentries = 0;
}

void dmem_ledger_close(void)
{
	struct remains remains[DMEM_SHARDS];

	dmem_shard_lock_all();
	dmem_store(&dmem_trace_active, false);
	epoch++;
	dmem_domain_clear();
	for (size_t i = 0; i < DMEM_SHARDS; i++)
		empty_shard(&dmem_shards[i], &remains[i]);
	dmem_shard_unlock_all();
	for (size_t i = 0; i < DMEM_SHARDS; i++) {
		dmem_shard_unmap(remains[i].buckets,
		      remains[i].nbuckets * sizeof(struct dmem_entry *));
		while (remains[i].slabs) {
			struct entry_slab *next = remains[i].slabs->next;

			dmem_shard_unmap(remains[i].slabs, SLAB_BYTES);
			remains[i].slabs = next;
		}
	}
}

void dmem_ledger_lock(void)
{
	dmem_shard_lock_all();
	dmem_domain_lock();
}

void dmem_ledger_unlock(void)
{
	dmem_domain_unlock();
	dmem_shard_unlock_all();
}

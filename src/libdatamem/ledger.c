/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Every change of entries and totals happens under the lock of a shard, so that
 * with all of them held the accounts stand still: opening, closing, fork and
 * the reading of totals do that. Totals are atomic sums; each change is one
 * addition, whose result is what a peak is compared with, so peaks are exact.
 */
#include "ledger.h"

#include "domain.h"
#include "kernel/kernel.h"

#define SHARDS 16                 /* threads seldom meet in one */
#define BUCKETS_MIN 512           /* of a shard; one page of pointers */
#define SLAB_BYTES (64 * DMEM_KIB)
#define STEAL_MAX 64              /* free entries that change shards at once */

/* In a bucket, on a free list, or held by a ticket. */
struct entry {
	struct entry *next;
	const void *ptr;
	size_t nbytes;
	struct dmem_domain *domain;
};

struct slab {
	struct slab *next;
	struct entry entries[];
};
#define SLAB_ENTRIES ((SLAB_BYTES - sizeof(struct slab)) / sizeof(struct entry))

struct shard {
	pthread_mutex_t lock;
	struct entry **buckets;
	size_t nbuckets;               /* a power of two */
	size_t nentries;
	struct entry *free;
	struct slab *slabs;
} __attribute__((__aligned__(128)));   /* lines are fetched in pairs */

bool dmem_trace_active;

static struct shard shards[SHARDS] = {
	[0 ... SHARDS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};
/* Changed with all shards locked. */
static unsigned int epoch;
/* Entries outside table and free lists; changed under the lock of a shard. */
static size_t outstanding;
static size_t mapped;              /* bytes, for the statistics */

static void *map(size_t nbytes)
{
	void *addr = dmem_kernel_map(nbytes);

	if (addr)
		dmem_fetch_add(&mapped, nbytes);
	return addr;
}

static void unmap(void *addr, size_t nbytes)
{
	if (!addr)
		return;
	dmem_kernel_unmap(addr, nbytes);
	dmem_fetch_sub(&mapped, nbytes);
}

static void lock_all(void)
{
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_lock(&shards[i].lock);
}

static void unlock_all(void)
{
	for (size_t i = SHARDS; i-- > 0; )
		pthread_mutex_unlock(&shards[i].lock);
}

/* Table; all under the lock of the shard. */

static uint64_t hash(const struct dmem_domain *domain, const void *ptr)
{
	uint64_t x = ((uintptr_t)ptr ^ (uint64_t)domain->id << 44) *
		     0x9e3779b97f4a7c15u;

	return x ^ x >> 32;
}

/* Low bits choose the shard, the next ones the bucket. */
static struct shard *shard_of(uint64_t key)
{
	return &shards[key % SHARDS];
}

static struct entry **bucket_of(struct shard *shard, uint64_t key)
{
	return &shard->buckets[key / SHARDS & (shard->nbuckets - 1)];
}

static struct entry **lookup(struct shard *shard,
			     const struct dmem_domain *domain, const void *ptr,
			     uint64_t key)
{
	struct entry **link = bucket_of(shard, key);

	while (*link && ((*link)->ptr != ptr || (*link)->domain != domain))
		link = &(*link)->next;
	return link;
}

static void push_free(struct shard *shard, struct entry *entry)
{
	entry->next = shard->free;
	shard->free = entry;
}

static void link_entry(struct shard *shard, struct entry *entry, uint64_t key)
{
	struct entry **bucket = bucket_of(shard, key);

	entry->next = *bucket;
	*bucket = entry;
	shard->nentries++;
}

static struct entry *unlink_entry(struct shard *shard, struct entry **link)
{
	struct entry *entry = *link;

	*link = entry->next;
	shard->nentries--;
	return entry;
}

/*
 * Double the buckets once there are two entries each. Without memory, chains
 * grow instead. The mapping is made and released with no lock held.
 */
static void grow(struct shard *shard)
{
	size_t have, nbuckets, moved = 0;
	struct entry **fresh, **old = NULL;

	pthread_mutex_lock(&shard->lock);
	have = shard->nbuckets;
	if (!have || shard->nentries <= 2 * have)
		have = 0;
	pthread_mutex_unlock(&shard->lock);
	if (!have)
		return;
	nbuckets = 2 * have;
	fresh = map(nbuckets * sizeof(*fresh));
	if (!fresh)
		return;

	pthread_mutex_lock(&shard->lock);
	if (shard->nbuckets == have) {
		old = shard->buckets;
		shard->buckets = fresh;
		shard->nbuckets = nbuckets;
		shard->nentries = 0;
		for (; moved < have; moved++) {
			struct entry *entry, *next;

			for (entry = old[moved]; entry; entry = next) {
				next = entry->next;
				link_entry(shard, entry,
					   hash(entry->domain, entry->ptr));
			}
		}
		fresh = NULL;
	}
	pthread_mutex_unlock(&shard->lock);
	unmap(old, have * sizeof(*old));
	unmap(fresh, nbuckets * sizeof(*fresh));
}

/* Free entries. Those on their way between shards count as outstanding. */

static size_t take_from(struct shard *shard, struct entry **list, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&shard->lock);
	while (n < max && shard->free) {
		struct entry *entry = shard->free;

		shard->free = entry->next;
		entry->next = *list;
		*list = entry;
		n++;
	}
	dmem_fetch_add(&outstanding, n);
	pthread_mutex_unlock(&shard->lock);
	return n;
}

static void give_back(struct shard *shard, struct entry *list)
{
	pthread_mutex_lock(&shard->lock);
	while (list) {
		struct entry *next = list->next;

		push_free(shard, list);
		dmem_fetch_sub(&outstanding, 1);
		list = next;
	}
	pthread_mutex_unlock(&shard->lock);
}

/* False: no memory. */
static bool add_slab(struct shard *shard)
{
	struct slab *slab = map(SLAB_BYTES);

	if (!slab)
		return false;
	pthread_mutex_lock(&shard->lock);
	if (dmem_trace_on()) {
		slab->next = shard->slabs;
		shard->slabs = slab;
		for (size_t i = 0; i < SLAB_ENTRIES; i++)
			push_free(shard, &slab->entries[i]);
		slab = NULL;
	}
	pthread_mutex_unlock(&shard->lock);
	unmap(slab, SLAB_BYTES);
	return true;
}

/*
 * Reserve an entry: from the thread's home shard, else from what others have
 * too many of, else from fresh memory. *out stays NULL while accounts are off.
 */
static int reserve(struct entry **out, unsigned int *out_epoch)
{
	uint64_t self = (uintptr_t)pthread_self() * 0x9e3779b97f4a7c15u;
	size_t home = self >> 60;
	struct entry *list;

	_Static_assert(SHARDS == 16, "four bits choose the home shard");
	while (dmem_trace_on()) {
		struct shard *shard = &shards[home];
		struct entry *entry = NULL;

		pthread_mutex_lock(&shard->lock);
		if (dmem_trace_on() && shard->free) {
			entry = shard->free;
			shard->free = entry->next;
			dmem_fetch_add(&outstanding, 1);
			*out_epoch = epoch;
		}
		pthread_mutex_unlock(&shard->lock);
		if (entry) {
			*out = entry;
			return 0;
		}

		list = NULL;
		for (size_t i = 1; i < SHARDS && !list; i++)
			take_from(&shards[(home + i) % SHARDS], &list,
				  STEAL_MAX);
		if (list)
			give_back(shard, list);
		else if (!add_slab(shard))
			return -ENOMEM;
	}
	return 0;
}

/* Release a reserved entry. */
static void release(struct entry *entry)
{
	entry->next = NULL;
	give_back(shard_of(hash(entry->domain, entry->ptr)), entry);
}

int dmem_ledger_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		      const void *old_ptr)
{
	struct entry *entry = NULL, **link;
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
		uint64_t key = hash(account, old_ptr);
		struct shard *shard = shard_of(key);

		pthread_mutex_lock(&shard->lock);
		if (dmem_trace_on()) {
			link = lookup(shard, account, old_ptr, key);
			if (*link) {
				entry = unlink_entry(shard, link);
				dmem_fetch_add(&outstanding, 1);
				ticket->epoch = epoch;
				ticket->was_tracked = true;
			}
		}
		pthread_mutex_unlock(&shard->lock);
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
	struct entry *entry = ticket->entry, *other = NULL, **link;
	struct dmem_domain *domain = entry->domain;
	uint64_t key = hash(domain, ptr);
	struct shard *shard = shard_of(key);
	size_t blocks = ticket->was_tracked ? 0 : 1;
	size_t bytes = nbytes - entry->nbytes;
	bool crowded;

	pthread_mutex_lock(&shard->lock);
	if (!dmem_trace_on() || ticket->epoch != epoch) {
		pthread_mutex_unlock(&shard->lock);
		release(entry);
		return -ESTALE;
	}
	link = lookup(shard, domain, ptr, key);
	if (*link) {
		other = *link;
		blocks--;
		if (keep) {
			bytes -= nbytes;
		} else {
			bytes -= other->nbytes;
			other->nbytes = nbytes;
		}
		push_free(shard, entry);
	} else {
		entry->ptr = ptr;
		entry->nbytes = nbytes;
		link_entry(shard, entry, key);
	}
	dmem_fetch_sub(&outstanding, 1);
	dmem_domain_change(domain, blocks, bytes);
	crowded = shard->nentries > 2 * shard->nbuckets;
	pthread_mutex_unlock(&shard->lock);
	if (dmem_unlikely(crowded))
		grow(shard);
	return other ? 1 : 0;
}

int dmem_ledger_enter(struct dmem_trace_ticket *ticket, const void *ptr,
		      size_t nbytes)
{
	return enter(ticket, ptr, nbytes, false);
}

void dmem_ledger_restore(struct dmem_trace_ticket *ticket)
{
	struct entry *entry = ticket->entry;

	if (ticket->was_tracked)
		enter(ticket, ticket->old_ptr, entry->nbytes, true);
	else
		release(entry);
}

bool dmem_ledger_forget(unsigned int domain, const void *ptr, size_t *nbytes)
{
	struct dmem_domain *account = dmem_domain_find(domain);
	struct entry *entry = NULL, **link;
	struct shard *shard;
	uint64_t key;

	if (!account)
		return false;
	key = hash(account, ptr);
	shard = shard_of(key);
	pthread_mutex_lock(&shard->lock);
	if (dmem_trace_on()) {
		link = lookup(shard, account, ptr, key);
		if (*link) {
			entry = unlink_entry(shard, link);
			*nbytes = entry->nbytes;
			dmem_domain_change(account, (size_t)-1, -*nbytes);
			push_free(shard, entry);
		}
	}
	pthread_mutex_unlock(&shard->lock);
	return entry;
}

void dmem_ledger_totals(unsigned int domain, struct datamem_trace_totals *out)
{
	struct dmem_domain *account = dmem_domain_find(domain);

	*out = (struct datamem_trace_totals) { 0 };
	if (!account)
		return;
	lock_all();
	out->blocks = account->blocks;
	out->bytes = account->bytes;
	out->peak_bytes = account->peak;
	unlock_all();
}

size_t dmem_ledger_mapped(void)
{
	return dmem_load(&mapped) + dmem_domain_mapped();
}

int dmem_ledger_prepare(void)
{
	for (size_t i = 0; i < SHARDS; i++) {
		struct entry **buckets;

		/* Left by an earlier try that ran out of memory. */
		if (shards[i].buckets)
			continue;
		buckets = map(BUCKETS_MIN * sizeof(*buckets));
		if (!buckets)
			return -ENOMEM;
		pthread_mutex_lock(&shards[i].lock);
		shards[i].buckets = buckets;
		shards[i].nbuckets = BUCKETS_MIN;
		pthread_mutex_unlock(&shards[i].lock);
	}
	return 0;
}

void dmem_ledger_open(void)
{
	lock_all();
	epoch++;
	dmem_domain_clear();
	dmem_store(&dmem_trace_active, true);
	unlock_all();
}

/* What a shard had, to be unmapped once the locks are gone. */
struct remains {
	struct entry **buckets;
	size_t nbuckets;
	struct slab *slabs;
};

/* With all shards locked. Slabs stay while a ticket still points into one. */
static void empty_shard(struct shard *shard, struct remains *remains)
{
	*remains = (struct remains) { shard->buckets, shard->nbuckets, NULL };
	if (!dmem_load(&outstanding)) {
		remains->slabs = shard->slabs;
		shard->slabs = NULL;
		shard->free = NULL;
	} else {
		for (size_t i = 0; i < shard->nbuckets; i++)
			while (shard->buckets[i])
				push_free(shard, unlink_entry(
						shard, &shard->buckets[i]));
	}
	shard->buckets = NULL;
	shard->nbuckets = 0;
	shard->nentries = 0;
}

void dmem_ledger_close(void)
{
	struct remains remains[SHARDS];

	lock_all();
	dmem_store(&dmem_trace_active, false);
	epoch++;
	dmem_domain_clear();
	for (size_t i = 0; i < SHARDS; i++)
		empty_shard(&shards[i], &remains[i]);
	unlock_all();
	for (size_t i = 0; i < SHARDS; i++) {
		unmap(remains[i].buckets,
		      remains[i].nbuckets * sizeof(struct entry *));
		while (remains[i].slabs) {
			struct slab *next = remains[i].slabs->next;

			unmap(remains[i].slabs, SLAB_BYTES);
			remains[i].slabs = next;
		}
	}
}

void dmem_ledger_lock(void)
{
	lock_all();
	dmem_domain_lock();
}

void dmem_ledger_unlock(void)
{
	dmem_domain_unlock();
	unlock_all();
}

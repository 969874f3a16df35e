/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A hash table of tracked addresses in shards, totals by domain, and the hook.
 *
 * Every change of entries and totals happens under the lock of a shard, so that
 * with all of them held the accounts stand still: start, stop, fork and the
 * reading of totals do that. Totals are atomic sums; each change is one
 * addition, whose result is what a peak is compared with, so peaks are exact.
 */
#include "trace.h"

#include "kernel/kernel.h"
#include "stats.h"

#define SHARDS 16                 /* threads seldom meet in one */
#define BUCKETS_MIN 512           /* of a shard; one page of pointers */
#define SLAB_BYTES (64 * DMEM_KIB)
#define STEAL_MAX 64              /* free entries that change shards at once */
#define DOMAIN_BUCKETS 64

/* Lives for ever: a number may come back, and a ticket may hold it. */
struct domain {
	struct domain *next;
	unsigned int id;
	size_t blocks, bytes, peak;
};

/* In a bucket, on a free list, or held by a ticket. */
struct entry {
	struct entry *next;
	const void *ptr;
	size_t nbytes;
	struct domain *domain;
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
} __attribute__((__aligned__(128)));   /* two cache lines: prefetched in pairs */

bool dmem_trace_active;

static struct shard shards[SHARDS] = {
	[0 ... SHARDS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};
/* Held over start and stop as a whole, outside the locks of the shards. */
static pthread_mutex_t switch_lock = PTHREAD_MUTEX_INITIALIZER;
static void (*watcher)(bool on);
/* Changed with all shards locked. */
static unsigned int epoch;
/* Entries outside table and free lists; changed under the lock of a shard. */
static size_t outstanding;
static size_t mapped;              /* bytes, for the statistics */

static pthread_mutex_t domain_lock = PTHREAD_MUTEX_INITIALIZER;
static struct domain array_data = { .id = DATAMEM_TRACE_DOMAIN };
static struct domain *domains[DOMAIN_BUCKETS] = {
	[DATAMEM_TRACE_DOMAIN % DOMAIN_BUCKETS] = &array_data,
};
static struct domain *spare_domains;

/* A thread inside the hook; on its stack. */
struct visitor {
	pthread_t thread;
	struct visitor *next;
};
static pthread_mutex_t hook_lock = PTHREAD_MUTEX_INITIALIZER;
static datamem_trace_hook hook_fn; /* read without the lock only for NULL */
static void *hook_arg;
static struct visitor *visitors;

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

/* Domains */

static struct domain *find_domain(unsigned int id)
{
	struct domain *domain =
		dmem_load_acquire(&domains[id % DOMAIN_BUCKETS]);

	while (domain && domain->id != id)
		domain = domain->next;
	return domain;
}

static struct domain *make_domain(unsigned int id)
{
	struct domain **head = &domains[id % DOMAIN_BUCKETS];
	struct domain *domain = find_domain(id);

	if (dmem_likely(domain))
		return domain;
	pthread_mutex_lock(&domain_lock);
	domain = find_domain(id);
	if (domain)
		goto out;
	if (!spare_domains) {
		struct domain *page = map(4 * DMEM_KIB);
		size_t n = 4 * DMEM_KIB / sizeof(*page);

		if (!page)
			goto out;
		for (size_t i = 0; i < n; i++) {
			page[i].next = spare_domains;
			spare_domains = &page[i];
		}
	}
	domain = spare_domains;
	spare_domains = domain->next;
	domain->id = id;
	domain->next = *head;
	dmem_store_release(head, domain);
out:
	pthread_mutex_unlock(&domain_lock);
	return domain;
}

/* Under the lock of a shard. Differences are modulo 2^64. */
static void change_totals(struct domain *domain, size_t blocks, size_t bytes)
{
	size_t now = __atomic_add_fetch(&domain->bytes, bytes,
					__ATOMIC_RELAXED);
	size_t seen = dmem_load(&domain->peak);

	dmem_fetch_add(&domain->blocks, blocks);
	while (now > seen)
		if (__atomic_compare_exchange_n(&domain->peak, &seen, now, true,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			break;
}

/* Table; all under the lock of the shard. */

static uint64_t hash(const struct domain *domain, const void *ptr)
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

static struct entry **lookup(struct shard *shard, const struct domain *domain,
			     const void *ptr, uint64_t key)
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

/* Hook */

static void leave_hook(void *arg)
{
	struct visitor *self = arg, **link = &visitors;

	pthread_mutex_lock(&hook_lock);
	while (*link != self)
		link = &(*link)->next;
	*link = self->next;
	pthread_mutex_unlock(&hook_lock);
}

/*
 * A list of the threads inside the hook stands for a thread-local flag: it
 * needs neither TLS nor the C library's heap, and it is short.
 */
static void tell_hook(int event, unsigned int domain, const void *old_ptr,
		      const void *new_ptr, size_t nbytes)
{
	struct visitor self = { .thread = pthread_self() }, *other;
	datamem_trace_hook fn;
	void *arg;

	if (dmem_likely(!dmem_load(&hook_fn)))
		return;
	pthread_mutex_lock(&hook_lock);
	fn = hook_fn;
	arg = hook_arg;
	for (other = visitors; other && fn; other = other->next)
		if (pthread_equal(other->thread, self.thread))
			fn = NULL;
	if (fn) {
		self.next = visitors;
		visitors = &self;
	}
	pthread_mutex_unlock(&hook_lock);
	if (!fn)
		return;
	/* A hook that is cancelled must not leave its stack in the list. */
	pthread_cleanup_push(leave_hook, &self);
	fn(arg, event, domain, old_ptr, new_ptr, nbytes);
	pthread_cleanup_pop(1);
}

int datamem_trace_set_hook(datamem_trace_hook hook, void *arg)
{
	pthread_mutex_lock(&hook_lock);
	dmem_store(&hook_fn, hook);
	hook_arg = arg;
	pthread_mutex_unlock(&hook_lock);
	return 0;
}

/* Operations */

int dmem_trace_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		     const void *old_ptr)
{
	struct entry *entry = NULL, **link;
	struct domain *account;
	int err;

	*ticket = (struct dmem_trace_ticket) {
		.domain = domain, .old_ptr = old_ptr,
	};
	if (!dmem_trace_on())
		return 0;
	account = make_domain(domain);
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

/*
 * Put the ticket's entry into the table under ptr. What stands there already
 * is stale when the memory was made just now (newer false), and the truth when
 * a failed resize comes back to its place (newer true). Returns 0, or 1 when an
 * older size was replaced; -ESTALE when accounts were stopped meanwhile.
 */
static int enter(struct dmem_trace_ticket *ticket, const void *ptr,
		 size_t nbytes, bool newer)
{
	struct entry *entry = ticket->entry, *other = NULL, **link;
	struct domain *domain = entry->domain;
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
		if (newer) {
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
	change_totals(domain, blocks, bytes);
	crowded = shard->nentries > 2 * shard->nbuckets;
	pthread_mutex_unlock(&shard->lock);
	if (dmem_unlikely(crowded))
		grow(shard);
	return other ? 1 : 0;
}

void dmem_trace_commit(struct dmem_trace_ticket *ticket, const void *ptr,
		       size_t nbytes)
{
	if (!ticket->entry || enter(ticket, ptr, nbytes, false) < 0)
		return;
	tell_hook(ticket->old_ptr ? DATAMEM_TRACE_RESIZE : DATAMEM_TRACE_ALLOC,
		  ticket->domain, ticket->old_ptr, ptr, nbytes);
}

void dmem_trace_cancel(struct dmem_trace_ticket *ticket)
{
	struct entry *entry = ticket->entry;

	if (!entry)
		return;
	if (ticket->was_tracked)
		enter(ticket, ticket->old_ptr, entry->nbytes, true);
	else
		release(entry);
}

/* Returns false when it was not tracked. */
static bool forget(unsigned int domain, const void *ptr, size_t *nbytes)
{
	struct domain *account = find_domain(domain);
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
			change_totals(account, (size_t)-1, -*nbytes);
			push_free(shard, entry);
		}
	}
	pthread_mutex_unlock(&shard->lock);
	return entry;
}

void dmem_trace_free(unsigned int domain, const void *ptr)
{
	size_t nbytes = 0;

	if (!dmem_trace_on() || !ptr)
		return;
	forget(domain, ptr, &nbytes);
	tell_hook(DATAMEM_TRACE_FREE, domain, ptr, NULL, nbytes);
}

int datamem_trace_track(unsigned int domain, const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	int err;

	if (!ptr)
		return -EINVAL;
	err = dmem_trace_begin(&ticket, domain, NULL);
	if (err || !ticket.entry)
		return err;
	err = enter(&ticket, ptr, nbytes, false);
	if (err >= 0)
		tell_hook(err ? DATAMEM_TRACE_RESIZE : DATAMEM_TRACE_ALLOC,
			  domain, err ? ptr : NULL, ptr, nbytes);
	return 0;
}

int datamem_trace_untrack(unsigned int domain, const void *ptr)
{
	size_t nbytes;

	if (!dmem_trace_on() || !ptr || !forget(domain, ptr, &nbytes))
		return -ENOENT;
	tell_hook(DATAMEM_TRACE_FREE, domain, ptr, NULL, nbytes);
	return 0;
}

int datamem_trace_totals_get(unsigned int domain,
			     struct datamem_trace_totals *out, size_t out_size)
{
	struct datamem_trace_totals totals = { 0 };
	struct domain *account;

	if (!out || !out_size)
		return -EINVAL;
	account = find_domain(domain);
	if (account) {
		lock_all();
		totals.blocks = account->blocks;
		totals.bytes = account->bytes;
		totals.peak_bytes = account->peak;
		unlock_all();
	}
	dmem_struct_copy(out, out_size, &totals, sizeof(totals));
	return 0;
}

/* On and off */

void dmem_trace_watch(void (*toggled)(bool on))
{
	dmem_store_release(&watcher, toggled);
}

static void tell_watcher(bool on)
{
	void (*toggled)(bool on) = dmem_load_acquire(&watcher);

	if (toggled)
		toggled(on);
}

static void collect(struct datamem_stats *stats)
{
	stats->meta_bytes += dmem_load(&mapped);
}

static void clear_domains(void)
{
	pthread_mutex_lock(&domain_lock);
	for (size_t i = 0; i < DOMAIN_BUCKETS; i++) {
		struct domain *domain = domains[i];

		for (; domain; domain = domain->next) {
			dmem_store(&domain->blocks, 0);
			dmem_store(&domain->bytes, 0);
			dmem_store(&domain->peak, 0);
		}
	}
	pthread_mutex_unlock(&domain_lock);
}

int datamem_trace_start(void)
{
	static bool collecting;
	int err = 0;

	dmem_library_init();
	pthread_mutex_lock(&switch_lock);
	if (dmem_trace_on())
		goto out;
	/* Buckets of an earlier try without memory are still there. */
	for (size_t i = 0; i < SHARDS && !err; i++) {
		struct entry **buckets = shards[i].buckets;

		if (buckets)
			continue;
		buckets = map(BUCKETS_MIN * sizeof(*buckets));
		if (!buckets) {
			err = -ENOMEM;
			goto out;
		}
		pthread_mutex_lock(&shards[i].lock);
		shards[i].buckets = buckets;
		shards[i].nbuckets = BUCKETS_MIN;
		pthread_mutex_unlock(&shards[i].lock);
	}
	if (!collecting)
		dmem_stats_collect(collect);
	collecting = true;
	tell_watcher(true);
	lock_all();
	epoch++;
	clear_domains();
	dmem_store(&dmem_trace_active, true);
	unlock_all();
out:
	pthread_mutex_unlock(&switch_lock);
	return err;
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

void datamem_trace_stop(void)
{
	struct remains remains[SHARDS];

	dmem_library_init();
	pthread_mutex_lock(&switch_lock);
	if (!dmem_trace_on()) {
		pthread_mutex_unlock(&switch_lock);
		return;
	}
	lock_all();
	dmem_store(&dmem_trace_active, false);
	epoch++;
	clear_domains();
	for (size_t i = 0; i < SHARDS; i++)
		empty_shard(&shards[i], &remains[i]);
	unlock_all();
	tell_watcher(false);
	for (size_t i = 0; i < SHARDS; i++) {
		unmap(remains[i].buckets,
		      remains[i].nbuckets * sizeof(struct entry *));
		while (remains[i].slabs) {
			struct slab *next = remains[i].slabs->next;

			unmap(remains[i].slabs, SLAB_BYTES);
			remains[i].slabs = next;
		}
	}
	pthread_mutex_unlock(&switch_lock);
}

/* Fork */

void dmem_trace_fork_prepare(void)
{
	pthread_mutex_lock(&switch_lock);
	lock_all();
	pthread_mutex_lock(&domain_lock);
	pthread_mutex_lock(&hook_lock);
}

void dmem_trace_fork_parent(void)
{
	pthread_mutex_unlock(&hook_lock);
	pthread_mutex_unlock(&domain_lock);
	unlock_all();
	pthread_mutex_unlock(&switch_lock);
}

void dmem_trace_fork_child(void)
{
	struct visitor *visitor = visitors;

	/* The other threads are gone, and their stacks may be used again. */
	while (visitor && !pthread_equal(visitor->thread, pthread_self()))
		visitor = visitor->next;
	visitors = visitor;
	if (visitor)
		visitor->next = NULL;
	dmem_trace_fork_parent();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Accounts of domains, each a record of totals. */
#include "domain.h"

#include "kernel/kernel.h"
#include "live.h"

#define DOMAIN_BUCKETS 64
#define PAGE_BYTES (4 * DMEM_KIB)

static struct dmem_lock lock = DMEM_LOCK_INIT(DOMAINS);
static struct dmem_domain array_data = {
	.id = DATAMEM_TRACE_DOMAIN, .place = 1,
};
static struct dmem_domain *domains[DOMAIN_BUCKETS] = {
	[DATAMEM_TRACE_DOMAIN % DOMAIN_BUCKETS] = &array_data,
};
static struct dmem_domain *spare;
static size_t mapped;
static unsigned int places = 1;        /* given; lock */

/*
 * On the control page. Where two threads do this at once, what one of them has
 * read may be a change old; the next change mends it.
 */
static void show(const struct dmem_domain *domain)
{
	struct live_domain *to;

	if (!domain->place)
		return;
	to = &dmem_live->domains[domain->place - 1];
	dmem_store(&to->blocks, dmem_load(&domain->blocks));
	dmem_store(&to->bytes, dmem_load(&domain->bytes));
	dmem_store(&to->peak, dmem_load(&domain->peak));
	dmem_store_release(&to->number, (uint64_t)domain->id + 1);
}

struct dmem_domain *dmem_domain_find(unsigned int id)
{
	struct dmem_domain *domain =
		dmem_load_acquire(&domains[id % DOMAIN_BUCKETS]);

	while (domain && domain->id != id)
		domain = domain->next;
	return domain;
}

struct dmem_domain *dmem_domain_make(unsigned int id)
{
	struct dmem_domain **head = &domains[id % DOMAIN_BUCKETS];
	struct dmem_domain *domain = dmem_domain_find(id);

	if (dmem_likely(domain))
		return domain;
	dmem_lock(&lock);
	domain = dmem_domain_find(id);
	if (domain)
		goto out;
	if (!spare) {
		struct dmem_domain *page = dmem_kernel_map(PAGE_BYTES);
		size_t n = PAGE_BYTES / sizeof(*page);

		if (!page)
			goto out;
		dmem_fetch_add(&mapped, PAGE_BYTES);
		for (size_t i = 0; i < n; i++) {
			page[i].next = spare;
			spare = &page[i];
		}
	}
	domain = spare;
	spare = domain->next;
	domain->id = id;
	domain->place = places < LIVE_DOMAINS ? ++places : 0;
	domain->next = *head;
	dmem_store_release(head, domain);
out:
	dmem_unlock(&lock);
	return domain;
}

void dmem_domain_change(struct dmem_domain *domain, size_t blocks,
			size_t bytes)
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
	show(domain);
}

void dmem_domain_clear(void)
{
	dmem_lock(&lock);
	for (size_t i = 0; i < DOMAIN_BUCKETS; i++) {
		struct dmem_domain *domain = domains[i];

		for (; domain; domain = domain->next) {
			dmem_store(&domain->blocks, 0);
			dmem_store(&domain->bytes, 0);
			dmem_store(&domain->peak, 0);
			show(domain);
		}
	}
	dmem_unlock(&lock);
}

size_t dmem_domain_mapped(void)
{
	return dmem_load(&mapped);
}

void dmem_domain_lock(void)
{
	dmem_lock(&lock);
}

void dmem_domain_unlock(void)
{
	dmem_unlock(&lock);
}

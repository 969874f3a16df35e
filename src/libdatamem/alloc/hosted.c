/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The default allocator on the C library's malloc. */
#include "hosted.h"

#include <stdlib.h>
#include <string.h>

#include "guest/guest.h"
#include "kernel/kernel.h"
#include "limit.h"
#include "live.h"
#include "misuse.h"
#include "stats.h"
#include "alloc.h"

#define NAME "default_allocator"

/* What the default aligns blocks to. */
#define ALIGN_SMALL ((size_t)16)
#define ALIGN_LARGE ((size_t)64)
#define ALIGN_LARGE_FROM DMEM_KIB

/* From here on zeros come from calloc(), which need not touch them, and are
 * taken if they happen to be aligned. */
#define ZEROS_FROM (64 * DMEM_KIB)

/*
 * A block. Its address is stored inverted: valgrind takes what looks like an
 * address, in any memory, for a use of the block, which then is no leak.
 */
struct entry {
	uintptr_t key;   /* FREE, TAKEN, or ~address; all are atomic */
	size_t nbytes;   /* that may be used */
	size_t room;     /* the same when it was made */
	size_t align;    /* asked for; 0: nothing special */
};

#define FREE ((uintptr_t)0)
#define TAKEN ((uintptr_t)1)  /* being filled in */

/*
 * A block is in one of the WAYS entries that its address chooses, in the first
 * table that had one free. Tables are made when they are needed, each four
 * times as long as the one before it, and stay.
 */
#define WAYS 8
#define TABLES 10
#define FIRST_GROUPS ((size_t)1024)

struct group {
	struct entry way[WAYS];
};

static struct group *tables[TABLES];

/* Addresses freed last, inverted, each at its place. */
#define RECENT 8192
static uintptr_t recent[RECENT] DMEM_TABLE;

static size_t live_blocks, live_bytes;
static uint64_t made, freed;

static size_t groups_of(unsigned int table)
{
	return FIRST_GROUPS << (2 * table);
}

static uintptr_t key_of(const void *ptr)
{
	return ~(uintptr_t)ptr;
}

static struct group *group_of(unsigned int table, uintptr_t key)
{
	struct group *groups = dmem_load_acquire(&tables[table]);

	return groups ? &groups[(dmem_hash(key) >> 20) &
				(groups_of(table) - 1)] : NULL;
}

static struct entry *look_up(const void *ptr)
{
	uintptr_t key = key_of(ptr);
	struct group *group;

	for (unsigned int i = 0; i < TABLES; i++) {
		group = group_of(i, key);
		if (!group)
			return NULL;
		for (size_t j = 0; j < WAYS; j++)
			if (dmem_load_acquire(&group->way[j].key) == key)
				return &group->way[j];
	}
	return NULL;
}

/* The table, made if there is none; false: no memory. */
static bool have_table(unsigned int table)
{
	size_t nbytes = groups_of(table) * sizeof(struct group);
	struct group *none = NULL, *groups;

	if (dmem_load_acquire(&tables[table]))
		return true;
	groups = dmem_kernel_map(nbytes);
	if (!groups)
		return false;
	if (!__atomic_compare_exchange_n(&tables[table], &none, groups, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		dmem_kernel_unmap(groups, nbytes);
	return true;
}

/* An entry that nobody else has; NULL: no memory. */
static struct entry *claim(uintptr_t key)
{
	struct group *group;
	uintptr_t free_key;

	for (unsigned int i = 0; i < TABLES && have_table(i); i++) {
		group = group_of(i, key);
		for (size_t j = 0; j < WAYS; j++) {
			free_key = FREE;
			if (__atomic_compare_exchange_n(
				    &group->way[j].key, &free_key, TAKEN, false,
				    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return &group->way[j];
		}
	}
	return NULL;
}

/* The numbers that the control page shows. */
static void show(void)
{
	dmem_live_follow(&dmem_live->numbers.hosted_bytes, &live_bytes);
	dmem_live_follow(&dmem_live->numbers.hosted_allocs, &made);
}

static void count(size_t nbytes, bool enters)
{
	dmem_fetch_add(enters ? &made : &freed, 1);
	dmem_fetch_add(&live_blocks, enters ? (size_t)1 : (size_t)-1);
	dmem_fetch_add(&live_bytes, enters ? nbytes : -nbytes);
	show();
}

/* The block is not ours any more; false: another thread was first. */
static bool forget(struct entry *entry, const void *ptr, size_t *nbytes)
{
	uintptr_t key = key_of(ptr);

	/* Its size is read when it cannot be another's. */
	if (!__atomic_compare_exchange_n(&entry->key, &key, TAKEN, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	*nbytes = dmem_load(&entry->nbytes);
	dmem_store_release(&entry->key, FREE);
	count(*nbytes, false);
	dmem_limit_release(*nbytes);
	return true;
}

/* Freed by free(), with nobody asking us. */
static bool lose(struct entry *entry, const void *ptr)
{
	size_t lost;

	if (!forget(entry, ptr, &lost))
		return false;
	dmem_misuse_report(DMEM_MISUSE_FOREIGN_FREE, NAME, ptr, lost, true);
	return true;
}

static uintptr_t *recent_of(const void *ptr)
{
	return &recent[dmem_hash((uintptr_t)ptr) >> 51];
}
_Static_assert(RECENT == 1 << (64 - 51), "not all places are used");

static bool enter(void *ptr, size_t nbytes, size_t align)
{
	struct entry *entry = look_up(ptr);

	/* malloc() gave its memory out again. */
	if (entry)
		lose(entry, ptr);
	entry = claim(key_of(ptr));
	if (!entry)
		return false;
	dmem_store(&entry->nbytes, nbytes);
	dmem_store(&entry->room, nbytes);
	dmem_store(&entry->align, align);
	dmem_store_release(&entry->key, key_of(ptr));
	if (dmem_load(recent_of(ptr)) == key_of(ptr))
		dmem_store(recent_of(ptr), (uintptr_t)0);
	count(nbytes, true);
	return true;
}

/* If malloc() happens to give the alignment; else NULL. */
static DMEM_FRAMED void *get_plain(size_t nbytes, size_t align, bool zeroed)
{
	void *ptr = zeroed ? calloc(nbytes, 1) : malloc(nbytes);

	if (!ptr || DMEM_IS_ALIGNED((uintptr_t)ptr, align))
		return ptr;
	free(ptr);
	return NULL;
}

static DMEM_FRAMED void *get(size_t nbytes, size_t align, bool zeroed)
{
	void *ptr;

	if (align <= ALIGN_SMALL || (zeroed && nbytes >= ZEROS_FROM)) {
		ptr = get_plain(nbytes, align, zeroed);
		if (ptr)
			return ptr;
	}
	if (posix_memalign(&ptr, align, nbytes))
		return NULL;
	return zeroed ? memset(ptr, 0, nbytes) : ptr;
}

DMEM_FRAMED void *dmem_hosted_make(size_t nbytes, size_t align, unsigned int kind)
{
	size_t least = nbytes < ALIGN_LARGE_FROM ? ALIGN_SMALL : ALIGN_LARGE;
	void *ptr;

	if (!dmem_limit_charge(nbytes, 1))
		return NULL;
	ptr = get(nbytes, DMEM_MAX(align, least), kind & DMEM_KIND_ZERO);
	if (ptr && enter(ptr, nbytes, align)) {
		dmem_limit_served();
		return ptr;
	}
	free(ptr);
	dmem_limit_release(nbytes);
	return NULL;
}

bool dmem_hosted_find(const void *ptr, struct dmem_block *out)
{
	struct entry *entry = look_up(ptr);

	if (!entry)
		return false;
	*out = (struct dmem_block){
		.start = (char *)(uintptr_t)ptr,
		.nbytes = dmem_load(&entry->nbytes),
		.usable = dmem_load(&entry->nbytes),
		.align = dmem_load(&entry->align),
	};
	return true;
}

bool dmem_hosted_fit(void *ptr, size_t nbytes)
{
	struct entry *entry = look_up(ptr);
	size_t old;

	/* Another thread may have freed it. */
	if (!entry || nbytes > dmem_load(&entry->room))
		return false;
	old = dmem_load(&entry->nbytes);
	if (nbytes < old)
		dmem_guest_forbid((char *)ptr + nbytes, old - nbytes);
	else if (nbytes > old)
		dmem_guest_permit((char *)ptr + old, nbytes - old);
	dmem_store(&entry->nbytes, nbytes);
	dmem_fetch_add(&live_bytes, nbytes - old);
	show();
	return true;
}

DMEM_FRAMED bool dmem_hosted_free(void *ptr, size_t *nbytes)
{
	struct entry *entry = look_up(ptr);

	if (!entry)
		return false;
	/* Before: of two at once the second tells of a double free. */
	dmem_store(recent_of(ptr), key_of(ptr));
	if (!forget(entry, ptr, nbytes))
		return false;
	free(ptr);
	return true;
}

bool dmem_hosted_was_freed(const void *ptr)
{
	return dmem_load(recent_of(ptr)) == key_of(ptr);
}

/* In free(), of every block that the program frees. */
static DMEM_FRAMED void gone(const void *ptr)
{
	struct entry *entry = look_up(ptr);

	if (entry && lose(entry, ptr))
		dmem_guest_complain(ptr);
}

static void each(void (*visit)(struct entry *entry))
{
	struct group *groups;

	for (unsigned int i = 0; i < TABLES; i++) {
		groups = dmem_load_acquire(&tables[i]);
		for (size_t j = 0; groups && j < groups_of(i) * WAYS; j++) {
			struct entry *entry = &groups[j / WAYS].way[j % WAYS];

			if (dmem_load_acquire(&entry->key) > TAKEN)
				visit(entry);
		}
	}
}

static void look_for_lost(struct entry *entry)
{
	const void *ptr = (const void *)~dmem_load(&entry->key);

	if (dmem_guest_complain_lost(ptr))
		dmem_misuse_report(DMEM_MISUSE_FOREIGN_FREE, NAME, ptr,
				   dmem_load(&entry->nbytes), true);
}

void dmem_hosted_at_exit(void)
{
	if (dmem_guest_hosted())
		each(look_for_lost);
}

static void collect(struct datamem_stats *stats)
{
	stats->hosted_bytes += dmem_load(&live_bytes);
	stats->hosted_allocs += dmem_load(&made);
	stats->live_bytes += dmem_load(&live_bytes);
	stats->live_blocks += dmem_load(&live_blocks);
	stats->allocs += dmem_load(&made);
	stats->frees += dmem_load(&freed);
}

void dmem_hosted_init(void)
{
	dmem_stats_collect(collect);
	dmem_guest_on_free(gone);
}

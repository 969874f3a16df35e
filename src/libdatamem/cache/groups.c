/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Mappings for many records each. */

#include "groups.h"

#include "kernel/kernel.h"
#include "counts.h"

/* Apart: each is written by another thread. */
struct own_lock {
	struct dmem_lock lock;
} __attribute__((__aligned__(64)));

struct dmem_group {
	struct dmem_group *prev, *next;
	char *start;
	uint32_t n;      /* records that it has room for */
	uint32_t begun;  /* of these, that were ever used */
	uint32_t used;   /* and did not end */
	struct dmem_bounds *bounds;
	struct own_lock locks[];
};

static struct dmem_group *groups;  /* the newest first */
static size_t page, slots_bytes;

void dmem_groups_init(uint32_t slots)
{
	page = DMEM_MAX(dmem_kernel_page_size(), (size_t)DMEM_RECORD_BYTES);
	slots_bytes = DMEM_ROUND_UP(slots * sizeof(void *), page);
}

/* The first one is for a program with one thread. */
static uint32_t room_of_next(void)
{
	return groups ? (uint32_t)(DMEM_COUNTS_OFFSET / page) : 1;
}

static size_t head_bytes(uint32_t n)
{
	return DMEM_ROUND_UP(sizeof(struct dmem_group) + 64 +
			     n * (sizeof(struct own_lock) +
				  sizeof(struct dmem_bounds)), page);
}

static size_t group_bytes(uint32_t n)
{
	return 2 * DMEM_COUNTS_OFFSET + head_bytes(n) + n * slots_bytes;
}

/*
 * Of a program with many threads, which is likely to have more: in one call,
 * at a third of what the page faults take. Best effort, Linux 5.14.
 */
static void fault_in(char *start, uint32_t n)
{
	dmem_kernel_advise(start, n * page, DMEM_ADVICE_POPULATE);
	dmem_kernel_advise(start + 2 * DMEM_COUNTS_OFFSET, head_bytes(n),
			   DMEM_ADVICE_POPULATE);
	/* Else these pages become the control page's. */
	if (dmem_counts_without_slot())
		dmem_kernel_advise(start + DMEM_COUNTS_OFFSET, n * page,
				   DMEM_ADVICE_POPULATE);
}

static struct dmem_group *make(uint32_t n)
{
	char *start = dmem_kernel_map(group_bytes(n));
	struct dmem_group *group;

	if (!start)
		return NULL;
	/* Many of them make a mapping that huge pages would fit into. */
	if (n > 1)
		dmem_kernel_advise(start, group_bytes(n),
				   DMEM_ADVICE_NOHUGEPAGE);
	if (groups && groups->next)
		fault_in(start, n);
	group = (struct dmem_group *)(start + 2 * DMEM_COUNTS_OFFSET);
	group->start = start;
	group->n = n;
	group->bounds = (struct dmem_bounds *)(group->locks + n);
	for (uint32_t i = 0; i < n; i++)
		dmem_lock_init(&group->locks[i].lock, CACHE);
	group->next = groups;
	if (groups)
		groups->prev = group;
	groups = group;
	return group;
}

struct dmem_thread *dmem_groups_record(struct dmem_group *group, uint32_t i)
{
	return i < group->begun ?
		       (struct dmem_thread *)(group->start + i * page) : NULL;
}

struct dmem_thread *dmem_groups_take(void)
{
	struct dmem_group *group = groups;
	struct dmem_thread *thread;
	uint32_t i;

	if (!group || group->begun == group->n)
		group = make(room_of_next());
	if (!group)
		return NULL;
	i = group->begun++;
	thread = dmem_groups_record(group, i);
	thread->group = group;
	thread->lock = &group->locks[i].lock;
	thread->bounds = &group->bounds[i];
	thread->slots = (void **)(group->start + 2 * DMEM_COUNTS_OFFSET +
				  head_bytes(group->n) + i * slots_bytes);
	return thread;
}

void dmem_groups_purge(struct dmem_thread *thread)
{
	/* What the kernel refuses is as good for the next owner. */
	dmem_kernel_advise(thread->slots, slots_bytes, DMEM_ADVICE_PURGE);
	if (thread->index == LIVE_SLOTS)
		dmem_kernel_advise(dmem_threads_slot(thread), page,
				   DMEM_ADVICE_PURGE);
}

void dmem_groups_enter(struct dmem_group *group)
{
	group->used++;
}

void dmem_groups_leave(struct dmem_group *group)
{
	group->used--;
}

bool dmem_groups_vacant(struct dmem_group *group)
{
	if (group->used || (!group->prev && !group->next))
		return false;
	if (group->prev)
		group->prev->next = group->next;
	else
		groups = group->next;
	if (group->next)
		group->next->prev = group->prev;
	return true;
}

void dmem_groups_end(struct dmem_group *group)
{
	for (uint32_t i = 0; i < group->n; i++)
		pthread_mutex_destroy(&group->locks[i].lock.mutex);
	dmem_kernel_unmap(group->start, group_bytes(group->n));
}

/* With the list locked, so that a child finds no cache in somebody's slow path
 * (caches.pml, A4). */
void dmem_groups_lock(void)
{
	for (struct dmem_group *group = groups; group; group = group->next)
		for (uint32_t i = 0; i < group->begun; i++)
			dmem_lock(&group->locks[i].lock);
}

void dmem_groups_unlock(void)
{
	for (struct dmem_group *group = groups; group; group = group->next)
		for (uint32_t i = 0; i < group->begun; i++)
			dmem_unlock(&group->locks[i].lock);
}

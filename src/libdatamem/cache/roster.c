/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Lists of records, and how one is laid out. */

#include "roster.h"

#include "counts.h"
#include "groups.h"

/* Records beyond these end as their threads do; trim ends all. */
#define IDLE_MAX 32

/* No bin holds more than this many blocks, nor more than this many bytes. */
#define SLOTS_MAX 128
#define BIN_BYTES ((size_t)2 << 20)

struct dmem_roster dmem_roster;

static uint32_t offsets[DMEM_CLASSES], slots_total;

uint32_t dmem_threads_slots(unsigned int cls)
{
	return (uint32_t)DMEM_MIN(SLOTS_MAX, BIN_BYTES / dmem_classes[cls].size);
}

void **dmem_threads_first(struct dmem_thread *thread, unsigned int cls)
{
	return thread->slots + offsets[cls];
}

void dmem_roster_init(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		/* One slot more: the NULL below the first. */
		offsets[cls] = slots_total + 1;
		slots_total += dmem_threads_slots(cls) + 1;
	}
	dmem_groups_init(slots_total);
}

void dmem_roster_enter(struct dmem_thread *thread)
{
	thread->prev = NULL;
	thread->next = dmem_roster.first;
	if (thread->next)
		thread->next->prev = thread;
	else
		dmem_roster.last = thread;
	dmem_roster.first = thread;
	dmem_roster.nowned++;
	thread->entered = ++dmem_roster.entered;
}

void dmem_roster_drop(struct dmem_thread *thread)
{
	if (dmem_roster.hand == thread)
		dmem_roster.hand = thread->next;
	if (dmem_roster.eye == thread)
		dmem_roster.eye = thread->next;
	/* Goes the other way. */
	if (dmem_roster.look == thread)
		dmem_roster.look = thread->prev;
	for (struct dmem_walk *walk = dmem_roster.walks; walk;
	     walk = walk->next)
		if (walk->at == thread)
			walk->at = thread->next;
	if (thread->prev)
		thread->prev->next = thread->next;
	else
		dmem_roster.first = thread->next;
	if (thread->next)
		thread->next->prev = thread->prev;
	else
		dmem_roster.last = thread->prev;
	dmem_roster.nowned--;
}

void dmem_roster_begin(struct dmem_walk *walk)
{
	walk->at = dmem_roster.first;
	walk->until = dmem_roster.entered;
	walk->stats = NULL;
	walk->next = dmem_roster.walks;
	dmem_roster.walks = walk;
}

bool dmem_roster_met(const struct dmem_walk *walk,
		     const struct dmem_thread *thread)
{
	/* The newest are met first. */
	return thread->entered <= walk->until &&
	       (!walk->at || thread->entered > walk->at->entered);
}

void dmem_roster_finish(struct dmem_walk *walk)
{
	struct dmem_walk **link = &dmem_roster.walks;

	while (*link != walk)
		link = &(*link)->next;
	*link = walk->next;
}

bool dmem_roster_keep(struct dmem_thread *thread)
{
	if (dmem_roster.nidle >= IDLE_MAX)
		return false;
	thread->next = dmem_roster.idle;
	dmem_roster.idle = thread;
	dmem_roster.nidle++;
	return true;
}

struct dmem_thread *dmem_roster_reuse(void)
{
	struct dmem_thread *thread = dmem_roster.idle;

	if (!thread)
		return NULL;
	dmem_roster.idle = thread->next;
	dmem_roster.nidle--;
	return thread;
}

static void drop_ended(struct dmem_thread *thread)
{
	if (thread->prev)
		thread->prev->next = thread->next;
	else
		dmem_roster.ended = thread->next;
	if (thread->next)
		thread->next->prev = thread->prev;
}

static struct dmem_thread *make_record(void)
{
	struct dmem_thread *thread = dmem_groups_take();

	if (!thread)
		return NULL;
	dmem_threads_shut(thread);
	thread->own.bin[0] = thread->cache.bins->bin[0];
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		struct dmem_bin *bin = &thread->own.bin[cls];

		bin->size = dmem_classes[cls].size;
		bin->top = bin->limit = dmem_threads_first(thread, cls);
	}
	dmem_counts_begin(thread);
	return thread;
}

struct dmem_thread *dmem_roster_make(void)
{
	struct dmem_thread *thread = dmem_roster.ended;

	if (thread)
		drop_ended(thread);
	else
		thread = make_record();
	if (thread)
		dmem_groups_enter(thread->group);
	return thread;
}

/* Put a record to those that have ended; its group, if that is to end now. */
static struct dmem_group *enter_ended(struct dmem_thread *thread)
{
	struct dmem_group *group = thread->group;
	struct dmem_thread *record;

	thread->prev = NULL;
	thread->next = dmem_roster.ended;
	if (thread->next)
		thread->next->prev = thread;
	dmem_roster.ended = thread;
	dmem_groups_leave(group);
	if (!dmem_groups_vacant(group))
		return NULL;
	for (uint32_t i = 0; (record = dmem_groups_record(group, i)); i++) {
		drop_ended(record);
		dmem_counts_release(record);
	}
	return group;
}

void dmem_roster_end(struct dmem_thread *thread)
{
	struct dmem_group *group;
	struct dmem_thread *next;

	for (; thread; thread = next) {
		next = thread->next;
		dmem_groups_purge(thread);
		dmem_threads_lock();
		group = enter_ended(thread);
		dmem_threads_unlock();
		if (group)
			dmem_groups_end(group);
	}
}

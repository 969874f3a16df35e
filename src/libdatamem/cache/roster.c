/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Two lists of records, and how one is laid out. */

#include "roster.h"

#include "kernel/kernel.h"
#include "counts.h"

/* Records beyond these are unmapped as their threads end; trim unmaps all. */
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
	return (void **)((char *)thread + DMEM_CACHE_SLOTS_OFFSET) +
	       offsets[cls];
}

void dmem_roster_init(void)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		/* One slot more: the NULL below the first. */
		offsets[cls] = slots_total + 1;
		slots_total += dmem_threads_slots(cls) + 1;
	}
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
}

void dmem_roster_drop(struct dmem_thread *thread)
{
	if (dmem_roster.hand == thread)
		dmem_roster.hand = thread->next;
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

static size_t record_bytes(void)
{
	return DMEM_CACHE_SLOTS_OFFSET + slots_total * sizeof(void *);
}

struct dmem_thread *dmem_roster_make(void)
{
	struct dmem_thread *thread = dmem_kernel_map(record_bytes());

	if (!thread)
		return NULL;
	dmem_lock_init(&thread->lock, CACHE);
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

void dmem_roster_unmap(struct dmem_thread *thread)
{
	struct dmem_thread *next;

	for (; thread; thread = next) {
		next = thread->next;
		pthread_mutex_destroy(&thread->lock.mutex);
		dmem_kernel_unmap(thread, record_bytes());
	}
}

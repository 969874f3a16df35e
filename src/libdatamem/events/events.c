/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is told: events, and the list of blocks. */
#include "events.h"

#include "kernel/kernel.h"
#include "kernel/shared.h"
#include "ring.h"

/* The list waits so long for the reader, in a row. */
#define LIST_WAIT_MS 500

/* Of the calling thread; 0: not asked for yet. */
static __thread uint32_t thread_id
	__attribute__((__tls_model__("initial-exec")));

static uint64_t list_missing;

static uint32_t own_id(void)
{
	if (dmem_unlikely(!thread_id))
		thread_id = (uint32_t)dmem_kernel_thread_id();
	return thread_id;
}

static bool tell(enum events_op op, const void *ptr, size_t nbytes,
		 unsigned int log2_align)
{
	struct events_entry entry = {
		.tid = own_id(),
		.address = (uintptr_t)ptr,
		.what = EVENTS_WHAT(op, log2_align, EVENTS_SIZE(nbytes)),
	};

	return dmem_ring_put(&entry);
}

static unsigned int log2_of(size_t align)
{
	return align > 1 ? dmem_log2(align) : 0;
}

void dmem_events_made(const void *ptr, size_t nbytes, size_t align,
		      bool zeroed)
{
	tell(zeroed ? EVENTS_ZEROED : EVENTS_ALLOC, ptr, nbytes,
	     log2_of(align));
}

void dmem_events_freed(const void *ptr)
{
	tell(EVENTS_FREE, ptr, 0, 0);
}

void dmem_events_taken(const void *ptr)
{
	tell(EVENTS_TAKE, ptr, 0, 0);
}

void dmem_events_resized(const void *ptr, size_t nbytes)
{
	tell(EVENTS_RESIZE, ptr, nbytes, 0);
}

void dmem_events_kept(const void *ptr)
{
	tell(EVENTS_KEEP, ptr, 0, 0);
}

void dmem_events_list_begin(void)
{
	list_missing = 0;
	tell(EVENTS_LIST_BEGIN, NULL, 0, 0);
}

bool dmem_events_list_wait(uint32_t n)
{
	uint32_t nobody = 0;

	for (unsigned int ms = 0; ms < LIST_WAIT_MS; ms++) {
		if (dmem_ring_room() >= n)
			return true;
		if (dmem_events_over())
			return false;
		dmem_kernel_futex_wait(&nobody, 0, 1);
	}
	return false;
}

void dmem_events_listed(const void *ptr, size_t nbytes, size_t align)
{
	if (!tell(EVENTS_LISTED, ptr, nbytes, log2_of(align)))
		list_missing++;
}

void dmem_events_list_end(void)
{
	dmem_events_list_wait(1);
	tell(EVENTS_LIST_END, NULL, (size_t)list_missing, 0);
}

void dmem_events_fork_child(void)
{
	thread_id = 0;
	dmem_ring_fork_child();
}

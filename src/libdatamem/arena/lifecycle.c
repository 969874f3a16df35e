/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The arena's beginning, and its way through fork(2). */

#include "arena.h"

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "stats.h"
#include "move.h"
#include "place.h"
#include "shelf.h"
#include "state.h"

struct dmem_arena dmem_arena DMEM_OWN_LINES = { .lock = DMEM_LOCK_INIT(ARENA) };

void dmem_arena_init(void)
{
	dmem_runs_init(dmem_arena_begins_warm);
	dmem_place_init();
	dmem_window_init(dmem_hugepage_chunk_size());
	dmem_shelf_init();
	dmem_retain_init();
	dmem_stats_collect(dmem_numbers_collect);
}

uintptr_t dmem_arena_set_aside(size_t nbytes)
{
	uintptr_t base;

	dmem_arena_lock();
	base = dmem_regions_set_aside(nbytes);
	dmem_arena_unlock();
	return base;
}

/*
 * A free chunk that has pages. An explicit huge page not yet written counts as
 * one: it is set aside for this process, and a child gets SIGBUS instead when
 * the pool has no other.
 */
static bool holds_memory(uint32_t chunk)
{
	uint8_t flags = dmem_window.chunks[chunk].flags;

	return (flags & DMEM_CHUNK_FREE) && (flags & DMEM_CHUNK_MAPPED) &&
	       (!(flags & DMEM_CHUNK_ZERO) || (flags & DMEM_CHUNK_HUGETLB));
}

/* Call act for each row of such chunks. */
static void each_row(void (*act)(uint32_t chunk, uint32_t count))
{
	uint32_t granules = dmem_chunk_granules(), next;

	for (uint32_t run = dmem_runs_next_free(DMEM_NO_RUN);
	     run != DMEM_NO_RUN; run = next) {
		uint32_t chunk = (run + granules - 1) / granules;
		uint32_t end = (run + dmem_window.tags[run].len) / granules, n;

		next = dmem_runs_next_free(run);
		for (; chunk < end; chunk += n) {
			n = 0;
			while (chunk + n < end && holds_memory(chunk + n))
				n++;
			if (n)
				act(chunk, n);
			else
				n = 1;
		}
		/* It may have become a hole. */
		dmem_runs_refile(run);
	}
}

static size_t row_bytes(uint32_t count)
{
	return (size_t)count << dmem_window.chunk_shift;
}

static void keep_from_child(uint32_t chunk, uint32_t count)
{
	dmem_kernel_advise(dmem_chunk_address(chunk), row_bytes(count),
			   DMEM_ADVICE_DONTFORK);
}

/*
 * Chunks are holes from now on, to be mapped when needed: in the child, and
 * where what is not for children would stay so when it is a block again.
 */
static void forget(uint32_t chunk, uint32_t count)
{
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_chunks_out(i);
	dmem_move_unmark(chunk, count);
	dmem_window_forget(chunk, count);
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_chunks_in(i);
}

static void forget_in_child(uint32_t chunk, uint32_t count)
{
	void *addr = dmem_chunk_address(chunk);
	unsigned char resident;

	/* Where the kernel refuses and the row is there all the same, because
	 * it has not been kept from the child either, it is free memory of the
	 * child's. A row is there as a whole, or not. */
	if (!dmem_kernel_unmap(addr, row_bytes(count)) ||
	    dmem_kernel_resident(addr, dmem_kernel_page_size(), &resident))
		forget(chunk, count);
}

static void allow_child(uint32_t chunk, uint32_t count)
{
	void *addr = dmem_chunk_address(chunk);

	if (dmem_kernel_advise(addr, row_bytes(count), DMEM_ADVICE_DOFORK) &&
	    !dmem_kernel_unmap(addr, row_bytes(count)))
		forget(chunk, count);
}

/*
 * A child that inherits free pages makes the parent copy them when it reuses
 * them, and that splits its huge pages for good (21 times slower, measured).
 */
void dmem_arena_fork_prepare(void)
{
	dmem_arena_lock();
	dmem_shelf_clear();
	dmem_retain_before_fork();
	dmem_arena_await_all();
	dmem_shelf_fork_prepare();
	each_row(keep_from_child);
}

void dmem_arena_fork_parent(void)
{
	each_row(allow_child);
	dmem_shelf_fork_parent();
	dmem_arena_unlock();
}

void dmem_arena_fork_child(void)
{
	dmem_arena_await_none();
	each_row(forget_in_child);
	dmem_shelf_fork_parent();
	dmem_arena_unlock();
}

bool dmem_arena_idle(unsigned int *patience)
{
	return dmem_lock_idle(&dmem_arena.lock, patience) &&
	       dmem_shelf_idle(patience);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A quiet start: the chunk for a process's first small blocks comes in small
 * pages, without a probe. Most processes need a few of them: of a process with
 * one block of 100 bytes the huge page was four fifths of its memory, and most
 * of the time to it. When the slabs need another chunk it becomes a huge page.
 */

#include "arena.h"

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "settings/settings.h"
#include "place.h"
#include "quiet.h"
#include "state.h"

/* Written with the lock held; dmem_quiet_maps() and dmem_arena_louder() read it
 * without. */
static enum {
	BEFORE,   /* no chunk is mapped */
	MAPPING,  /* that chunk is, with the lock held */
	QUIET,
	ENDING,   /* to become a huge page */
	OVER,
} phase;

static uint32_t quiet;  /* the chunk, from QUIET on */

/* Who maps without the lock, maps anew what was: MAPPING comes before that. */
bool dmem_quiet_maps(void)
{
	return dmem_load(&phase) == MAPPING;
}

bool dmem_quiet_begin(void)
{
	if (dmem_likely(phase != BEFORE)) {
		if (phase == QUIET)
			dmem_store(&phase, ENDING);
		return false;
	}
	if (dmem_window.extent ||
	    dmem_setting_value(DMEM_SETTING_PLACE_HUGETLB)) {
		dmem_store(&phase, OVER);
		return false;
	}
	dmem_store(&phase, MAPPING);
	return true;
}

void dmem_quiet_began(int64_t chunk)
{
	if (chunk >= 0)
		quiet = (uint32_t)chunk;
	dmem_store(&phase, chunk >= 0 ? QUIET : OVER);
}

bool dmem_quiet_is(uint32_t chunk)
{
	return (phase == QUIET || phase == ENDING) && chunk == quiet;
}

void dmem_quiet_given(uint32_t chunk)
{
	if (!dmem_quiet_is(chunk))
		return;
	dmem_store(&phase, OVER);
	/* Advised as new memory is before somebody gets it. */
	dmem_turn_note();
}

/* Under the lock, as the chunk may be given back at any time. */
static bool advise(void *addr)
{
	if (dmem_kernel_advise(addr, dmem_chunk_size(), DMEM_ADVICE_HUGEPAGE))
		return false;
	dmem_chunk_at(quiet)->flags |= DMEM_CHUNK_ADVISED;
	return true;
}

void dmem_arena_louder(void)
{
	bool possible, advised = false;
	void *addr;

	if (dmem_likely(dmem_load(&phase) != ENDING))
		return;
	possible = dmem_hugepage_possible();
	dmem_arena_lock();
	addr = dmem_chunk_address(quiet);
	if (phase == ENDING && possible)
		advised = advise(addr);
	dmem_store(&phase, OVER);
	dmem_arena_unlock();
	/* Best effort, Linux 6.1; else khugepaged comes by. */
	if (advised)
		dmem_hugepage_collapse(addr, dmem_chunk_size());
}

bool dmem_arena_is_quiet(const void *ptr)
{
	size_t offset = dmem_window_find(ptr);
	bool is;

	dmem_arena_lock();
	is = offset != SIZE_MAX &&
	     dmem_quiet_is((uint32_t)(offset >> dmem_window.chunk_shift));
	dmem_arena_unlock();
	return is;
}

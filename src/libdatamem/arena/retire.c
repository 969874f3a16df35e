/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Ends runs, and makes their memory ready for reuse. */

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "state.h"
#include "zero.h"

void dmem_retire_free(uint32_t start)
{
	uint32_t len = dmem_window.tags[start].len;
	uint32_t run = dmem_runs_end(start);

	dmem_arena.used -= (size_t)len << DMEM_GRANULE_SHIFT;
	dmem_chunks_freed(run, start, len);
	dmem_retain_note();
}

/* Make sparse memory as if it were fresh; all of it is mapped. */
static void refresh_row(uint32_t first, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(first);
	unsigned int turn;
	uint8_t set = 0;

	turn = dmem_arena_step_out();
	if (!dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE))
		set |= DMEM_CHUNK_ZERO;
	/* In mode always fresh memory needs no advice, but this does: it was
	 * advised against. */
	if (dmem_hugepage_possible() &&
	    !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_HUGEPAGE))
		set |= DMEM_CHUNK_ADVISED;
	dmem_arena_step_in(turn);
	if (set & DMEM_CHUNK_ZERO)
		dmem_arena.purged_bytes += nbytes;
	for (uint32_t i = first; i < first + count; i++)
		dmem_chunk_at(i)->flags = (uint8_t)
			((dmem_chunk_at(i)->flags & ~DMEM_CHUNK_ADVISED) | set);
}

/* What a move has lost is not ours. */
static void refresh(uint32_t first, uint32_t end)
{
	uint32_t n;

	for (; first < end; first += DMEM_MAX(n, 1u)) {
		for (n = 0; first + n < end &&
			    dmem_chunk_at(first + n)->flags & DMEM_CHUNK_MAPPED;
		     n++)
			;
		if (n)
			refresh_row(first, n);
	}
}

void dmem_retire_block(uint32_t at)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	uint32_t first = DMEM_ROUND_UP(at, dmem_chunk_granules()) >>
			 dmem_granule_shift();
	uint32_t end = (at + tag->len) >> dmem_granule_shift();

	if (first < end && tag->u.block.lazy)
		refresh(first, end);
	else if (first < end)
		dmem_zero_ask(first, end);
	dmem_retire_free(at);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * After hugepage was switched, or the probe found something else, what is kept
 * was advised as it was then: it is turned before blocks get it. What is in use
 * stays as it is. So is the chunk of a quiet start when the slabs give it back.
 */

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "open.h"
#include "state.h"

/* Once for all; read without the lock where a block goes to a shelf. */
static bool noted;

void dmem_turn_note(void)
{
	dmem_store(&noted, true);
}

/* Whether any memory may be advised otherwise. */
static bool any_other(void)
{
	return dmem_load(&noted) || dmem_hugepage_turned();
}

static bool is_other(const struct dmem_chunk *c, bool wanted)
{
	return (c->flags & DMEM_CHUNK_MAPPED) &&
	       !(c->flags & DMEM_CHUNK_HUGETLB) &&
	       !(c->flags & DMEM_CHUNK_ADVISED) == wanted;
}

bool dmem_turn_needed(bool huge)
{
	return dmem_unlikely(any_other()) &&
	       huge != dmem_hugepage_possible();
}

/* Chunks in a row that are free and advised otherwise; 0: none begins here. */
static uint32_t row(uint32_t chunk, uint32_t end, bool wanted)
{
	uint32_t n = 0;

	while (chunk + n < end &&
	       (dmem_chunk_at(chunk + n)->flags & DMEM_CHUNK_FREE) &&
	       is_other(dmem_chunk_at(chunk + n), wanted))
		n++;
	return n;
}

/*
 * Its pages have the old size: they go as well. Advice is taken back by advice
 * against huge pages; where that is refused all stays as it is.
 */
static void turn(uint32_t chunk, uint32_t count, bool wanted)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(chunk);
	bool zero;

	if (dmem_kernel_advise(addr, nbytes, wanted ? DMEM_ADVICE_HUGEPAGE :
						      DMEM_ADVICE_NOHUGEPAGE))
		return;
	zero = !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE);
	if (zero)
		dmem_arena.purged_bytes += nbytes;
	for (uint32_t i = chunk; i < chunk + count; i++) {
		uint8_t *flags = &dmem_chunk_at(i)->flags;

		dmem_chunks_out(i);
		dmem_open_forget(i);
		*flags ^= DMEM_CHUNK_ADVISED;
		if (zero)
			*flags = (uint8_t)((*flags & ~DMEM_CHUNK_LAZY) |
					   DMEM_CHUNK_ZERO);
		dmem_chunks_in(i);
	}
}

void dmem_turn_free(uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift(), n;
	uint32_t end = ((at + len - 1) >> dmem_granule_shift()) + 1;
	bool wanted;

	if (dmem_likely(!any_other()))
		return;
	wanted = dmem_hugepage_possible();
	for (; chunk < end; chunk += DMEM_MAX(n, 1u)) {
		n = row(chunk, end, wanted);
		if (n)
			turn(chunk, n, wanted);
	}
}

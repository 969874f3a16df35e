/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Goes through the blocks that are in use. */
#include "arena.h"

#include "heads.h"
#include "state.h"

/* Blocks outside the window that are visited in one go. */
#define OUTSIDE 256u

/* Those that begin in a chunk. Blocks on shelves are none. */
static void visit_chunk(uint32_t chunk,
			void (*visit)(const void *ptr, size_t nbytes,
				      size_t align))
{
	uint32_t at = chunk << dmem_granule_shift();
	uint32_t end = at + dmem_chunk_granules();

	while (at < end) {
		const struct dmem_tag *tag = &dmem_window.tags[at];
		dmem_tag_block block = dmem_tag_read(at);
		uint32_t len = tag->len;

		if (len && tag->used && !block.gone)
			visit((char *)dmem_granule_address(at) +
				      (size_t)block.phase * 64,
			      block.nbytes,
			      block.log2_align ? (size_t)1 << block.log2_align
					       : 0);
		at += DMEM_MAX(len, 1u);
	}
}

/* Behind all chunks that are in use. */
static uint32_t last_end(void)
{
	uint32_t end = 0;

	for (uint32_t chunk = dmem_regions_next(0); chunk != UINT32_MAX;
	     chunk = dmem_regions_next(end))
		end = dmem_region_end(dmem_region_of(chunk));
	return end;
}

/* Runs are found from the last chunk down. */
static bool visit_window(bool (*wait)(uint32_t n),
			 void (*visit)(const void *ptr, size_t nbytes,
				       size_t align))
{
	uint32_t chunk = last_end();

	if (!chunk)
		return true;
	/* It need not be one in which a run begins. */
	for (chunk--; chunk != DMEM_NO_RUN;) {
		if (!wait(dmem_chunk_granules()))
			return false;
		dmem_arena_lock();
		visit_chunk(chunk, visit);
		chunk = dmem_heads_before(chunk);
		dmem_arena_unlock();
	}
	return true;
}

bool dmem_arena_each_live(bool (*wait)(uint32_t n),
			  void (*visit)(const void *ptr, size_t nbytes,
					size_t align))
{
	const void *last = NULL;

	if (!visit_window(wait, visit))
		return false;
	do {
		if (!wait(OUTSIDE))
			return false;
		dmem_arena_lock();
		last = dmem_outside_visit(last, OUTSIDE, visit);
		dmem_arena_unlock();
	} while (last);
	return true;
}

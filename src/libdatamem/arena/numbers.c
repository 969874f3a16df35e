/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The arena's numbers, on the page that others read and in a snapshot. */

#include "live.h"
#include "stats.h"
#include "state.h"

/*
 * Bytes of chunks that blocks are in: what is free in them is with a huge page,
 * or was written, but where blocks have not come yet. Lock held.
 */
static size_t in_use(void)
{
	return dmem_window.mapped - dmem_arena.clean - dmem_arena.lazy -
	       dmem_arena.retained - dmem_arena.shelved;
}

void dmem_numbers_show(void)
{
	struct live_numbers *to = &dmem_live->numbers;
	uint32_t seq = dmem_load(&to->arena_seq) | 1;
	size_t outside = dmem_outside_mapped();

	dmem_store(&to->arena_seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	dmem_store(&to->used_bytes, in_use());
	dmem_store(&to->retained_bytes,
		   dmem_arena.retained + dmem_arena.shelved);
	dmem_store(&to->lazy_bytes, dmem_arena.lazy);
	dmem_store(&to->mapped_bytes, dmem_window.mapped + outside);
	dmem_store(&to->outside_bytes, outside);
	dmem_store(&to->meta_bytes, dmem_window.meta);
	dmem_store(&to->large_blocks, dmem_arena.blocks);
	dmem_store(&to->large_bytes, dmem_arena.nbytes);
	dmem_store(&to->large_allocs, dmem_arena.allocs);
	dmem_store(&to->large_frees, dmem_arena.frees);
	dmem_store(&to->large_hits, dmem_arena.hits);
	dmem_store(&to->large_misses, dmem_arena.misses);
	dmem_store(&to->faults_avoided, dmem_arena.faults_avoided);
	dmem_store(&to->resizes_in_place, dmem_arena.in_place);
	dmem_store(&to->resizes_moved, dmem_arena.moves);
	dmem_store(&to->resizes_copied, dmem_arena.copies);
	dmem_store(&to->purged_bytes, dmem_arena.purged);
	dmem_store(&to->window_base, dmem_window.base);
	dmem_store(&to->window_bytes, dmem_window.extent);
	dmem_store_release(&to->arena_seq, seq + 1);
}

void dmem_numbers_collect(struct datamem_stats *stats)
{
	size_t chunks = dmem_load_acquire(&dmem_window.extent) >>
			dmem_window.chunk_shift;

	stats->advised_bytes += dmem_arena_having(0, chunks,
						  DMEM_CHUNK_ADVISED);
	stats->hugetlb_bytes += dmem_arena_having(0, chunks,
						  DMEM_CHUNK_HUGETLB);
	dmem_arena_lock();
	stats->live_bytes += dmem_arena.nbytes;
	stats->live_blocks += dmem_arena.blocks;
	stats->mapped_bytes += dmem_window.mapped + dmem_outside_mapped();
	stats->held_bytes += in_use() + dmem_arena.retained +
			     dmem_arena.shelved + dmem_outside_mapped();
	stats->retained_bytes += dmem_arena.retained + dmem_arena.shelved;
	stats->lazy_bytes += dmem_arena.lazy;
	stats->meta_bytes += dmem_window.meta;
	stats->purged_bytes += dmem_arena.purged;
	stats->allocs += dmem_arena.allocs;
	stats->frees += dmem_arena.frees;
	stats->large_hits += dmem_arena.hits;
	stats->large_misses += dmem_arena.misses;
	stats->faults_avoided += dmem_arena.faults_avoided;
	stats->resizes_in_place += dmem_arena.in_place;
	stats->resizes_moved += dmem_arena.moves;
	stats->resizes_copied += dmem_arena.copies;
	stats->mappings += 5 + dmem_arena.moved;
	dmem_arena_unlock();
}

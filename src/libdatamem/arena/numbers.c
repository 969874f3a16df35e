/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The arena's numbers, on the page that others read and in a snapshot. */

#include "arena.h"

#include "stats.h"
#include "shelf.h"
#include "state.h"

/* What is free in chunks in use is with a huge page, or was written, but where
 * blocks have not come yet, or it was given back. */
size_t dmem_arena_loose(void)
{
	size_t all = dmem_arena_in_use();
	size_t held = dmem_arena.used + dmem_arena.opened_bytes;

	return all - DMEM_MIN(held, all);
}

/* All but what shelves change without the lock: they show that themselves. Lock
 * held. */
static void complete(void)
{
	dmem_arena.pinned_bytes = dmem_arena_loose();
	dmem_arena.used_bytes = dmem_arena_in_use() -
				dmem_arena.opened_bytes;
	dmem_arena.outside_bytes = dmem_outside_mapped();
	dmem_arena.retained_bytes = dmem_arena.retained;
	dmem_arena.mapped_bytes = dmem_window.mapped + dmem_arena.outside_bytes;
	dmem_arena.meta_bytes = dmem_window.meta;
	dmem_arena.window_base = dmem_window.base;
	dmem_arena.window_bytes = dmem_window.extent;
}

void dmem_numbers_show(void)
{
	struct live_numbers *to = &dmem_live->numbers;
	uint32_t seq = dmem_load(&to->arena_seq) | 1;

	complete();
	dmem_store(&to->arena_seq, seq);
	__atomic_thread_fence(__ATOMIC_RELEASE);
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_ARENA_##place(dmem_store(&to->member, dmem_arena.member);)
	STATISTICS(STATISTIC)
#undef STATISTIC
	dmem_store_release(&to->arena_seq, seq + 1);
}

void dmem_numbers_collect(struct datamem_stats *stats)
{
	unsigned int regions = dmem_load_acquire(&dmem_regions_count);
	struct live_shelf shelves;

	for (unsigned int i = 0; i < regions; i++) {
		uint32_t begin = dmem_region_begin(&dmem_regions[i]);
		uint32_t end = dmem_region_end(&dmem_regions[i]);

		stats->advised_bytes += dmem_arena_having(begin, end,
							  DMEM_CHUNK_ADVISED);
		stats->hugetlb_bytes += dmem_arena_having(begin, end,
							  DMEM_CHUNK_HUGETLB);
	}
	dmem_arena_lock();
	complete();
	dmem_shelf_count(&shelves);
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_FROM_ARENA_##place(stats->member += dmem_arena.member;)
	STATISTICS(STATISTIC)
#undef STATISTIC
	stats->live_bytes += dmem_arena.large_bytes + shelves.nbytes;
	stats->live_blocks += dmem_arena.large_blocks + shelves.allocs -
			      shelves.frees;
	stats->retained_bytes += shelves.kept;
	stats->large_hits += shelves.allocs;
	stats->faults_avoided += shelves.faults_avoided;
	stats->held_bytes += dmem_arena.used_bytes + dmem_arena.retained_bytes +
			     dmem_arena.outside_bytes;
	stats->allocs += dmem_arena.large_allocs + shelves.allocs;
	stats->frees += dmem_arena.large_frees + shelves.frees;
	stats->mappings += 1 + 4 * regions + dmem_arena.moved +
			   dmem_arena.seams;
	dmem_arena_unlock();
}

uint64_t dmem_arena_calls(void)
{
	struct live_shelf shelves;
	uint64_t calls;

	dmem_shelf_count(&shelves);
	dmem_lock(&dmem_arena.lock);
	calls = dmem_arena.large_allocs + dmem_arena.large_frees;
	dmem_unlock(&dmem_arena.lock);
	return calls + shelves.allocs + shelves.frees;
}

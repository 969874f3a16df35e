/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Fresh memory is made up for by kept memory that did not fit. */

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "search.h"
#include "state.h"

/*
 * What was kept for this part of retain.age goes: a loop comes back to its own
 * sooner. What was kept for a shorter time goes once in retain.age: a loop that
 * needs more than it has had would find it missing at each turn.
 */
#define AGE_PART 8
#define AGE_PART_ONCE 256

static void give_back(size_t nbytes)
{
	uint32_t age = (uint32_t)dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	uint32_t now = dmem_retain_now();
	struct dmem_search search = { now, age / AGE_PART, true, true };
	struct dmem_segment oldest;
	static uint32_t last;
	static bool ever;

	if (!ever || now - last >= age)
		search.min_age = age / AGE_PART_ONCE;
	while (nbytes && dmem_search_oldest(&search, &oldest)) {
		ever = true;
		last = now;
		dmem_search_shorten(&oldest, nbytes);
		if (!dmem_segment_purge(&oldest))
			break;
		nbytes -= DMEM_MIN(nbytes, dmem_segment_bytes(&oldest));
	}
}

void dmem_retain_make_up(void)
{
	size_t nbytes;

	if (dmem_likely(dmem_load(&dmem_arena.fresh) < dmem_chunk_size()))
		return;
	dmem_arena_enter();
	nbytes = dmem_arena.fresh;
	dmem_store(&dmem_arena.fresh, 0);
	if (nbytes)
		give_back(nbytes);
	dmem_arena_unlock();
}

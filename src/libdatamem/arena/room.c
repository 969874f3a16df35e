/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Looks at what the limits leave, and lets zeroed blocks draw on half of it
 * until that is used up or old: a look takes some 200 us.
 */

#include "room.h"

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "state.h"

/* What was found counts for so long, ms. */
#define OLD_MS 1000

static uint64_t credit;  /* bytes, 0: none or not looked yet */
static uint32_t looked;  /* clock of the last look */

/* Draw on what the last look has found. */
static bool draw(size_t nbytes)
{
	uint64_t left = dmem_load(&credit);

	while (left >= nbytes)
		if (__atomic_compare_exchange_n(&credit, &left, left - nbytes,
						false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* Bytes of blocks that have no pages yet; all where the kernel does not say. */
static size_t untouched(void)
{
	size_t held, extent, resident;

	dmem_arena_lock();
	held = dmem_arena.used + dmem_arena_kept();
	extent = dmem_window.extent;
	dmem_arena_unlock();
	if (!extent || dmem_kernel_resident_bytes(
			       (void *)dmem_window.base, extent, &resident))
		return held;
	return held - DMEM_MIN(held, resident);
}

static void look(uint32_t now)
{
	uint64_t left = dmem_kernel_memory_left() / 2;
	uint64_t owed = untouched();

	dmem_store(&credit, left - DMEM_MIN(left, owed));
	dmem_store(&looked, now ? now : 1);
}

bool dmem_room_for(size_t nbytes)
{
	uint32_t now = dmem_retain_now();
	uint32_t last = dmem_load(&looked);

	if (last && now - last < OLD_MS && draw(nbytes))
		return true;
	if (!dmem_hugepage_possible())
		return true;
	/* What was refused in this tick is not looked at again. */
	if (now != last)
		look(now);
	return draw(nbytes);
}

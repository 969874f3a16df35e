/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Looks at what the limits leave, and lets blocks draw on half of it until that
 * is used up or old: a look takes some 200 us.
 */

#include "room.h"

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "state.h"

/* A finding counts for so long, ms. */
#define OLD_MS 1000

struct room {
	uint64_t credit;  /* bytes, 0: none or not looked yet */
	uint32_t looked;  /* clock of the last look */
};

static struct room later;  /* for what a program may touch */
static struct room ahead;  /* for what is faulted in before it does */

/* Draw on what the last look has found. */
static bool draw(struct room *room, size_t nbytes)
{
	uint64_t left = dmem_load(&room->credit);

	while (left >= nbytes)
		if (__atomic_compare_exchange_n(&room->credit, &left,
						left - nbytes, false,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

/* Whether a room has enough, by a look that is not old. */
static bool has(struct room *room, uint32_t now, size_t nbytes)
{
	uint32_t last = dmem_load(&room->looked);

	return last && now - last < OLD_MS && draw(room, nbytes);
}

/* Bytes of blocks that have no pages yet; all where the kernel does not say. */
static size_t untouched(void)
{
	size_t held, extent, resident, sum = 0;
	unsigned int regions;

	dmem_arena_lock();
	held = dmem_arena.used + dmem_arena.retained + dmem_arena.lazy_bytes;
	regions = dmem_regions_count;
	dmem_arena_unlock();
	for (unsigned int i = 0; i < regions; i++) {
		extent = dmem_load_acquire(&dmem_regions[i].extent);
		if (!extent)
			continue;
		if (dmem_kernel_resident_bytes((void *)dmem_regions[i].base,
					       extent, &resident))
			return held;
		sum += resident;
	}
	return held - DMEM_MIN(held, sum);
}

/*
 * owed: what other blocks will take of it. Nothing is stored where others have
 * looked or drawn meanwhile: what they drew would be there again.
 */
static void look(struct room *room, uint32_t now, uint64_t owed)
{
	uint64_t before = dmem_load(&room->credit);
	uint64_t left = dmem_kernel_memory_left() / 2;

	if (__atomic_compare_exchange_n(&room->credit, &before,
					left - DMEM_MIN(left, owed), false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		dmem_store(&room->looked, now ? now : 1);
}

/* After a refusal there is no second look in the same tick. */
static bool is_due(const struct room *room, uint32_t now)
{
	return dmem_load(&room->looked) != (now ? now : 1);
}

bool dmem_room_for(size_t nbytes)
{
	uint32_t now = dmem_retain_now();

	if (has(&later, now, nbytes) || !dmem_hugepage_possible())
		return true;
	while (is_due(&later, now)) {
		look(&later, now, untouched());
		if (draw(&later, nbytes))
			return true;
	}
	return draw(&later, nbytes);
}

bool dmem_room_affords(size_t nbytes)
{
	uint32_t now = dmem_retain_now();

	if (has(&ahead, now, nbytes))
		return true;
	while (is_due(&ahead, now)) {
		look(&ahead, now, 0);
		if (draw(&ahead, nbytes))
			return true;
	}
	return draw(&ahead, nbytes);
}

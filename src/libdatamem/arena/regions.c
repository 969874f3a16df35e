/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Regions behind the window: where they lie, and which addresses are theirs. */

#include "window.h"

#include "kernel/kernel.h"
#include "heads.h"

/* Addresses are told apart by units: a region begins on one and has whole ones.
 * A leaf of the map is a page, of a byte a unit. */
#define UNIT_SHIFT 30
#define UNIT ((size_t)1 << UNIT_SHIFT)
#define LEAF_SHIFT 12
#define LEAF ((size_t)1 << LEAF_SHIFT)

/* Addresses up to 2^52; beyond them there are no regions. */
#define LEAVES 1024

struct dmem_region dmem_regions[DMEM_REGIONS] DMEM_TABLE;
unsigned int dmem_regions_count;
struct dmem_slot dmem_slots[DMEM_SLOTS] DMEM_TABLE;

/* The number of the region that a unit is of; 0: of none. */
static unsigned char *leaves[LEAVES] DMEM_TABLE;

/* The first slot that no region has. */
static size_t next_slot;

/* A region of so many bytes found no place; requests until the next try. */
#define LOOKS_REST 64
static size_t refused;
static unsigned int rest;

static size_t slot_size(void)
{
	return dmem_chunk_size() << DMEM_SLOT_SHIFT;
}

size_t dmem_regions_find(const void *ptr)
{
	uintptr_t unit = (uintptr_t)ptr >> UNIT_SHIFT;
	const struct dmem_region *region;
	const unsigned char *leaf;
	unsigned int number;
	size_t offset;

	if (dmem_unlikely(unit >> LEAF_SHIFT >= LEAVES))
		return SIZE_MAX;
	leaf = dmem_load_acquire(&leaves[unit >> LEAF_SHIFT]);
	if (!leaf)
		return SIZE_MAX;
	number = dmem_load_acquire(&leaf[unit & (LEAF - 1)]);
	if (!number)
		return SIZE_MAX;
	region = &dmem_regions[number];
	offset = (uintptr_t)ptr - region->base;
	return offset < dmem_load_acquire(&region->extent) ?
		       region->first + offset : SIZE_MAX;
}

uint32_t dmem_regions_next(uint32_t chunk)
{
	unsigned int n = dmem_load_acquire(&dmem_regions_count);

	/* A region may be empty: then its tables are not there either. */
	for (unsigned int i = 0; i < n; i++) {
		chunk = DMEM_MAX(chunk, dmem_region_begin(&dmem_regions[i]));
		if (chunk < dmem_region_end(&dmem_regions[i]))
			return chunk;
	}
	return UINT32_MAX;
}

/* Give a region its slots, and one chunk more at least, which is never used. */
static void take_slots(unsigned int number, size_t size)
{
	size_t end = next_slot + (size + dmem_chunk_size() + slot_size() - 1) /
					 slot_size();
	struct dmem_region *region = &dmem_regions[number];

	for (; next_slot < end && next_slot < DMEM_SLOTS; next_slot++) {
		dmem_slots[next_slot].zero = region->base - region->first;
		dmem_slots[next_slot].region = number;
	}
}

void dmem_regions_start(uintptr_t base, size_t size)
{
	next_slot = 0;
	dmem_regions[0] = (struct dmem_region){ .base = base, .size = size };
	dmem_regions_count = 1;
	take_slots(0, size);
}

/* Leaves for all units of a range. */
static bool make_leaves(uintptr_t base, size_t size)
{
	size_t leaf = base >> UNIT_SHIFT >> LEAF_SHIFT;
	size_t last = (base + size - 1) >> UNIT_SHIFT >> LEAF_SHIFT;
	void *page;

	if (last >= LEAVES)
		return false;
	for (; leaf <= last; leaf++) {
		if (leaves[leaf])
			continue;
		page = dmem_kernel_map(LEAF);
		if (!page)
			return false;
		dmem_kernel_name(page, LEAF, "datamem tables");
		dmem_window.meta += LEAF;
		dmem_store_release(&leaves[leaf], page);
	}
	return true;
}

/* Addresses for others of the library. */
static uintptr_t aside;
static size_t aside_size;

/* Whether a range has addresses that are spoken for, though nothing may be
 * mapped there yet: the window's and its tables', and those of regions. */
static bool is_taken(uintptr_t base, size_t size)
{
	uintptr_t begin = (uintptr_t)dmem_window.tags;

	if (base < aside + aside_size && base + size > aside)
		return true;
	for (unsigned int i = 0; i < dmem_regions_count; i++) {
		const struct dmem_region *region = &dmem_regions[i];

		if (i)
			begin = region->base;
		if (base < region->base + region->size && base + size > begin)
			return true;
	}
	return false;
}

/*
 * Where a region may lie, or 0: in the middle of a range twice as large, as the
 * window does (window.c).
 */
static uintptr_t find_place(size_t size)
{
	char *found = dmem_kernel_find_range(2 * size + UNIT);
	uintptr_t base;

	if (!found)
		return 0;
	base = DMEM_ROUND_UP((uintptr_t)found + size / 2, UNIT);
	return is_taken(base, size) || !make_leaves(base, size) ? 0 : base;
}

uintptr_t dmem_regions_set_aside(size_t size)
{
	char *found = dmem_kernel_find_range(2 * size + UNIT);
	uintptr_t base;

	if (!found)
		return 0;
	base = DMEM_ROUND_UP((uintptr_t)found + size / 2, UNIT);
	if (is_taken(base, size))
		return 0;
	aside = base;
	aside_size = size;
	return base;
}

static struct dmem_region *enter(uintptr_t base, size_t size)
{
	unsigned int number = dmem_regions_count;
	struct dmem_region *region = &dmem_regions[number];

	*region = (struct dmem_region){
		.base = base,
		.first = next_slot * slot_size(),
		.size = size,
	};
	take_slots(number, size);
	for (uintptr_t unit = base >> UNIT_SHIFT;
	     unit < (base + size) >> UNIT_SHIFT; unit++)
		dmem_store_release(&leaves[unit >> LEAF_SHIFT]
					  [unit & (LEAF - 1)],
				   (unsigned char)number);
	dmem_store_release(&dmem_regions_count, number + 1);
	return region;
}

/* Where no place was found for so much, it is not looked for again at once. */
static bool rests(size_t need)
{
	if (need < refused || !rest)
		return false;
	rest--;
	return true;
}

struct dmem_region *dmem_regions_add(uint32_t count)
{
	size_t need = DMEM_ROUND_UP((size_t)count << dmem_window.chunk_shift,
				    UNIT);
	size_t begin = next_slot * slot_size(), most;
	uintptr_t base;

	/* One that nothing has come into would be made in vain again. */
	if (!dmem_window.size || dmem_regions_count == DMEM_REGIONS ||
	    (dmem_regions_count > 1 &&
	     !dmem_regions[dmem_regions_count - 1].extent) ||
	    dmem_window.reach < begin + slot_size() || rests(need) ||
	    !dmem_heads_reach_far())
		return NULL;
	most = DMEM_MIN(dmem_window.reach - begin - dmem_chunk_size(),
			DMEM_REGION_MAX);
	for (size_t size = DMEM_REGION_MAX; size >= need && size >= UNIT;
	     size /= 2) {
		if (size > most)
			continue;
		base = find_place(size);
		if (base)
			return enter(base, size);
	}
	refused = need;
	rest = LOOKS_REST;
	return NULL;
}

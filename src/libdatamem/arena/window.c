/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds the window and fills it and its tables in steps. */

#include "window.h"

#include "kernel/kernel.h"
#include "probes.h"
#include "dump.h"
#include "open.h"
#include "place.h"

/*
 * The range asked for; halved until the kernel (Valgrind) has room. Not more
 * than 1 TiB: TSan's region for mappings has 1.5. What does not fit lies in
 * further regions, so this is no ceiling.
 */
#define RANGE_MAX ((size_t)1 << 40)
#define RANGE_MIN ((size_t)1 << 25)

/* Tables have room for so many times the range: that takes an eighth of it. */
#define REACH 32

#define TABLE_STEP DMEM_TABLE_STEP

/* Obstacles that one extension steps over before it gives up. */
#define SKIPS_MAX 16

struct dmem_window dmem_window;

static size_t table_bytes(size_t reach, size_t unit, size_t entry)
{
	/* One entry more: the tag behind the last run is written. A step more
	 * is the guard. */
	return DMEM_ROUND_UP((reach / unit + 1) * entry, TABLE_STEP) +
	       TABLE_STEP;
}

/*
 * Bytes of all regions: as many as there are numbers and slots for. Less than a
 * slot more than the window is of no use.
 */
static size_t reach_of(size_t range, size_t chunk_size)
{
	size_t slot = chunk_size << DMEM_SLOT_SHIFT;
	size_t most = DMEM_MIN(slot * DMEM_SLOTS,
			       DMEM_GRANULE << 32);
	size_t reach = DMEM_ROUND_DOWN(DMEM_MIN(range * REACH, most), slot);

	return DMEM_MAX(reach, range / 2);
}

/*
 * The window lies in the middle of the range: where the kernel places mappings
 * top-down the host's come from above, bottom-up (legacy layout) from below,
 * and either way a quarter of the range is between them and us.
 */
static bool place(size_t range, size_t chunk_size)
{
	/* A block's alignment is that of its offset in the window, so the base
	 * must have the largest, also where chunks are smaller. */
	size_t align = DMEM_MAX(chunk_size, DMEM_ALIGN_MAX);
	size_t window = range / 2, reach = reach_of(range, chunk_size);
	size_t tags = table_bytes(reach, DMEM_GRANULE,
				  sizeof(struct dmem_tag));
	size_t chunks = table_bytes(reach, chunk_size,
				    sizeof(struct dmem_chunk));
	size_t classes = table_bytes(reach, DMEM_SPAN, 1);
	size_t zeros = DMEM_ROUND_UP(window / DMEM_SPAN, TABLE_STEP);
	char *found;
	uintptr_t at;

	if (tags + chunks + classes + 2 * align > range / 4)
		return false;
	found = dmem_kernel_find_range(range);
	if (!found)
		return false;
	at = DMEM_ROUND_UP((uintptr_t)found + range / 4, align);
	/* To be read whole at once, a byte for 64 KiB, and written where the
	 * window has come: so the fast path compares with the window's size,
	 * which does not change. */
	if (dmem_kernel_zeros_at((void *)(at - classes), zeros))
		return false;
	dmem_kernel_name((void *)(at - classes), zeros, "datamem tables");
	dmem_window.classes = (unsigned char *)(at - classes);
	dmem_window.chunks = (struct dmem_chunk *)(at - classes - chunks);
	dmem_window.tags = (struct dmem_tag *)(at - classes - chunks - tags);
	dmem_window.base = at;
	dmem_window.size = window;
	dmem_window.reach = reach;
	dmem_regions_start(at, window);
	return true;
}

/* Where address space is limited the window has room for all of it. */
static size_t range_most(void)
{
	uint64_t limit = dmem_kernel_address_limit();
	size_t range = RANGE_MAX;

	while (range / 4 >= limit && range > RANGE_MIN)
		range /= 2;
	return range;
}

void dmem_window_init(size_t chunk_size)
{
	dmem_window.chunk_shift = dmem_log2(chunk_size);
	for (size_t range = range_most(); range >= RANGE_MIN; range /= 2)
		if (place(range, chunk_size))
			return;
}

/*
 * Grow a region's part of a table to what describes nbytes of it. more: map it,
 * or open it.
 */
static int grow_table(void *part, size_t *mapped, size_t want,
		      int (*more)(void *addr, size_t nbytes))
{
	char *at = (char *)part + *mapped;
	int err;

	want = DMEM_ROUND_UP(want, TABLE_STEP);
	if (want <= *mapped)
		return 0;
	err = more(at, want - *mapped);
	if (err)
		return err;
	dmem_kernel_name(at, want - *mapped, "datamem tables");
	dmem_window.meta += want - *mapped;
	*mapped = want;
	return 0;
}

static int grow_tables(struct dmem_region *region, size_t extent)
{
	bool is_window = !region->first;
	int err;

	err = grow_table(&dmem_window.tags[region->first >>
					   DMEM_GRANULE_SHIFT],
			 &region->tags, ((extent >> DMEM_GRANULE_SHIFT) + 1) *
				 sizeof(struct dmem_tag), dmem_kernel_map_at);
	if (!err)
		err = grow_table(&dmem_window.chunks[dmem_region_begin(region)],
				 &region->chunks,
				 ((extent >> dmem_window.chunk_shift) + 1) *
					 sizeof(struct dmem_chunk),
				 dmem_kernel_map_at);
	if (!err)
		err = grow_table(&dmem_window.classes[region->first >>
						      DMEM_SPAN_SHIFT],
				 &region->classes, extent >> DMEM_SPAN_SHIFT,
				 is_window ? dmem_kernel_open
					   : dmem_kernel_map_at);
	return err;
}

static int map_chunks(struct dmem_region *region, uint32_t chunk,
		      uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	char *addr = dmem_chunk_address(chunk);
	uint8_t flags = DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO;
	size_t end = (uintptr_t)addr + nbytes - region->base;
	int err;

	err = dmem_kernel_map_at(addr, nbytes);
	if (err)
		return err;
	/* Not before: tables for what is refused would stay. */
	err = grow_tables(region, end);
	if (err) {
		dmem_kernel_unmap(addr, nbytes);
		/* It is not the chunks that somebody is in the way of. */
		return err == -EEXIST ? -ENOSPC : err;
	}
	err = dmem_place_fresh(addr, nbytes, &flags);
	if (err)
		return err;
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_window.chunks[i].flags = flags;
	dmem_dump_forget(chunk, count);
	dmem_window.mapped += nbytes;
	return 0;
}

int dmem_window_map(uint32_t chunk, uint32_t count)
{
	return map_chunks(dmem_region_of(chunk), chunk, count);
}

void dmem_window_forget(uint32_t chunk, uint32_t count)
{
	for (uint32_t i = chunk; i < chunk + count; i++) {
		dmem_open_forget(i);
		dmem_window.chunks[i].flags = 0;
	}
	dmem_dump_forget(chunk, count);
	dmem_window.mapped -= (size_t)count << dmem_window.chunk_shift;
}

/* Its page gets memory now: where it is read first, and then written, it takes
 * two page faults. */
static void touch(uint32_t granule)
{
	dmem_fetch_add(&dmem_window.tags[granule].back, 0);
}

/* Whether a region has room for nbytes from an offset in it on. */
static bool has_room(const struct dmem_region *region, size_t start,
		     size_t nbytes)
{
	size_t size = region->first ? region->size : dmem_window.size;

	return size && nbytes <= size && start <= size - nbytes;
}

int64_t dmem_window_extend(struct dmem_region *region, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	size_t start = region->extent;
	size_t skip = dmem_chunk_size();
	unsigned int skips = 0;
	uint32_t chunk;
	int err;

	if (region->refused && count >= region->refused)
		return -ENOSPC;
	for (;;) {
		if (!has_room(region, start, nbytes))
			return -ENOSPC;
		chunk = (uint32_t)((region->first + start) >>
				   dmem_window.chunk_shift);
		err = map_chunks(region, chunk, count);
		if (!err)
			break;
		if (err != -EEXIST)
			return err;
		if (++skips > SKIPS_MAX) {
			region->refused = count;
			return -ENOSPC;
		}
		start += skip;
		skip *= 2;
	}
	/* Of a run and of what is behind it. */
	touch((uint32_t)((region->first + start) >> DMEM_GRANULE_SHIFT));
	touch((uint32_t)((region->first + start + nbytes) >>
			 DMEM_GRANULE_SHIFT));
	if (region == dmem_regions)
		dmem_store_release(&dmem_window.extent, start + nbytes);
	dmem_store_release(&region->extent, start + nbytes);
	dmem_probe2(DATAMEM, map, region->base + start, nbytes);
	return chunk;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds the window and fills it and its tables in steps. */

#include "window.h"

#include "kernel/kernel.h"
#include "open.h"
#include "place.h"

/*
 * The range asked for; halved until the kernel (RLIMIT_AS, Valgrind) has room.
 * Not more than 1 TiB: TSan's region for mappings has 1.5. What does not fit
 * gets mappings of its own (outside.c), so this is no ceiling.
 */
#define RANGE_MAX ((size_t)1 << 40)
#define RANGE_MIN ((size_t)1 << 25)

/* Tables are mapped in steps of this: 64 MiB of window need 256 KiB of tags. */
#define TABLE_STEP ((size_t)64 << 10)

/* Obstacles that one extension steps over before it gives up. */
#define SKIPS_MAX 16

struct dmem_window dmem_window;

/* How far a table is mapped, in bytes. */
static size_t tags_mapped, chunks_mapped, classes_open;

static size_t table_bytes(size_t window, size_t unit, size_t entry)
{
	/* One entry more: the tag behind the last run is written. A step more
	 * is the guard. */
	return DMEM_ROUND_UP((window / unit + 1) * entry, TABLE_STEP) +
	       TABLE_STEP;
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
	size_t window = range / 2;
	size_t tags = table_bytes(window, DMEM_GRANULE,
				  sizeof(struct dmem_tag));
	size_t chunks = table_bytes(window, chunk_size,
				    sizeof(struct dmem_chunk));
	size_t classes = table_bytes(window, DMEM_SPAN, 1);
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
	if (dmem_kernel_zeros_at((void *)(at - classes), classes - TABLE_STEP))
		return false;
	dmem_kernel_name((void *)(at - classes), classes - TABLE_STEP,
			 "datamem tables");
	dmem_window.classes = (unsigned char *)(at - classes);
	dmem_window.chunks = (struct dmem_chunk *)(at - classes - chunks);
	dmem_window.tags = (struct dmem_tag *)(at - classes - chunks - tags);
	dmem_window.base = at;
	dmem_window.size = window;
	return true;
}

void dmem_window_init(size_t chunk_size)
{
	dmem_window.chunk_shift = dmem_log2(chunk_size);
	for (size_t range = RANGE_MAX; range >= RANGE_MIN; range /= 2)
		if (place(range, chunk_size))
			return;
}

/* more: map it, or open it. */
static int grow_table(void *table, size_t *mapped, size_t want,
		      int (*more)(void *addr, size_t nbytes))
{
	char *at = (char *)table + *mapped;
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

static int grow_tables(size_t extent)
{
	int err;

	err = grow_table(dmem_window.tags, &tags_mapped,
			 ((extent >> DMEM_GRANULE_SHIFT) + 1) *
				 sizeof(struct dmem_tag), dmem_kernel_map_at);
	if (!err)
		err = grow_table(dmem_window.chunks, &chunks_mapped,
				 ((extent >> dmem_window.chunk_shift) + 1) *
					 sizeof(struct dmem_chunk),
				 dmem_kernel_map_at);
	if (!err)
		err = grow_table(dmem_window.classes, &classes_open,
				 extent >> DMEM_SPAN_SHIFT, dmem_kernel_open);
	return err;
}

int dmem_window_map(uint32_t chunk, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(chunk);
	uint8_t flags = DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO;
	size_t end = ((size_t)chunk << dmem_window.chunk_shift) + nbytes;
	int err;

	err = dmem_kernel_map_at(addr, nbytes);
	if (err)
		return err;
	/* Not before: tables for what is refused would stay. */
	if (grow_tables(end)) {
		dmem_kernel_unmap(addr, nbytes);
		return -ENOMEM;
	}
	err = dmem_place_fresh(addr, nbytes, &flags);
	if (err)
		return err;
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_window.chunks[i].flags = flags;
	dmem_window.mapped += nbytes;
	return 0;
}

void dmem_window_forget(uint32_t chunk, uint32_t count)
{
	for (uint32_t i = chunk; i < chunk + count; i++) {
		dmem_open_forget(i);
		dmem_window.chunks[i].flags = 0;
	}
	dmem_window.mapped -= (size_t)count << dmem_window.chunk_shift;
}

int64_t dmem_window_extend(uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	size_t start = dmem_window.extent;
	size_t skip = dmem_chunk_size();
	unsigned int skips = 0;
	uint32_t chunk;
	int err;

	for (;;) {
		if (!dmem_window.base || nbytes > dmem_window.size ||
		    start > dmem_window.size - nbytes)
			return -ENOMEM;
		chunk = (uint32_t)(start >> dmem_window.chunk_shift);
		err = dmem_window_map(chunk, count);
		if (!err)
			break;
		if (err != -EEXIST || ++skips > SKIPS_MAX)
			return -ENOMEM;
		start += skip;
		skip *= 2;
	}
	dmem_store_release(&dmem_window.extent, start + nbytes);
	return chunk;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks that do not fit into the window: larger than it, or made when it is
 * full or could not be found. Each has a mapping of its own, aligned and
 * advised like a chunk, given back when it is freed. Found by binary search in
 * an array sorted by address; there are few.
 */

#include "arena.h"

#include <string.h>

#include "kernel/kernel.h"
#include "place.h"
#include "state.h"

struct outside {
	char *start;
	size_t mapped;   /* bytes */
	size_t nbytes;   /* asked for */
	size_t align;
	bool advised;
};

static struct outside *table;
static size_t count, room, mapped_total;

/* The first entry at or above an address. */
static size_t position(const void *ptr)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table[middle].start < (const char *)ptr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool make_room(void)
{
	size_t more = room ? 2 * room : 4096 / sizeof(*table);
	struct outside *fresh;

	if (count < room)
		return true;
	fresh = dmem_kernel_map(more * sizeof(*table));
	if (!fresh)
		return false;
	if (table) {
		memcpy(fresh, table, count * sizeof(*table));
		dmem_kernel_unmap(table, room * sizeof(*table));
	}
	table = fresh;
	room = more;
	return true;
}

/* Map more than is needed and trim it to the alignment. */
static char *map_aligned(size_t nbytes, size_t align)
{
	size_t whole;
	char *at, *start;

	if (!dmem_add(nbytes, align, &whole))
		return NULL;
	at = dmem_kernel_map(whole);
	if (!at)
		return NULL;
	start = (char *)DMEM_ROUND_UP((uintptr_t)at, align);
	if (start != at)
		dmem_kernel_unmap(at, (size_t)(start - at));
	if (start + nbytes != at + whole)
		dmem_kernel_unmap(start + nbytes,
				  (size_t)(at + whole - start) - nbytes);
	return start;
}

void *dmem_outside_alloc(size_t nbytes, size_t align)
{
	size_t chunk = dmem_chunk_size(), mapped, i;
	bool large = nbytes >= chunk;
	bool advised;
	char *start;

	if (!dmem_add(nbytes, large ? chunk - 1 : dmem_kernel_page_size() - 1,
		      &mapped))
		return NULL;
	mapped = DMEM_ROUND_DOWN(mapped, large ? chunk
					       : dmem_kernel_page_size());
	start = map_aligned(mapped, DMEM_MAX(large ? chunk : DMEM_GRANULE,
					     align));
	if (!start)
		return NULL;
	advised = dmem_place_advise(start, mapped);

	dmem_arena_lock();
	if (!make_room()) {
		dmem_arena_unlock();
		dmem_kernel_unmap(start, mapped);
		return NULL;
	}
	i = position(start);
	memmove(&table[i + 1], &table[i], (count - i) * sizeof(*table));
	table[i] = (struct outside){ start, mapped, nbytes, align, advised };
	count++;
	mapped_total += mapped;
	dmem_arena.blocks++;
	dmem_arena.allocs++;
	dmem_arena.misses++;
	dmem_arena.nbytes += nbytes;
	dmem_arena_unlock();
	dmem_place_block(start, nbytes);
	return start;
}

size_t dmem_outside_free(void *ptr, size_t *unmap)
{
	size_t i = position(ptr);
	struct outside block;

	if (i == count || table[i].start != ptr)
		return 0;
	block = table[i];
	count--;
	memmove(&table[i], &table[i + 1], (count - i) * sizeof(*table));
	dmem_arena.blocks--;
	dmem_arena.frees++;
	dmem_arena.nbytes -= block.nbytes;
	*unmap = block.mapped;
	return block.nbytes;
}

/* A mapping of its own: splits nothing, so only a filter refuses. Pages that it
 * holds on to stay in the counts. */
void dmem_outside_unmap(void *ptr, size_t nbytes)
{
	if (dmem_kernel_unmap(ptr, nbytes) &&
	    dmem_kernel_advise(ptr, nbytes, DMEM_ADVICE_PURGE))
		return;
	dmem_arena_lock();
	mapped_total -= nbytes;
	dmem_arena.purged += nbytes;
	dmem_arena_unlock();
}

/* Unmap whole chunks beyond nbytes; what is refused stays. */
static void give_end(struct outside *block, size_t nbytes)
{
	size_t keep = DMEM_ROUND_UP(nbytes, dmem_chunk_size());

	if (keep >= block->mapped ||
	    dmem_kernel_unmap(block->start + keep, block->mapped - keep))
		return;
	mapped_total -= block->mapped - keep;
	dmem_arena.purged += block->mapped - keep;
	block->mapped = keep;
}

bool dmem_outside_shrink(void *ptr, size_t nbytes)
{
	size_t i = position(ptr);

	if (i == count || table[i].start != ptr || nbytes > table[i].mapped)
		return false;
	give_end(&table[i], nbytes);
	dmem_arena.nbytes += nbytes - table[i].nbytes;
	table[i].nbytes = nbytes;
	return true;
}

bool dmem_outside_find(const void *ptr, struct dmem_block *out)
{
	size_t i = position(ptr);

	if (i == count || table[i].start != ptr) {
		if (!i)
			return false;
		i--;
	}
	if ((const char *)ptr >= table[i].start + table[i].mapped)
		return false;
	*out = (struct dmem_block){
		.start = table[i].start,
		.nbytes = table[i].nbytes,
		.usable = table[i].mapped,
		.align = table[i].align,
		.advised = table[i].advised ? table[i].mapped : 0,
		.whole = table[i].mapped >= dmem_chunk_size(),
	};
	return true;
}

size_t dmem_outside_mapped(void)
{
	return mapped_total;
}

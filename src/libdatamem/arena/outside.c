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
	bool apart;      /* a byte more, so that the next mapping is off */
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

void *dmem_outside_alloc(size_t nbytes, size_t align, unsigned int kind)
{
	size_t chunk = dmem_chunk_size(), mapped, i;
	bool large = nbytes >= chunk;
	bool sparse = kind & DMEM_KIND_SPARSE, apart = kind & DMEM_KIND_APART;
	bool advised = false;
	char *start;

	if (!dmem_add(nbytes + apart,
		      large ? chunk - 1 : dmem_kernel_page_size() - 1, &mapped))
		return NULL;
	mapped = DMEM_ROUND_DOWN(mapped, large ? chunk
					       : dmem_kernel_page_size());
	start = map_aligned(mapped, DMEM_MAX(large ? chunk : DMEM_GRANULE,
					     align));
	if (!start)
		return NULL;
	if (sparse) {
		dmem_place_bind(start, mapped);
		dmem_kernel_advise(start, mapped, DMEM_ADVICE_NOHUGEPAGE);
	} else {
		advised = dmem_place_advise(start, mapped);
	}

	dmem_arena_lock();
	if (!make_room()) {
		dmem_arena_unlock();
		dmem_kernel_unmap(start, mapped);
		return NULL;
	}
	i = position(start);
	memmove(&table[i + 1], &table[i], (count - i) * sizeof(*table));
	table[i] = (struct outside){ start, mapped, nbytes, align, advised,
				     apart };
	count++;
	mapped_total += mapped;
	dmem_arena.large_blocks++;
	dmem_arena.large_allocs++;
	dmem_arena.large_misses++;
	dmem_arena.large_bytes += nbytes;
	dmem_arena_unlock();
	if (!sparse)
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
	dmem_arena.large_blocks--;
	dmem_arena.large_frees++;
	dmem_arena.large_bytes -= block.nbytes;
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
	dmem_arena.purged_bytes += nbytes;
	dmem_arena_unlock();
}

/* Unmap whole chunks beyond nbytes; what is refused stays. */
static void give_end(struct outside *block, size_t nbytes)
{
	size_t keep = DMEM_ROUND_UP(nbytes + block->apart, dmem_chunk_size());

	if (keep >= block->mapped ||
	    dmem_kernel_unmap(block->start + keep, block->mapped - keep))
		return;
	mapped_total -= block->mapped - keep;
	dmem_arena.purged_bytes += block->mapped - keep;
	block->mapped = keep;
}

bool dmem_outside_shrink(void *ptr, size_t nbytes)
{
	size_t i = position(ptr);

	if (i == count || table[i].start != ptr ||
	    nbytes + table[i].apart > table[i].mapped)
		return false;
	give_end(&table[i], nbytes);
	dmem_arena.large_bytes += nbytes - table[i].nbytes;
	table[i].nbytes = nbytes;
	return true;
}

/* The block that holds an address, or NULL. */
static struct outside *holder(const void *ptr)
{
	size_t i = position(ptr);

	if (i == count || table[i].start != ptr) {
		if (!i)
			return NULL;
		i--;
	}
	return (const char *)ptr < table[i].start + table[i].mapped ? &table[i]
								   : NULL;
}

size_t dmem_outside_advised(const void *ptr)
{
	struct outside *block;
	size_t advised;

	dmem_arena_lock();
	block = holder(ptr);
	advised = block && block->advised ? block->mapped : 0;
	dmem_arena_unlock();
	return advised;
}

bool dmem_outside_find(const void *ptr, struct dmem_block *out)
{
	struct outside *block = holder(ptr);

	if (!block)
		return false;
	*out = (struct dmem_block){
		.start = block->start,
		.nbytes = block->nbytes,
		.usable = block->mapped,
		.align = block->align,
		.whole = block->mapped >= dmem_chunk_size(),
		.apart = block->apart,
	};
	return true;
}

size_t dmem_outside_mapped(void)
{
	return mapped_total;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks that do not fit into a region: larger than any, or made when there is
 * no room for one more or none could be found at all. Each has a mapping of its
 * own, aligned and advised like a chunk, given back when it is freed. It grows
 * by what is mapped behind it, or moves with its pages. Found by binary search
 * in an array sorted by address; there are few.
 *
 * Mappings are made, moved and ended without the lock, by threads that have
 * stepped out: a child would have what no entry tells of for as long as it lives.
 */

#include "arena.h"

#include <string.h>

#include "kernel/kernel.h"
#include "probes.h"
#include "place.h"
#include "state.h"

struct outside {
	char *start;
	size_t mapped;   /* bytes */
	size_t nbytes;   /* asked for */
	size_t align;
	bool advised;
	bool sparse;
	bool apart;      /* a byte more, so that the next mapping is off */
	unsigned int node; /* DMEM_KIND_NODE(), or 0 */
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

/* The entry of the block that begins at an address; count: there is none. */
static size_t find(const void *ptr)
{
	size_t i = position(ptr);

	return i < count && table[i].start == ptr ? i : count;
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

/* Below addresses that are free, for a block to grow into. */
static char *map_roomy(size_t nbytes, size_t align)
{
	char *at = dmem_kernel_find_range(2 * nbytes + align);

	at = (char *)DMEM_ROUND_UP((uintptr_t)at, align);
	return at && !dmem_kernel_map_at(at, nbytes) ? at : NULL;
}

/* Map more than is needed and trim it to the alignment. */
static char *map_aligned(size_t nbytes, size_t align)
{
	size_t whole;
	char *at, *start;

	if (!dmem_add(nbytes, align, &whole))
		return NULL;
	if (nbytes > DMEM_REGION_MAX) {
		start = map_roomy(nbytes, align);
		if (start)
			return start;
	}
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

/* What a mapping has for a block; a whole number of chunks if it is large. */
static size_t mapping_size(size_t nbytes, bool large)
{
	size_t unit = large ? dmem_chunk_size() : dmem_kernel_page_size();
	size_t mapped;

	return dmem_add(nbytes, unit - 1, &mapped) ?
		       DMEM_ROUND_DOWN(mapped, unit) : 0;
}

/* Fresh memory for a block; whether it is advised. */
static bool advise(char *start, size_t nbytes, bool sparse, unsigned int node)
{
	bool advised = false;

	if (!sparse) {
		advised = dmem_place_advise(start, nbytes);
	} else {
		dmem_place_bind(start, nbytes);
		dmem_kernel_advise(start, nbytes, DMEM_ADVICE_NOHUGEPAGE);
	}
	/* Refused where a cpuset forbids the node: then as the others. */
	if (node)
		dmem_kernel_bind(start, nbytes, DMEM_NUMA_BIND,
				 UINT64_C(1) << dmem_kind_node(node));
	return advised;
}

void *dmem_outside_alloc(size_t nbytes, size_t align, unsigned int kind)
{
	bool sparse = kind & DMEM_KIND_SPARSE, apart = kind & DMEM_KIND_APART;
	bool large = nbytes >= dmem_chunk_size(), advised = false;
	unsigned int node = kind & ~(DMEM_KIND_NODE(0) - 1);
	size_t mapped = mapping_size(nbytes + apart, large), i;
	unsigned int turn;
	char *start;

	if (!mapped)
		return NULL;
	dmem_arena_enter();
	turn = dmem_arena_step_out();
	start = map_aligned(mapped, DMEM_MAX(large ? dmem_chunk_size() :
						     DMEM_GRANULE, align));
	if (start)
		advised = advise(start, mapped, sparse, node);
	dmem_arena_step_in(turn);
	if (start && !make_room()) {
		dmem_kernel_unmap(start, mapped);
		start = NULL;
	}
	if (!start) {
		dmem_arena_unlock();
		return NULL;
	}
	i = position(start);
	memmove(&table[i + 1], &table[i], (count - i) * sizeof(*table));
	table[i] = (struct outside){ start, mapped, nbytes, align, advised,
				     sparse, apart, node };
	count++;
	mapped_total += mapped;
	dmem_arena.large_blocks++;
	dmem_arena.large_allocs++;
	dmem_arena.large_misses++;
	dmem_arena.large_bytes += nbytes;
	dmem_arena_unlock();
	dmem_probe2(DATAMEM, map, start, mapped);
	if (!sparse)
		dmem_place_block(start, nbytes);
	return start;
}

size_t dmem_outside_free(void *ptr, size_t *unmap)
{
	size_t i = find(ptr);
	struct outside block;

	if (i == count)
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
	unsigned int turn = dmem_arena_step_out();
	bool gone = !dmem_kernel_unmap(ptr, nbytes) ||
		    !dmem_kernel_advise(ptr, nbytes, DMEM_ADVICE_PURGE);

	dmem_arena_step_in(turn);
	if (!gone)
		return;
	mapped_total -= nbytes;
	dmem_arena.purged_bytes += nbytes;
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
	size_t i = find(ptr);

	if (i == count || nbytes + table[i].apart > table[i].mapped)
		return false;
	give_end(&table[i], nbytes);
	dmem_arena.large_bytes += nbytes - table[i].nbytes;
	table[i].nbytes = nbytes;
	return true;
}

/* A block has grown, and lies elsewhere perhaps. Lock held. */
static void enter_grown(struct outside block, char *start, size_t mapped,
			size_t nbytes)
{
	size_t i = position(block.start), to;

	memmove(&table[i], &table[i + 1], (count - 1 - i) * sizeof(*table));
	count--;
	to = position(start);
	memmove(&table[to + 1], &table[to], (count - to) * sizeof(*table));
	count++;
	mapped_total += mapped - block.mapped;
	dmem_arena.large_bytes += nbytes - block.nbytes;
	block.start = start;
	block.mapped = mapped;
	block.nbytes = nbytes;
	table[to] = block;
}

/*
 * Other memory for a block, with its pages; NULL: there is none, or the kernel
 * moves nothing, and all is as it was.
 */
static char *move(const struct outside *block, size_t mapped)
{
	char *to = map_aligned(mapped, DMEM_MAX(dmem_chunk_size(),
						block->align));
	int err;

	if (!to)
		return NULL;
	err = dmem_kernel_move(block->start, to, block->mapped);
	if (err < 0) {
		if (err != -EFAULT)
			dmem_kernel_unmap(to, mapped);
		else
			dmem_kernel_unmap(to + block->mapped,
					  mapped - block->mapped);
		return NULL;
	}
	/* Advice goes with the pages. */
	advise(to + block->mapped, mapped - block->mapped, block->sparse,
	       block->node);
	/* Nothing is ours where it was, if the kernel lost it. */
	if (!err)
		dmem_kernel_unmap(block->start, block->mapped);
	return to;
}

/* Where the block is with more behind it; NULL: as it was. Without the lock: nobody
 * else changes it, only its place in the table. */
static char *map_more(const struct outside *block, size_t mapped)
{
	char *end = block->start + block->mapped;

	if (dmem_kernel_map_at(end, mapped - block->mapped))
		return move(block, mapped);
	advise(end, mapped - block->mapped, block->sparse, block->node);
	return block->start;
}

void *dmem_outside_grow(void *ptr, size_t nbytes)
{
	struct outside block;
	size_t i, mapped = 0;
	unsigned int turn;
	char *start;

	dmem_arena_enter();
	i = find(ptr);
	if (i < count) {
		block = table[i];
		mapped = mapping_size(nbytes + block.apart, true);
	}
	if (!mapped || block.mapped < dmem_chunk_size()) {
		dmem_arena_unlock();
		return NULL;
	}
	turn = dmem_arena_step_out();
	start = map_more(&block, mapped);
	dmem_arena_step_in(turn);
	if (!start) {
		dmem_arena_unlock();
		return NULL;
	}
	enter_grown(block, start, mapped, nbytes);
	if (start == ptr)
		dmem_arena.resizes_in_place++;
	else
		dmem_arena.resizes_moved++;
	dmem_arena_unlock();
	if (start != ptr)
		dmem_probe3(DATAMEM, move, ptr, start, nbytes);
	return start;
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
		.node = block->node,
	};
	return true;
}

const void *dmem_outside_visit(const void *above, size_t n,
			       void (*visit)(const void *ptr, size_t nbytes,
					     size_t align))
{
	const void *last = NULL;

	for (size_t i = position((const char *)above + 1); i < count && n > 0;
	     i++, n--) {
		last = table[i].start;
		visit(last, table[i].nbytes, table[i].align);
	}
	return last;
}

DMEM_START size_t dmem_outside_mapped(void)
{
	return mapped_total;
}

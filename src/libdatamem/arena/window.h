/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The window: a logical range of addresses in which the arena's chunks lie, and
 * the tables that describe it; and the regions that come after it.
 *
 * Nothing is reserved. The range is found once and filled from its lower end
 * in steps; the tables beside it grow with it. A table's unmapped rest is its
 * guard. An address below `extent` is in an own chunk, in a hole that was given
 * back, or in a foreign mapping that was stepped over; tags and classes
 * tell them apart.
 *
 *   [ tags, by granule | chunks, by chunk | classes, by span | window ... ]
 *
 * When the window is full, more regions are found, anywhere (regions.c). Chunks
 * are numbered through all regions, and so are granules and spans: the tables
 * have room for further ones, and what works on numbers knows of no region. No
 * run spans two: a chunk at least that is never used lies between. Numbers are
 * given in slots; addresses are found by slot, and numbers by a map of two
 * levels. The window is region 0, of constant bounds: the fast path knows it
 * alone.
 *
 * granule  4 KiB, the unit of runs
 * span     64 KiB, the unit of slabs
 * chunk    a huge page (2 MiB where that is above 32 MiB), the unit of advice,
 *          retention and moves
 *
 * base, size, classes and chunk_shift are set when the library is loaded and
 * never change; extents only grow, and regions stay. They are read without a
 * lock. Tags and chunks belong to the arena's lock, but for blocks that shelves
 * keep.
 */
#ifndef DMEM_ARENA_WINDOW_H
#define DMEM_ARENA_WINDOW_H

#include "base.h"

#define DMEM_GRANULE_SHIFT 12
#define DMEM_GRANULE ((size_t)1 << DMEM_GRANULE_SHIFT)
#define DMEM_SPAN_SHIFT 16
#define DMEM_SPAN ((size_t)1 << DMEM_SPAN_SHIFT)

/* A granule's tag: says something where a run begins, else it is zero. */
struct dmem_tag {
	/* Granules of the run that begins here; 0: none does. */
	uint32_t len : 30;
	uint32_t used : 1;
	uint32_t warm : 1;  /* a free run that began warm when it was entered */
	/* Granules of the free run that ends just before here; 0: none. */
	uint32_t back;
	union {
		/* A free run, below it in its tree; in the tag behind its first
		 * those in the tree by aligned length (trees.h). */
		struct {
			uint32_t left, right;
		} link;
		/* A block. */
		struct {
			uint64_t nbytes : 47;
			uint64_t phase : 6;      /* start, times 64 bytes */
			uint64_t log2_align : 5;
			uint64_t grown : 2;      /* times it grew, saturating */
			uint64_t lazy : 1;       /* without huge pages */
			uint64_t gone : 1;       /* none: slabs, or freed */
			uint64_t huge : 1;       /* it may have huge pages */
			uint64_t apart : 1;      /* ends before its run does */
		} block;
	} u;
};

typedef __typeof__(((struct dmem_tag *)NULL)->u.block) dmem_tag_block;
_Static_assert(sizeof(dmem_tag_block) == 8, "a tag's block is not one word");

enum {
	DMEM_CHUNK_MAPPED = 1 << 0,
	DMEM_CHUNK_ADVISED = 1 << 1,  /* eligible for a huge page */
	DMEM_CHUNK_ZERO = 1 << 2,     /* not written since mapped or purged */
	DMEM_CHUNK_LAZY = 1 << 3,     /* free, and the kernel may take it */
	DMEM_CHUNK_MOVED = 1 << 4,    /* pages moved in or out: own mapping */
	DMEM_CHUNK_FREE = 1 << 5,     /* wholly inside a free run */
	DMEM_CHUNK_HUGETLB = 1 << 6,  /* an explicit huge page */
	DMEM_CHUNK_FIRST = 1 << 7,    /* MOVED, and first of its mapping */
};

struct dmem_slab_chunk;

struct dmem_chunk {
	/* Slab records, once the chunk has held slabs; kept for reuse. */
	struct dmem_slab_chunk *slabs;
	uint16_t heads;  /* runs that begin in it */
	uint16_t busy;   /* granules of it in used runs */
	uint32_t stamp;  /* when it became free, ms of the arena's clock */
	uint32_t older, newer;  /* among the kept ones (kept.c) */
	uint8_t flags;
	uint8_t asked : 1;   /* from and to: what the kernel says (zero.c) */
	uint8_t opened : 1;  /* given back in parts (open.h) ... */
	uint8_t bare : 1;    /* ... and its advice was taken */
	uint8_t hidden : 1;  /* from core dumps (dump.c) */
	uint8_t parted : 1;  /* what is free of it is in no run (open.c) */
	/* Granules of it that are not known to be zero, free or when they were
	 * free last; equal: none. Void where the chunk is free and ZERO. */
	uint16_t from, to;
	uint16_t absent; /* free granules of it that were given back (open.h) */
};

struct dmem_window {
	uintptr_t base;          /* 0: no window could be found */
	size_t extent;           /* bytes from base that have been in use */
	unsigned char *classes;  /* slab class by span; 0: not a slab */
	struct dmem_chunk *chunks;
	struct dmem_tag *tags;
	unsigned int chunk_shift;
	size_t size;             /* bytes that extent may grow to */
	size_t mapped;           /* bytes of chunks mapped now */
	size_t meta;             /* bytes of tables mapped */
	size_t reach;            /* bytes that tables have room for */
};

extern struct dmem_window dmem_window;

/*
 * Chunks of a slot: the parts of all tables that describe one are whole
 * numbers of DMEM_TABLE_STEP, so that regions share no page of them.
 */
#define DMEM_SLOT_SHIFT 13
#define DMEM_SLOTS 1024

/* Tables are mapped in steps of this: 64 MiB of window need 256 KiB of tags. */
#define DMEM_TABLE_STEP ((size_t)64 << 10)

#define DMEM_REGIONS 64

_Static_assert((sizeof(struct dmem_chunk) << DMEM_SLOT_SHIFT) %
		       DMEM_TABLE_STEP == 0, "regions share a page of a table");

/* Offsets are those of the numbers: granule 1 has offset 4096. */
struct dmem_region {
	uintptr_t base;   /* address */
	size_t first;     /* offset of base */
	size_t size;      /* bytes that extent may grow to */
	size_t extent;    /* bytes from base that have been in use */
	size_t tags, chunks, classes;  /* bytes of tables mapped */
	uint32_t refused; /* so many chunks in a row do not fit; 0: unknown */
};

/* Address of a slot's offset 0, and its region. */
struct dmem_slot {
	uintptr_t zero;
	uint32_t region;
};

extern struct dmem_region dmem_regions[DMEM_REGIONS];
extern unsigned int dmem_regions_count;
extern struct dmem_slot dmem_slots[DMEM_SLOTS];

/* Offset of an address; at least size when it is not in the window. */
DMEM_INLINE size_t dmem_window_offset(const void *ptr)
{
	return (uintptr_t)ptr - dmem_window.base;
}

/* The offset of an address in a region but the first, or SIZE_MAX. */
size_t dmem_regions_find(const void *ptr);

/* The first chunk in use from one on; UINT32_MAX: there is none. */
uint32_t dmem_regions_next(uint32_t chunk);

/* The offset of an address that has been in use; SIZE_MAX: it is in none. */
DMEM_INLINE size_t dmem_window_find(const void *ptr)
{
	size_t offset = dmem_window_offset(ptr);

	if (dmem_likely(offset < dmem_load_acquire(&dmem_window.extent)))
		return offset;
	return dmem_regions_find(ptr);
}

DMEM_INLINE bool dmem_window_holds(const void *ptr)
{
	return dmem_window_find(ptr) != SIZE_MAX;
}

DMEM_INLINE size_t dmem_chunk_size(void)
{
	return (size_t)1 << dmem_window.chunk_shift;
}

/* A tail of a block from this size on gets a chunk of its own: on 4 KiB pages
 * it would cost as much (break-even 100 to 128 KiB of 2 MiB, measured). */
DMEM_INLINE size_t dmem_chunk_tail(void)
{
	return dmem_chunk_size() / 16;
}

/* A granule's number to that of its chunk. */
DMEM_INLINE unsigned int dmem_granule_shift(void)
{
	return dmem_window.chunk_shift - DMEM_GRANULE_SHIFT;
}

DMEM_INLINE struct dmem_chunk *dmem_chunk_at(uint32_t chunk)
{
	return &dmem_window.chunks[chunk];
}

/* Granules of a chunk. */
DMEM_INLINE uint32_t dmem_chunk_granules(void)
{
	return (uint32_t)1 << (dmem_window.chunk_shift - DMEM_GRANULE_SHIFT);
}

DMEM_INLINE const struct dmem_slot *dmem_slot_of(uint32_t chunk)
{
	return &dmem_slots[chunk >> DMEM_SLOT_SHIFT];
}

/* The address of an offset; mostly in the window. */
DMEM_INLINE void *dmem_window_address(size_t offset)
{
	if (dmem_likely(offset < dmem_window.size))
		return (void *)(dmem_window.base + offset);
	return (void *)(dmem_slot_of((uint32_t)(offset >>
						dmem_window.chunk_shift))->zero
			+ offset);
}

DMEM_INLINE void *dmem_chunk_address(uint32_t chunk)
{
	return dmem_window_address((size_t)chunk << dmem_window.chunk_shift);
}

DMEM_INLINE void *dmem_granule_address(uint32_t granule)
{
	return dmem_window_address((size_t)granule << DMEM_GRANULE_SHIFT);
}

/*
 * The block of a used run: it goes to a shelf and comes back without the
 * arena's lock (shelf.h), so all of it is read at once, and written at once
 * where the block is made or freed.
 */
DMEM_INLINE dmem_tag_block dmem_tag_read(uint32_t granule)
{
	dmem_tag_block block;

	__atomic_load(&dmem_window.tags[granule].u.block, &block,
		      __ATOMIC_RELAXED);
	return block;
}

DMEM_INLINE void dmem_tag_write(uint32_t granule, dmem_tag_block block)
{
	__atomic_store(&dmem_window.tags[granule].u.block, &block,
		       __ATOMIC_RELAXED);
}

/*
 * End a block: nobody finds it from here on, and a second free is foreign.
 * False: it is not as it was when it was read.
 */
DMEM_INLINE bool dmem_tag_end(uint32_t granule, dmem_tag_block block)
{
	dmem_tag_block gone = block;

	gone.gone = 1;
	return __atomic_compare_exchange(&dmem_window.tags[granule].u.block,
					 &block, &gone, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* The region that a chunk in use is of. */
DMEM_INLINE struct dmem_region *dmem_region_of(uint32_t chunk)
{
	return &dmem_regions[dmem_slot_of(chunk)->region];
}

/* Its chunks in use: the first, and one behind the last. */
DMEM_INLINE uint32_t dmem_region_begin(const struct dmem_region *region)
{
	return (uint32_t)(region->first >> dmem_window.chunk_shift);
}

DMEM_INLINE uint32_t dmem_region_end(const struct dmem_region *region)
{
	return (uint32_t)((region->first + dmem_load_acquire(&region->extent))
			  >> dmem_window.chunk_shift);
}

/* window.c */

/* Find the range; chunk_size is a power of two. Once. */
void dmem_window_init(size_t chunk_size);

/*
 * Map count more chunks at a region's upper end and the tables for them, and
 * return the first chunk's index; steps over foreign mappings in the way. Else
 *
 * -ENOSPC  it has no room for so many, or too much is in the way,
 * -ENOMEM  the kernel has no memory, or a limit is reached; and others.
 */
int64_t dmem_window_extend(struct dmem_region *region, uint32_t count);

/* Map chunks that were given back; -errno when they are taken or refused. */
int dmem_window_map(uint32_t chunk, uint32_t count);

/* Chunks are not mapped any more. */
void dmem_window_forget(uint32_t chunk, uint32_t count);

/* regions.c */

/* The most that a region is made for; a block above has its own mapping. */
#define DMEM_REGION_MAX ((size_t)512 << 30)

/* The window is region 0. */
void dmem_regions_start(uintptr_t base, size_t size);

/* Find addresses for others, once, in which no region will lie; 0: there are
 * none. Nothing is mapped there. */
uintptr_t dmem_regions_set_aside(size_t size);

/*
 * Find one more region, for count chunks in a row at least. NULL: there are no
 * numbers or no addresses for it.
 */
struct dmem_region *dmem_regions_add(uint32_t count);

#endif /* DMEM_ARENA_WINDOW_H */

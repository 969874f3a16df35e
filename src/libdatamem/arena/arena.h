/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The arena: blocks above 128 KiB, and the chunks that slabs are cut from.
 *
 * Blocks begin on a chunk's boundary where that costs next to nothing; all
 * others share chunks, at their beginning and at their end. Best fit over
 * coalescing runs; free memory is retained (retain.c) and reused before fresh
 * memory is mapped; what is known to be zero is not cleared (zero.c); what does
 * not fit into the window has a mapping of its own (outside.c).
 *
 * Thread-safe: one lock, not held over system calls that can stall (purging,
 * moving, clearing); below it one for each shelf of blocks freed last (shelf.h),
 * which a pair of such blocks takes alone. Above it in the lock order: cache
 * and slabs. Limits are charged by alloc/route.c and accounts kept by
 * alloc/slow.c, not here; but blocks on shelves stay charged.
 */
#ifndef DMEM_ARENA_H
#define DMEM_ARENA_H

#include "base.h"

/* A block, as found by any address inside it. */
struct dmem_block {
	char *start;
	size_t nbytes;     /* asked for */
	size_t usable;     /* bytes from start on that are the block's */
	size_t align;      /* asked for; 0: nothing special */
	bool whole;        /* begins on a chunk's boundary, a chunk or more */
	bool lazy;         /* without huge pages on purpose */
	bool apart;        /* DMEM_KIND_APART */
	unsigned int node; /* DMEM_KIND_NODE(); 0: none in particular */
	bool guarded;      /* none of the arena's (guard.h) */
};

/* Properties of a block besides its size; bits. */
enum dmem_kind {
	DMEM_KIND_ZERO = 1 << 0,   /* all bytes zero */
	DMEM_KIND_APART = 1 << 1,  /* never ends where another begins */
	DMEM_KIND_SPARSE = 1 << 2, /* with ZERO: for sparse use, never cleared
				    * by hand, without huge pages */
	/* Not for the arena: even a small one is to be a run of it, so that its
	 * free does not take the fast path. */
	DMEM_KIND_SAMPLED = 1 << 3,
};

/* Of a kind: pages of this memory node, in a mapping of the block's own. */
#define DMEM_KIND_NODE(node) (((unsigned int)(node) + 1) << 8)
/* -1: none in particular. */
DMEM_INLINE int dmem_kind_node(unsigned int kind)
{
	return (int)(kind >> 8) - 1;
}

/* Once, before all others. */
void dmem_arena_init(void);

/*
 * A block of nbytes (1 to DMEM_SIZE_MAX) at a multiple of align (a power of two
 * up to 2 MiB, 0: nothing special); kind: enum dmem_kind. NULL when the kernel
 * has no memory or no address space; errno is then not set.
 */
void *dmem_arena_alloc(size_t nbytes, size_t align, unsigned int kind);

/*
 * The same out of blocks freed lately, without the arena's lock, and charged
 * for already (limit.h). NULL: none fits.
 */
void *dmem_arena_again(size_t nbytes, size_t align, unsigned int kind);

/*
 * Keep the block that begins at ptr for that, still charged for; *nbytes is its
 * size. False: it is not worth it, or no block begins there; nothing is done
 * then.
 */
bool dmem_arena_keep(void *ptr, size_t *nbytes);

/* Keep none any longer: they are charged for no more. */
void dmem_arena_unshelve(void);

/*
 * Free the block that begins at ptr and return its size; 0 when no block does
 * (nothing is done then).
 */
size_t dmem_arena_free(void *ptr);

/*
 * Resize in place, into free neighbours, or by moving pages; the contents are
 * copied where none is possible. NULL when there is no memory: nothing changed.
 * A shrink never fails. ptr must begin a block.
 */
void *dmem_arena_resize(void *ptr, size_t nbytes);

/* Resize in place or into a free neighbour; false: nothing changed. ptr must
 * begin a block. */
bool dmem_arena_fit(void *ptr, size_t nbytes);

/* Find the block that holds an address; false: none. */
bool dmem_arena_find(const void *ptr, struct dmem_block *out);

/*
 * Visit the live blocks, in any order: those that begin in a chunk as they are
 * at one time, after wait(n), which comes with no lock held, for n blocks at
 * most; visit() comes with locks held. False: wait() ended it.
 */
bool dmem_arena_each_live(bool (*wait)(uint32_t n),
			  void (*visit)(const void *ptr, size_t nbytes,
					size_t align));

/*
 * Bytes of the chunks that hold [ptr, ptr + nbytes), of a live block, that are
 * eligible for huge pages. Looks at each chunk.
 */
size_t dmem_arena_advised(const void *ptr, size_t nbytes);

/*
 * A chunk for slabs, and back; -ENOMEM. Contents: unspecified. Giving makes no
 * system call: dmem_arena_settle() is to follow when no lock is held.
 */
int64_t dmem_arena_take_chunk(void);
void dmem_arena_give_chunk(uint32_t chunk);
/* The first chunk is in small pages (quiet.c); louder: make it a huge page, if
 * that is due. With no lock held; cheap if not. */
bool dmem_arena_is_quiet(const void *ptr);
void dmem_arena_louder(void);
/* Obey the cap and the ages, if something is due. */
void dmem_arena_settle(void);

/*
 * Call act once, with no lock held, when memory is or gets retained; NULL: do
 * not any more.
 */
void dmem_arena_when_kept(void (*act)(void));
/* Caches keep nbytes, too: act is called if both together are worth it, and a
 * fork leaves the arena the less. With no lock held. */
void dmem_arena_kept_elsewhere(size_t nbytes);

/*
 * Give free memory back to the kernel until keep bytes of it are retained.
 * Returns the bytes given back.
 */
size_t dmem_arena_trim(size_t keep);

/* The same of what is free in chunks that blocks are in, if with what is
 * retained it is more than that. */
size_t dmem_arena_open_loose(size_t keep);

/*
 * For slabs: a chunk of theirs will be given back in parts; false: it cannot
 * be. *split: the first part is to be split from its huge page. Called with what
 * keeps the chunk theirs.
 */
bool dmem_arena_open(uint32_t chunk, bool *split);
/* Give a part of it back that nobody has; false where the kernel refuses. */
bool dmem_arena_discard(void *addr, size_t nbytes, bool split);

/*
 * Age retained memory: to be called now and then; the arena does it itself at
 * calls. Returns the milliseconds until there is something to do, or 0: there
 * is nothing retained.
 */
uint64_t dmem_arena_age(void);

/* Blocks made and freed, ever. */
uint64_t dmem_arena_calls(void);

/* Addresses that are nobody's, and that the arena leaves alone, once; nothing is
 * mapped there. 0: there are not so many in a row. */
uintptr_t dmem_arena_set_aside(size_t nbytes);

void dmem_arena_fork_prepare(void);
void dmem_arena_fork_parent(void);
bool dmem_arena_idle(unsigned int *patience);
void dmem_arena_fork_child(void);

#endif /* DMEM_ARENA_H */

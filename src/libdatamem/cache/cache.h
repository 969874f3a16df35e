/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Per-thread caches of freed blocks of up to 128 KiB: a bin a class, last in
 * first out, pointers in an array (freed memory is not touched).
 *
 * A hit is a handful of instructions without a lock, a call or an atomic
 * read-modify-write. Rare conditions (accounts, debug mode, caches off, first
 * use, trim) make the bins look empty and full at once: `closed` bins. So the
 * fast path has no test for them.
 *
 * Other threads write one word of a cache, its pointer to the bins, and hold
 * its lock for that. The owner brackets an operation with `busy`; the other
 * side closes the bins, has the kernel run a barrier on all threads
 * (membarrier(2)), waits for `busy` to be 0, and then owns the bins. Without
 * membarrier the change takes effect at the owner's next slow path.
 * tests/models/caches.pml has this protocol for spin(1) and names what it takes
 * for granted: the order of loads and stores below is its A1.
 *
 * Where blocks are to be counted one by one, or their bytes, `bins` stays
 * closed, and the beginning of slow paths finds the own ones in `counted`: the
 * same pop and push, a call away from the fast path.
 *
 * The owner's slow path holds the cache's lock. Lock order: registry, caches in
 * its order, classes, spans, arena.
 */
#ifndef DMEM_CACHE_H
#define DMEM_CACHE_H

#include "slab/slab.h"
#include "base.h"
#include "live.h"
#include "profile/profile.h"

struct dmem_bin {
	void **top;      /* one past the next block; below the first is NULL */
	void **limit;    /* full when top reaches it */
	size_t size;     /* bytes a block */
	uint64_t misses; /* allocations served off the bin */
};

/*
 * The counts of a bin lie this far behind it, on pages of their own, so that
 * other processes may see them and still have no hand on the bins. A multiple
 * of every page size, and `hits` at the place of no member that the fast path
 * loads: processors compare the low 12 bits first.
 */
#define DMEM_COUNTS_OFFSET 65536

DMEM_INLINE struct live_counts *dmem_bin_counts(struct dmem_bin *bin)
{
	return (struct live_counts *)((char *)bin + DMEM_COUNTS_OFFSET);
}

struct dmem_bins {
	struct dmem_bin bin[DMEM_CLASSES];
};

struct dmem_cache {
	struct dmem_bins *bins;  /* own or closed; written under the lock */
	uint32_t busy;           /* the owner is between two stores */
	uint32_t until;          /* blocks until the next that is guarded */
	/* While a profile or guard sampling counts, `bins` is closed, and this
	 * one is the own ones, for the beginning of the slow path; closed else. */
	struct dmem_bins *counted;
	int64_t left;            /* bytes until the next sample */
};

/* The calling thread's; one with closed bins before its first use. */
extern __thread struct dmem_cache *dmem_cache_self
	__attribute__((__tls_model__("initial-exec")));

/* The one that all threads share before their first use. */
extern struct dmem_cache dmem_cache_nobody;

/* One of its own for the calling thread, if it can be had. With no lock held. */
void dmem_cache_attach(void);

/* The same, of a thread whose blocks may all be too large for bins: each free
 * stores to `busy`, and threads that share it wait for one another's line. */
DMEM_INLINE void dmem_cache_own(void)
{
	if (dmem_unlikely(dmem_cache_self == &dmem_cache_nobody))
		dmem_cache_attach();
}

/* NULL: none cached, closed, or class 0. */
DMEM_INLINE void *dmem_cache_pop(size_t cls)
{
	struct dmem_cache *cache = dmem_cache_self;
	struct dmem_bin *bin;
	void **top, *block;

	dmem_store(&cache->busy, 1);
	dmem_compiler_barrier();
	bin = &dmem_load_acquire(&cache->bins)->bin[cls];
	top = bin->top;
	block = top[-1];
	if (dmem_likely(block)) {
		dmem_store(&bin->top, top - 1);
		dmem_count_one(&dmem_bin_counts(bin)->hits);
	}
	dmem_store_release(&cache->busy, 0);
	return block;
}

/* Who counts; bits. */
enum dmem_count_mode {
	DMEM_COUNT_BYTES = 1 << 0,   /* a profile */
	DMEM_COUNT_BLOCKS = 1 << 1,  /* guard sampling */
	/* None is counted, but each is told of: a recording. */
	DMEM_COUNT_EVENTS = 1 << 2,
	DMEM_COUNT_ANY = DMEM_COUNT_BYTES | DMEM_COUNT_BLOCKS |
			 DMEM_COUNT_EVENTS,
};

extern unsigned int dmem_cache_counting;

DMEM_INLINE bool dmem_cache_counts(unsigned int modes)
{
	return dmem_unlikely(dmem_load(&dmem_cache_counting) & modes);
}

/*
 * The same while blocks or bytes are counted: a block and nbytes are. NULL also
 * when the block is to be sampled or guarded: nothing is counted then.
 */
DMEM_INLINE void *dmem_cache_pop_counted(size_t cls, size_t nbytes)
{
	struct dmem_cache *cache = dmem_cache_self;
	void *block = NULL;
	struct dmem_bin *bin;
	uint32_t until;
	int64_t left;
	void **top;

	dmem_store(&cache->busy, 1);
	dmem_compiler_barrier();
	bin = &dmem_load_acquire(&cache->counted)->bin[cls];
	top = bin->top;
	left = cache->left - (int64_t)nbytes;
	until = dmem_load(&cache->until);
	if (dmem_likely(left >= 0 && until > 1 && top[-1])) {
		block = top[-1];
		cache->left = left;
		dmem_store(&cache->until, until - 1);
		dmem_store(&bin->top, top - 1);
		dmem_count_one(&dmem_bin_counts(bin)->hits);
	}
	dmem_store_release(&cache->busy, 0);
	return block;
}

/* As dmem_cache_push(), of a class that is known. */
DMEM_INLINE bool dmem_cache_push_bins(struct dmem_bins **bins, void *block,
				      size_t hint, size_t cls)
{
	struct dmem_cache *cache = dmem_cache_self;
	struct dmem_bin *bin;
	bool taken = false;
	void **top;

	dmem_store(&cache->busy, 1);
	dmem_compiler_barrier();
	bin = &dmem_load_acquire(bins)->bin[cls];
	top = bin->top;
	if (dmem_likely(top != bin->limit && hint <= bin->size)) {
		*top = block;
		dmem_store(&bin->top, top + 1);
		taken = true;
	}
	dmem_store_release(&cache->busy, 0);
	return taken;
}

DMEM_INLINE bool dmem_cache_push_class(void *block, size_t hint, size_t cls)
{
	return dmem_cache_push_bins(&dmem_cache_self->bins, block, hint, cls);
}

/* The same while blocks or bytes are counted. */
DMEM_INLINE bool dmem_cache_push_counted(void *block, size_t hint, size_t cls)
{
	return dmem_cache_push_bins(&dmem_cache_self->counted, block, hint,
				    cls);
}

/* False: not taken; full, closed, no block of a slab in the window, or a hint
 * too large. */
DMEM_INLINE bool dmem_cache_push(void *block, size_t hint)
{
	size_t offset = dmem_window_offset(block), cls;

	if (dmem_unlikely(offset >= dmem_window.size))
		return false;
	cls = dmem_load(&dmem_window.classes[offset >> DMEM_SPAN_SHIFT]);
	return dmem_cache_push_class(block, hint, cls);
}

/* Once. */
void dmem_cache_init(void);

/* A block of a class, off the fast path; NULL: no memory, or the limit. */
void *dmem_cache_refill(unsigned int cls);

/* One at a multiple of align; its slab remembers that. */
void *dmem_cache_take_aligned(unsigned int cls, size_t align);

/* Free a block of a class when the bin did not take it. */
void dmem_cache_flush(unsigned int cls, void *block);

/*
 * Look at some caches, and at the others in the calls that follow, while their
 * owners go on; *rounds counts the times that all were looked at. Returns
 * whether one of them was used since it was looked at last. Brings what the
 * control page says of them up to date. With no lock held; one thread.
 */
bool dmem_cache_watch(unsigned int *rounds);

/* Whether caches, or stashes behind them, may hold blocks. */
bool dmem_cache_holds(void);

/* Why the bins of all threads are closed; bits of a mask. */
enum dmem_shut {
	DMEM_SHUT_OFF = 1 << 0,     /* cache.enabled=off */
	DMEM_SHUT_DEBUG = 1 << 1,
	DMEM_SHUT_TRACE = 1 << 2,
	DMEM_SHUT_FAMILY = 1 << 3,  /* another handler behind the family */
	DMEM_SHUT_GUEST = 1 << 4,   /* a tool is to see every block */
	DMEM_SHUT_LIST = 1 << 5,    /* live blocks are listed */
};

/*
 * Close all caches for a reason, emptied, or open them again. The caller may
 * hold locks; dmem_slab_settle() is to follow when none is held.
 */
void dmem_cache_shut(enum dmem_shut reason, bool shut);

/*
 * Have bytes counted and allocations go by `counted`, or do not any more. The
 * caller may hold locks, as above. The sampler of the calling thread, and its
 * countdown; NULL: it has no cache.
 */
void dmem_cache_count(bool on);
struct dmem_sampler *dmem_cache_sampler(int64_t **left);

/*
 * The same for a recording: threads come by with each block. In a child, with
 * its cache shut: not any more.
 */
void dmem_cache_count_events(bool on);
void dmem_cache_count_no_events(void);

/*
 * The same for blocks; all threads begin anew. tick: count one that was not
 * popped; 1: it is the one that was waited for, 0: the thread begins; the next
 * n, at least 1, are counted from count_to() on.
 */
void dmem_cache_count_blocks(bool on);
uint32_t dmem_cache_tick(void);
void dmem_cache_count_to(uint32_t n);

/* Empty the caches of all threads, and drop those of threads that are gone. */
void dmem_cache_trim(void);

/*
 * Have place(slot, index) put other memory, with the same contents, under the
 * counts of every cache, of those of index 0 on and of those made later. Where
 * it fails, the counts stay where they are. NULL: nothing, from now on. forked:
 * called in a forked child before dmem_cache_fork_child().
 */
void dmem_cache_place(int (*place)(struct live_slot *slot, uint32_t index),
		      bool forked);

void dmem_cache_fork_prepare(void);
void dmem_cache_fork_parent(void);
bool dmem_cache_idle(unsigned int *patience);
void dmem_cache_fork_child(void);

#endif /* DMEM_CACHE_H */

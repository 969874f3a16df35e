/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Shared by the files of the arena: its lock, its counters and the steps that
 * keep chunk flags and counters in agreement with the runs. For arena/ only.
 */
#ifndef DMEM_ARENA_STATE_H
#define DMEM_ARENA_STATE_H

#include "live.h"
#include "runs.h"
#include "window.h"

struct dmem_arena {
	struct dmem_lock lock;

	/*
	 * Published as they are (numbers.c). The arena counts all but these,
	 * which are read where they are kept: used_bytes, retained_bytes,
	 * mapped_bytes, outside_bytes, meta_bytes, pinned_bytes, window_base,
	 * window_bytes.
	 */
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_ARENA_##place(uint64_t member;)
	STATISTICS(STATISTIC)
#undef STATISTIC

	/* Bytes of chunks wholly free, by condition; a third: lazy_bytes. */
	size_t retained;   /* written, hot */
	size_t clean;      /* mapped, not written */

	/* Bytes of runs on shelves, as they were told last: not fewer. */
	size_t shelved;

	/* Bytes of used runs, slab chunks and shelves included; and most of it
	 * in the present window of time and in the one before. */
	size_t used, peak, last_peak;
	/* The same of what dmem_arena_held() says; bytes of free chunks that
	 * are on their way to the kernel (segment.h). */
	size_t held_peak, last_held_peak, leaving;
	size_t fresh;      /* taken that had no pages, not made up for yet */
	size_t moved;      /* mappings made by moves: chunks marked FIRST */
	size_t seams;      /* mappings made by opened chunks (open.c) */
	/* Threads between step_out() and step_in(), by the turn in which they
	 * left; which turn it is; whether a thread waits for the other. */
	unsigned int away[2], turn;
	bool awaited;
	bool forks;        /* a thread waits for both, to fork */
	bool full;         /* what was not there last may be outside */
};

extern struct dmem_arena dmem_arena;

DMEM_INLINE void dmem_arena_lock(void)
{
	dmem_lock(&dmem_arena.lock);
}

/* numbers.c: publish the arena's numbers, lock held; its part in a snapshot. */
struct datamem_stats;
void dmem_numbers_show(void);
void dmem_numbers_collect(struct datamem_stats *stats);

DMEM_INLINE void dmem_arena_unlock(void)
{
	dmem_numbers_show();
	dmem_unlock(&dmem_arena.lock);
}

/*
 * Leave the lock for system calls on memory that nobody else can find, and take
 * it again with what the first returned: fork(2) waits until no thread is
 * between the two, as a child would never see that memory again.
 */
unsigned int dmem_arena_step_out(void);
void dmem_arena_step_in(unsigned int turn);

/*
 * Take the lock at a door of the arena, where nothing is begun yet: not while a
 * thread that forks waits for those who are away, or it would wait for ever for
 * one after another. Nobody who is away comes here.
 */
void dmem_arena_let_fork(void);

DMEM_INLINE void dmem_arena_enter(void)
{
	dmem_arena_lock();
	if (dmem_unlikely(dmem_arena.forks))
		dmem_arena_let_fork();
}

/*
 * Wait until those are back that are away now, not for those that leave
 * meanwhile. False: nobody was. Lock held, and left.
 */
bool dmem_arena_await(void);

/* Around fork(2): wait until nobody is away; in the child nobody waits. */
void dmem_arena_await_all(void);
void dmem_arena_await_none(void);

/* Where a block of a given size is to lie. */
struct dmem_shape {
	uint32_t len;      /* granules */
	uint32_t align;    /* granules */
	uint32_t lead;     /* granules that it begins behind that */
	uint32_t phase;    /* start inside the first granule, 64-byte units */
	bool apart;        /* has a byte left at its end */
};

/* False when it cannot fit into any region. */
bool dmem_arena_shape(size_t nbytes, size_t align, bool apart,
		      struct dmem_shape *out);

/*
 * Take a run; fresh: prefer memory known to be zero to warm memory. *zero tells
 * whether it reads as zeros. DMEM_NO_RUN when there is no memory. Lock held.
 */
uint32_t dmem_arena_take(const struct dmem_shape *shape, bool fresh,
			 bool *zero);

/* Whether a free run that begins here is warm (runs.h). Lock held. */
bool dmem_arena_begins_warm(uint32_t at);

/* Take [at, at + len) out of a free run of mapped chunks. Lock held. */
void dmem_arena_claim(uint32_t run, uint32_t at, uint32_t len, bool *zero);

/*
 * Map the unmapped part of [at, at + len), free granules. -EEXIST: somebody
 * else has mapped there, and the run is cut; else -errno. Lock held.
 */
int dmem_arena_map(uint32_t run, uint32_t at, uint32_t len);

/* Granules of a run that lie in a chunk. */
DMEM_INLINE uint32_t dmem_chunk_part(uint32_t chunk, uint32_t at, uint32_t len)
{
	uint32_t begin = chunk << dmem_granule_shift();
	uint32_t end = begin + dmem_chunk_granules();

	return DMEM_MIN(at + len, end) - DMEM_MAX(at, begin);
}

/* Bytes of chunks that blocks are in, or shelves, also of what is free in them
 * and was given back. Lock held. */
DMEM_INLINE size_t dmem_arena_in_use(void)
{
	return dmem_window.mapped - dmem_arena.clean - dmem_arena.lazy_bytes -
	       dmem_arena.retained;
}

/* What such chunks have in pages, at most. Lock held. */
DMEM_INLINE size_t dmem_arena_held(void)
{
	size_t all = dmem_arena_in_use();

	return all - DMEM_MIN(dmem_arena.opened_bytes + dmem_arena.leaving,
			      all);
}

/* Bytes more are in use. Lock held. */
DMEM_INLINE void dmem_arena_used(size_t nbytes)
{
	size_t held = dmem_arena_held();

	dmem_arena.used += nbytes;
	if (dmem_arena.used > dmem_arena.peak)
		dmem_arena.peak = dmem_arena.used;
	if (held > dmem_arena.held_peak)
		dmem_arena.held_peak = held;
}

/* Bytes that are free and kept, about. Lock held. */
DMEM_INLINE size_t dmem_arena_kept(void)
{
	return dmem_arena.retained + dmem_arena.lazy_bytes + dmem_arena.shelved;
}

/* Free bytes of chunks that blocks are in which have pages (numbers.c). Lock
 * held. */
size_t dmem_arena_loose(void);

/* `huge` of a block in a run. Lock held. */
DMEM_INLINE bool dmem_run_huge(uint32_t at)
{
	return dmem_chunk_at(at >> dmem_granule_shift())->flags &
	       DMEM_CHUNK_ADVISED;
}

/* The run of the block that begins at ptr, or DMEM_NO_RUN. Lock held. */
uint32_t dmem_arena_run(const void *ptr);

/*
 * Extend a region until a free run of len granules at a multiple of align lies
 * at its end: the first that has room, or a new one; or that of a chunk. 0, or
 * -errno: -ENOSPC if there is no room.
 */
int dmem_arena_extend(uint32_t len, uint32_t align);
int dmem_arena_extend_at(uint32_t chunk, uint32_t len);

/* chunks.c: flags and counters of chunks. Lock held. */

/* Bytes of the chunks of a region from one to before another that have a flag.
 * Takes the lock, for some of them at a time. */
size_t dmem_arena_having(size_t first, size_t end, uint8_t flag);

/* A chunk leaves (enters) the free ones: counters by its condition. */
void dmem_chunks_out(uint32_t chunk);
void dmem_chunks_in(uint32_t chunk);

/*
 * Granules have just become part of the free run `run`: chunks wholly in it
 * become free chunks.
 */
void dmem_chunks_freed(uint32_t run, uint32_t start, uint32_t len);

/* Page faults that a run costs which has no pages. */
uint64_t dmem_chunks_faults(uint32_t at, uint32_t len);

/* Chunks of a run get no huge pages until they are free. */
void dmem_chunks_unadvise(uint32_t at, uint32_t len);

/* turn.c: after a change of hugepage. */

/* Whether memory that was advised so, or not, is not as new memory is now. */
bool dmem_turn_needed(bool huge);
/* Make the wholly free chunks of a part of a free run as new ones are. Lock
 * held. */
void dmem_turn_free(uint32_t at, uint32_t len);
/* A chunk is to be turned though nothing was switched. */
void dmem_turn_note(void);

/* retire.c: the end of runs. Lock held. */

/* A used run becomes free. */
void dmem_retire_free(uint32_t start);

/*
 * End a block's run: sparse memory gets its huge pages back. The lock is left in
 * between: nobody may find the block any more.
 */
void dmem_retire_block(uint32_t at);

/* retain.c: clock in ms, cap in force, and what is due after a call. */
uint32_t dmem_retain_now(void);
/* The clock as it was read last. */
uint32_t dmem_retain_seen(void);
void dmem_retain_note(void);   /* more is kept; lock held */
bool dmem_retain_limited(void); /* a memory limit is in force */
uint64_t dmem_retain_bound(void); /* bytes to keep at most, for RAM's sake */
/* A parent that only waits afterwards has nobody to age what it keeps. Lock
 * held, and left in between. */
void dmem_retain_before_fork(void);
/*
 * makeup.c: what no kept run had room for took fresh memory: give back as much
 * of what is kept, if nothing needed it lately. No lock held; before the block is
 * written.
 */
void dmem_retain_make_up(void);
void dmem_retain_init(void);

/* outside.c: blocks with a mapping of their own. Lock held for all but
 * alloc, grow and advised; unmap leaves it in between. */
void *dmem_outside_alloc(size_t nbytes, size_t align, unsigned int kind);
size_t dmem_outside_free(void *ptr, size_t *unmap);  /* nbytes; 0: none; the
						    * caller unmaps */
void dmem_outside_unmap(void *ptr, size_t unmap);
struct dmem_block;
bool dmem_outside_find(const void *ptr, struct dmem_block *out);
/* Visit up to n, above an address; returns the last, or NULL. */
const void *dmem_outside_visit(const void *above, size_t n,
			       void (*visit)(const void *ptr, size_t nbytes,
					     size_t align));
bool dmem_outside_shrink(void *ptr, size_t nbytes);
/* NULL: it has to be copied. */
void *dmem_outside_grow(void *ptr, size_t nbytes);
size_t dmem_outside_advised(const void *ptr);
size_t dmem_outside_mapped(void);

#endif /* DMEM_ARENA_STATE_H */

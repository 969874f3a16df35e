/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The caches of threads: attaching a thread, taking its cache away when it
 * exits, and reaching into the caches of others. For cache/ only.
 */
#ifndef DMEM_THREADS_H
#define DMEM_THREADS_H

#include "cache.h"

struct dmem_group;

/*
 * A thread's cache: a page of a group (groups.h), in which the rest of it lies
 * as well. Ended threads leave some for reuse.
 */
struct dmem_thread {
	struct dmem_cache cache;           /* first: what TLS points to */
	void **slots;                      /* of its bins */
	struct dmem_thread *prev, *next;   /* in a list of roster.h */
	int tid;
	uint32_t index;                    /* of its slot; LIVE_SLOTS: none */
	struct dmem_bins own;
	struct dmem_group *group;
	struct dmem_lock *lock;            /* among the group's: fork(2) */
	bool taken;                        /* has an owner */
	unsigned int counted_since;        /* epoch of `until` */
	/* The owner may be at its bins, also if they are closed by now. */
	bool open;
	struct dmem_bins **was_own;        /* where bins were open; reach() */
	bool starved;                      /* others hold what it could */
	unsigned int drain;                /* to be emptied; of which pass */
	unsigned int placed;               /* generation of its counts' place */
	unsigned int clock, rest;          /* of reclaim() */
	size_t reserved;                   /* bytes its bins may hold */
	/* Of the owner: when dmem_idle_collect() is to look again, ms, and
	 * since which round it looks. */
	uint32_t patience;
	unsigned int round;
	uint32_t looked;                   /* at it by idle.c, ms ... */
	uint64_t activity;                 /* ... and what it saw */
	uint64_t watched;                  /* and by dmem_cache_watch() */
	uint64_t entered;                  /* grows from owner to owner */
	struct dmem_bounds *bounds;
	uint64_t allowed[(DMEM_CLASSES + 63) / 64];  /* bins that may hold any */
};

/* By class: how much its bins may hold; and what is rarely needed. */
struct dmem_bounds {
	struct dmem_sampler sampler;
	uint8_t allowance[DMEM_CLASSES];   /* blocks a bin may hold */
	uint8_t before[DMEM_CLASSES];      /* what it is to be next; 0: none */
	uint32_t seen[DMEM_CLASSES];       /* hits at the hand's last round */
	/* Hits from which on it was worth to fill it so far. */
	uint32_t worth[DMEM_CLASSES];
	/* Blocks that came from slabs, less those that went there: what is not
	 * in the bin is with the program. Below 0 where it frees others'. */
	ptrdiff_t net[DMEM_CLASSES];
};

/* A record must fit into a page of this size, the smallest. */
#define DMEM_RECORD_BYTES 4096

_Static_assert(sizeof(struct dmem_thread) <= DMEM_RECORD_BYTES &&
	       offsetof(struct dmem_thread, own) ==
		       offsetof(struct live_slot, counts) &&
	       sizeof(struct dmem_bin) == sizeof(struct live_counts),
	       "bins and their counts do not fit together");

/* The page of its counts. */
DMEM_INLINE struct live_slot *dmem_threads_slot(struct dmem_thread *thread)
{
	return (struct live_slot *)((char *)thread + DMEM_COUNTS_OFFSET);
}

/* Slots of a class's bin. */
uint32_t dmem_threads_slots(unsigned int cls);

/* The first slot of a bin; the one below it is NULL. */
void **dmem_threads_first(struct dmem_thread *thread, unsigned int cls);

/* The calling thread's cache, made at first use; NULL: no memory for one, or
 * the thread is about to end. */
struct dmem_thread *dmem_threads_attach(void);

/* Whether the calling thread has had no cache so far. */
bool dmem_threads_comes(void);

/*
 * Lock the own cache for a slow path and open its bins, unless all are shut:
 * then false, and nothing may be put into the bins. close() unlocks either way.
 */
bool dmem_threads_open(struct dmem_thread *thread);
void dmem_threads_close(struct dmem_thread *thread);

/* Give all blocks back; the bins are the caller's: closed, or own and
 * locked. */
void dmem_threads_empty(struct dmem_thread *thread);

/* A number for dmem_thread.drain that is not 0 nor another's. */
unsigned int dmem_threads_pass(void);

/*
 * Do something to the bins of all caches while their owners are kept off, who go
 * on with their fast path afterwards. The caller may hold locks; it calls
 * dmem_slab_settle() once it holds none.
 */
void dmem_threads_reach(void (*act)(struct dmem_thread *thread));

/*
 * Close the bins of a thread whose lock is held. Let go: the owner was kept off
 * them, or is the caller; barrier: after dmem_kernel_membarrier(). They are the
 * caller's then, and the owner opens them at its next slow path.
 */
void dmem_threads_shut(struct dmem_thread *thread);
bool dmem_threads_let_go(struct dmem_thread *thread, bool barrier);

/* Of each of all caches that are its parent's, in a child: nothing is left. */
void dmem_threads_inherit_all(void);

/*
 * In a child, the caches of threads that are its parent's: empty some of them,
 * so that fork(2) need not wait for that. Cheap where there are none. No lock
 * may be held.
 */
void dmem_threads_inherit(void);

/* The list of caches; each() is for those who have it locked. */
void dmem_threads_lock(void);
bool dmem_threads_trylock(void);
void dmem_threads_unlock(void);
void dmem_threads_each(void (*act)(struct dmem_thread *thread));

#endif /* DMEM_THREADS_H */

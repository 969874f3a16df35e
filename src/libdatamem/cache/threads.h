/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Whose caches there are: attaching a thread, taking its cache away when it
 * exits, and reaching into the caches of others. For cache.c only.
 */
#ifndef DMEM_THREADS_H
#define DMEM_THREADS_H

#include "cache.h"

/* A thread's cache, on its own mapping; reused, never unmapped. */
struct dmem_thread {
	struct dmem_cache cache;           /* first: what TLS points to */
	char pad[sizeof(struct live_slot) - sizeof(struct dmem_cache)];
	struct dmem_bins own;
	pthread_mutex_t lock;
	struct dmem_thread *next;          /* in the registry, for ever */
	bool taken;                        /* has an owner */
	/* The owner may be at its bins, also if they are closed by now. */
	bool open;
	bool was_own;                      /* bins not closed; with_all() */
	bool drain;                        /* to be emptied by the owner */
	int tid;
	uint32_t index;                    /* in order of making */
	unsigned int placed;               /* generation of its counts' place */
	unsigned int clock;                /* the hand of reclaim() */
	size_t reserved;                   /* bytes its bins may hold */
	uint32_t allowance[DMEM_CLASSES];  /* blocks a bin may hold */
	uint64_t seen[DMEM_CLASSES];       /* hits at the hand's last round */
};

/* Bytes from the thread's record to the slots of its bins; between them is the
 * page of counts. */
#define DMEM_CACHE_SLOTS_OFFSET (2 * DMEM_COUNTS_OFFSET)

_Static_assert(sizeof(struct dmem_thread) <= DMEM_COUNTS_OFFSET &&
	       offsetof(struct dmem_thread, own) ==
		       offsetof(struct live_slot, counts) &&
	       sizeof(struct dmem_bin) == sizeof(struct live_counts),
	       "bins and their counts do not fit together");

/* Slots of a class's bin. */
uint32_t dmem_threads_slots(unsigned int cls);

/* The first slot of a bin; the one below it is NULL. */
void **dmem_threads_first(struct dmem_thread *thread, unsigned int cls);

/* The calling thread's cache, made at first use; NULL: no memory for one. */
struct dmem_thread *dmem_threads_attach(void);

/*
 * Lock the own cache for a slow path and open its bins, unless all are shut:
 * then false, and nothing may be put into the bins. close() unlocks either way.
 */
bool dmem_threads_open(struct dmem_thread *thread);
void dmem_threads_close(struct dmem_thread *thread);

/* An allocation that no thread's cache counts. */
void dmem_threads_count_orphan(unsigned int cls);

/* Give all blocks back; the bins are the caller's (closed, or own and locked). */
void dmem_threads_empty(struct dmem_thread *thread);

#endif /* DMEM_THREADS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The counts of the caches: where they lie, and their sums. For cache/ only.
 */
#ifndef DMEM_COUNTS_H
#define DMEM_COUNTS_H

#include "threads.h"

/*
 * Let the counts of a cache lie where dmem_cache_place() wants them. With the
 * thread's lock held, and its owner off the fast path.
 */
void dmem_counts_put(struct dmem_thread *thread);

/*
 * A record: is made, gets an owner, loses it, ends (its counts are 0 for the
 * next owner), is unmapped. With the list of caches locked, and nobody at it.
 */
void dmem_counts_begin(struct dmem_thread *thread);
void dmem_counts_enter(struct dmem_thread *thread);
void dmem_counts_leave(struct dmem_thread *thread);
void dmem_counts_end(struct dmem_thread *thread);
void dmem_counts_release(struct dmem_thread *thread);

/* Whether a record that is made now gets no slot. With the list locked. */
bool dmem_counts_without_slot(void);

/* Tell those who look on how a thread's bin is. Its lock held. */
void dmem_counts_note(struct dmem_thread *thread, unsigned int cls);

/* An allocation that no thread's cache counts (1), or a block freed so (-1). */
void dmem_counts_orphan(unsigned int cls, ptrdiff_t n);

/*
 * Add the caches' part to a snapshot, without stopping anybody: what a thread
 * does meanwhile is in it or not. Exact for those that do nothing, and for the
 * caller; each is seen as it was at one time, frees perhaps some calls late; the
 * sums of calls never go back.
 */
void dmem_counts_collect(struct datamem_stats *stats);

#endif /* DMEM_COUNTS_H */

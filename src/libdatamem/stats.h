/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Counters of rare events, and the snapshot that modules contribute to.
 *
 * What happens often is counted where it happens (per thread in cache.c, under
 * the arena's lock in arena/); such a module registers a collector that adds
 * its part to a snapshot. stats.c calls no module by name.
 */
#ifndef DMEM_STATS_H
#define DMEM_STATS_H

#include "base.h"

/*
 * Every member of struct datamem_stats but its last, `classes`, in its order:
 * what writes or prints them walks this table. stats.c does not compile when it
 * and the struct differ.
 */
#define DMEM_STATS_MEMBERS(MEMBER)                                           \
	MEMBER(size_t, live_bytes)                                           \
	MEMBER(size_t, live_blocks)                                          \
	MEMBER(size_t, peak_bytes)                                           \
	MEMBER(size_t, small_bytes)                                          \
	MEMBER(size_t, cached_bytes)                                         \
	MEMBER(size_t, mapped_bytes)                                         \
	MEMBER(size_t, held_bytes)                                           \
	MEMBER(size_t, retained_bytes)                                       \
	MEMBER(size_t, lazy_bytes)                                           \
	MEMBER(size_t, meta_bytes)                                           \
	MEMBER(size_t, advised_bytes)                                        \
	MEMBER(size_t, hugetlb_bytes)                                        \
	MEMBER(uint64_t, purged_bytes)                                       \
	MEMBER(uint64_t, allocs)                                             \
	MEMBER(uint64_t, frees)                                              \
	MEMBER(uint64_t, hits)                                               \
	MEMBER(uint64_t, misses)                                             \
	MEMBER(uint64_t, large_hits)                                         \
	MEMBER(uint64_t, large_misses)                                       \
	MEMBER(uint64_t, faults_avoided)                                     \
	MEMBER(uint64_t, resizes_in_place)                                   \
	MEMBER(uint64_t, resizes_moved)                                      \
	MEMBER(uint64_t, resizes_copied)                                     \
	MEMBER(uint64_t, failed_allocs)                                      \
	MEMBER(uint64_t, limit_failures)                                     \
	MEMBER(uint64_t, foreign_pointers)                                   \
	MEMBER(uint64_t, double_frees)                                       \
	MEMBER(uint64_t, large_hints)                                        \
	MEMBER(uint64_t, leaked_blocks)                                      \
	MEMBER(uint64_t, overruns)                                           \
	MEMBER(uint64_t, uses_after_free)                                    \
	MEMBER(size_t, threads)                                              \
	MEMBER(size_t, mappings)

/* Process-wide counters of events off the fast path. */
enum dmem_counter {
	DMEM_COUNT_FAILED_ALLOCS,
	DMEM_COUNT_LIMIT_FAILURES,
	DMEM_COUNT_FOREIGN_POINTERS,
	DMEM_COUNT_DOUBLE_FREES,
	DMEM_COUNT_LARGE_HINTS,
	DMEM_COUNT_LEAKED_BLOCKS,
	DMEM_COUNT_OVERRUNS,
	DMEM_COUNT_USES_AFTER_FREE,
	DMEM_COUNTERS
};

void dmem_stats_count(enum dmem_counter counter);

/*
 * Register a function that adds its module's part to a zeroed snapshot. Called
 * without any lock held. At most 8; at init, in order of registration.
 */
void dmem_stats_collect(void (*collect)(struct datamem_stats *stats));

/*
 * Tell stats the live bytes at a slow-path event; keeps the peak. Cheap when
 * the peak does not move.
 */
void dmem_stats_live(size_t live_bytes);

/* Take a snapshot, as datamem_stats_get() does. */
void dmem_stats_snapshot(struct datamem_stats *out);

/*
 * Append the final statistics to the file of setting stats.exit, if set: a line
 * of JSON, in one write, so that processes can share the file. Its members are
 * "pid", "program" (bytes above 0x7f as the character of that number), those of
 * struct datamem_stats, and "classes", an array of the used ones.
 */
void dmem_stats_at_exit(void);

void dmem_stats_fork_prepare(void);
void dmem_stats_fork_parent(void);
/* A forked child begins with its own counts of events; live blocks stay. */
void dmem_stats_reset(void);

#endif /* DMEM_STATS_H */

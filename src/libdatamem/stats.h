/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Counters of rare events, and the snapshot that modules contribute to.
 *
 * Frequent events are counted by their modules (per thread in cache/, under the
 * arena's lock in arena/), which register a collector that adds their part to a
 * snapshot. stats.c calls no module by name.
 */
#ifndef DMEM_STATS_H
#define DMEM_STATS_H

#include "base.h"
#include "live.h"

/* Process-wide counters of events off the fast path: rows of the table. */
enum dmem_counter {
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_OF_EVENTS_##place(DMEM_COUNT_##column,)
	STATISTICS(STATISTIC)
#undef STATISTIC
	DMEM_COUNTERS
};

void dmem_stats_count(enum dmem_counter counter);

/*
 * Register a function that adds its module's part to a zeroed snapshot. Called
 * without any lock held. At most 12; at init, in order of registration.
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
 * struct datamem_stats, and "classes", an array of the used ones. Of a process
 * that MPI or Slurm has started also "rank", "ranks", "node" and "job", as far
 * as they tell.
 */
void dmem_stats_at_exit(void);

void dmem_stats_fork_prepare(void);
void dmem_stats_fork_parent(void);
/* A forked child begins with its own counts of events; live blocks stay. */
void dmem_stats_reset(void);

#endif /* DMEM_STATS_H */

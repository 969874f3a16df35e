/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of statistics: their columns, metrics and help, for what shows
 * them (`stat`, `list`, `top`, `export`, `run --stats`).
 *
 * They come from two places: a process leaves those of struct datamem_stats in
 * a line at its exit, and shows some, and others, in its control page.
 */
#ifndef CTL_STATISTICS_H
#define CTL_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "output/output.h"

/*
 * BOTH: a member of struct datamem_stats that the control page has as well.
 * LEFT: one that is left at exit only. PAGE: in the page only.
 *
 * (COLUMN, member, type, where it is printed by default, metric of `export`,
 * source, help). The source is an expression of page.c, which has `page` and
 * `n`, its numbers, at hand. A row that is missing here does not compile
 * (run/exit-stats.c).
 */
#define CTL_STATISTICS(BOTH, LEFT, PAGE)                                     \
BOTH(LIVE, live_bytes, CTL_SIZE, CTL_IN_STAT | CTL_IN_RUN, CTL_GAUGE,        \
	page->live_bytes, "bytes in blocks in use")                          \
LEFT(LIVE_BLOCKS, live_blocks, CTL_COUNT, 0, CTL_NO_METRIC, 0,               \
	"blocks in use")                                                     \
BOTH(PEAK, peak_bytes, CTL_SIZE, CTL_IN_STAT | CTL_IN_RUN, CTL_GAUGE,        \
	n->peak_bytes, "most bytes in use at once")                          \
LEFT(SMALL, small_bytes, CTL_SIZE, 0, CTL_NO_METRIC, 0,                      \
	"the part of LIVE in small blocks")                                  \
PAGE(LARGE, large_bytes, CTL_SIZE, 0, CTL_NO_METRIC,                         \
	n->large_bytes, "the part of LIVE in blocks above 128 KiB")          \
PAGE(LARGE_BLOCKS, large_blocks, CTL_COUNT, 0, CTL_NO_METRIC,                \
	n->large_blocks, "blocks above 128 KiB in use")                      \
BOTH(HELD, held_bytes, CTL_SIZE, CTL_IN_STAT | CTL_IN_RUN, CTL_GAUGE,        \
	page->held_bytes, "bytes held for blocks, RETAINED included")        \
BOTH(RETAINED, retained_bytes, CTL_SIZE, CTL_IN_STAT, CTL_GAUGE,             \
	n->retained_bytes, "free bytes kept for reuse")                      \
BOTH(LAZY, lazy_bytes, CTL_SIZE, CTL_IN_STAT, CTL_GAUGE,                     \
	n->lazy_bytes, "free bytes that the kernel may take")                \
BOTH(CACHED, cached_bytes, CTL_SIZE, CTL_IN_STAT, CTL_GAUGE,                 \
	page->cached_bytes, "bytes of free blocks in threads' caches")       \
BOTH(MAPPED, mapped_bytes, CTL_SIZE, 0, CTL_NO_METRIC,                       \
	n->mapped_bytes, "bytes mapped for blocks")                          \
BOTH(META, meta_bytes, CTL_SIZE, 0, CTL_NO_METRIC,                           \
	n->meta_bytes, "bytes mapped for the library's own records")         \
LEFT(ADVISED, advised_bytes, CTL_SIZE, CTL_IN_RUN, CTL_NO_METRIC, 0,         \
	"bytes eligible for huge pages")                                     \
LEFT(HUGETLB, hugetlb_bytes, CTL_SIZE, 0, CTL_NO_METRIC, 0,                  \
	"the part of ADVISED in explicit huge pages")                        \
BOTH(PURGED, purged_bytes, CTL_SIZE, CTL_IN_STAT, CTL_COUNTER,               \
	n->purged_bytes, "bytes given back to the kernel")                   \
BOTH(ALLOCS, allocs, CTL_COUNT, CTL_IN_STAT | CTL_IN_RUN, CTL_COUNTER,       \
	page->allocs, "blocks made")                                         \
LEFT(FREES, frees, CTL_COUNT, 0, CTL_NO_METRIC, 0, "blocks freed")           \
BOTH(HITS, hits, CTL_COUNT, 0, CTL_COUNTER,                                  \
	page->hits, "small blocks from a thread's cache")                    \
BOTH(MISSES, misses, CTL_COUNT, 0, CTL_COUNTER,                              \
	page->misses, "small blocks not from a cache")                       \
BOTH(LARGE_HITS, large_hits, CTL_COUNT, CTL_IN_STAT, CTL_COUNTER,            \
	n->large_hits, "large blocks of warm memory")                        \
BOTH(LARGE_MISSES, large_misses, CTL_COUNT, CTL_IN_STAT, CTL_COUNTER,        \
	n->large_misses, "large blocks of fresh memory")                     \
BOTH(FAULTS_AVOIDED, faults_avoided, CTL_COUNT, 0, CTL_NO_METRIC,            \
	n->faults_avoided, "page faults that warm memory spared")            \
BOTH(RESIZES_IN_PLACE, resizes_in_place, CTL_COUNT, 0, CTL_NO_METRIC,        \
	n->resizes_in_place, "resizes in place")                             \
BOTH(RESIZES_MOVED, resizes_moved, CTL_COUNT, 0, CTL_NO_METRIC,              \
	n->resizes_moved, "resizes by moving pages")                         \
BOTH(RESIZES_COPIED, resizes_copied, CTL_COUNT, 0, CTL_NO_METRIC,            \
	n->resizes_copied, "resizes by copying")                             \
BOTH(FAILED, failed_allocs, CTL_COUNT, CTL_IN_STAT, CTL_COUNTER,             \
	n->failed_allocs, "allocations that failed")                         \
BOTH(LIMIT_FAILURES, limit_failures, CTL_COUNT, 0, CTL_NO_METRIC,            \
	n->limit_failures, "the part of FAILED for limit.max")               \
BOTH(FOREIGN_POINTERS, foreign_pointers, CTL_COUNT, 0, CTL_NO_METRIC,        \
	n->foreign_pointers, "pointers freed that are not the library's")    \
BOTH(DOUBLE_FREES, double_frees, CTL_COUNT, 0, CTL_NO_METRIC,                \
	n->double_frees, "double frees found")                               \
BOTH(LARGE_HINTS, large_hints, CTL_COUNT, 0, CTL_NO_METRIC,                  \
	n->large_hints, "size hints too large")                              \
BOTH(LEAKED_BLOCKS, leaked_blocks, CTL_COUNT, 0, CTL_NO_METRIC,              \
	n->leaked_blocks, "blocks of invalid handlers")                      \
BOTH(OVERRUNS, overruns, CTL_COUNT, 0, CTL_NO_METRIC,                        \
	n->overruns, "writes outside a block")                               \
BOTH(USES_AFTER_FREE, uses_after_free, CTL_COUNT, 0, CTL_NO_METRIC,          \
	n->uses_after_free, "writes to a freed block")                       \
BOTH(THREADS, threads, CTL_COUNT, CTL_IN_STAT, CTL_GAUGE,                    \
	page->threads, "threads with a cache")                               \
LEFT(MAPPINGS, mappings, CTL_COUNT, 0, CTL_NO_METRIC, 0,                     \
	"kernel mappings held")                                              \
PAGE(UNSEEN, unseen_threads, CTL_COUNT, 0, CTL_NO_METRIC,                    \
	page->threads_unseen, "caches that have no room in the page")        \
PAGE(ACCOUNTS, accounts, CTL_BOOL, 0, CTL_NO_METRIC,                         \
	n->accounts != 0, "whether accounts are on")                         \
PAGE(SERVICE, service, CTL_BOOL, 0, CTL_NO_METRIC,                           \
	n->service != 0, "whether the service thread runs")                  \
PAGE(REQUESTS, requests, CTL_COUNT, 0, CTL_NO_METRIC,                        \
	n->requests, "requests answered")                                    \
PAGE(PRESSURE_TRIMS, pressure_trims, CTL_COUNT, 0, CTL_COUNTER,              \
	n->pressure_trims, "trims for memory pressure")                      \
PAGE(IDLE_TRIMS, idle_trims, CTL_COUNT, 0, CTL_NO_METRIC,                    \
	n->idle_trims, "times that idle caches were emptied")

enum ctl_statistic {
#define CTL_ROW(column, ...) CTL_STATISTIC_##column,
	CTL_STATISTICS(CTL_ROW, CTL_ROW, CTL_ROW)
#undef CTL_ROW
	CTL_STATISTICS_COUNT
};

/* Of one process; what a library of another version lacks is not known. */
struct ctl_statistics {
	uint64_t values[CTL_STATISTICS_COUNT];
	bool known[CTL_STATISTICS_COUNT];
};

enum ctl_statistic_flags {
	CTL_LEFT = 1 << 0,      /* at exit */
	CTL_PAGE = 1 << 1,      /* in the control page */
	CTL_IN_RUN = 1 << 2,    /* printed by default by `run --stats` */
	CTL_IN_STAT = 1 << 3,   /* by `stat` */
};

enum ctl_metric { CTL_NO_METRIC, CTL_GAUGE, CTL_COUNTER };

struct ctl_statistic_info {
	const char *column;
	const char *name;       /* of the member, and of the metric */
	enum ctl_type type;
	enum ctl_metric metric;
	unsigned int flags;
	const char *help;
};

extern const struct ctl_statistic_info ctl_statistics[CTL_STATISTICS_COUNT];

/* The columns of the statistics from one place, behind one for HIT. */
#define CTL_STATISTICS_COLUMNS (1 + CTL_STATISTICS_COUNT)

/*
 * Fill in the columns of the statistics from CTL_LEFT or CTL_PAGE, printed by
 * default where they have the flag `shown`; returns how many these are.
 */
size_t ctl_statistics_columns(struct ctl_column *columns, unsigned int from,
			      unsigned int shown);
/* Set the cells of the last row that belong to them, from column first on. */
void ctl_statistics_cells(struct ctl_output *out, size_t first,
			  unsigned int from,
			  const struct ctl_statistics *statistics);

/* A column of its own for one of them. */
struct ctl_column ctl_statistics_column(enum ctl_statistic which, bool shown);
void ctl_statistics_cell(struct ctl_output *out, size_t column,
			 enum ctl_statistic which,
			 const struct ctl_statistics *statistics);

/* The part of the small blocks that a cache served. */
#define CTL_HIT_COLUMN(flags)                                                \
	{ "HIT", CTL_RATIO, flags,                                           \
	  "part of the small blocks that a cache served" }
void ctl_statistics_hit(struct ctl_output *out, size_t column,
			const struct ctl_statistics *statistics);

#endif /* CTL_STATISTICS_H */

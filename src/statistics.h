/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The one table of statistics. It drives struct live_numbers, the snapshot of
 * datamem_stats_get(), the file of `stats.exit`, and the columns and metrics of
 * datamem-ctl: `run --stats` has all that are in the snapshot, `stat` and
 * `export` all that are in the page or derived from it.
 *
 * STATISTIC(COLUMN, member, type, UNIT, KIND, PLACE, help)
 *
 * COLUMN  its name in tables, and that of an event: DMEM_COUNT_COLUMN. JSON has
 *         it in lower case, `export` as datamem_column, with _bytes behind it
 *         for a SIZE, and _total for a COUNTER
 * member  of struct datamem_stats and of struct live_numbers
 * type    in struct datamem_stats; in the control page all are uint64_t
 * UNIT    SIZE: bytes, COUNT, BOOL: 0 or 1, ADDRESS: shown nowhere
 * KIND    GAUGE, or COUNTER: it never decreases
 * PLACE   who keeps it, and where it can be read:
 *           ARENA     the arena, under its lock; snapshot and page
 *           INTERNAL  the arena; page only
 *           EVENT     dmem_stats_count(); snapshot and page
 *           OWN       its module, which stores it into the page with
 *                     dmem_live_store(), and which adds it to the snapshot
 *           PAGE      its module; page only
 *           SNAPSHOT  a collector (dmem_stats_collect()); not in the page
 *           DERIVED   a collector; not in the page, but whoever reads that
 *                     derives it from other numbers and the threads' slots
 *           READER    only whoever reads the page, in the same way
 * help    a phrase that can follow the name; it may name other COLUMNs
 *
 * Rows are in the order of both structures and of the columns. They are only
 * ever appended, once there was a release.
 */
#ifndef STATISTICS_H
#define STATISTICS_H

#define STATISTICS(STATISTIC)                                                \
STATISTIC(LIVE, live_bytes, size_t, SIZE, GAUGE, DERIVED,                    \
	"bytes in blocks in use")                                            \
STATISTIC(LIVE_BLOCKS, live_blocks, size_t, COUNT, GAUGE, SNAPSHOT,          \
	"blocks in use")                                                     \
STATISTIC(PEAK, peak_bytes, size_t, SIZE, GAUGE, OWN,                        \
	"most bytes in use at once")                                         \
STATISTIC(SMALL, small_bytes, size_t, SIZE, GAUGE, SNAPSHOT,                 \
	"the part of LIVE in blocks of up to 128 KiB")                       \
STATISTIC(CACHED, cached_bytes, size_t, SIZE, GAUGE, DERIVED,                \
	"bytes of free blocks in threads' caches")                           \
STATISTIC(MAPPED, mapped_bytes, size_t, SIZE, GAUGE, ARENA,                  \
	"bytes mapped for blocks")                                           \
STATISTIC(HELD, held_bytes, size_t, SIZE, GAUGE, DERIVED,                    \
	"bytes held for blocks, RETAINED included")                          \
STATISTIC(RETAINED, retained_bytes, size_t, SIZE, GAUGE, ARENA,              \
	"free bytes kept for reuse")                                         \
STATISTIC(LAZY, lazy_bytes, size_t, SIZE, GAUGE, ARENA,                      \
	"free bytes that the kernel may take")                               \
STATISTIC(META, meta_bytes, size_t, SIZE, GAUGE, ARENA,                      \
	"bytes mapped for the library's own records")                        \
STATISTIC(ADVISED, advised_bytes, size_t, SIZE, GAUGE, SNAPSHOT,             \
	"bytes eligible for huge pages")                                     \
STATISTIC(HUGETLB, hugetlb_bytes, size_t, SIZE, GAUGE, SNAPSHOT,             \
	"the part of ADVISED in explicit huge pages")                        \
STATISTIC(PURGED, purged_bytes, uint64_t, SIZE, COUNTER, ARENA,              \
	"bytes given back to the kernel")                                    \
STATISTIC(ALLOCS, allocs, uint64_t, COUNT, COUNTER, DERIVED,                 \
	"blocks made")                                                       \
STATISTIC(FREES, frees, uint64_t, COUNT, COUNTER, SNAPSHOT,                  \
	"blocks freed")                                                      \
STATISTIC(HITS, hits, uint64_t, COUNT, COUNTER, DERIVED,                     \
	"small blocks from a thread's cache")                                \
STATISTIC(MISSES, misses, uint64_t, COUNT, COUNTER, DERIVED,                 \
	"small blocks not from a cache")                                     \
STATISTIC(LARGE_HITS, large_hits, uint64_t, COUNT, COUNTER, ARENA,           \
	"large blocks of warm memory")                                       \
STATISTIC(LARGE_MISSES, large_misses, uint64_t, COUNT, COUNTER, ARENA,       \
	"large blocks of fresh memory")                                      \
STATISTIC(FAULTS_AVOIDED, faults_avoided, uint64_t, COUNT, COUNTER, ARENA,   \
	"page faults that warm memory spared")                               \
STATISTIC(RESIZES_IN_PLACE, resizes_in_place, uint64_t, COUNT, COUNTER,      \
	ARENA, "resizes in place")                                           \
STATISTIC(RESIZES_MOVED, resizes_moved, uint64_t, COUNT, COUNTER, ARENA,     \
	"resizes by moving pages")                                           \
STATISTIC(RESIZES_COPIED, resizes_copied, uint64_t, COUNT, COUNTER, ARENA,   \
	"resizes by copying")                                                \
STATISTIC(FAILED, failed_allocs, uint64_t, COUNT, COUNTER, EVENT,            \
	"allocations that failed")                                           \
STATISTIC(LIMIT_FAILURES, limit_failures, uint64_t, COUNT, COUNTER, EVENT,   \
	"the part of FAILED for limit.max")                                  \
STATISTIC(FOREIGN_POINTERS, foreign_pointers, uint64_t, COUNT, COUNTER,      \
	EVENT, "pointers freed or resized that are not the library's")       \
STATISTIC(DOUBLE_FREES, double_frees, uint64_t, COUNT, COUNTER, EVENT,       \
	"double frees found")                                                \
STATISTIC(LARGE_HINTS, large_hints, uint64_t, COUNT, COUNTER, EVENT,         \
	"frees with a size hint above the block")                            \
STATISTIC(LEAKED_BLOCKS, leaked_blocks, uint64_t, COUNT, COUNTER, EVENT,     \
	"blocks freed through an invalid handler, and kept")                 \
STATISTIC(OVERRUNS, overruns, uint64_t, COUNT, COUNTER, EVENT,               \
	"writes outside a block that the handler debug found")               \
STATISTIC(USES_AFTER_FREE, uses_after_free, uint64_t, COUNT, COUNTER, EVENT, \
	"writes to freed blocks that the handler debug found")               \
STATISTIC(THREADS, threads, size_t, COUNT, GAUGE, DERIVED,                   \
	"living threads with a cache")                                       \
STATISTIC(UNSEEN, unseen_threads, uint64_t, COUNT, GAUGE, READER,            \
	"threads whose cache has no slot in the control page")               \
STATISTIC(MAPPINGS, mappings, size_t, COUNT, GAUGE, SNAPSHOT,                \
	"kernel mappings held, an estimate")                                 \
STATISTIC(USED, used_bytes, uint64_t, SIZE, GAUGE, INTERNAL,                 \
	"bytes in runs of the arena in use, slabs included")                 \
STATISTIC(OUTSIDE, outside_bytes, uint64_t, SIZE, GAUGE, INTERNAL,           \
	"the part of MAPPED in blocks with a mapping of their own")          \
STATISTIC(LARGE_BLOCKS, large_blocks, uint64_t, COUNT, GAUGE, INTERNAL,      \
	"blocks above 128 KiB in use")                                       \
STATISTIC(LARGE, large_bytes, uint64_t, SIZE, GAUGE, INTERNAL,               \
	"the part of LIVE in blocks above 128 KiB")                          \
STATISTIC(LARGE_ALLOCS, large_allocs, uint64_t, COUNT, COUNTER, INTERNAL,    \
	"large blocks made")                                                 \
STATISTIC(LARGE_FREES, large_frees, uint64_t, COUNT, COUNTER, INTERNAL,      \
	"large blocks freed")                                                \
STATISTIC(WINDOW_BASE, window_base, uint64_t, ADDRESS, GAUGE, INTERNAL,      \
	"lowest address of the blocks")                                      \
STATISTIC(WINDOW, window_bytes, uint64_t, SIZE, GAUGE, INTERNAL,             \
	"bytes in the range of addresses of blocks")                         \
STATISTIC(CHARGED, charged_bytes, uint64_t, SIZE, GAUGE, PAGE,               \
	"bytes of LIVE, CACHED and QUARANTINED")                             \
STATISTIC(RECORDS, records, uint64_t, COUNT, GAUGE, PAGE,                    \
	"slots that were ever used, and threads that have none")             \
STATISTIC(ACCOUNTS, accounts, uint64_t, BOOL, GAUGE, PAGE,                   \
	"whether accounts are on")                                           \
STATISTIC(SERVICE, service, uint64_t, BOOL, GAUGE, PAGE,                     \
	"whether the service thread runs")                                   \
STATISTIC(REQUESTS, requests, uint64_t, COUNT, COUNTER, PAGE,                \
	"requests answered")                                                 \
STATISTIC(PRESSURE_TRIMS, pressure_trims, uint64_t, COUNT, COUNTER, PAGE,    \
	"trims for memory pressure")                                         \
STATISTIC(IDLE_TRIMS, idle_trims, uint64_t, COUNT, COUNTER, PAGE,            \
	"times that the caches of an idle program were emptied")             \
STATISTIC(QUARANTINED, quarantined_bytes, uint64_t, SIZE, GAUGE, PAGE,       \
	"freed blocks that the handler debug keeps from reuse")              \
STATISTIC(OPENED, opened_bytes, size_t, SIZE, GAUGE, ARENA,                  \
	"free bytes given back beside large blocks")                         \
STATISTIC(PINNED, pinned_bytes, size_t, SIZE, GAUGE, ARENA,                  \
	"free bytes kept beside large blocks")                               \
STATISTIC(OPENED_SMALL, opened_small_bytes, size_t, SIZE, GAUGE, OWN,        \
	"free bytes given back beside small blocks")                         \
STATISTIC(PINNED_SMALL, pinned_small_bytes, size_t, SIZE, GAUGE, OWN,        \
	"free bytes kept beside small blocks")                               \
STATISTIC(GUARDED, guarded_bytes, size_t, SIZE, GAUGE, OWN,                  \
	"the part of LIVE in guarded blocks")                                \
STATISTIC(GUARDED_BLOCKS, guarded_blocks, size_t, COUNT, GAUGE, OWN,         \
	"guarded blocks in use")                                             \
STATISTIC(GUARDED_ALLOCS, guarded_allocs, uint64_t, COUNT, COUNTER, OWN,     \
	"guarded blocks made")                                               \
STATISTIC(GUARD_REPORTS, guard_reports, uint64_t, COUNT, COUNTER, EVENT,     \
	"mistakes that guard sampling found")                              \
STATISTIC(HOSTED, hosted_bytes, size_t, SIZE, GAUGE, OWN,                    \
	"the part of LIVE on malloc, for a tool that watches it")            \
STATISTIC(HOSTED_ALLOCS, hosted_allocs, uint64_t, COUNT, COUNTER, OWN,       \
	"blocks made on malloc, for a tool that watches it")

/*
 * Choose rows by PLACE: STATISTIC_IN_SNAPSHOT_##PLACE(text) is text for a
 * member of struct datamem_stats and nothing for other rows, and so on.
 */
#define STATISTIC_IN_SNAPSHOT_ARENA(...) __VA_ARGS__
#define STATISTIC_IN_SNAPSHOT_INTERNAL(...)
#define STATISTIC_IN_SNAPSHOT_EVENT(...) __VA_ARGS__
#define STATISTIC_IN_SNAPSHOT_OWN(...) __VA_ARGS__
#define STATISTIC_IN_SNAPSHOT_PAGE(...)
#define STATISTIC_IN_SNAPSHOT_SNAPSHOT(...) __VA_ARGS__
#define STATISTIC_IN_SNAPSHOT_DERIVED(...) __VA_ARGS__
#define STATISTIC_IN_SNAPSHOT_READER(...)

#define STATISTIC_IN_PAGE_ARENA(...) __VA_ARGS__
#define STATISTIC_IN_PAGE_INTERNAL(...) __VA_ARGS__
#define STATISTIC_IN_PAGE_EVENT(...) __VA_ARGS__
#define STATISTIC_IN_PAGE_OWN(...) __VA_ARGS__
#define STATISTIC_IN_PAGE_PAGE(...) __VA_ARGS__
#define STATISTIC_IN_PAGE_SNAPSHOT(...)
#define STATISTIC_IN_PAGE_DERIVED(...)
#define STATISTIC_IN_PAGE_READER(...)

/* Derived from the page. */
#define STATISTIC_DERIVED_ARENA(...)
#define STATISTIC_DERIVED_INTERNAL(...)
#define STATISTIC_DERIVED_EVENT(...)
#define STATISTIC_DERIVED_OWN(...)
#define STATISTIC_DERIVED_PAGE(...)
#define STATISTIC_DERIVED_SNAPSHOT(...)
#define STATISTIC_DERIVED_DERIVED(...) __VA_ARGS__
#define STATISTIC_DERIVED_READER(...) __VA_ARGS__

/* Kept by the arena, in the snapshot or not. */
#define STATISTIC_OF_ARENA_ARENA(...) __VA_ARGS__
#define STATISTIC_OF_ARENA_INTERNAL(...) __VA_ARGS__
#define STATISTIC_OF_ARENA_EVENT(...)
#define STATISTIC_OF_ARENA_OWN(...)
#define STATISTIC_OF_ARENA_PAGE(...)
#define STATISTIC_OF_ARENA_SNAPSHOT(...)
#define STATISTIC_OF_ARENA_DERIVED(...)
#define STATISTIC_OF_ARENA_READER(...)

/* Kept by the arena and in the snapshot. */
#define STATISTIC_FROM_ARENA_ARENA(...) __VA_ARGS__
#define STATISTIC_FROM_ARENA_INTERNAL(...)
#define STATISTIC_FROM_ARENA_EVENT(...)
#define STATISTIC_FROM_ARENA_OWN(...)
#define STATISTIC_FROM_ARENA_PAGE(...)
#define STATISTIC_FROM_ARENA_SNAPSHOT(...)
#define STATISTIC_FROM_ARENA_DERIVED(...)
#define STATISTIC_FROM_ARENA_READER(...)

#define STATISTIC_OF_EVENTS_ARENA(...)
#define STATISTIC_OF_EVENTS_INTERNAL(...)
#define STATISTIC_OF_EVENTS_EVENT(...) __VA_ARGS__
#define STATISTIC_OF_EVENTS_OWN(...)
#define STATISTIC_OF_EVENTS_PAGE(...)
#define STATISTIC_OF_EVENTS_SNAPSHOT(...)
#define STATISTIC_OF_EVENTS_DERIVED(...)
#define STATISTIC_OF_EVENTS_READER(...)

#endif /* STATISTICS_H */

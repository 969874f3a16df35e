/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reads the lines that processes append at exit to the file of the setting
 * stats.exit. They come from a program that was run, so nothing in them is
 * trusted: a line is understood completely or counted as malformed.
 */
#ifndef CTL_EXIT_STATS_H
#define CTL_EXIT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <datamem.h>

/*
 * CTL_STATS(COLUMN, member, type, flags, help): the members of struct
 * datamem_stats, which a line has, and how they are shown. exit-stats.c does not
 * compile when one is missing.
 */
#define CTL_STATS_MEMBERS(CTL_STATS)                                         \
CTL_STATS(ALLOCS, allocs, CTL_COUNT, CTL_SHOWN, "blocks made")               \
CTL_STATS(FREES, frees, CTL_COUNT, 0, "blocks freed")                        \
CTL_STATS(PEAK, peak_bytes, CTL_SIZE, CTL_SHOWN, "most live bytes")          \
CTL_STATS(LIVE, live_bytes, CTL_SIZE, CTL_SHOWN, "live bytes at the end")    \
CTL_STATS(LIVE_BLOCKS, live_blocks, CTL_COUNT, 0, "live blocks at the end")  \
CTL_STATS(SMALL, small_bytes, CTL_SIZE, 0, "the part of LIVE in small blocks") \
CTL_STATS(CACHED, cached_bytes, CTL_SIZE, 0, "free blocks in caches")        \
CTL_STATS(MAPPED, mapped_bytes, CTL_SIZE, 0, "mapped for blocks")            \
CTL_STATS(HELD, held_bytes, CTL_SIZE, CTL_SHOWN, "resident at the end")      \
CTL_STATS(RETAINED, retained_bytes, CTL_SIZE, 0, "free, kept for reuse")     \
CTL_STATS(LAZY, lazy_bytes, CTL_SIZE, 0, "free, the kernel may take it")     \
CTL_STATS(META, meta_bytes, CTL_SIZE, 0, "the library's own records")        \
CTL_STATS(ADVISED, advised_bytes, CTL_SIZE, CTL_SHOWN,                       \
	"advised for huge pages at the end")                                 \
CTL_STATS(HUGETLB, hugetlb_bytes, CTL_SIZE, 0,                               \
	"the part of ADVISED in explicit huge pages")                        \
CTL_STATS(PURGED, purged_bytes, CTL_SIZE, 0, "given back to the kernel")     \
CTL_STATS(HITS, hits, CTL_COUNT, 0, "small blocks from a cache")             \
CTL_STATS(MISSES, misses, CTL_COUNT, 0, "small blocks not from a cache")     \
CTL_STATS(LARGE_HITS, large_hits, CTL_COUNT, 0, "large blocks of warm memory") \
CTL_STATS(LARGE_MISSES, large_misses, CTL_COUNT, 0,                          \
	"large blocks of fresh memory")                                      \
CTL_STATS(FAULTS_AVOIDED, faults_avoided, CTL_COUNT, 0,                      \
	"page faults that warm memory spared")                               \
CTL_STATS(RESIZES_IN_PLACE, resizes_in_place, CTL_COUNT, 0,                  \
	"resizes in place")                                                  \
CTL_STATS(RESIZES_MOVED, resizes_moved, CTL_COUNT, 0,                        \
	"resizes by moving pages")                                           \
CTL_STATS(RESIZES_COPIED, resizes_copied, CTL_COUNT, 0, "resizes by copying") \
CTL_STATS(FAILED, failed_allocs, CTL_COUNT, 0, "allocations that failed")    \
CTL_STATS(LIMIT_FAILURES, limit_failures, CTL_COUNT, 0,                      \
	"the part of FAILED for limit.max")                                  \
CTL_STATS(FOREIGN_POINTERS, foreign_pointers, CTL_COUNT, 0,                  \
	"pointers freed that are not the library's")                         \
CTL_STATS(DOUBLE_FREES, double_frees, CTL_COUNT, 0, "double frees found")    \
CTL_STATS(LARGE_HINTS, large_hints, CTL_COUNT, 0, "size hints too large")    \
CTL_STATS(LEAKED_BLOCKS, leaked_blocks, CTL_COUNT, 0,                        \
	"blocks of invalid handlers")                                        \
CTL_STATS(OVERRUNS, overruns, CTL_COUNT, 0, "writes outside a block")        \
CTL_STATS(USES_AFTER_FREE, uses_after_free, CTL_COUNT, 0,                    \
	"writes to a freed one")                                             \
CTL_STATS(THREADS, threads, CTL_COUNT, 0, "threads with a cache at the end") \
CTL_STATS(MAPPINGS, mappings, CTL_COUNT, 0, "kernel mappings held")

enum ctl_stats_member {
#define CTL_STATS(column, member, type, flags, help) CTL_STATS_##column,
	CTL_STATS_MEMBERS(CTL_STATS)
#undef CTL_STATS
	CTL_STATS_COUNT
};

/* What one process left. */
struct ctl_exit_stats {
	uint64_t pid;
	char program[64];  /* any bytes, NUL-terminated */
	uint64_t values[CTL_STATS_COUNT];
	bool known[CTL_STATS_COUNT];
};

/* Whether the length bytes at line are a complete record; fills in *out. */
bool ctl_exit_stats_parse(const char *line, size_t length,
			  struct ctl_exit_stats *out);

/*
 * Call add(arg, stats) for each line of a file. Returns how many lines were
 * malformed (not a record, too long, or cut at the end of the file).
 */
size_t ctl_exit_stats_read(FILE *file,
			   void (*add)(void *arg,
				       const struct ctl_exit_stats *stats),
			   void *arg);

#endif /* CTL_EXIT_STATS_H */

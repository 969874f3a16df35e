/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of benchmarks. */
#include "tool.h"
#include "kernels.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

#define SMALL(row, kernel_, size, arg_, threads_, text)                      \
	{ .name = row, .kernel = &bench_##kernel_, .n = size, .arg = arg_,   \
	  .threads = threads_, .what = text }
#define LARGE(row, kernel_, mib, arg_, threads_, live, text)                 \
	{ .name = row, .kernel = &bench_##kernel_, .n = (mib) * MIB,         \
	  .arg = arg_, .threads = threads_, .peak = (live) * MIB,            \
	  .what = text }

#define SCALE(row, kernel_, size, arg_, threads_, text)                      \
	{ .name = row, .kernel = &bench_##kernel_, .n = size, .arg = arg_,   \
	  .threads = threads_, .scale = true, .what = text }

/* Once, in a process that may have 4 GiB of address space. */
#define LIMIT(row, kernel_, size, text)                                      \
	{ .name = row, .kernel = &bench_##kernel_, .n = size, .fixed = 1,    \
	  .scale = true, .address_space = 4096 * MIB, .what = text }

#define ALL "one of the blocks that fit into 4 GiB of address space"

#define MEMORY(row, kernel_, size, arg_, text)                               \
	{ .name = row, .kernel = &bench_##kernel_, .n = size, .arg = arg_,   \
	  .fixed = 1, .peak = 448 * MIB, .scale = true, .what = text }

/* One of so many blocks stays, in order or at random; then trim, or ageing. */
#define KEPT(name, size, part, arg_, text)                                   \
	MEMORY("memory-survivors" part "-" name, survivors, size, arg_,      \
	       "400 MiB, " text " of the blocks kept, trim"),                \
	MEMORY("memory-aged" part "-" name, survivors, size,                 \
	       (arg_) | BENCH_AGED,                                          \
	       "400 MiB, " text " of the blocks kept, 13 s idle")
#define SURVIVORS(name, size)                                                \
	KEPT(name, size, "", 100, "every hundredth"),                        \
	KEPT(name, size, "-10", BENCH_AT_RANDOM | 10, "10 % at random"),     \
	KEPT(name, size, "-3", BENCH_AT_RANDOM | 33, "3 % at random"),       \
	KEPT(name, size, "-1", BENCH_AT_RANDOM | 100, "1 % at random")

#define SINGLE "allocate, write, free one block"
#define MIXED "six blocks of n/4 to n, written, freed in any order"
#define CHURN "replace one of eight, n/64 to n"
#define ZEROED "allocate zeroed, write this many percent, free"

const struct bench_row bench_rows[] = {
	SMALL("pair-80", pair, 80, 0, 0, "allocate and free 80 bytes"),
	SMALL("batch-7", batch, 80, 7, 0, "the same, 7 at a time"),
	SMALL("batch-64", batch, 80, 64, 0, "the same, 64 at a time"),
	SMALL("random-1024", random, 0, 0, 0,
	      "replace one of 1024 blocks of 1 to 1023 bytes"),
	SMALL("zeroed-100", zeroed_small, 100, 0, 0,
	      "allocate zeroed and free 100 bytes"),
	SMALL("pair-2K", pair, 2 * KIB, 0, 0, "allocate and free 2 KiB"),
	SMALL("pair-8K", pair, 8 * KIB, 0, 0, "allocate and free 8 KiB"),
	SMALL("pair-32K", pair, 32 * KIB, 0, 0, "allocate and free 32 KiB"),
	SMALL("pair-80-threads", pair, 80, 0, 2, "pair-80 in two threads"),
	SMALL("random-1024-threads", random, 0, 0, 2,
	      "random-1024 in two threads"),
	SMALL("producer-80", producer, 80, 0, 0,
	      "allocate 80 bytes that another thread frees"),
	{ .name = "short-threads", .kernel = &bench_short_threads,
	  .fixed = 100000,
	  .what = "a thread that allocates and frees 32 blocks" },

	LARGE("single-1M", single, 1, 0, 0, 1, SINGLE),
	LARGE("single-4M", single, 4, 0, 0, 4, SINGLE),
	LARGE("single-16M", single, 16, 0, 0, 16, SINGLE),
	LARGE("single-32M", single, 32, 0, 0, 32, SINGLE),
	LARGE("single-64M", single, 64, 0, 0, 64, SINGLE),
	LARGE("single-256M", single, 256, 0, 0, 256, SINGLE),
	LARGE("mixed-1M", mixed, 1, 0, 0, 6, MIXED),
	LARGE("mixed-4M", mixed, 4, 0, 0, 24, MIXED),
	LARGE("mixed-16M", mixed, 16, 0, 0, 96, MIXED),
	LARGE("mixed-64M", mixed, 64, 0, 0, 384, MIXED),
	LARGE("mixed-4M-worker", mixed, 4, 0, 1, 24,
	      "mixed-4M in a worker thread"),
	LARGE("mixed-64M-worker", mixed, 64, 0, 1, 384,
	      "mixed-64M in a worker thread"),
	LARGE("mixed-4M-threads", mixed, 4, 0, 2, 48,
	      "mixed-4M in two threads"),
	LARGE("churn-4M", churn, 4, 0, 0, 32, CHURN),
	LARGE("churn-64M", churn, 64, 0, 0, 512, CHURN),
	LARGE("churn-64M-worker", churn, 64, 0, 1, 512,
	      "churn-64M in a worker thread"),
	LARGE("growth-1G", growth, 1024, 0, 0, 1536,
	      "double from 4 MiB to 1 GiB, write the new half"),
	LARGE("zeroed-4M-100", zeroed, 4, 100, 0, 4, ZEROED),
	LARGE("zeroed-64M-0", zeroed, 64, 0, 0, 64, ZEROED),
	LARGE("zeroed-64M-50", zeroed, 64, 50, 0, 64, ZEROED),
	LARGE("zeroed-256M-0", zeroed, 256, 0, 0, 256, ZEROED),
	LARGE("zeroed-256M-50", zeroed, 256, 50, 0, 256, ZEROED),
	LARGE("zeroed-256M-100", zeroed, 256, 100, 0, 256, ZEROED),
	{ .name = "first-touch-4M", .kernel = &bench_first_touch,
	  .n = 4 * MIB, .fixed = 128, .peak = 512 * MIB,
	  .what = "allocate and write 4 MiB, never freed" },
	LARGE("fork-64M", fork, 64, 0, 0, 128,
	      "fork; write and free 64 MiB while the child allocates"),

	SCALE("scale-idle-0", beside_idle, 8000, 0, 1,
	      "allocate and free 8000 bytes"),
	SCALE("scale-idle-64", beside_idle, 8000, 64, 1,
	      "the same beside 64 threads that sleep"),
	SCALE("scale-idle-1000", beside_idle, 8000, 1000, 1,
	      "the same beside 1000"),
	SCALE("scale-batch-1", wide_batch, 0, 0, 1,
	      "1 to 63 KiB, 32 of a size at a time"),
	SCALE("scale-batch-128", wide_batch, 0, 0, 128,
	      "the same in 128 threads"),
	SCALE("scale-pair-1", wide_pair, 2 * MIB, 0, 1,
	      "allocate and free 0.5 to 2 MiB"),
	SCALE("scale-pair-2", wide_pair, 2 * MIB, 0, 2,
	      "the same in two threads"),
	SCALE("scale-pair-8", wide_pair, 2 * MIB, 0, 8,
	      "the same in eight threads"),
	SCALE("scale-attach-4000", attach, 100, 4000, 0,
	      "the first block of a thread beside 4000 others"),
	SCALE("scale-add-4000", add, 100, 4000, 0,
	      "the same of a thread that stays: one more each time"),
	{ .name = "scale-start", .kernel = &bench_start, .n = 100,
	  .scale = true,
	  .what = "the first 100 bytes of a process; PEAK: what they bring" },
	SCALE("scale-fork-0", fork_beside, 0, 0, 0,
	      "fork(2) with 8 MiB kept; the child exits"),
	SCALE("scale-fork-200", fork_beside, 0, 200, 0,
	      "the same beside 200 threads"),
	SCALE("scale-fork-4000", fork_beside, 0, 4000, 0,
	      "the same beside 4000"),
	SCALE("scale-fork-rows", fork_rows, 0, 10000, 0,
	      "the same with 10,000 free rows of 132 KiB kept"),
	{ .name = "scale-stop-3000", .kernel = &bench_longest_stop, .n = 3000,
	  .arg = 3000, .fixed = 1, .scale = true,
	  .what = "the longest of batches of 64 beside 3000, in 3 s" },
	{ .name = "scale-stats-3000", .kernel = &bench_stats_beside, .n = 3000,
	  .arg = 3000, .fixed = 1, .scale = true,
	  .what = "the same while statistics are read 100 times a second" },
	SCALE("scale-live-80-0", live, 80, 0, 0,
	      "allocate and free 80 bytes"),
	SCALE("scale-live-80-512", live, 80, 512, 0,
	      "the same after 512 GiB of live blocks, not written"),
	SCALE("scale-live-1M-0", live, MIB, 0, 0,
	      "allocate and free 1 MiB"),
	SCALE("scale-live-1M-512", live, MIB, 512, 0,
	      "the same after 512 GiB of live blocks, not written"),
	SCALE("scale-holes-0", beside_holes, 104 * KIB, 0, 0,
	      "allocate and free 104 KiB, 32 at a time"),
	SCALE("scale-holes-16000", beside_holes, 104 * KIB, 16000, 0,
	      "the same where 64 KiB are free in each of 16000 huge pages"),
	SCALE("scale-gaps-0", beside_gaps, 2100 * KIB, 0, 0,
	      "allocate and free 2100 KiB, 200 at a time"),
	SCALE("scale-gaps-1000", beside_gaps, 2100 * KIB, 1000, 0,
	      "the same beside 1000 gaps of 2 MiB"),
	SCALE("scale-gaps-40000", beside_gaps, 2100 * KIB, 40000, 0,
	      "the same beside 40,000"),
	SCALE("scale-aligned-1000", beside_aligned, 4096, 1000, 0,
	      "4 KiB at 2 MiB, 200 at a time, beside 1000 live"),
	SCALE("scale-aligned-32000", beside_aligned, 4096, 32000, 0,
	      "the same beside 32,000"),
	LIMIT("scale-limit-1000", limit, 1000, ALL),
	LIMIT("scale-limit-64K", limit, 64 * KIB, ALL),
	LIMIT("scale-limit-1M", limit, MIB, ALL),
	LIMIT("scale-limit-64M", limit, 64 * MIB, ALL),
	LIMIT("scale-limit-growth", limit_growth, 256 * MIB,
	      "grow 256 to 768 MiB in steps of 64, beside 1000 live, of 4 GiB"),

	SURVIVORS("400", 400),
	SURVIVORS("8K", 8000),
	SURVIVORS("20K", 20000),
	SURVIVORS("100K", 100000),
	SURVIVORS("256K", 256 * KIB),
	SURVIVORS("300K", 300 * KIB),
	MEMORY("memory-sizes", sizes, 0, 0,
	       "400 MiB live, 1 KiB to 64 MiB in steps of a tenth"),
	MEMORY("memory-sizes-pages", sizes, 0, BENCH_PAGES,
	       "the same from 256 KiB on, in whole pages"),
	MEMORY("memory-lifetimes-4M", lifetimes, 4 * MIB, 20000,
	       "400 MiB of 64 bytes to 4 MiB, replaced for long, 13 s idle"),
	MEMORY("memory-lifetimes-64K", lifetimes, 64 * KIB, 500000,
	       "the same of 64 bytes to 64 KiB"),
	MEMORY("memory-idle-2", idles, 4 * MIB, 2,
	       "400 MiB in blocks of 4 MiB freed, 2 s idle"),
	MEMORY("memory-idle-5", idles, 4 * MIB, 5, "the same, 5 s idle"),
	MEMORY("memory-idle-mean", idles_mean, 4 * MIB, 400,
	       "the same, 15 s idle; END: the mean in these"),
	MEMORY("memory-idle-mean-48", idles_mean, 4 * MIB, 48,
	       "the same with 48 MiB"),
};

const size_t bench_n_rows = CTL_ARRAY_SIZE(bench_rows);

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Layout of the ring of events: what a process does with its blocks while
 * another one records it. Shared by library and tool.
 *
 * A sealed memfd (SHRINK, GROW, SEAL: its size is fixed) named EVENTS_NAME,
 * found among /proc/PID/fd as live-page.h has it, under the same permissions.
 * The request LIVE_RECORD makes one; it is one reader's, who holds on to it by
 * changing `beat` every now and then. Where that stays the same for
 * EVENTS_LEASE_MS in which the machine was not asleep, or `stop` is not 0, the
 * process writes no more and closes the file, whatever has become of the reader.
 * A forked child has none.
 *
 * A writer takes the next number n, from 0 on (modulo 2^32), if n - tail is below
 * entries_count, fills the entry at n modulo entries_count, and stores n + 1 in
 * its `seq` (release order). Nobody waits for room: what finds none is counted
 * in `lost`, and missing. The reader takes entries in the order of their
 * numbers, and then stores the number of the next one in `tail`. An entry whose
 * number was taken may come later than those behind it; of a process that died
 * meanwhile, never.
 *
 * The order of events: a block's free comes before its address is another's, a
 * block's making after. A resize is two events, EVENTS_TAKE before it and
 * EVENTS_RESIZE or EVENTS_KEEP after it, of the same thread. Sizes below
 * min_bytes are left out, but for frees of what may be larger: a reader leaves
 * out those that it knows no block of.
 *
 * Blocks that were made before are EVENTS_LISTED between EVENTS_LIST_BEGIN and
 * EVENTS_LIST_END, while the process goes on: one that is listed may have been
 * made, or freed, in an event before its entry, and its making may come after.
 *
 * Neither side trusts it: the library acts on `tail`, `beat` and `stop` alone,
 * whatever they are; readers check the header, and copy entries before they
 * look.
 */
#ifndef EVENTS_PAGE_H
#define EVENTS_PAGE_H

#include <stdint.h>

#define EVENTS_NAME "datamem-events"
#define EVENTS_MAGIC "dmemevt"         /* 8 bytes with its NUL */
#define EVENTS_LAYOUT 1u

/* A quarter of a second of half a million events a second. */
#define EVENTS_ENTRIES (UINT32_C(1) << 17)

#define EVENTS_LEASE_MS 5000u

enum events_op {
	EVENTS_ALLOC = 1,
	EVENTS_ZEROED = 2,
	EVENTS_FREE = 3,
	EVENTS_TAKE = 4,          /* a resize begins */
	EVENTS_RESIZE = 5,        /* it has succeeded: address and size now */
	EVENTS_KEEP = 6,          /* it has failed: the block is as it was */
	EVENTS_LIST_BEGIN = 7,
	EVENTS_LISTED = 8,        /* a small block: the size of its class */
	EVENTS_LIST_END = 9,      /* size: blocks that had no room */
};

enum events_state {
	EVENTS_RUNS = 1,
	EVENTS_ENDED = 2,         /* nothing comes any more */
};

struct events_entry {
	uint32_t seq;             /* its number plus 1 */
	uint32_t tid;             /* as the thread itself sees it */
	uint64_t address;
	uint64_t what;            /* EVENTS_WHAT() */
	uint64_t time;            /* CLOCK_BOOTTIME, nanoseconds */
};

/* Operation, binary logarithm of the alignment asked for (0: nothing special),
 * and bytes, below 2^48. */
#define EVENTS_WHAT(op, log2_align, size)                                    \
	((uint64_t)(op) << 56 | (uint64_t)(log2_align) << 48 | (uint64_t)(size))
#define EVENTS_OP(what)         ((unsigned int)((what) >> 56))
#define EVENTS_LOG2_ALIGN(what) ((unsigned int)((what) >> 48 & 255))
#define EVENTS_SIZE(what)       ((what) & ((UINT64_C(1) << 48) - 1))

struct events_header {
	char magic[8];            /* last to be written */
	uint32_t layout;
	uint32_t header_bytes;
	uint64_t file_bytes;
	uint32_t version;         /* of the library, datamem_version_number() */
	int32_t pid;              /* as the process itself sees it */
	uint64_t made;            /* CLOCK_BOOTTIME, nanoseconds */
	uint64_t min_bytes;       /* blocks below are left out */
	uint64_t entries_offset;
	uint32_t entry_bytes;
	uint32_t entries_count;   /* a power of two */
	uint32_t page_bytes;      /* of memory */
	uint32_t spare[15];

	/* Of the library, from byte 128 on. */
	uint32_t state;           /* enum events_state */
	uint32_t spare2;
	uint64_t lost;            /* events that found no room */
	uint64_t spare3[14];

	/* Of the reader, from byte 256 on. */
	uint32_t tail;
	uint32_t beat;
	uint32_t stop;            /* not 0: it wants no more */
	uint32_t spare4;
};

_Static_assert(sizeof(struct events_entry) == 32 &&
	       sizeof(struct events_header) == 272, "parts have changed");

#endif /* EVENTS_PAGE_H */

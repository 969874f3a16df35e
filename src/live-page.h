/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Layout of the control page: the numbers and settings of a process that uses
 * the library, and the place for a request. Shared by library and datamem-ctl.
 *
 * A sealed memfd (SHRINK, GROW, SEAL: its size is fixed) named LIVE_NAME. All
 * numbers are in the byte order of the machine, of fixed width, at multiples of
 * their size. Readers find every part by offset, size of an entry and number of
 * entries in the header; members and entries are only ever appended within a
 * layout version, and 0 says "not there".
 *
 * Neither side trusts it: the library never acts on what it reads back, but for
 * the request, which it copies and checks; readers check offsets and copy
 * before they look.
 */
#ifndef LIVE_PAGE_H
#define LIVE_PAGE_H

#include <stdint.h>

#include "statistics.h"

#define LIVE_NAME "datamem-control"
#define LIVE_MAGIC "datamem"          /* 8 bytes with its NUL */
#define LIVE_LAYOUT 1u

/* Room for threads; more of them share struct live_rest. */
#define LIVE_SLOTS 256u
/* Everything but the threads' slots, which begin here. */
#define LIVE_PROCESS_BYTES 65536u
#define LIVE_CLASSES 128u
#define LIVE_SETTINGS 32u
#define LIVE_SHELVES 32u
#define LIVE_LOCKS 48u
#define LIVE_HANDLERS 8u
#define LIVE_DOMAINS 8u

/*
 * Numbers of the process, in the order of the table. Those of the arena change
 * together, bracketed by `arena_seq`.
 */
struct live_numbers {
	uint32_t arena_seq;       /* odd while its numbers change */
	uint32_t spare;
#define STATISTIC(column, member, type, unit, kind, place, help)             \
	STATISTIC_IN_PAGE_##place(uint64_t member;)
	STATISTICS(STATISTIC)
#undef STATISTIC
};

struct live_setting {
	uint32_t seq;             /* odd while it changes */
	int32_t origin;           /* enum datamem_setting_origin */
	char name[32];            /* "": no setting */
	char value[256];
	char builtin[64];
	char note[96];            /* what keeps the value from acting */
};

enum live_request_kind {
	LIVE_SET = 1,             /* name, value; answers the value before */
	LIVE_TRIM = 2,            /* argument: bytes to keep; answers bytes */
	LIVE_RESET_PEAK = 3,      /* answers the peak before */
	LIVE_ACCOUNTS = 4,        /* argument: 1 on, 0 off; answers before */
	/* events-page.h. name: `begin`, of blocks of so many bytes (argument),
	 * answers the inode of the file; then `list`; `end`. */
	LIVE_RECORD = 5,
};

enum live_request_state {
	LIVE_IDLE = 0,
	LIVE_PENDING = 1,         /* the tool has written it */
	LIVE_TAKEN = 2,           /* the library has copied it */
	LIVE_ANSWERED = 3,
};

/*
 * One request at a time. The asking side holds flock(2) on its own opening of
 * the file from before it writes until it has read the answer, waits until no
 * request is PENDING or TAKEN, writes all but `state`, then PENDING, and wakes
 * futex waiters on `state`; the other side answers, stores ANSWERED and wakes
 * them again. `serial` tells an answer from a late one that was given up on.
 */
struct live_request {
	uint32_t state;           /* enum live_request_state; futex */
	uint32_t kind;
	uint32_t serial;
	uint32_t spare;
	uint64_t argument;
	char name[32];
	char value[256];

	uint32_t answer_serial;
	int32_t status;           /* 0 or -errno */
	uint64_t result;
	char text[256];           /* the value before, or why not */
};

/* Counts of a class in a thread's slot. */
struct live_counts {
	uint64_t misses;          /* allocations not served by the cache */
	uint64_t cached;          /* free blocks in it at its last slow path */
	uint64_t spare;
	uint64_t hits;            /* allocations served by it */
};

struct live_slot {
	uint32_t tid;             /* 0: no thread has it now */
	uint32_t spare[15];
	struct live_counts counts[];  /* by class, from 0 (no class) on */
};

/* Counts without a slot: of further threads, as of their slow paths, of threads
 * that are gone, and of allocations that no cache serves. */
struct live_rest {
	uint32_t threads;         /* that have no slot */
	uint32_t spare[15];
	struct live_counts counts[LIVE_CLASSES];
};

/*
 * What goes over a shelf of blocks above 128 KiB freed last, and not through the
 * arena, whose numbers are without it: it counts `kept` as used. Sums over all
 * shelves tell.
 */
struct live_shelf {
	uint64_t allocs, frees;
	uint64_t nbytes;          /* of live blocks: made less freed */
	uint64_t kept;            /* bytes of runs on it */
	uint64_t charged;         /* bytes charged for no block */
	uint64_t faults_avoided;
	uint64_t spare[2];
};

/* What the longest hold of the locks of a rank came to, in a library that was
 * configured to count it; in the order in which they are taken. */
struct live_lock {
	char name[24];            /* "": no rank */
	uint64_t holds;
	uint64_t ns, steps, calls;
	uint64_t spare;
};

/* A handler that the program has registered; the first of them. */
struct live_handler {
	uint32_t seq;             /* odd while it changes */
	uint32_t spare;
	char name[56];            /* "": none; cut where it is longer */
};

/* Accounts of a domain, of the first that the program has used; they mean
 * something while accounts are on. */
struct live_domain {
	uint64_t number;          /* of the domain, plus 1; 0: none */
	uint64_t blocks, bytes, peak;
};

struct live_header {
	char magic[8];
	uint32_t layout;
	uint32_t header_bytes;
	uint64_t file_bytes;
	uint32_t version;         /* of the library, datamem_version_number() */
	int32_t pid;              /* as the process itself sees it */
	uint64_t made;            /* CLOCK_BOOTTIME, nanoseconds */
	uint32_t page_bytes;      /* of memory */
	uint32_t numbers_offset, numbers_bytes;
	uint32_t classes_offset, classes_count;  /* uint32_t block sizes */
	uint32_t request_offset, request_bytes;
	uint32_t settings_offset, settings_count, setting_bytes;
	uint32_t slots_offset, slots_count, slot_bytes;
	uint32_t counts_offset, counts_count, counts_bytes;  /* in a slot */
	uint32_t rest_offset, rest_bytes;  /* struct live_rest */
	uint32_t shelves_offset, shelves_count, shelf_bytes;
	uint32_t locks_offset, locks_count, lock_bytes;
	uint32_t spare;
	uint32_t handlers_offset, handlers_count, handler_bytes;
	uint32_t domains_offset, domains_count, domain_bytes;
	uint64_t note[8];         /* text: what the host says of its handler */
};

/* Where layout 1 has its parts. */
struct live_process {
	struct live_header header;
	char pad1[256 - sizeof(struct live_header)];
	struct live_numbers numbers;
	char pad2[1024 - sizeof(struct live_numbers)];
	uint32_t classes[LIVE_CLASSES];
	struct live_request request;
	char pad3[1024 - sizeof(struct live_request)];
	struct live_setting settings[LIVE_SETTINGS];
	struct live_rest rest;
	struct live_shelf shelves[LIVE_SHELVES];
	struct live_handler handlers[LIVE_HANDLERS];
	struct live_domain domains[LIVE_DOMAINS];
	/* The last: not touched where locks are not counted. */
	struct live_lock locks[LIVE_LOCKS];
};

_Static_assert(sizeof(struct live_process) <= LIVE_PROCESS_BYTES,
	       "the process part has outgrown its room");
_Static_assert(sizeof(struct live_counts) == 32 &&
	       sizeof(struct live_slot) == 64, "slots have changed");
_Static_assert(sizeof(struct live_setting) == 456 &&
	       sizeof(struct live_request) == 584 &&
	       sizeof(struct live_shelf) == 64 &&
	       sizeof(struct live_lock) == 64 &&
	       sizeof(struct live_handler) == 64 &&
	       sizeof(struct live_domain) == 32, "parts have changed");

#endif /* LIVE_PAGE_H */

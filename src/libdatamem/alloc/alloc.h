/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The public functions datamem_alloc() and its family, dims and raw: sizes
 * checked, accounts kept.
 *
 * fast.h    the fast path, in line
 * slow.c    the rest of it, with accounts
 * route.c   which size goes where: the default allocator's core, no accounts;
 *           remake.c: resizing
 * find.c    from an address to its block
 * watched.c, hosted.c  what changes where a tool watches; blocks on malloc
 * recording.c  recordings begin and end
 * tables.c  the default allocator as handlers' tables
 * dims.c    shapes and strides
 * raw.c, receipt.c  the C library with accounts; receipts and promotion
 *
 * Behind the family stand the default allocator's functions or those of another
 * built-in handler (setting `handler`), fixed at first use.
 */
#ifndef DMEM_ALLOC_H
#define DMEM_ALLOC_H

#include "base.h"

/*
 * The default allocator as a handler's table; ctx is unused. Its functions
 * track their blocks themselves while accounts are on.
 */
extern const struct datamem_allocator dmem_alloc_default;

/*
 * The same, but blocks never touch each other: small ones have a byte more than
 * was asked for, larger ones lie in runs that do not end with them. NumPy takes
 * an operand that ends where another begins for one that overlaps it, and then
 * computes without SIMD: 4 to 13 times slower for exp, sin or tanh, with other
 * roundings. The C library's blocks have a header in between. Accounts hold
 * what was asked for.
 */
extern const struct datamem_allocator dmem_alloc_apart;

/*
 * The same without tracking, for handlers built on top (debug.c), whose callers
 * track the blocks.
 */
extern const struct datamem_allocator dmem_alloc_untracked;

/* A block as dmem_alloc_default makes them, with an alignment, a power of two up
 * to 2 MiB that resizes keep. NULL: errno is set. */
void *dmem_alloc_default_aligned(size_t nbytes, size_t align);

/*
 * A block as dmem_alloc_apart makes them, with an alignment, a power of two up
 * to 2 MiB that resizes keep, and of a kind, ZERO and SPARSE, or ZERO and a
 * node; that table frees and resizes it. NULL: errno is set.
 */
void *dmem_alloc_with(size_t nbytes, size_t align, unsigned int kind);

/*
 * Bytes that a live block of these tables counts in statistics: those of its
 * class, or what was asked for if it is large. 0: no block begins there.
 */
size_t dmem_alloc_counted(const void *ptr);

/* The C library with checked sizes, untracked: the handler `system`. */
extern const struct datamem_allocator dmem_alloc_system;

/* Usable bytes of a block of the C library. */
size_t dmem_alloc_system_usable(const void *ptr);
/* Resize a block of the C library where it is: 0, or -ENOSPC. */
int dmem_alloc_system_fit(void *ptr, size_t nbytes);

/* Another handler's functions behind datamem_alloc() and its family. */
struct dmem_alloc_family {
	const char *name;
	const struct datamem_allocator *table;  /* untracked */
	/* Usable bytes of a live block of that table, 0 for another address. */
	size_t (*usable)(const void *ptr);
	/* As datamem_try_resize() of such a block; nbytes is not 0. */
	int (*fit)(void *ptr, size_t nbytes);
};

/*
 * Put another handler behind datamem_alloc() and its family; NULL: the default.
 * Only before the family's first use, from dmem_library_init(). The struct must
 * live for ever.
 */
void dmem_alloc_set_family(const struct dmem_alloc_family *family);

/*
 * Give free memory back to the kernel, that of all caches included, until keep
 * bytes are retained. Returns the bytes given back.
 */
size_t dmem_alloc_trim(size_t keep);

/*
 * Call give, with no lock held, when memory or limit.max is short, before what
 * is free is given back: handlers above may keep blocks that nobody uses.
 */
void dmem_alloc_on_shortage(void (*give)(void));

/*
 * A recording of the blocks of nbytes and more, for a process that reads a ring
 * of events (events/): begin, as dmem_events_open(); then list the blocks that
 * are there: -ENODATA without a recording, -ENOTSUP where what stands behind the
 * family knows none, -ECANCELED where nobody reads. End it, at any time, or only
 * where its reader is gone. With no lock held.
 */
int dmem_alloc_record(size_t nbytes, uint64_t *inode);
int dmem_alloc_record_list(void);
void dmem_alloc_record_end(bool if_over);
void dmem_alloc_record_fork_prepare(void);
void dmem_alloc_record_fork_parent(void);
void dmem_alloc_record_fork_child(void);

/* Once. */
void dmem_alloc_init(void);

/* Report what can be told of mistakes only at the end. */
void dmem_alloc_at_exit(void);

#endif /* DMEM_ALLOC_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The shared blocks that this process has, made here or received, by address,
 * and the files of freed ones that are kept for references. A part of shared.c.
 *
 * Thread-safe: one lock, held over system calls where a reference is made alone.
 */
#ifndef DMEM_SHARED_TABLE_H
#define DMEM_SHARED_TABLE_H

#include "base.h"
#include "kernel/shared.h"

#define DMEM_SHARED_MAGIC 0x64736872u
/* In mapped: the data were punched out. */
#define DMEM_SHARED_GONE 0x80000000u

/* The page behind the data. */
struct dmem_shared_tail {
	uint32_t magic;
	uint32_t pending;  /* references sent and not received */
	uint32_t mapped;   /* processes that have the data mapped */
};

struct dmem_shared_block {
	struct dmem_shared_block *next;
	char *start;
	size_t nbytes;     /* asked for; of a received one, those of the file */
	size_t room;       /* whole pages before the tail */
	struct dmem_shared file;
	struct dmem_shared_tail *tail;
	bool received;
	bool sent;         /* a reference, by this process; lock */
};

/* A zeroed record, or NULL; drop() is for one that was not entered. */
struct dmem_shared_block *dmem_shared_table_new(void);
void dmem_shared_table_drop(struct dmem_shared_block *shared);
size_t dmem_shared_table_meta_bytes(void);

/* A descriptor out of the quarter that is for shared blocks; false: none. */
bool dmem_shared_table_reserve(void);
void dmem_shared_table_release(void);

/* Map data and tail of a file that is open: 0 or -errno. */
int dmem_shared_table_map(struct dmem_shared_block *shared, bool writable);

/* False: the data of what others had is gone. */
bool dmem_shared_table_enter(struct dmem_shared_block *shared);
/* Take a block out; NULL: none begins there. */
struct dmem_shared_block *dmem_shared_table_leave(const void *start);
/* The process needs the data of a block that was taken out no more. */
void dmem_shared_table_end(struct dmem_shared_block *shared);

/* The size of the block that begins at ptr; false: none does. */
bool dmem_shared_table_size(const void *ptr, size_t *nbytes);

/* Have the block count nbytes from now on; *less: what this process counts less,
 * 0 of a received one. False: that is more than it has. */
bool dmem_shared_table_shrink(const void *start, size_t nbytes, size_t *less);

/* Fill in a reference to an address, and count it as on its way: 0, -ENOENT
 * or -ENOTSUP. */
int dmem_shared_table_send(const void *ptr, struct datamem_shared_ref *ref);
/* How many that were sent here are on their way. */
size_t dmem_shared_table_pending(void);

#endif /* DMEM_SHARED_TABLE_H */

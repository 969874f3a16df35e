/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The file that other processes read: its header, its tables, and how far each
 * is used (profile-page.h). Written, never read back. For profile/ only; with
 * the lock of the profile held.
 */
#ifndef DMEM_PROFILE_TABLES_H
#define DMEM_PROFILE_TABLES_H

#include "base.h"

#include "../../profile-page.h"

enum dmem_table {
	DMEM_TABLE_SAMPLES,
	DMEM_TABLE_STACKS,
	DMEM_TABLE_FRAMES,
	DMEM_TABLE_STRINGS,   /* entries are bytes */
	DMEM_TABLE_MAPPINGS,
	DMEM_TABLES,
};

/* Sums of the process, as the header has them from `taken` on. */
struct dmem_sums {
	uint64_t taken, ended;
	struct profile_totals allocated, live;
	uint64_t peak, peak_time;
	uint64_t dropped_samples, dropped_bytes, dropped_stacks, raised;
};

/* Make the file, for up to max bytes; 0, or -errno as
 * dmem_kernel_shared_make(). */
int dmem_tables_make(uint64_t interval, uint64_t max);

/* Its contents are in order: readers may have it. */
void dmem_tables_publish(void);

/* End it: readers find its state. Bytes mapped for it: 0 from here on. */
void dmem_tables_drop(void);
size_t dmem_tables_mapped(void);

/* Entries that a table has room for, and that are used. */
uint32_t dmem_tables_room(enum dmem_table table);
uint32_t dmem_tables_used(enum dmem_table table);

/* Have n more entries to write to; false: the table is full. */
bool dmem_tables_reserve(enum dmem_table table, uint32_t n);

/* One that is used or reserved. */
void *dmem_tables_at(enum dmem_table table, uint32_t index);

/* Reserved entries were written, and are used now. */
void dmem_tables_raise(enum dmem_table table, uint32_t n);

void dmem_tables_show(const struct dmem_sums *sums);
void dmem_tables_show_interval(uint64_t interval);

/* Begin and end the change of an entry's contents: its sequence, of which *seq
 * is the private copy. */
void dmem_tables_begin(uint32_t *shared, uint32_t *seq);
void dmem_tables_end(uint32_t *shared, uint32_t *seq);

/*
 * In a forked child: the file is the parent's from here on; then a file of its
 * own, with what never changes: samples and stacks are to be written again, and
 * it is to be published. 0, or -errno: there is none.
 */
void dmem_tables_fork_child(void);
bool dmem_tables_foreign(void);
int dmem_tables_leave(uint64_t interval);

/*
 * A copy of the file as of now, without what is not used, in private memory,
 * with its bytes; NULL: no memory. For dmem_kernel_unmap(). Its header is
 * right; what others wrote into the tables is in it.
 */
struct profile_header *dmem_tables_copy(const struct dmem_sums *sums,
					size_t *nbytes);

#endif /* DMEM_PROFILE_TABLES_H */

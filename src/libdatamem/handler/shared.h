/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The handler `shared`: blocks from 1 MiB on are sealed memfds, whose pages
 * other processes map instead of getting a copy; smaller ones, and those for
 * which there is no descriptor, are blocks of the handler `datamem`.
 *
 * Behind the data a file has a page with two counts that all processes share:
 * references that were sent and not received yet, for which a sender keeps its
 * descriptor when it frees the block, and processes that have the data mapped.
 * Whoever takes both to zero punches the data out, so that memory goes at once
 * although a sender has yet to find out; a process that is killed leaves its
 * counts, and the kernel frees the file with its last descriptor and mapping.
 */
#ifndef DMEM_HANDLER_SHARED_H
#define DMEM_HANDLER_SHARED_H

#include "base.h"

/* Tracks its blocks itself; ctx is unused. */
extern const struct datamem_allocator dmem_shared_blocks;

/* Bytes that a live block of it counts; 0: none begins there. */
size_t dmem_shared_counted(const void *ptr);

/* Close what was kept for references that have been received. */
void dmem_shared_sweep(void);

void dmem_shared_collect(struct datamem_stats *stats);

void dmem_shared_fork_prepare(void);
void dmem_shared_fork_parent(void);
void dmem_shared_fork_child(void);

#endif /* DMEM_HANDLER_SHARED_H */

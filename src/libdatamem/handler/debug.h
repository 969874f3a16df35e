/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The handler `debug`: the default allocator with canaries on both sides of
 * each block, poison in new and in freed ones, and a quarantine that delays
 * reuse. It reports mistakes and does not make them harmless.
 *
 * Its records of blocks lie out of line (debug-roster.c), so that its alignment
 * is the default's and a stray write cannot reach the records.
 *
 * Found at once: double free, foreign and interior pointers, too large hints,
 * resize of a freed block. Found when a block is freed or resized: writes just
 * outside it. Found when a freed block leaves the quarantine, at the latest
 * when the process exits: writes to it. A resize always moves the block, so
 * that stale pointers show.
 */
#ifndef DMEM_DEBUG_H
#define DMEM_DEBUG_H

#include "base.h"

/* Untracked; ctx is unused. */
extern const struct datamem_allocator dmem_debug;

/* Bytes that may be used: the size asked for; 0: no live block of this
 * handler. */
size_t dmem_debug_usable_size(const void *ptr);

/*
 * Resize a block where it is, nbytes not 0: 0, -ENOSPC (every growth: beyond
 * the block is its canary), or -EINVAL, not a live block, which is reported.
 */
int dmem_debug_fit(void *ptr, size_t nbytes);

/* Bytes mapped for its records. */
size_t dmem_debug_meta_bytes(void);

/* Its part in a snapshot: what is in quarantine is not live. After those of the
 * layers below. */
void dmem_debug_collect(struct datamem_stats *stats);

/* Examine and release all that is in quarantine. */
void dmem_debug_drain(void);

/* Report what was written to where it should not, and not seen so far. */
void dmem_debug_at_exit(void);

void dmem_debug_fork_prepare(void);
void dmem_debug_fork_parent(void);

#endif /* DMEM_DEBUG_H */

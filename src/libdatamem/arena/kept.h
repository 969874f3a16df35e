/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Kept chunks, free ones with pages, in the order in which they became free:
 * one list of the hot, one of those offered to the kernel, one of those that were
 * opened (open.h). Thousands of free runs need not be looked at to find the
 * oldest. All with the lock held.
 */
#ifndef DMEM_ARENA_KEPT_H
#define DMEM_ARENA_KEPT_H

#include "window.h"

#define DMEM_NO_CHUNK UINT32_MAX

/*
 * Enter a chunk that has become free, by its stamp; take it out again. In which
 * list follows from its flags, which must not change in between.
 */
void dmem_kept_enter(uint32_t chunk);
void dmem_kept_leave(uint32_t chunk);

/* The chunk kept for longest, hot or (lazy_too) any; or DMEM_NO_CHUNK. */
uint32_t dmem_kept_oldest(bool lazy_too);

/* One that was opened, or DMEM_NO_CHUNK. */
uint32_t dmem_kept_opened(void);

#endif /* DMEM_ARENA_KEPT_H */

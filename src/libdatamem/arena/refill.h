/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Kept pages for a run that has none. For arena/ only.
 */
#ifndef DMEM_ARENA_REFILL_H
#define DMEM_ARENA_REFILL_H

#include "base.h"

/*
 * Move kept pages to the chunks of a used run that have none, as far as there
 * are any: nobody may find the run yet. What they read as is then unspecified.
 * 1: some have been; 0: none;
 * -EFAULT   a part of the run was lost to another thread's mmap(2): it is to be
 *           ended.
 * Lock held, and left in between.
 */
int dmem_refill_run(uint32_t at, uint32_t len);

#endif /* DMEM_ARENA_REFILL_H */

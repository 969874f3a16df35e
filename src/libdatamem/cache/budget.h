/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * How many bytes the bins of a thread may hold. For cache/ only.
 *
 * A thread has a floor that is its own, whatever the others do. What it holds
 * beyond comes out of cache.total, of which nobody has more than an equal share
 * of those that hold more than their floor. With the thread's lock held.
 */
#ifndef DMEM_CACHE_BUDGET_H
#define DMEM_CACHE_BUDGET_H

#include "threads.h"

/* Once. */
void dmem_budget_init(void);

/*
 * cache.total=auto was too little: let it be more where there is memory. Reads
 * files, once: no lock may be held.
 */
void dmem_budget_scale(void);

/* The most bytes that a thread may hold now. */
size_t dmem_budget_share(const struct dmem_thread *thread);

/* False: not to be had. `starved` of the thread: because of the others. */
bool dmem_budget_reserve(struct dmem_thread *thread, size_t nbytes);

void dmem_budget_release(struct dmem_thread *thread, size_t nbytes);

/* Bytes that the bins of all threads may hold by now. */
size_t dmem_budget_reserved(void);

#endif /* DMEM_CACHE_BUDGET_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Budgets taken from threads that do not use them. For cache/ only. */
#ifndef DMEM_CACHE_IDLE_H
#define DMEM_CACHE_IDLE_H

#include "threads.h"

/*
 * The thread could hold more if others held less: empty the caches of some that
 * were not used for a second. A few are looked at in a call, and none for a while
 * where all are in use. The calling thread's own; no lock may be held.
 */
void dmem_idle_collect(struct dmem_thread *self);

#endif /* DMEM_CACHE_IDLE_H */

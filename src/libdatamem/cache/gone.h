/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Records whose owners are gone: they ended, with or without a word, or are in
 * the parent of this process. For cache/ only; with the list of caches locked.
 * Records that are to end are linked before *gone, for dmem_roster_end().
 */
#ifndef DMEM_CACHE_GONE_H
#define DMEM_CACHE_GONE_H

#include "threads.h"

/* The calling thread is a record's owner, or nobody. */
void dmem_gone_set_owner(struct dmem_thread *thread, bool taken);

/* The record has nothing any more, and no owner. */
void dmem_gone_put_away(struct dmem_thread *thread, struct dmem_thread **gone);

/* Look whether n owners are still there, at others at each call. */
void dmem_gone_look(uint32_t n, struct dmem_thread **gone);

/* Take over from n threads that are in the parent only. */
void dmem_gone_inherit(uint32_t n, struct dmem_thread **gone);

#endif /* DMEM_CACHE_GONE_H */

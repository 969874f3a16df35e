/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks freed last, kept as they are. All with the arena's lock held. */
#ifndef DMEM_ARENA_SHELF_H
#define DMEM_ARENA_SHELF_H

#include "state.h"

/*
 * Note the size of a request: whether it came lately, so that the block is
 * worth keeping when it is freed (`again` of its tag).
 */
bool dmem_shelf_note(size_t nbytes);

/* Shelve the run of a freed block. False: not shelved, the caller ends it. */
bool dmem_shelf_put(uint32_t at);

/*
 * The kept run of a block of this size, as it was but for its tag, where a new
 * one may lie as well; else DMEM_NO_RUN. align: of the block, 0 nothing
 * special.
 */
uint32_t dmem_shelf_take(const struct dmem_shape *shape, size_t nbytes,
			 size_t align);

/* End all of them, so that they join their neighbours. */
void dmem_shelf_clear(void);

#endif /* DMEM_ARENA_SHELF_H */

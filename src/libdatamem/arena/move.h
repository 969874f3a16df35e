/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Moving the contents of runs, and the marks of the mappings that moves make.
 * For arena/ only.
 */
#ifndef DMEM_MOVE_H
#define DMEM_MOVE_H

#include "base.h"

/*
 * Chunks have a mapping of their own now, made by a move; or have none any
 * more. Lock held.
 */
void dmem_move_mark(uint32_t chunk, uint32_t count);
void dmem_move_unmark(uint32_t chunk, uint32_t count);

/* Whether the mappings that moving the block at `at` makes are allowed. Lock
 * held. */
bool dmem_move_allowed(uint32_t at);

/* Whether moves may make so many mappings more. Lock held. */
bool dmem_move_room(size_t more);

/* Chunks of one mapping, as far as is known. Lock held. */
uint32_t dmem_move_row(uint32_t chunk, uint32_t end);

/* The kernel has moved a row, and has lost its source or not; or it has lost a
 * target. Lock held. */
void dmem_move_note(uint32_t from, uint32_t to, uint32_t count, bool lost);
void dmem_move_lose(uint32_t chunk, uint32_t count);

/* Explicit huge pages cannot change places with ordinary ones. Lock held. */
bool dmem_move_hugetlb(uint32_t at, uint32_t len);

/*
 * Carry the contents to another run, by pages where both begin at the same
 * place in a chunk. Neither run can be touched by anybody else: called without
 * the lock. False: nothing was carried.
 */
bool dmem_move_block(uint32_t from, uint32_t to, size_t nbytes, bool by_pages);

#endif /* DMEM_MOVE_H */

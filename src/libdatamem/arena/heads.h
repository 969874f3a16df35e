/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The chunks in which a run begins: from any address the run that holds it is
 * found in a few steps, also in a block of a terabyte. All under the arena's
 * lock.
 */
#ifndef DMEM_ARENA_HEADS_H
#define DMEM_ARENA_HEADS_H

#include "window.h"

void dmem_heads_clear(void);

/* Make room for the chunks of regions; false: no memory. */
bool dmem_heads_reach_far(void);

/* A first run begins in the chunk; the last one there has ended. */
void dmem_heads_add(uint32_t chunk);
void dmem_heads_remove(uint32_t chunk);

/* The last of these chunks before one, or DMEM_NO_RUN. */
uint32_t dmem_heads_before(uint32_t chunk);

#endif /* DMEM_ARENA_HEADS_H */

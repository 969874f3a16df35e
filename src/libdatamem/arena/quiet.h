/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The first chunk of slabs, without a huge page. For arena/; lock held. */
#ifndef DMEM_ARENA_QUIET_H
#define DMEM_ARENA_QUIET_H

#include "base.h"

/*
 * A chunk for slabs is to be taken: whether it is the first of all, for which
 * began() is to follow (-errno: there is none). A later one ends the quiet of
 * the first, at the next dmem_arena_louder().
 */
bool dmem_quiet_begin(void);
void dmem_quiet_began(int64_t chunk);

/* Whether the memory that is being placed is that chunk's. */
bool dmem_quiet_maps(void);

/* Whether a chunk is in small pages for this reason. */
bool dmem_quiet_is(uint32_t chunk);

/* The slabs give a chunk back. */
void dmem_quiet_given(uint32_t chunk);

#endif /* DMEM_ARENA_QUIET_H */

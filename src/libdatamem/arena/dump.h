/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Free memory is no part of core dumps from when it ages (MADV_DONTDUMP): there
 * can be more of it than of blocks. Not at each free, which would be two calls
 * more for each block. For arena/ only.
 */
#ifndef DMEM_ARENA_DUMP_H
#define DMEM_ARENA_DUMP_H

#include "base.h"

/* Chunks that are hidden now. */
extern size_t dmem_dump_hidden;

/* Hide free chunks in a row that have pages; false: as they were. Without the
 * lock; dmem_dump_note() follows with it. */
bool dmem_dump_hide(uint32_t chunk, uint32_t count);
void dmem_dump_note(uint32_t chunk, uint32_t count);

/* Chunks that are mapped afresh, or not at all, are not hidden. Lock held. */
void dmem_dump_forget(uint32_t chunk, uint32_t count);

/* Granules are for a block: their chunks are shown. Lock held. */
void dmem_dump_show_chunks(uint32_t first, uint32_t end);

#endif /* DMEM_ARENA_DUMP_H */

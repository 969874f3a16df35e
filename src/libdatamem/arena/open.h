/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Opened chunks. Where blocks leave most of a huge page free, its free granules
 * are given back, and the chunk has small pages and no advice until all of it
 * is free: then it is mapped afresh. All with the lock held, which is left in
 * between.
 */
#ifndef DMEM_ARENA_OPEN_H
#define DMEM_ARENA_OPEN_H

#include "window.h"

/* Which chunks are opened. */
struct dmem_opening {
	uint32_t now;
	uint32_t min_age;    /* ms since something was freed in it */
	uint32_t part;       /* so much of a chunk is free at least: 1/part */
	uint32_t most;       /* chunks */
	size_t waiting;      /* out: bytes of those that are too young, or too
			      * many */
};

/* Free granules of a chunk that blocks are in which have pages, as far as is
 * known. */
uint32_t dmem_open_loose(const struct dmem_chunk *c);

/*
 * Look at so many chunks from *hand on, and leave the next one there: the first
 * after the last. Returns the bytes given back.
 */
size_t dmem_open_chunks(uint32_t *hand, uint32_t looks,
			struct dmem_opening *opening);

/* Map chunks afresh that were opened and are free now. */
size_t dmem_open_mend(void);

/* Granules of a chunk that are free and were given back; it is not free as a
 * whole. */
void dmem_open_set_absent(struct dmem_chunk *c, uint32_t granules);

/* A chunk is mapped afresh, or not at all: the lock is not left. */
void dmem_open_forget(uint32_t chunk);

#endif /* DMEM_ARENA_OPEN_H */

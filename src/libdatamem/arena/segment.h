/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Segments: chunks in a row of a free run that are on their way to the kernel.
 * A detached segment is in no run, so that the arena's lock can be released
 * over a system call. All with the lock held.
 */
#ifndef DMEM_ARENA_SEGMENT_H
#define DMEM_ARENA_SEGMENT_H

#include "state.h"

struct dmem_segment {
	uint32_t run, chunk, count;
};

void *dmem_segment_address(const struct dmem_segment *segment, size_t *nbytes);

/* Take a segment out of its run. */
void dmem_segment_detach(const struct dmem_segment *segment);

/* Enter it again, with flags set and cleared; ages go on. */
void dmem_segment_attach(const struct dmem_segment *segment, uint8_t set,
			 uint8_t clear);

/* Give the address space of free chunks without pages back as well, until at
 * most keep bytes of it are mapped. */
void dmem_segment_unmap_clean(size_t keep);

/* So much may stay mapped without pages. */
size_t dmem_segment_clean_max(void);

/* Whether a chunk is free and has pages, or may have them still. */
bool dmem_segment_kept(const struct dmem_chunk *c);

size_t dmem_segment_bytes(const struct dmem_segment *segment);

/*
 * Give a segment back to the kernel, and return the bytes that went: where it
 * refuses the whole, for a part of it perhaps, one chunk after the other. What
 * stays counts as freed just now. The lock is left in between.
 */
size_t dmem_segment_purge(const struct dmem_segment *segment);

#endif /* DMEM_ARENA_SEGMENT_H */

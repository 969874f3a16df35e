/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Chunks of slabs that have free spans, by their longest row of these, then by
 * how many there are. For spans.c, under its lock.
 */
#ifndef DMEM_SLAB_ROWS_H
#define DMEM_SLAB_ROWS_H

#include "spans.h"

/* A chunk is at most 32 MiB. */
#define DMEM_ROWS_WORDS 8

struct dmem_slab_chunk {
	struct dmem_slab_chunk *prev, *next;
	uint32_t chunk;
	uint8_t row, fill;            /* the list that it is in; row 0: none */
	uint32_t nfree;               /* spans */
	bool taken;                   /* the chunk is ours now */
	bool touched;                 /* spans were given back ... */
	uint32_t stamp;               /* ... when that was seen (open.c) */
	uint64_t free[DMEM_ROWS_WORDS];     /* spans */
	uint64_t absent[DMEM_ROWS_WORDS];   /* of these, without pages */
	struct dmem_slab slabs[];     /* by span */
};

DMEM_INLINE bool dmem_rows_free(const struct dmem_slab_chunk *c, uint32_t span)
{
	return c->free[span / 64] >> (span % 64) & 1;
}

/* The first of nspans free spans in a row; that behind the last if there are
 * none. */
uint32_t dmem_rows_find(const struct dmem_slab_chunk *c, unsigned int nspans);

/* Take a chunk out, if it is in; or anew, as its free spans have changed. */
void dmem_rows_drop(struct dmem_slab_chunk *c);
void dmem_rows_relist(struct dmem_slab_chunk *c);

/* One of the fullest chunks with nspans free spans in a row, or NULL. */
struct dmem_slab_chunk *dmem_rows_fullest(unsigned int nspans);

/* One with fewer, of which the class makes good use: *nspans of them. */
struct dmem_slab_chunk *dmem_rows_left_over(unsigned int cls,
					    unsigned int *nspans);

/* The list of those that all chunks without a slab are among. */
struct dmem_slab_chunk *dmem_rows_emptiest(void);

#endif /* DMEM_SLAB_ROWS_H */

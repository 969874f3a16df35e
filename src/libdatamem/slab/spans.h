/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Spans of 64 KiB for slabs, out of whole chunks of the arena, and the record
 * of each slab. Records are out of line, between guard pages, and are kept for
 * the chunk for ever, so that an address can be looked up without a lock.
 *
 * Thread-safe, one lock. Of a slab's record, what is free in it belongs to the
 * lock of its class (central.h).
 */
#ifndef DMEM_SPANS_H
#define DMEM_SPANS_H

#include "base.h"
#include "arena/window.h"
#include "classes.h"

#define DMEM_SLAB_PAGES (DMEM_SLAB_SPANS * (DMEM_SPAN / 4096))
#define DMEM_SLAB_PAGE_WORDS ((DMEM_SLAB_PAGES + 63) / 64)

struct dmem_slab {
	struct dmem_slab *prev, *next;  /* in a list of central.h */
	uint32_t span;        /* first span in the window */
	uint32_t nfree;       /* blocks ... */
	uint32_t nblocks;     /* ... of so many */
	uint16_t cursor;      /* no word of free[] before it has a bit set */
	uint8_t cls;          /* 0: no slab, or one on its way to the spans */
	uint8_t nspans;
	uint8_t back;         /* spans back to the slab's first; its own: 0 */
	uint8_t log2_align;   /* asked for by its blocks; 0: nothing special */
	bool touched;         /* since ageing looked at it (open.c) */
	uint8_t npages;       /* that are set in absent[] */
	bool held;            /* what was free in it is, by open.c */
	/* Pages of 4 KiB that were given back. */
	uint64_t absent[DMEM_SLAB_PAGE_WORDS];
	uint64_t free[64];    /* 4096 blocks of 16 bytes */
};

DMEM_INLINE uint32_t dmem_spans_of_chunk(void)
{
	return (uint32_t)1 << (dmem_window.chunk_shift - DMEM_SPAN_SHIFT);
}

/* Spans for a slab of a class, marked with it, or fewer where so many are free
 * in no chunk; NULL: no memory. */
struct dmem_slab *dmem_spans_take(unsigned int cls, unsigned int nspans);
void dmem_spans_give(struct dmem_slab *slab);

/* The slab that an address lies in, or NULL. */
struct dmem_slab *dmem_spans_slab(const void *ptr);

/*
 * For opening. Look at a chunk: the bytes of its spans that are in no slab and
 * have pages, and the slabs in it; returns how many of them were written to
 * slabs, at most n from *span on, which is left at the next one. Nothing where
 * it is not one of slabs.
 */
struct dmem_spans_look {
	size_t loose;
	bool touched;         /* spans were given since the last look */
	uint32_t *stamp;      /* the caller's, one a chunk; NULL: not of slabs */
};
unsigned int dmem_spans_look(uint32_t chunk, uint32_t *span,
			     struct dmem_slab **slabs, unsigned int n,
			     struct dmem_spans_look *out);

/* dmem_arena_open(), of a chunk that is one of slabs: it does not become another's
 * while it is asked for. */
bool dmem_spans_open(uint32_t chunk, bool *split);

/*
 * Take free spans in a row that have pages, from *span on, and put them back,
 * with pages or without. Returns how many; 0: there are none.
 */
uint32_t dmem_spans_hold(uint32_t chunk, uint32_t *span);
void dmem_spans_unhold(uint32_t chunk, uint32_t span, uint32_t n, bool absent);

/* Return chunks without a slab to the arena. */
void dmem_spans_trim(void);

/* Bytes of records mapped, and of spans in no slab that were given back. */
void dmem_spans_count(size_t *meta, size_t *absent);

/* Bytes of those that were not. Any lock may be held, or none. */
size_t dmem_spans_spare(void);

void dmem_spans_fork_prepare(void);
void dmem_spans_fork_parent(void);
bool dmem_spans_idle(unsigned int *patience);

#endif /* DMEM_SPANS_H */

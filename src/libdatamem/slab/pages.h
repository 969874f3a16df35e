/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Pages of slabs that were given back, as bits of 4 KiB in the slab's record,
 * and the sums of them. For slab/ only; the slab's class is locked, but where
 * it is said.
 */
#ifndef DMEM_SLAB_PAGES_H
#define DMEM_SLAB_PAGES_H

#include "spans.h"

#define DMEM_PAGES_SIZE ((size_t)4096)

/* Bits of a slab's pages that are set. */
unsigned int dmem_pages_count(const uint64_t *pages);

/* Pages of a slab. */
uint32_t dmem_pages_of(const struct dmem_slab *slab);

/* The pages of a slab, whole ones of the kernel's, on which no block lies that
 * is not free, and which were not given back. */
void dmem_pages_find(const struct dmem_slab *slab, unsigned int cls,
		     const uint64_t *blocks, uint64_t *pages);

/* These, and no others, are given back. */
void dmem_pages_set(struct dmem_slab *slab, const uint64_t *pages);

/* Blocks were taken from a slab that has pages missing. */
void dmem_pages_taken(struct dmem_slab *slab, unsigned int cls,
		      void *const *blocks, size_t n);
/* A slab is about to go. */
void dmem_pages_end(struct dmem_slab *slab);

/* So much more is free in slabs; any lock may be held. */
void dmem_pages_loose(ptrdiff_t more);

/* Bytes of pages given back; of free blocks that have pages. Any lock may be
 * held. */
size_t dmem_pages_absent(void);
size_t dmem_pages_pinned(void);

#endif /* DMEM_SLAB_PAGES_H */

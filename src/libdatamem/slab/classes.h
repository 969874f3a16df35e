/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The classes of small blocks: multiples of 16 bytes to 1 KiB; above, eight a
 * doubling, multiples of 64, to 128 KiB: at most 12.5 % more than was asked
 * for.
 */
#ifndef DMEM_CLASSES_H
#define DMEM_CLASSES_H

#include "base.h"
#include "arena/window.h"

#define DMEM_SMALL_MAX (2 * DMEM_SPAN)
#define DMEM_FINE_MAX ((size_t)1024)
#define DMEM_FINE_CLASSES 64
/* Class 0 is no class. */
#define DMEM_CLASSES (1 + DMEM_FINE_CLASSES + 7 * 8)

/* The most blocks in a stash. */
#define DMEM_STASH_MAX 256

/* The most spans that a slab has, and a slab of a class of which little is in
 * use. */
#define DMEM_SLAB_SPANS 11
#define DMEM_SLAB_SPANS_FEW 5

struct dmem_class {
	uint32_t size;       /* bytes a block */
	uint64_t recip;      /* 2^32 / (size / 16), rounded up */
	uint8_t few;         /* spans of a slab while little is in use */
	uint8_t full;        /* dmem_class_full(); 0: not known yet */
	uint16_t stash_max;  /* blocks */
};

extern struct dmem_class dmem_classes[DMEM_CLASSES];

/* The class for up to DMEM_FINE_MAX bytes; of 0 bytes: class 0. */
DMEM_INLINE size_t dmem_fine_class(size_t nbytes)
{
	return (nbytes + 15) >> 4;
}

/* The class for more than that, up to DMEM_SMALL_MAX. */
DMEM_INLINE size_t dmem_coarse_class(size_t nbytes)
{
	size_t shift = dmem_log2(nbytes - 1);

	return DMEM_FINE_CLASSES + 1 + (shift - 10) * 8 +
	       (((nbytes - 1) >> (shift - 3)) & 7);
}

DMEM_INLINE unsigned int dmem_class_of(size_t nbytes)
{
	return (unsigned int)(dmem_likely(nbytes <= DMEM_FINE_MAX) ?
				      dmem_fine_class(nbytes) :
				      dmem_coarse_class(nbytes));
}

/* Blocks of a class that some spans in a row hold. */
DMEM_INLINE uint32_t dmem_class_blocks(unsigned int cls, unsigned int nspans)
{
	return (uint32_t)(nspans * DMEM_SPAN / dmem_classes[cls].size);
}

/* The spans, of some in a row, that a slab of a class makes good use of; 0: it
 * would waste more than a quarter of them. */
unsigned int dmem_class_use(unsigned int cls, unsigned int nspans);

/* The fewest spans of a slab with which a chunk is filled about as well as can
 * be. With the class locked. */
unsigned int dmem_class_full(unsigned int cls);

/* Fill in the table; once. The size of chunks is known. */
void dmem_classes_init(void);

#endif /* DMEM_CLASSES_H */

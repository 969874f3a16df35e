/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of classes: how a slab of each is cut. */

#include "classes.h"

#include "hugepage/hugepage.h"

#define STASH_BYTES ((size_t)256 << 10)

_Static_assert(DMEM_SLAB_SPANS * DMEM_SPAN <= DMEM_CHUNK_MIN,
	       "a slab does not fit into a chunk");

struct dmem_class dmem_classes[DMEM_CLASSES];

/* The fewest spans whose left over part is at most an eighth. */
static uint16_t spans_for(size_t size)
{
	uint16_t spans = 1;

	while (spans < DMEM_SLAB_SPANS &&
	       (spans * DMEM_SPAN) % size > spans * DMEM_SPAN / 8)
		spans++;
	return spans;
}

static void set_class(unsigned int cls, size_t size)
{
	struct dmem_class *c = &dmem_classes[cls];

	c->size = (uint32_t)size;
	c->recip = UINT32_MAX / (size / 16) + 1;
	c->nspans = spans_for(size);
	c->nblocks = (uint32_t)(c->nspans * DMEM_SPAN / size);
	c->stash_max = (uint16_t)DMEM_MIN(DMEM_STASH_MAX, STASH_BYTES / size);
}

void dmem_classes_init(void)
{
	unsigned int cls;

	for (cls = 1; cls <= DMEM_FINE_CLASSES; cls++)
		set_class(cls, 16 * (size_t)cls);
	for (unsigned int shift = 10; shift < 17; shift++)
		for (unsigned int step = 0; step < 8; step++)
			set_class(cls++, (size_t)(9 + step) << (shift - 3));
}

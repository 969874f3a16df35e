/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of classes: how a slab of each is cut. */

#include "classes.h"

#define STASH_BYTES ((size_t)256 << 10)

/* Of a chunk filled with one class, this is not worth a longer slab. */
#define CHUNK_PART 80

struct dmem_class dmem_classes[DMEM_CLASSES];

/* The fewest spans whose left over part is at most an eighth. */
static uint8_t few_spans(size_t size)
{
	uint8_t spans = 1;

	while (spans < DMEM_SLAB_SPANS_FEW &&
	       (spans * DMEM_SPAN) % size > spans * DMEM_SPAN / 8)
		spans++;
	return spans;
}

unsigned int dmem_class_use(unsigned int cls, unsigned int nspans)
{
	size_t bytes = dmem_class_blocks(cls, nspans) *
		       (size_t)dmem_classes[cls].size;
	size_t spans = DMEM_ROUND_UP(bytes, DMEM_SPAN);

	return bytes >= spans / 4 * 3 ?
		       (unsigned int)(spans >> DMEM_SPAN_SHIFT) : 0;
}

/* Bytes of blocks in a chunk of slabs of so many spans, and what is left. */
static size_t fill(unsigned int cls, unsigned int nspans, unsigned int chunk)
{
	unsigned int rest = dmem_class_use(cls, chunk % nspans);

	return (chunk / nspans * (size_t)dmem_class_blocks(cls, nspans) +
		(rest ? dmem_class_blocks(cls, rest) : 0)) *
	       dmem_classes[cls].size;
}

unsigned int dmem_class_full(unsigned int cls)
{
	unsigned int chunk = 1u << (dmem_window.chunk_shift - DMEM_SPAN_SHIFT);
	unsigned int most = DMEM_MIN(chunk, (unsigned int)DMEM_SLAB_SPANS);
	size_t best = 0;
	uint8_t n = dmem_classes[cls].full;

	if (n)
		return n;
	for (unsigned int i = 1; i <= most; i++)
		best = DMEM_MAX(best, fill(cls, i, chunk));
	do
		n++;
	while (fill(cls, n, chunk) < best - best / CHUNK_PART);
	dmem_classes[cls].full = n;
	return n;
}

static void set_class(unsigned int cls, size_t size)
{
	struct dmem_class *c = &dmem_classes[cls];

	c->size = (uint32_t)size;
	c->recip = UINT32_MAX / (size / 16) + 1;
	c->few = few_spans(size);
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

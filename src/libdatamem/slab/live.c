/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Goes through the blocks that are in use. */
#include "slab.h"

#include "bits.h"
#include "central.h"
#include "open.h"

/* With the class locked that the span had. */
static void visit_used(const struct dmem_slab *slab, unsigned int cls,
		       uint32_t span,
		       void (*visit)(const void *ptr, size_t nbytes,
				     size_t align))
{
	size_t size = dmem_classes[cls].size;
	size_t align;
	uint32_t n;

	if (!dmem_slab_is_of(slab, cls) || slab->span != span)
		return;
	align = slab->log2_align ? (size_t)1 << slab->log2_align : 0;
	n = slab->nblocks;
	for (uint32_t at = dmem_bits_next(slab->free, n, 0, false); at < n;
	     at = dmem_bits_next(slab->free, n, at + 1, false))
		visit(dmem_central_start(slab) + at * size, size, align);
}

static void visit_slab(const struct dmem_slab *slab, unsigned int cls,
		       uint32_t span,
		       void (*visit)(const void *ptr, size_t nbytes,
				     size_t align))
{
	/* What is held while it is opened would look used (slabs.pml, A2). */
	dmem_slab_open_lock();
	dmem_lock(&dmem_centrals[cls].lock);
	visit_used(slab, cls, span, visit);
	dmem_unlock(&dmem_centrals[cls].lock);
	dmem_slab_open_unlock();
}

static bool visit_chunk(uint32_t chunk, size_t least,
			bool (*wait)(uint32_t n),
			void (*visit)(const void *ptr, size_t nbytes,
				      size_t align))
{
	uint32_t first = chunk * dmem_spans_of_chunk();

	for (uint32_t span = first; span < first + dmem_spans_of_chunk();
	     span++) {
		unsigned int cls = dmem_load(&dmem_window.classes[span]);
		const struct dmem_slab *slab;
		uint32_t most;

		if (!cls || dmem_classes[cls].size < least)
			continue;
		slab = dmem_spans_slab(dmem_granule_address(
			span << (DMEM_SPAN_SHIFT - DMEM_GRANULE_SHIFT)));
		if (!slab)
			continue;
		/* What a slab that comes to be here may have at most. */
		most = dmem_class_blocks(cls, DMEM_SLAB_SPANS);
		if (!wait(DMEM_MIN(most, (uint32_t)(8 * sizeof(slab->free)))))
			return false;
		visit_slab(slab, cls, span, visit);
	}
	return true;
}

bool dmem_slab_each_live(size_t least, bool (*wait)(uint32_t n),
			 void (*visit)(const void *ptr, size_t nbytes,
				       size_t align))
{
	for (uint32_t chunk = dmem_regions_next(0); chunk != UINT32_MAX;
	     chunk = dmem_regions_next(chunk + 1))
		if (dmem_load_acquire(&dmem_window.chunks[chunk].slabs) &&
		    !visit_chunk(chunk, least, wait, visit))
			return false;
	return true;
}

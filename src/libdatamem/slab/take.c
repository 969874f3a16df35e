/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of a class go out: from stashes, bitmaps, new slabs. */

#include "slab.h"

#include <string.h>

#include "limit.h"
#include "central.h"
#include "pages.h"

/* A slab is a quarter of what is in use of its class at most. */
static unsigned int spans_for(unsigned int cls)
{
	const struct dmem_class *c = &dmem_classes[cls];
	size_t used = dmem_centrals[cls].out * c->size;
	unsigned int n = used >= 4 * DMEM_SPAN ? dmem_class_full(cls) : 0;

	return n && used >= 4 * (n * DMEM_SPAN) ? n : c->few;
}

static struct dmem_slab *new_slab(unsigned int cls, unsigned int log2_align)
{
	struct dmem_slab *slab = dmem_spans_take(cls, spans_for(cls));
	uint32_t n;

	if (!slab)
		return NULL;
	n = slab->nblocks;
	dmem_pages_loose((ptrdiff_t)(n * (size_t)dmem_classes[cls].size));
	slab->log2_align = (uint8_t)log2_align;
	slab->nfree = n;
	slab->cursor = 0;
	slab->touched = true;
	memset(slab->free, UINT8_MAX, n / 64 * sizeof(*slab->free));
	if (n % 64)
		slab->free[n / 64] = (UINT64_C(1) << (n % 64)) - 1;
	return slab;
}

/* Move up to n blocks of a slab to out, downwards from out[n - 1]. */
static size_t take_from(struct dmem_central *central, struct dmem_slab *slab,
			unsigned int cls, void **out, size_t n)
{
	char *start = dmem_central_start(slab);
	size_t got = 0;

	n = DMEM_MIN(n, slab->nfree);
	while (got < n) {
		uint64_t bits = slab->free[slab->cursor];

		while (bits && got < n) {
			size_t index = slab->cursor * (size_t)64 +
				       (size_t)__builtin_ctzll(bits);

			*--out = start + index * dmem_classes[cls].size;
			bits &= bits - 1;
			got++;
		}
		slab->free[slab->cursor] = bits;
		if (got < n)
			slab->cursor++;
	}
	slab->nfree -= (uint32_t)n;
	if (!slab->log2_align)
		central->nfree -= n;
	dmem_pages_loose(-(ptrdiff_t)(n * dmem_classes[cls].size));
	if (dmem_unlikely(slab->npages))
		dmem_pages_taken(slab, cls, out, n);
	if (!slab->nfree)
		dmem_list_drop(dmem_central_list(central, slab), slab);
	return n;
}

size_t dmem_slab_take(unsigned int cls, void **out, size_t n)
{
	struct dmem_central *central = &dmem_centrals[cls];
	size_t want = dmem_limit_charge(dmem_classes[cls].size, n), got = 0;
	struct dmem_slab *slab;

	dmem_lock(&central->lock);
	if (want)
		got = dmem_stash_take(&central->stash, cls, out + n, want);
	while (got < want) {
		slab = central->partial;
		if (!slab) {
			/* One block in hand is enough for one new slab. */
			slab = got ? NULL : new_slab(cls, 0);
			if (!slab)
				break;
			central->nfree += slab->nfree;
			dmem_list_push(&central->partial, slab);
		}
		got += take_from(central, slab, cls, out + n - got, want - got);
	}
	central->out += got;
	dmem_unlock(&central->lock);
	if (got)
		dmem_limit_served();
	if (got < want)
		dmem_limit_release((want - got) * dmem_classes[cls].size);
	if (got < n)
		memmove(out, out + n - got, got * sizeof(*out));
	return got;
}

void *dmem_slab_take_aligned(unsigned int cls, size_t align)
{
	struct dmem_central *central = &dmem_centrals[cls];
	unsigned int log2_align = dmem_log2(align);
	struct dmem_slab *slab;
	void *block = NULL;

	if (!dmem_limit_charge(dmem_classes[cls].size, 1))
		return NULL;
	dmem_lock(&central->lock);
	for (slab = central->aligned; slab; slab = slab->next) {
		dmem_lock_step();
		if (slab->log2_align == log2_align)
			break;
	}
	if (!slab) {
		slab = new_slab(cls, log2_align);
		if (slab)
			dmem_list_push(&central->aligned, slab);
	}
	if (slab)
		central->out += take_from(central, slab, cls, &block + 1, 1);
	dmem_unlock(&central->lock);
	if (block)
		dmem_limit_served();
	else
		dmem_limit_release(dmem_classes[cls].size);
	return block;
}

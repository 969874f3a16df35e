/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Pages of slabs: which can go, and which went. */

#include "pages.h"

#include <string.h>

#include "kernel/kernel.h"
#include "bits.h"
#include "central.h"

#define PAGE DMEM_PAGES_SIZE
#define SPAN_PAGES (DMEM_SPAN / PAGE)
#define WORDS DMEM_SLAB_PAGE_WORDS

static size_t loose;    /* bytes of free blocks in slabs */
static size_t absent;   /* bytes of pages of slabs that were given back */

unsigned int dmem_pages_count(const uint64_t *pages)
{
	unsigned int n = 0;

	for (size_t i = 0; i < WORDS; i++)
		n += (unsigned int)__builtin_popcountll(pages[i]);
	return n;
}

uint32_t dmem_pages_of(const struct dmem_slab *slab)
{
	return (uint32_t)(slab->nspans * SPAN_PAGES);
}

void dmem_pages_find(const struct dmem_slab *slab, unsigned int cls,
		     const uint64_t *blocks, uint64_t *pages)
{
	size_t page = dmem_kernel_page_size(), from, to;
	uint32_t n = slab->nblocks, end;

	memset(pages, 0, WORDS * sizeof(*pages));
	for (uint32_t at = dmem_bits_next(blocks, n, 0, true); at < n;
	     at = dmem_bits_next(blocks, n, end, true)) {
		end = dmem_bits_next(blocks, n, at, false);
		from = DMEM_ROUND_UP(at * (size_t)dmem_classes[cls].size, page);
		to = end == n ? dmem_pages_of(slab) * PAGE
			      : end * (size_t)dmem_classes[cls].size;
		to = DMEM_ROUND_DOWN(to, page);
		for (; from < to; from += PAGE)
			pages[from / PAGE / 64] |= UINT64_C(1)
						   << (from / PAGE % 64);
	}
	for (size_t i = 0; i < WORDS; i++)
		pages[i] &= ~slab->absent[i];
}

void dmem_pages_set(struct dmem_slab *slab, const uint64_t *pages)
{
	unsigned int before = slab->npages;

	memcpy(slab->absent, pages, sizeof(slab->absent));
	slab->npages = (uint8_t)dmem_pages_count(pages);
	dmem_fetch_add(&absent, (slab->npages - (size_t)before) * PAGE);
}

void dmem_pages_taken(struct dmem_slab *slab, unsigned int cls,
		      void *const *blocks, size_t n)
{
	size_t size = dmem_classes[cls].size;
	uint64_t pages[WORDS];

	memcpy(pages, slab->absent, sizeof(pages));
	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)((char *)blocks[i] -
				     dmem_central_start(slab));

		for (size_t p = at / PAGE; p <= (at + size - 1) / PAGE; p++)
			pages[p / 64] &= ~(UINT64_C(1) << (p % 64));
	}
	dmem_pages_set(slab, pages);
}

void dmem_pages_loose(ptrdiff_t more)
{
	if (more)
		dmem_fetch_add(&loose, (size_t)more);
}

void dmem_pages_end(struct dmem_slab *slab)
{
	size_t size = dmem_classes[slab->cls].size;
	const uint64_t none[WORDS] = { 0 };

	dmem_pages_loose(-(ptrdiff_t)(slab->nfree * size));
	dmem_pages_set(slab, none);
}

size_t dmem_pages_absent(void)
{
	return dmem_load(&absent);
}

size_t dmem_pages_pinned(void)
{
	size_t blocks = dmem_load(&loose), pages = dmem_load(&absent);

	return blocks > pages ? blocks - pages : 0;
}

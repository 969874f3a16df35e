/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Hands out spans of slab chunks: of the chunks that have enough of them in a
 * row one of the fullest, first fit in it, so that others become empty.
 */

#include "spans.h"

#include <string.h>

#include "arena/arena.h"
#include "kernel/kernel.h"
#include "rows.h"

/* Records come from regions of this size, opened in steps, with a guard at
 * either end. */
#define REGION ((size_t)2 << 20)
#define GUARD ((size_t)64 << 10)
#define STEP ((size_t)128 << 10)

static struct dmem_lock lock = DMEM_LOCK_INIT(SPANS);
static size_t meta, free_spans, absent_spans;
static size_t spare;         /* bytes of free spans that have pages */
/* The first region: room for a record, of a chunk of 2 MiB. */
static char first_record[DMEM_ROUND_UP(sizeof(struct dmem_slab_chunk) +
		2 * DMEM_MIB / DMEM_SPAN * sizeof(struct dmem_slab), (size_t)64)]
	DMEM_TABLE __attribute__((__aligned__(64)));
static char *region = first_record;
/* Bytes to be had from it, and of these to be written to. */
static size_t region_left = sizeof(first_record);
static size_t region_open = sizeof(first_record);

static void *new_record(void)
{
	size_t nbytes = DMEM_ROUND_UP(sizeof(struct dmem_slab_chunk) +
					      dmem_spans_of_chunk() *
						      sizeof(struct dmem_slab),
				      64);
	size_t size = DMEM_MAX(REGION, DMEM_ROUND_UP(nbytes + 2 * GUARD,
						     STEP));
	size_t more;
	void *record;

	if (region_left < nbytes) {
		char *fresh = dmem_kernel_reserve(size);

		if (!fresh)
			return NULL;
		dmem_kernel_name(fresh, size, "datamem tables");
		region = fresh + GUARD;
		region_left = size - 2 * GUARD;
		region_open = 0;
	}
	if (region_open < nbytes) {
		more = DMEM_MIN(DMEM_ROUND_UP(nbytes - region_open, STEP),
				region_left - region_open);
		if (dmem_kernel_open(region + region_open, more))
			return NULL;
		region_open += more;
		meta += more;
	}
	record = region;
	region += nbytes;
	region_left -= nbytes;
	region_open -= nbytes;
	return record;
}

static struct dmem_slab_chunk *new_chunk(void)
{
	int64_t chunk = dmem_arena_take_chunk();
	struct dmem_slab_chunk *c;
	uint32_t n = dmem_spans_of_chunk();

	if (chunk < 0)
		return NULL;
	c = dmem_window.chunks[chunk].slabs;
	if (!c) {
		c = new_record();
		if (!c) {
			dmem_arena_give_chunk((uint32_t)chunk);
			return NULL;
		}
		c->chunk = (uint32_t)chunk;
		dmem_store_release(&dmem_window.chunks[chunk].slabs, c);
	}
	c->taken = true;
	c->nfree = n;
	for (uint32_t i = 0; i < n; i++)
		c->free[i / 64] |= UINT64_C(1) << (i % 64);
	free_spans += n;
	dmem_rows_relist(c);
	return c;
}

static bool span_absent(const struct dmem_slab_chunk *c, uint32_t span)
{
	return c->absent[span / 64] >> (span % 64) & 1;
}

static void set_absent(struct dmem_slab_chunk *c, uint32_t span, bool absent)
{
	if (span_absent(c, span) == absent)
		return;
	c->absent[span / 64] ^= UINT64_C(1) << (span % 64);
	absent_spans += absent ? 1 : SIZE_MAX;
}

/* Spans were taken or given: for those who have no lock. */
static void show_spare(void)
{
	dmem_store(&spare, (free_spans - absent_spans) << DMEM_SPAN_SHIFT);
}

size_t dmem_spans_spare(void)
{
	return dmem_load(&spare);
}

static void set_free(struct dmem_slab_chunk *c, uint32_t span, bool free)
{
	uint64_t bit = UINT64_C(1) << (span % 64);

	if (free)
		c->free[span / 64] |= bit;
	else
		c->free[span / 64] &= ~bit;
}

static void set_classes(uint32_t span, unsigned int nspans, unsigned int cls)
{
	while (nspans-- > 0)
		dmem_store(&dmem_window.classes[span + nspans],
			   (unsigned char)cls);
}

struct dmem_slab *dmem_spans_take(unsigned int cls, unsigned int nspans)
{
	uint32_t n = dmem_spans_of_chunk(), span;
	struct dmem_slab_chunk *c;
	struct dmem_slab *slab;

	dmem_lock(&lock);
	c = dmem_rows_fullest(nspans);
	if (!c)
		c = dmem_rows_left_over(cls, &nspans);
	if (!c)
		c = new_chunk();
	if (!c) {
		dmem_unlock(&lock);
		return NULL;
	}
	span = dmem_rows_find(c, nspans);
	slab = &c->slabs[span];
	for (uint32_t i = 0; i < nspans; i++) {
		set_free(c, span + i, false);
		set_absent(c, span + i, false);
		dmem_store(&slab[i].back, (uint8_t)i);
	}
	c->nfree -= nspans;
	free_spans -= nspans;
	dmem_rows_relist(c);
	dmem_store(&slab->span, c->chunk * n + span);
	dmem_store(&slab->cls, (uint8_t)cls);
	slab->nspans = (uint8_t)nspans;
	slab->nblocks = dmem_class_blocks(cls, nspans);
	slab->npages = 0;
	memset(slab->absent, 0, sizeof(slab->absent));
	set_classes(slab->span, nspans, cls);
	show_spare();
	dmem_unlock(&lock);
	return slab;
}

/* Return a chunk without a slab; the lock is held and stays so. */
static void give_chunk(struct dmem_slab_chunk *c)
{
	uint32_t n = dmem_spans_of_chunk();

	dmem_rows_drop(c);
	c->taken = false;
	free_spans -= n;
	memset(c->free, 0, sizeof(c->free));
	for (uint32_t i = 0; i < n; i++)
		set_absent(c, i, false);
	dmem_arena_give_chunk(c->chunk);
}

/* Spans of a chunk are free again. */
static void put_back(struct dmem_slab_chunk *c, uint32_t nspans)
{
	uint32_t n = dmem_spans_of_chunk();

	c->nfree += nspans;
	free_spans += nspans;
	dmem_rows_relist(c);
	/* One spare chunk stays. */
	if (c->nfree == n && free_spans > n)
		give_chunk(c);
	show_spare();
}

void dmem_spans_give(struct dmem_slab *slab)
{
	uint32_t n = dmem_spans_of_chunk(), span;
	struct dmem_slab_chunk *c;

	dmem_lock(&lock);
	c = dmem_window.chunks[slab->span / n].slabs;
	span = slab->span % n;
	set_classes(slab->span, slab->nspans, 0);
	for (uint32_t i = span; i < span + slab->nspans; i++)
		set_free(c, i, true);
	put_back(c, slab->nspans);
	c->touched = true;
	dmem_unlock(&lock);
}

unsigned int dmem_spans_look(uint32_t chunk, uint32_t *span,
			     struct dmem_slab **slabs, unsigned int most,
			     struct dmem_spans_look *out)
{
	struct dmem_slab_chunk *c = dmem_load_acquire(
		&dmem_window.chunks[chunk].slabs);
	uint32_t n = dmem_spans_of_chunk(), i = *span;
	unsigned int found = 0;

	*out = (struct dmem_spans_look){ 0 };
	*span = n;
	if (!c)
		return 0;
	dmem_lock(&lock);
	for (; c->taken && i < n && found < most; i++) {
		if (dmem_rows_free(c, i))
			out->loose += span_absent(c, i) ? 0 : DMEM_SPAN;
		else if (dmem_window.classes[chunk * n + i] &&
			 !c->slabs[i].back)
			slabs[found++] = &c->slabs[i];
	}
	if (c->taken) {
		*span = i;
		out->stamp = &c->stamp;
	}
	out->touched = c->touched;
	c->touched = false;
	dmem_unlock(&lock);
	return found;
}

bool dmem_spans_open(uint32_t chunk, bool *split)
{
	struct dmem_slab_chunk *c = dmem_load_acquire(
		&dmem_window.chunks[chunk].slabs);
	bool open;

	dmem_lock(&lock);
	open = c && c->taken && dmem_arena_open(chunk, split);
	dmem_unlock(&lock);
	return open;
}

uint32_t dmem_spans_hold(uint32_t chunk, uint32_t *span)
{
	struct dmem_slab_chunk *c = dmem_window.chunks[chunk].slabs;
	uint32_t n = dmem_spans_of_chunk(), count = 0;

	dmem_lock(&lock);
	while (c->taken && *span < n &&
	       (!dmem_rows_free(c, *span) || span_absent(c, *span)))
		++*span;
	for (uint32_t i = *span; c->taken && i < n && dmem_rows_free(c, i) &&
				 !span_absent(c, i); i++) {
		set_free(c, i, false);
		count++;
	}
	if (count) {
		c->nfree -= count;
		free_spans -= count;
		dmem_rows_relist(c);
		show_spare();
	}
	dmem_unlock(&lock);
	return count;
}

void dmem_spans_unhold(uint32_t chunk, uint32_t span, uint32_t n, bool absent)
{
	struct dmem_slab_chunk *c = dmem_window.chunks[chunk].slabs;

	dmem_lock(&lock);
	for (uint32_t i = span; i < span + n; i++) {
		set_free(c, i, true);
		set_absent(c, i, absent);
	}
	put_back(c, n);
	dmem_unlock(&lock);
}

struct dmem_slab *dmem_spans_slab(const void *ptr)
{
	size_t offset = dmem_window_find(ptr), span = offset >> DMEM_SPAN_SHIFT;
	uint32_t n = dmem_spans_of_chunk();
	struct dmem_slab_chunk *c;
	struct dmem_slab *slab;

	if (offset == SIZE_MAX || !dmem_load(&dmem_window.classes[span]))
		return NULL;
	c = dmem_load_acquire(&dmem_window.chunks[span / n].slabs);
	/* Of an address that is not the caller's, the class may be seen first. */
	if (!c)
		return NULL;
	slab = &c->slabs[span % n];
	return slab - dmem_load(&slab->back);
}

void dmem_spans_trim(void)
{
	struct dmem_slab_chunk *next;

	dmem_lock(&lock);
	for (struct dmem_slab_chunk *c = dmem_rows_emptiest(); c;
	     c = next) {
		next = c->next;
		if (c->nfree == dmem_spans_of_chunk())
			give_chunk(c);
	}
	show_spare();
	dmem_unlock(&lock);
}

void dmem_spans_count(size_t *meta_bytes, size_t *absent)
{
	dmem_lock(&lock);
	*meta_bytes = meta;
	*absent = absent_spans << DMEM_SPAN_SHIFT;
	dmem_unlock(&lock);
}

void dmem_spans_fork_prepare(void)
{
	dmem_lock(&lock);
}

void dmem_spans_fork_parent(void)
{
	dmem_unlock(&lock);
}

bool dmem_spans_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

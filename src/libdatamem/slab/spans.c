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
#include "list.h"

/* Records come from regions of this size, opened in steps, with a guard at
 * either end. */
#define REGION ((size_t)2 << 20)
#define GUARD ((size_t)64 << 10)
#define STEP ((size_t)128 << 10)

/* A chunk is at most 32 MiB. */
#define WORDS_MAX 8

/* Rows longer than a slab needs are not told apart. */
#define ROW_MAX DMEM_SLAB_SPANS

/* Chunks are told apart by eighths that are free; 0: less than one. */
#define FILLS 9

struct dmem_slab_chunk {
	struct dmem_slab_chunk *prev, *next;
	uint32_t chunk;
	uint8_t row, fill;            /* the list that it is in; row 0: none */
	uint32_t nfree;               /* spans */
	bool taken;                   /* the chunk is ours now */
	bool touched;                 /* spans were given back ... */
	uint32_t stamp;               /* ... when that was seen (open.c) */
	uint64_t free[WORDS_MAX];     /* spans */
	uint64_t absent[WORDS_MAX];   /* of these, without pages */
	struct dmem_slab slabs[];     /* by span */
};

static struct dmem_lock lock = DMEM_LOCK_INIT(SPANS);
/* Chunks by their longest row of free spans, then by what is free. */
static struct dmem_slab_chunk *lists[ROW_MAX + 1][FILLS];
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

static bool span_free(const struct dmem_slab_chunk *c, uint32_t span)
{
	return c->free[span / 64] >> (span % 64) & 1;
}

/* The first of nspans free spans in a row; that behind the last if there are
 * none. */
static uint32_t find_spans(const struct dmem_slab_chunk *c, unsigned int nspans)
{
	uint32_t n = dmem_spans_of_chunk(), row = 0;

	for (uint32_t span = 0; span < n; span++) {
		row = span_free(c, span) ? row + 1 : 0;
		if (row == nspans)
			return span + 1 - nspans;
	}
	return n;
}

static uint8_t longest_row(const struct dmem_slab_chunk *c)
{
	uint32_t n = dmem_spans_of_chunk(), row = 0, longest = 0;

	for (uint32_t span = 0; span < n && longest < ROW_MAX; span++) {
		row = span_free(c, span) ? row + 1 : 0;
		longest = DMEM_MAX(longest, row);
	}
	return (uint8_t)longest;
}

static void drop(struct dmem_slab_chunk *c)
{
	if (!c->row)
		return;
	dmem_list_drop(&lists[c->row][c->fill], c);
	c->row = 0;
}

/* The free spans of a chunk have changed. */
static void relist(struct dmem_slab_chunk *c)
{
	drop(c);
	c->row = longest_row(c);
	if (!c->row)
		return;
	c->fill = (uint8_t)(c->nfree * (FILLS - 1) / dmem_spans_of_chunk());
	dmem_list_push(&lists[c->row][c->fill], c);
}

/* One of the fullest chunks with nspans free spans in a row, or NULL. */
static struct dmem_slab_chunk *fullest(unsigned int nspans)
{
	for (unsigned int fill = 0; fill < FILLS; fill++)
		for (unsigned int row = nspans; row <= ROW_MAX; row++)
			if (lists[row][fill])
				return lists[row][fill];
	return NULL;
}

/* One with fewer, of which the class makes good use: *nspans of them. */
static struct dmem_slab_chunk *left_over(unsigned int cls,
					 unsigned int *nspans)
{
	for (unsigned int row = *nspans - 1; row > 0; row--) {
		unsigned int use = dmem_class_use(cls, row);

		for (unsigned int fill = 0; use && fill < FILLS; fill++) {
			if (!lists[row][fill])
				continue;
			*nspans = use;
			return lists[row][fill];
		}
	}
	return NULL;
}

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
	relist(c);
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
	c = fullest(nspans);
	if (!c)
		c = left_over(cls, &nspans);
	if (!c)
		c = new_chunk();
	if (!c) {
		dmem_unlock(&lock);
		return NULL;
	}
	span = find_spans(c, nspans);
	slab = &c->slabs[span];
	for (uint32_t i = 0; i < nspans; i++) {
		set_free(c, span + i, false);
		set_absent(c, span + i, false);
		dmem_store(&slab[i].back, (uint8_t)i);
	}
	c->nfree -= nspans;
	free_spans -= nspans;
	relist(c);
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

	drop(c);
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
	relist(c);
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
		if (span_free(c, i))
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

uint32_t dmem_spans_hold(uint32_t chunk, uint32_t *span)
{
	struct dmem_slab_chunk *c = dmem_window.chunks[chunk].slabs;
	uint32_t n = dmem_spans_of_chunk(), count = 0;

	dmem_lock(&lock);
	while (c->taken && *span < n &&
	       (!span_free(c, *span) || span_absent(c, *span)))
		++*span;
	for (uint32_t i = *span; c->taken && i < n && span_free(c, i) &&
				 !span_absent(c, i); i++) {
		set_free(c, i, false);
		count++;
	}
	if (count) {
		c->nfree -= count;
		free_spans -= count;
		relist(c);
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
	slab = &c->slabs[span % n];
	return slab - dmem_load(&slab->back);
}

void dmem_spans_trim(void)
{
	struct dmem_slab_chunk *next;

	dmem_lock(&lock);
	for (struct dmem_slab_chunk *c = lists[ROW_MAX][FILLS - 1]; c;
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

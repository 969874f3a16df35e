/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What is given back is held meanwhile: free blocks are taken out of their
 * slab, free spans out of their chunk, as if somebody had them.
 */

#include "open.h"

#include <string.h>

#include "arena/arena.h"
#include "kernel/kernel.h"
#include "live.h"
#include "stats.h"
#include "bits.h"
#include "central.h"
#include "pages.h"
#include "slab.h"

#define PAGE DMEM_PAGES_SIZE
#define PAGE_WORDS DMEM_SLAB_PAGE_WORDS

/* Slabs looked at in one go; a chunk of 2 MiB has no more. */
#define SLABS 32

/* Free beyond what stays for good, and worth a service thread. */
#define MUCH ((size_t)32 << 20)

/* By age, chunks are opened of which half is free; the longer they are left
 * alone, the less need be free. So many in a tick, of so many. */
#define AGE_PART 2
#define AGES_QUARTER 3
#define AGES_EIGHTH 6
#define AGE_MOST 128
#define AGE_LOOKS 512

#define RECLAIM_PART 8

/* Which chunks are opened. */
struct opening {
	uint32_t min_age;  /* ms since something was freed there */
	uint32_t most, looks;
	bool more;         /* out: there is more to do */
};

static struct dmem_lock lock = DMEM_LOCK_INIT(OPENING);
/* The free blocks of the slab that is held: one at a time, as `lock` is. Read with
 * its class locked. */
static uint64_t held[DMEM_ARRAY_SIZE(((struct dmem_slab *)0)->free)] DMEM_TABLE;
static size_t barren;   /* free in chunks that stay as they are */
static uint32_t hand;   /* where ageing looks next */

/* --- A slab --------------------------------------------------------------- */

/* Whether a slab, with the class locked that it had when it was found, is one
 * of it still, and partly used. */
static bool is_partial(const struct dmem_slab *slab, unsigned int cls)
{
	return dmem_slab_is_of(slab, cls) && slab->nfree &&
	       slab->nfree < slab->nblocks;
}

/* Take the free blocks of a slab, and find the pages that can go; false: there
 * are none. */
static bool hold(struct dmem_slab *slab, unsigned int cls, uint64_t *pages)
{
	struct dmem_central *central = &dmem_centrals[cls];

	dmem_lock(&central->lock);
	if (is_partial(slab, cls))
		dmem_pages_find(slab, cls, slab->free, pages);
	if (!dmem_pages_count(pages)) {
		dmem_unlock(&central->lock);
		return false;
	}
	memcpy(held, slab->free, sizeof(slab->free));
	memset(slab->free, 0, sizeof(slab->free));
	dmem_list_drop(dmem_central_list(central, slab), slab);
	if (!slab->log2_align)
		central->nfree -= slab->nfree;
	slab->nfree = 0;
	slab->held = true;
	dmem_unlock(&central->lock);
	return true;
}

bool dmem_slab_open_held(size_t index)
{
	return held[index / 64] >> (index % 64) & 1;
}

/* Those of the pages that are set are gone. Nobody has ended the slab meanwhile:
 * it is not empty before what is held is back. */
static void unhold(struct dmem_slab *slab, unsigned int cls, uint64_t *pages)
{
	struct dmem_central *central = &dmem_centrals[cls];
	/* Words beyond are another class's, of the same record. */
	size_t words = (slab->nblocks + 63) / 64;
	uint32_t more = 0;
	bool spare;

	dmem_lock(&central->lock);
	for (size_t i = 0; i < words; i++) {
		more += (uint32_t)__builtin_popcountll(held[i]);
		slab->free[i] |= held[i];
	}
	slab->held = false;
	if (!slab->nfree)
		dmem_list_push(dmem_central_list(central, slab), slab);
	slab->nfree += more;
	slab->cursor = 0;
	if (!slab->log2_align)
		central->nfree += more;
	for (size_t i = 0; i < PAGE_WORDS; i++)
		pages[i] |= slab->absent[i];
	dmem_pages_set(slab, pages);
	spare = dmem_central_spare(cls, slab);
	dmem_unlock(&central->lock);
	if (spare)
		dmem_spans_give(slab);
}

static size_t open_slab(struct dmem_slab *slab, unsigned int cls, bool split)
{
	uint64_t pages[PAGE_WORDS] = { 0 }, gone[PAGE_WORDS] = { 0 };
	uint32_t n, end;
	size_t done = 0;

	if (!hold(slab, cls, pages))
		return 0;
	n = dmem_pages_of(slab);
	for (uint32_t at = dmem_bits_next(pages, n, 0, true); at < n;
	     at = dmem_bits_next(pages, n, end, true)) {
		end = dmem_bits_next(pages, n, at, false);
		if (!dmem_arena_discard(dmem_central_start(slab) + at * PAGE,
					(end - at) * PAGE, split))
			continue;
		split = false;
		done += (end - at) * PAGE;
		for (uint32_t p = at; p < end; p++)
			gone[p / 64] |= UINT64_C(1) << (p % 64);
	}
	unhold(slab, cls, gone);
	return done;
}

/* --- A chunk -------------------------------------------------------------- */

/* Bytes of a slab that could be given back; *touched: it is in use. */
static size_t look_at(struct dmem_slab *slab, bool *touched)
{
	unsigned int cls = dmem_load(&slab->cls);
	uint64_t pages[PAGE_WORDS] = { 0 };

	dmem_lock(&dmem_centrals[cls].lock);
	if (is_partial(slab, cls)) {
		*touched |= slab->touched;
		slab->touched = false;
		if (slab->nfree * (size_t)dmem_classes[cls].size >= PAGE)
			dmem_pages_find(slab, cls, slab->free, pages);
	}
	dmem_unlock(&dmem_centrals[cls].lock);
	return dmem_pages_count(pages) * PAGE;
}

static size_t look(uint32_t chunk, bool *touched, uint32_t **stamp)
{
	struct dmem_slab *slabs[SLABS];
	struct dmem_spans_look spans;
	size_t nbytes = 0;

	for (uint32_t span = 0; span < dmem_spans_of_chunk();) {
		unsigned int n = dmem_spans_look(chunk, &span, slabs, SLABS,
						 &spans);

		nbytes += spans.loose;
		*touched |= spans.touched;
		*stamp = spans.stamp;
		for (unsigned int i = 0; i < n; i++)
			nbytes += look_at(slabs[i], touched);
	}
	return nbytes;
}

static size_t open_spans(uint32_t chunk, bool *split)
{
	uint32_t n = dmem_spans_of_chunk(), count;
	size_t done = 0, nbytes;
	bool gone;

	for (uint32_t span = 0; span < n; span += count) {
		count = dmem_spans_hold(chunk, &span);
		if (!count)
			break;
		nbytes = (size_t)count << DMEM_SPAN_SHIFT;
		gone = dmem_arena_discard((char *)dmem_chunk_address(chunk) +
					  ((size_t)span << DMEM_SPAN_SHIFT),
					  nbytes, *split);
		dmem_spans_unhold(chunk, span, count, gone);
		if (!gone)
			continue;
		*split = false;
		done += nbytes;
	}
	return done;
}

static DMEM_NOINLINE size_t open_chunk(uint32_t chunk)
{
	struct dmem_slab *slabs[SLABS];
	struct dmem_spans_look spans;
	bool split;
	size_t done;

	if (!dmem_spans_open(chunk, &split))
		return 0;
	done = open_spans(chunk, &split);
	for (uint32_t span = 0; span < dmem_spans_of_chunk();) {
		unsigned int n = dmem_spans_look(chunk, &span, slabs, SLABS,
						 &spans);

		for (unsigned int i = 0; i < n; i++) {
			done += open_slab(slabs[i], dmem_load(&slabs[i]->cls),
					  split);
			split = split && !done;
		}
	}
	return done;
}

/* --- All ------------------------------------------------------------------ */

/* The part of a chunk that is to be free; 0: it is too young. */
static uint32_t part_at(uint32_t age, uint32_t min_age)
{
	/* Stamped by a thread that read the clock later: age 0. */
	if (age > INT32_MAX)
		age = 0;
	if (age < min_age)
		return 0;
	if (age < AGES_QUARTER * (uint64_t)min_age)
		return AGE_PART;
	return age < AGES_EIGHTH * (uint64_t)min_age ? 2 * AGE_PART :
						       RECLAIM_PART;
}

/* Look at a chunk, and open it if it is time. */
static size_t visit(uint32_t chunk, uint32_t now,
		    struct opening *opening, size_t *waiting)
{
	bool touched = false;
	uint32_t *stamp = NULL;
	size_t nbytes = look(chunk, &touched, &stamp);
	uint32_t part;

	if (!stamp || !nbytes)
		return 0;
	if (touched)
		*stamp = now;
	if (nbytes < dmem_chunk_size() / RECLAIM_PART)
		return 0;
	part = part_at(now - *stamp, opening->min_age);
	if (!part || nbytes < dmem_chunk_size() / part || !opening->most) {
		*waiting += nbytes;
		return 0;
	}
	opening->most--;
	return open_chunk(chunk);
}

/* Free bytes with pages. */
static size_t pinned(void)
{
	return dmem_spans_spare() + dmem_pages_pinned();
}

static size_t open_from(uint32_t *at, struct opening *opening)
{
	uint32_t now = (uint32_t)dmem_kernel_clock_ms();
	size_t done = 0, waiting = 0, left;
	bool more = true;

	for (uint32_t looks = opening->looks; looks > 0 && more; looks--) {
		/* A chunk at a time: fork(2) waits for one at most. */
		dmem_lock(&lock);
		*at = dmem_regions_next(*at);
		more = *at != UINT32_MAX;
		if (more)
			done += visit((*at)++, now, opening, &waiting);
		else
			*at = 0;
		dmem_unlock(&lock);
	}
	left = pinned();
	dmem_store(&barren, left - DMEM_MIN(left, waiting));
	opening->more = waiting || more;
	/* Chunks may have become free. */
	dmem_arena_settle();
	dmem_slab_settle();
	return done;
}

/* For those who look on from outside. */
static void show(void)
{
	size_t records, gone;

	dmem_spans_count(&records, &gone);
	dmem_live_store(opened_small_bytes, gone + dmem_pages_absent());
	dmem_live_store(pinned_small_bytes, pinned());
}

/* Once in retain.age. It keeps no service thread, as a stash that is used has
 * blocks for ever. */
static void age_stashes(uint32_t age)
{
	static uint32_t looked;
	uint32_t now = (uint32_t)dmem_kernel_clock_ms();

	if (now - dmem_load(&looked) < age)
		return;
	dmem_store(&looked, now);
	dmem_slab_age_stashes();
	dmem_slab_settle();
}

bool dmem_slab_age(uint32_t age)
{
	struct opening opening = { age, AGE_MOST, AGE_LOOKS, false };

	age_stashes(age);
	if (pinned() <= dmem_load(&barren) && pinned() < dmem_chunk_size())
		return false;
	open_from(&hand, &opening);
	return opening.more;
}

size_t dmem_slab_reclaim(void)
{
	struct opening opening = { 0, UINT32_MAX, UINT32_MAX, false };
	uint32_t first = 0;
	size_t done = open_from(&first, &opening);

	show();
	return done;
}

DMEM_START void dmem_slab_open_tell(void)
{
	size_t left = pinned();

	if (dmem_unlikely(left > dmem_load(&barren) + MUCH))
		dmem_arena_kept_elsewhere(left);
}

void dmem_slab_open_collect(struct datamem_stats *stats)
{
	size_t records, gone;

	dmem_spans_count(&records, &gone);
	stats->opened_small_bytes += gone + dmem_pages_absent();
	stats->pinned_small_bytes += pinned();
	stats->held_bytes -= gone + dmem_pages_absent();
	show();
}

void dmem_slab_open_lock(void)
{
	dmem_lock(&lock);
}

void dmem_slab_open_unlock(void)
{
	dmem_unlock(&lock);
}

bool dmem_slab_open_idle(unsigned int *patience)
{
	return dmem_lock_idle(&lock, patience);
}

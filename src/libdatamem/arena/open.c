/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Opens chunks that are mostly free, and makes them whole again. */

#include "open.h"

#include "arena.h"
#include "kernel/kernel.h"
#include "kept.h"
#include "segment.h"
#include "state.h"

/* Free rows of a chunk that are given back at once. Blocks here are above
 * 128 KiB, so that a chunk of 2 MiB has 17 at most. */
#define ROWS 32

/* Chunks looked at while others wait for the lock. */
#define LOOK_CHUNKS 4096

/* Of small pages rows are given back from this part of a chunk on. */
#define SMALL_PART 32

/* Advice against huge pages parts mappings; not more than this part of
 * vm.max_map_count comes of it. Beyond, khugepaged may fill chunks again. */
#define MAP_COUNT_PART 16

struct row {
	uint32_t at, len;
};

uint32_t dmem_open_loose(const struct dmem_chunk *c)
{
	const uint8_t mask = DMEM_CHUNK_MAPPED | DMEM_CHUNK_FREE |
			     DMEM_CHUNK_HUGETLB;

	if ((c->flags & mask) != DMEM_CHUNK_MAPPED)
		return 0;
	return dmem_chunk_granules() - c->busy - c->absent;
}

void dmem_open_set_absent(struct dmem_chunk *c, uint32_t granules)
{
	dmem_arena.opened_bytes -= (size_t)c->absent << DMEM_GRANULE_SHIFT;
	dmem_arena.opened_bytes += (size_t)granules << DMEM_GRANULE_SHIFT;
	c->absent = (uint16_t)granules;
}

/* A seam is where a chunk without advice meets one that is not so. */
static void set_bare(uint32_t chunk, bool bare)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);
	bool first = chunk == dmem_region_begin(dmem_region_of(chunk));
	size_t before, after;

	if (c->bare == bare)
		return;
	before = (!first && dmem_chunk_at(chunk - 1)->bare != c->bare) +
		 (dmem_chunk_at(chunk + 1)->bare != c->bare);
	after = (first ? 1 : 2) - before;
	c->bare = bare;
	dmem_arena.seams += after - before;
}

void dmem_open_forget(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	if (c->absent)
		dmem_open_set_absent(c, 0);
	if (!c->opened)
		return;
	set_bare(chunk, false);
	c->opened = 0;
}

/* Of a chunk that nobody gives or takes: let no huge page come again. */
static bool unadvise(uint32_t chunk)
{
	return !dmem_kernel_advise(dmem_chunk_address(chunk), dmem_chunk_size(),
				   DMEM_ADVICE_NOHUGEPAGE);
}

static bool may_unadvise(void)
{
	static size_t map_count;

	if (!map_count) {
		map_count = dmem_kernel_max_map_count();
		if (!map_count)
			map_count = 65530;
	}
	return dmem_arena.seams + 2 <= map_count / MAP_COUNT_PART;
}

/* The next granule at which a run begins, or the end. */
static uint32_t next_head(uint32_t at, uint32_t end)
{
	while (at < end && !dmem_window.tags[at].len)
		at++;
	return at;
}

/*
 * Take the free granules of a chunk out of their runs, whole pages of the
 * kernel's; returns how many rows of them there are.
 */
static unsigned int detach(uint32_t chunk, struct row *rows)
{
	uint32_t begin = chunk << dmem_granule_shift();
	uint32_t end = begin + dmem_chunk_granules(), next;
	uint32_t page = (uint32_t)(dmem_kernel_page_size() >>
				   DMEM_GRANULE_SHIFT);
	uint32_t run = dmem_runs_of(begin);
	unsigned int n = 0;

	if (run == DMEM_NO_RUN)
		run = next_head(begin, end);
	for (; run < end && n < ROWS; run = next_head(next, end)) {
		struct dmem_tag *tag = &dmem_window.tags[run];
		struct row row = { .at = DMEM_MAX(run, begin) };
		uint32_t stop = DMEM_MIN(run + tag->len, end);

		next = run + tag->len;
		row.at = DMEM_ROUND_UP(row.at, page);
		stop = DMEM_ROUND_DOWN(stop, page);
		if (tag->used || stop <= row.at)
			continue;
		row.len = stop - row.at;
		dmem_runs_cut(run, row.at, row.len);
		rows[n++] = row;
	}
	return n;
}

/*
 * split: pages of a huge page that is mapped in parts do not go before memory
 * is short (0.5 ms each, then); an offer of some of them parts the page itself.
 */
static bool purge(void *addr, size_t nbytes, bool split)
{
	if (split)
		dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_FREE);
	return !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE);
}

/* Give rows back; returns the granules that went. Without the lock. */
static uint32_t give_back(const struct row *rows, unsigned int n, bool huge)
{
	uint32_t went = 0;

	for (unsigned int i = 0; i < n; i++) {
		void *addr = dmem_granule_address(rows[i].at);
		size_t nbytes = (size_t)rows[i].len << DMEM_GRANULE_SHIFT;

		if (purge(addr, nbytes, huge && !i))
			went += rows[i].len;
	}
	return went;
}

/* Rows are free again; what was in use between them may have been freed. */
static void attach(uint32_t chunk, const struct row *rows, unsigned int n)
{
	uint32_t begin = chunk << dmem_granule_shift(), run = DMEM_NO_RUN;
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	for (unsigned int i = 0; i < n; i++)
		run = dmem_runs_put(rows[i].at, rows[i].len);
	if (c->busy || (c->flags & DMEM_CHUNK_FREE) || run > begin ||
	    run + dmem_window.tags[run].len < begin + dmem_chunk_granules())
		return;
	c->stamp = dmem_retain_now();
	dmem_chunks_in(chunk);
	dmem_open_mend();
}

/* The lock may be left, once what was detached is free. */
static size_t open_chunk(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);
	bool huge = c->flags & DMEM_CHUNK_ADVISED;
	bool bare = huge && may_unadvise();
	uint32_t before = c->absent, went;
	struct row rows[ROWS];
	unsigned int n = detach(chunk, rows), turn;

	/* Also what was refused: it is not asked for at every look. */
	c->stamp = dmem_retain_now();
	if (!n)
		return 0;
	/* No block that ends or begins meanwhile sees it whole. */
	if (huge)
		c->opened = 1;
	c->parted = 1;
	turn = dmem_arena_step_out();
	bare = bare && unadvise(chunk);
	went = give_back(rows, n, huge);
	dmem_arena_step_in(turn);
	c->parted = 0;
	if (bare) {
		set_bare(chunk, true);
		c->flags &= (uint8_t)~DMEM_CHUNK_ADVISED;
	}
	before = DMEM_MIN(before, went);
	dmem_open_set_absent(c, went);
	dmem_arena.purged_bytes += (size_t)(went - before)
				   << DMEM_GRANULE_SHIFT;
	attach(chunk, rows, n);
	return (size_t)(went - before) << DMEM_GRANULE_SHIFT;
}

/* The advice goes under the lock: the slabs may give the chunk back as soon as
 * this returns. */
bool dmem_arena_open(uint32_t chunk, bool *split)
{
	struct dmem_tag *tag = &dmem_window.tags[chunk << dmem_granule_shift()];
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	dmem_arena_lock();
	/* It may have been given back just now. */
	if (!tag->used || tag->len != dmem_chunk_granules() ||
	    (c->flags & DMEM_CHUNK_HUGETLB)) {
		dmem_arena_unlock();
		return false;
	}
	*split = c->flags & DMEM_CHUNK_ADVISED;
	if (*split)
		c->opened = 1;
	if (*split && may_unadvise() && unadvise(chunk)) {
		set_bare(chunk, true);
		c->flags &= (uint8_t)~DMEM_CHUNK_ADVISED;
	}
	dmem_arena_unlock();
	return true;
}

bool dmem_arena_discard(void *addr, size_t nbytes, bool split)
{
	if (!purge(addr, nbytes, split))
		return false;
	dmem_arena_lock();
	dmem_arena.purged_bytes += nbytes;
	dmem_arena_unlock();
	return true;
}

/* Granules that are too few to open a chunk for. */
static uint32_t least(const struct dmem_chunk *c,
		      const struct dmem_opening *opening)
{
	uint32_t part = c->flags & DMEM_CHUNK_ADVISED ?
				opening->part : SMALL_PART;

	return DMEM_MAX(dmem_chunk_granules() / part, 1u);
}

static size_t look_at(uint32_t chunk, struct dmem_opening *opening)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);
	uint32_t loose = dmem_open_loose(c);
	uint32_t age = opening->now - c->stamp;

	/* Another thread is at it. */
	if (c->parted)
		return 0;
	if (!loose || loose < least(c, opening))
		return 0;
	if (age > INT32_MAX)
		age = 0;
	if (age < opening->min_age || !opening->most) {
		opening->waiting += (size_t)loose << DMEM_GRANULE_SHIFT;
		return 0;
	}
	opening->most--;
	return open_chunk(chunk);
}

size_t dmem_open_chunks(uint32_t *hand, uint32_t looks,
			struct dmem_opening *opening)
{
	size_t done = 0;

	for (uint32_t i = 1; i <= looks; i++) {
		*hand = dmem_regions_next(*hand);
		if (*hand == UINT32_MAX) {
			*hand = 0;
			break;
		}
		done += look_at((*hand)++, opening);
		if (i % LOOK_CHUNKS == 0) {
			dmem_arena_unlock();
			dmem_arena_lock();
		}
	}
	return done;
}

size_t dmem_open_mend(void)
{
	struct dmem_segment segment = { .count = 1 };
	size_t done = 0;

	while ((segment.chunk = dmem_kept_opened()) != DMEM_NO_CHUNK) {
		segment.run = dmem_runs_of(segment.chunk *
					   dmem_chunk_granules());
		done += dmem_segment_purge(&segment);
	}
	return done;
}

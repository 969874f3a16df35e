/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Kept pages for memory that has none. Where no kept run is long enough, several
 * shorter ones are: their pages are moved, by chunks, to where the block is.
 * 4 us and 0.25 us a chunk instead of 50 to 100 us for each huge page that the
 * kernel clears (1000 for small ones), and what is resident does not grow.
 */

#include "refill.h"

#include "guest/guest.h"
#include "kernel/kernel.h"
#include "dump.h"
#include "move.h"
#include "place.h"
#include "search.h"
#include "state.h"

/* Where the kernel, or a filter, refuses a move, none is tried for so long. */
#define REFUSED_MS 10000

/* Mappings that are left to growth, which would have to copy. */
#define LEFT_TO_GROWTH 64

static uint32_t refused_until;
static bool refused;

/* A run that is refilled, and what is free of its first and last chunk. */
struct refill {
	uint32_t at, len;
	uint32_t first, end;  /* chunks */
};

/* In use by nobody else, and the kernel would have to give it pages. */
static bool lacks_pages(uint32_t chunk, const struct refill *refill)
{
	const struct dmem_chunk *c = dmem_chunk_at(chunk);
	const uint8_t mask = DMEM_CHUNK_MAPPED | DMEM_CHUNK_HUGETLB;

	return c->from == c->to && (c->flags & mask) == DMEM_CHUNK_MAPPED &&
	       !c->opened && !c->absent && !c->parted &&
	       c->busy == dmem_chunk_part(chunk, refill->at, refill->len);
}

/* Chunks in a row that lack pages, of one kind; 0: none begins here. */
static uint32_t lacking(uint32_t chunk, const struct refill *refill)
{
	uint8_t advised = dmem_chunk_at(chunk)->flags & DMEM_CHUNK_ADVISED;
	uint32_t n = 0;

	while (chunk + n < refill->end && lacks_pages(chunk + n, refill) &&
	       (dmem_chunk_at(chunk + n)->flags & DMEM_CHUNK_ADVISED) ==
		       advised)
		n++;
	return n;
}

/* Free granules from one to before another, out of their run: nobody takes
 * them meanwhile. */
static void cut(uint32_t from, uint32_t to)
{
	if (from < to)
		dmem_runs_cut(dmem_runs_of(from), from, to - from);
}

static void put(uint32_t from, uint32_t to)
{
	if (from < to)
		dmem_runs_put(from, to - from);
}

/* What is free beside the run of chunks that it lies in. */
static void each_rest(const struct refill *refill, uint32_t chunk,
		      uint32_t count, void (*act)(uint32_t from, uint32_t to))
{
	uint32_t begin = chunk << dmem_granule_shift();
	uint32_t end = (chunk + count) << dmem_granule_shift();

	act(begin, DMEM_MAX(refill->at, begin));
	act(DMEM_MIN(refill->at + refill->len, end), end);
}

/*
 * Kept chunks in a row for the place of others, at most so many, which were kept
 * for longest: of one mapping, and the last of it, as the front is handed out
 * first.
 */
static bool find_kept(uint32_t to, uint32_t most, struct dmem_segment *out)
{
	const uint8_t mask = DMEM_CHUNK_ADVISED | DMEM_CHUNK_HUGETLB;
	struct dmem_search search = { dmem_retain_now(), 0, true, false };
	uint32_t begin, end, n;

	if (!dmem_search_oldest(&search, out) ||
	    dmem_chunk_at(out->chunk)->opened ||
	    (dmem_chunk_at(out->chunk)->flags & mask) !=
		    (dmem_chunk_at(to)->flags & mask))
		return false;
	begin = out->chunk;
	end = begin + out->count;
	while (begin + (n = dmem_move_row(begin, end)) < end)
		begin += n;
	out->count = DMEM_MIN(n, most);
	out->chunk = end - out->count;
	return true;
}

static void note_refused(uint32_t to, uint32_t count, bool advised)
{
	dmem_move_unmark(to, count);
	for (uint32_t i = to; i < to + count; i++) {
		uint8_t *flags = &dmem_chunk_at(i)->flags;

		*flags = (uint8_t)((*flags & ~DMEM_CHUNK_ADVISED) |
				   (advised ? DMEM_CHUNK_ADVISED : 0));
	}
}

/* What is known of the pages goes with them. */
static void note_moved(uint32_t from, uint32_t to, uint32_t count, bool lost)
{
	for (uint32_t i = 0; i < count; i++) {
		dmem_chunk_at(to + i)->from = dmem_chunk_at(from + i)->from;
		dmem_chunk_at(to + i)->to = dmem_chunk_at(from + i)->to;
	}
	dmem_move_note(from, to, count, lost);
	/* makeup.c looks at it without the lock. */
	dmem_store(&dmem_arena.fresh,
		   dmem_arena.fresh -
			   DMEM_MIN(dmem_arena.fresh,
				    (size_t)count << dmem_window.chunk_shift));
	dmem_arena.faults_avoided +=
		dmem_chunks_faults(to << dmem_granule_shift(),
				   count << dmem_granule_shift());
}

/*
 * Move the pages of a segment; -errno as dmem_kernel_move(). Lock held, and left
 * in between.
 */
static int move(const struct refill *refill,
		const struct dmem_segment *segment, uint32_t to)
{
	bool advised = false;
	unsigned int turn;
	size_t nbytes;
	void *addr = dmem_segment_address(segment, &nbytes);
	int err;

	if (dmem_unlikely(dmem_dump_hidden))
		dmem_dump_show_chunks(segment->chunk,
				      segment->chunk + segment->count);
	dmem_segment_detach(segment);
	each_rest(refill, to, segment->count, cut);
	turn = dmem_arena_step_out();
	err = dmem_kernel_move(addr, dmem_chunk_address(to), nbytes);
	/* It would be a mapping of its own for good. */
	if (!err && !dmem_kernel_unmap(addr, nbytes))
		err = 1;
	/* A tool takes it that what was free is so there, too. */
	if (err >= 0 && dmem_guest_told())
		dmem_guest_open(dmem_chunk_address(to), nbytes);
	/* The target may be mapped afresh. */
	if (err < 0 && err != -EFAULT)
		advised = dmem_place_advise(dmem_chunk_address(to), nbytes);
	dmem_arena_step_in(turn);
	if (err < 0) {
		refused = true;
		refused_until = dmem_retain_now() + REFUSED_MS;
	}
	if (err >= 0)
		note_moved(segment->chunk, to, segment->count, err);
	else if (err == -EFAULT)
		dmem_move_lose(to, segment->count);
	else
		note_refused(to, segment->count, advised);
	each_rest(refill, to, segment->count, put);
	dmem_segment_attach(segment, 0, err < 0 ? 0 : DMEM_CHUNK_LAZY);
	return err;
}

/* Whether moves may be tried. */
static bool is_allowed(void)
{
	if (refused && (int32_t)(dmem_retain_now() - refused_until) >= 0)
		refused = false;
	return !refused && dmem_move_room(1 + LEFT_TO_GROWTH);
}

int dmem_refill_run(uint32_t at, uint32_t len)
{
	struct refill refill = {
		at, len, at >> dmem_granule_shift(),
		((at + len - 1) >> dmem_granule_shift()) + 1,
	};
	struct dmem_segment segment;
	int moved = 0, err;
	uint32_t n;

	if (dmem_likely(dmem_arena.fresh < dmem_chunk_size()))
		return 0;
	while (refill.first < refill.end) {
		n = lacking(refill.first, &refill);
		if (!n) {
			refill.first++;
			continue;
		}
		if (!is_allowed() || !find_kept(refill.first, n, &segment))
			break;
		err = move(&refill, &segment, refill.first);
		if (err == -EFAULT)
			return err;
		if (err < 0)
			break;
		moved = 1;
		refill.first += segment.count;
	}
	return moved;
}

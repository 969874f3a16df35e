/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes runs out of the free ones; maps what they lack and grows the window. */

#include "guest/guest.h"
#include "dump.h"
#include "open.h"
#include "shelf.h"
#include "state.h"
#include "zero.h"

/*
 * A region doubles until it grows by at least this; space mapped ahead stays
 * below 64 MiB. Where the program has memory locked (mlockall(2)), what is
 * mapped ahead has pages.
 */
#define STEP ((size_t)32 << 20)

/* Account for granules that leave the free ones. */
static void leave_free(uint32_t at, uint32_t len, bool *zero)
{
	const uint8_t fresh = DMEM_CHUNK_FREE | DMEM_CHUNK_ZERO;
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift(), part;
	uint32_t now = dmem_retain_seen();

	/* Chunks that have pages cost no faults. */
	dmem_arena.faults_avoided += dmem_chunks_faults(at, len);
	for (uint32_t i = first; i <= last; i++) {
		struct dmem_chunk *c = dmem_chunk_at(i);

		if ((c->flags & fresh) == fresh) {
			c->from = c->to = 0;
			/* Or what is left of it would count as old. */
			c->stamp = now;
			dmem_store(&dmem_arena.fresh,
				   dmem_arena.fresh + dmem_chunk_size());
		}
		dmem_chunks_out(i);
		c->flags &= (uint8_t)~(DMEM_CHUNK_ZERO | DMEM_CHUNK_LAZY);
		part = dmem_chunk_part(i, at, len);
		c->busy = (uint16_t)(c->busy + part);
		if (dmem_unlikely(c->absent))
			dmem_open_set_absent(c, c->absent -
						DMEM_MIN(c->absent, part));
	}
	*zero = dmem_zero_known(at, len);
	dmem_arena_used((size_t)len << DMEM_GRANULE_SHIFT);
}

void dmem_arena_claim(uint32_t run, uint32_t at, uint32_t len, bool *zero)
{
	dmem_turn_free(at, len);
	if (dmem_unlikely(dmem_dump_hidden))
		dmem_dump_show_chunks(at >> dmem_granule_shift(),
				      ((at + len - 1) >> dmem_granule_shift()) +
					      1);
	/* First: what is left of the run shares a chunk with what is taken,
	 * which is no zero chunk from now on. */
	leave_free(at, len, zero);
	dmem_runs_take(run, at, len);
	if (dmem_guest_told())
		dmem_guest_open(dmem_granule_address(at),
				(size_t)len << DMEM_GRANULE_SHIFT);
}

int dmem_arena_map(uint32_t run, uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t end = ((at + len - 1) >> dmem_granule_shift()) + 1, n;
	int err;

	while (chunk < end) {
		for (n = 0; chunk + n < end &&
			    !(dmem_chunk_at(chunk + n)->flags &
			      DMEM_CHUNK_MAPPED); n++)
			;
		if (!n) {
			chunk++;
			continue;
		}
		err = dmem_window_map(chunk, n);
		if (err == -EEXIST)
			/* Somebody maps in the hole: it is theirs for good. */
			dmem_runs_cut(run, chunk << dmem_granule_shift(),
				      n << dmem_granule_shift());
		if (err)
			return err;
		for (; n > 0; n--) {
			dmem_chunk_at(chunk++)->flags |= DMEM_CHUNK_FREE;
			dmem_arena.clean += dmem_chunk_size();
		}
	}
	return 0;
}

/* Where memory is not what lacks, a block may have it elsewhere. */
static void note_refused(int err)
{
	dmem_arena.full = err && err != -ENOMEM && err != -EAGAIN;
}

static int extend(struct dmem_region *region, uint32_t len, uint32_t align)
{
	uint32_t begin = (uint32_t)(region->first >> DMEM_GRANULE_SHIFT);
	uint32_t end = begin + (uint32_t)(region->extent >> DMEM_GRANULE_SHIFT);
	uint32_t have = end > begin ? dmem_window.tags[end].back : 0;
	uint32_t granules = dmem_chunk_granules();
	uint32_t need, step;
	int64_t chunk;

	/* The free run at the end counts from its first fitting granule on. */
	have = end - DMEM_MIN(end, DMEM_ROUND_UP(end - have, align));
	if (have >= len)
		have = 0;
	need = (len - have + granules - 1) / granules;
	step = (uint32_t)(DMEM_MIN(STEP, region->extent) >>
			  dmem_window.chunk_shift);
	step = DMEM_MAX(need, step);
	chunk = dmem_window_extend(region, step);
	if (chunk < 0 && step > need) {
		step = need;
		chunk = dmem_window_extend(region, step);
	}
	if (chunk < 0)
		return (int)chunk;
	dmem_runs_put((uint32_t)chunk * granules, step * granules);
	for (uint32_t i = 0; i < step; i++)
		dmem_chunks_in((uint32_t)chunk + i);
	return 0;
}

int dmem_arena_extend_at(uint32_t chunk, uint32_t len)
{
	return extend(dmem_region_of(chunk), len, 1);
}

int dmem_arena_extend(uint32_t len, uint32_t align)
{
	struct dmem_region *region;
	int err = -ENOSPC;

	for (unsigned int i = 0; i < dmem_regions_count && err == -ENOSPC; i++)
		err = extend(&dmem_regions[i], len, align);
	if (err == -ENOSPC) {
		region = dmem_regions_add((len + align) >>
					  dmem_granule_shift());
		if (region)
			err = extend(region, len, align);
	}
	note_refused(err);
	return err;
}

/* Whether all chunks of a run have these flags of a mask. */
static bool all_have(uint32_t at, uint32_t len, uint8_t mask, uint8_t flags)
{
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();

	for (uint32_t i = first; i <= last; i++)
		if ((dmem_chunk_at(i)->flags & mask) != flags)
			return false;
	return true;
}

/* Written, or shared with blocks and so probably written. */
static bool is_warm(uint32_t at, uint32_t len)
{
	return all_have(at, len, DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO,
			DMEM_CHUNK_MAPPED);
}

/* The beginning is warm; that is enough of a preference. */
bool dmem_arena_begins_warm(uint32_t at)
{
	return is_warm(at, 1);
}

static bool is_fresh(uint32_t at, uint32_t len)
{
	const uint8_t flags = DMEM_CHUNK_FREE | DMEM_CHUNK_ZERO;

	return all_have(at, len, flags, flags);
}

static bool is_mapped(uint32_t at, uint32_t len)
{
	return all_have(at, len, DMEM_CHUNK_MAPPED, DMEM_CHUNK_MAPPED);
}

/* The free run in which a shape fits best; *at: where in it. */
static uint32_t find(const struct dmem_shape *shape, enum dmem_runs_kind kind,
		     bool (*accept)(uint32_t at, uint32_t len), uint32_t *at)
{
	uint32_t run = dmem_runs_find(shape->lead + shape->len, shape->align,
				      kind, accept, at);

	if (run != DMEM_NO_RUN)
		*at += shape->lead;
	return run;
}

/* One that is warm all over, so that nothing has to be moved there, or another
 * one; *warm: what is taken of it is warm. */
static uint32_t find_warm(const struct dmem_shape *shape, uint32_t *at,
			  bool *warm)
{
	uint32_t run = find(shape, DMEM_RUNS_WARM, is_warm, at);

	*warm = run != DMEM_NO_RUN;
	if (*warm)
		return run;
	run = find(shape, DMEM_RUNS_WARM, NULL, at);
	/* Without the lead, and of a run that was not looked at. */
	*warm = run != DMEM_NO_RUN && is_warm(*at, shape->len);
	return run;
}

/* Have more free runs. */
static bool grow(const struct dmem_shape *shape, unsigned int *extended)
{
	/* Twice at most: what was stepped over lies between the old end and
	 * the new. */
	if ((*extended)++ < 2 &&
	    !dmem_arena_extend(shape->lead + shape->len, shape->align))
		return true;
	if (*extended > 3 || !dmem_shelf_bytes())
		return false;
	*extended = 3;
	dmem_shelf_clear();
	return true;
}

uint32_t dmem_arena_take(const struct dmem_shape *shape, bool fresh, bool *zero)
{
	unsigned int extended = 0;
	bool warm = false;
	uint32_t at, run;
	int err;

	for (;;) {
		run = fresh ? find(shape, DMEM_RUNS_COLD, is_fresh, &at)
			    : find_warm(shape, &at, &warm);
		/* Joined with their neighbours they may do. */
		if (!warm && dmem_shelf_in_the_way(shape->len)) {
			dmem_shelf_clear();
			continue;
		}
		if (run == DMEM_NO_RUN)
			run = find(shape, DMEM_RUNS_ANY, NULL, &at);
		if (run == DMEM_NO_RUN) {
			if (!grow(shape, &extended))
				return DMEM_NO_RUN;
			continue;
		}
		err = dmem_arena_map(run, at, shape->len);
		if (err == -EEXIST)
			continue;
		if (err) {
			note_refused(err);
			/* No memory for holes: what needs none may fit. */
			run = find(shape, DMEM_RUNS_ANY, is_mapped, &at);
			if (run == DMEM_NO_RUN)
				return DMEM_NO_RUN;
		}
		dmem_arena_claim(run, at, shape->len, zero);
		return at;
	}
}

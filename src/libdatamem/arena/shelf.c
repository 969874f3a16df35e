/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The shelf: blocks freed last, kept as they are for requests of their size. A
 * temporary of an expression comes back at the same size at once; to cut its
 * run out of a free one and to join it again costs twice as much. Where sizes
 * vary it is the other way round, and runs that do not join take more memory:
 * only sizes that come again are kept, and not for long without use.
 */

#include "shelf.h"

#include "state.h"

#define SLOTS 8

/* Above this the cost of a run is lost in that of writing to it. */
#define BLOCK_MAX ((size_t)4 << 20)

/* Requests in a row that find nothing empty the shelf. */
#define MISSES_MAX 4

/* Sizes asked for last, one for each value of a hash. */
#define SIZES_SHIFT 6

/* Runs, in use for all others; the one freed last at the end. With room for
 * one more, so that the oldest goes after the newest has come. */
static uint32_t shelf[SLOTS + 1];
static unsigned int filled, misses;
static uint64_t sizes[1 << SIZES_SHIFT];

static size_t bytes_of(uint32_t at)
{
	return (size_t)dmem_window.tags[at].len << DMEM_GRANULE_SHIFT;
}

static uint32_t take_out(unsigned int slot)
{
	uint32_t at = shelf[slot];

	filled--;
	for (; slot < filled; slot++)
		shelf[slot] = shelf[slot + 1];
	dmem_arena.shelved -= bytes_of(at);
	return at;
}

static void end_oldest(void)
{
	uint32_t at = take_out(0);

	/* In use for a moment, which is no peak. */
	dmem_arena.used += bytes_of(at);
	dmem_retire_free(at);
}

bool dmem_shelf_put(uint32_t at)
{
	const struct dmem_tag *tag = &dmem_window.tags[at];

	if (!tag->u.block.again || tag->u.block.lazy ||
	    dmem_retain_limited() || dmem_turn_needed(at))
		return false;
	shelf[filled++] = at;
	dmem_arena.shelved += bytes_of(at);
	dmem_arena.used -= bytes_of(at);
	if (filled > SLOTS) {
		end_oldest();
		return true;
	}
	dmem_retain_now();
	dmem_retain_note();
	return true;
}

bool dmem_shelf_note(size_t nbytes)
{
	uint64_t *last = &sizes[dmem_hash(nbytes) >>
				(64 - SIZES_SHIFT)];
	bool again = *last == nbytes;

	*last = nbytes;
	return again && nbytes <= BLOCK_MAX;
}

static bool fits(uint32_t at, const struct dmem_shape *shape, size_t nbytes,
		 size_t align)
{
	const struct dmem_tag *tag = &dmem_window.tags[at];

	size_t end = (size_t)tag->u.block.phase * 64 + nbytes;

	return tag->u.block.nbytes == nbytes && !dmem_turn_needed(at) &&
	       end + shape->apart <= (size_t)tag->len << DMEM_GRANULE_SHIFT &&
	       DMEM_IS_ALIGNED(at, shape->align) &&
	       DMEM_IS_ALIGNED((size_t)tag->u.block.phase * 64,
			       DMEM_MIN(align, DMEM_GRANULE));
}

uint32_t dmem_shelf_take(const struct dmem_shape *shape, size_t nbytes,
			 size_t align)
{
	unsigned int slot = filled;
	uint32_t at;

	align = align ? align : 1;
	while (slot-- > 0) {
		if (!fits(shelf[slot], shape, nbytes, align))
			continue;
		at = take_out(slot);
		misses = 0;
		dmem_arena_used(bytes_of(at));
		dmem_arena.faults_avoided +=
			dmem_chunks_faults(at, dmem_window.tags[at].len);
		return at;
	}
	if (filled && ++misses == MISSES_MAX)
		dmem_shelf_clear();
	return DMEM_NO_RUN;
}

void dmem_shelf_clear(void)
{
	misses = 0;
	while (filled)
		end_oldest();
}

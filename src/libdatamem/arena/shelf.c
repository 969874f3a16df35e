/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The shelf: blocks freed last, kept as they are for requests of about their
 * size. A temporary of an expression comes back at the same size at once; to
 * cut its run out of a free one and to join it again costs three times as much.
 */

#include "shelf.h"

#include "state.h"

#define SLOTS 8

/* Above this the cost of a run is lost in that of writing to it. */
#define BLOCK_MAX ((size_t)4 << 20)

/* A request may leave this part of a block idle. */
#define SLACK_PART 8

/* Runs, in use for all others; the one freed last at the end. With room for
 * one more, so that the oldest goes after the newest has come. */
static uint32_t shelf[SLOTS + 1];
static unsigned int filled;

static size_t bytes_of(uint32_t at)
{
	return (size_t)dmem_window.tags[at].len << DMEM_GRANULE_SHIFT;
}

static void take_out(unsigned int slot)
{
	size_t nbytes = bytes_of(shelf[slot]);

	filled--;
	for (; slot < filled; slot++)
		shelf[slot] = shelf[slot + 1];
	dmem_arena.shelved -= nbytes;
	dmem_arena_used(nbytes);
}

static void end_oldest(void)
{
	uint32_t at = shelf[0];

	take_out(0);
	dmem_arena_release(at);
}

bool dmem_shelf_put(uint32_t at)
{
	if (bytes_of(at) > BLOCK_MAX || dmem_window.tags[at].u.block.lazy ||
	    dmem_retain_limited())
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

static bool fits(uint32_t at, const struct dmem_shape *shape, size_t nbytes,
		 size_t align)
{
	const struct dmem_tag *tag = &dmem_window.tags[at];
	size_t phase = (size_t)tag->u.block.phase * 64;

	return tag->len >= shape->len &&
	       tag->len - shape->len <= shape->len / SLACK_PART &&
	       !(at & (shape->align - 1)) &&
	       nbytes + phase <= bytes_of(at) &&
	       !(phase & (align - 1));
}

uint32_t dmem_shelf_take(const struct dmem_shape *shape, size_t nbytes,
			 size_t align)
{
	unsigned int slot = filled;
	uint32_t at;

	align = align ? align : 1;
	while (slot-- > 0) {
		at = shelf[slot];
		if (!fits(at, shape, nbytes, align))
			continue;
		take_out(slot);
		dmem_arena.faults_avoided +=
			dmem_arena_faults(at, dmem_window.tags[at].len);
		return at;
	}
	return DMEM_NO_RUN;
}

bool dmem_shelf_clear(void)
{
	bool any = filled;

	while (filled)
		end_oldest();
	return any;
}

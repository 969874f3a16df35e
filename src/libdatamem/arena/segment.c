/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes segments out of their runs, gives them back, enters them again. */

#include "segment.h"

#include "kernel/kernel.h"
#include "dump.h"
#include "move.h"
#include "open.h"
#include "place.h"

/* Mapped memory without pages beyond this is given back as address space. */
#define CLEAN_MAX ((size_t)64 << 20)
#define CLEAN_PART 8

void *dmem_segment_address(const struct dmem_segment *segment, size_t *nbytes)
{
	*nbytes = (size_t)segment->count << dmem_window.chunk_shift;
	return dmem_chunk_address(segment->chunk);
}

void dmem_segment_detach(const struct dmem_segment *segment)
{
	uint32_t granules = dmem_chunk_granules();

	for (uint32_t i = 0; i < segment->count; i++)
		dmem_chunks_out(segment->chunk + i);
	dmem_arena.leaving += dmem_segment_bytes(segment);
	dmem_runs_cut(segment->run, segment->chunk * granules,
		      segment->count * granules);
}

void dmem_segment_attach(const struct dmem_segment *segment, uint8_t set,
			 uint8_t clear)
{
	uint32_t granules = dmem_chunk_granules();

	for (uint32_t i = 0; i < segment->count; i++) {
		struct dmem_chunk *c = &dmem_window.chunks[segment->chunk + i];

		c->flags = (uint8_t)((c->flags & ~clear) | set);
		dmem_chunks_in(segment->chunk + i);
	}
	dmem_arena.leaving -= dmem_segment_bytes(segment);
	dmem_runs_put(segment->chunk * granules, segment->count * granules);
}

static bool is_clean(uint32_t chunk)
{
	const uint8_t want = DMEM_CHUNK_FREE | DMEM_CHUNK_MAPPED |
			     DMEM_CHUNK_ZERO;

	return (dmem_window.chunks[chunk].flags & want) == want;
}

/* Find clean chunks in a row from `chunk` on. */
static bool find_clean(uint32_t chunk, struct dmem_segment *out)
{
	uint32_t end = 0, n = 0;

	for (unsigned int i = dmem_region_of(chunk) - dmem_regions;
	     i < dmem_regions_count; i++) {
		chunk = DMEM_MAX(chunk, dmem_region_begin(&dmem_regions[i]));
		end = dmem_region_end(&dmem_regions[i]);
		while (chunk < end && !is_clean(chunk))
			chunk++;
		if (chunk < end)
			break;
	}
	while (chunk + n < end && is_clean(chunk + n))
		n++;
	if (n)
		*out = (struct dmem_segment){
			.run = dmem_runs_of(chunk * dmem_chunk_granules()),
			.chunk = chunk,
			.count = n,
		};
	return n;
}

void dmem_segment_unmap_clean(size_t keep)
{
	struct dmem_segment segment = { .count = 0 };
	unsigned int turn;
	size_t nbytes;
	void *addr;
	int err;

	while (dmem_arena.clean > keep &&
	       find_clean(segment.chunk + segment.count, &segment)) {
		addr = dmem_segment_address(&segment, &nbytes);
		dmem_segment_detach(&segment);
		turn = dmem_arena_step_out();
		err = dmem_kernel_unmap(addr, nbytes);
		dmem_arena_step_in(turn);
		if (!err) {
			dmem_move_unmark(segment.chunk, segment.count);
			dmem_window_forget(segment.chunk, segment.count);
		}
		dmem_segment_attach(&segment, 0, 0);
	}
}

size_t dmem_segment_bytes(const struct dmem_segment *segment)
{
	return (size_t)segment->count << dmem_window.chunk_shift;
}

size_t dmem_segment_clean_max(void)
{
	return DMEM_MAX(CLEAN_MAX, dmem_arena.used / CLEAN_PART);
}

bool dmem_segment_kept(const struct dmem_chunk *c)
{
	const uint8_t mask = DMEM_CHUNK_FREE | DMEM_CHUNK_MAPPED |
			     DMEM_CHUNK_ZERO;

	return (c->flags & mask) == (DMEM_CHUNK_FREE | DMEM_CHUNK_MAPPED);
}

/* How a segment has gone. */
enum gone {
	STAYS,     /* refused: as it was */
	EMPTIED,   /* mapped, without pages */
	UNMAPPED,
	RENEWED,   /* mapped afresh, with flags of its own */
};

/*
 * Give the pages of a detached segment back, or its address space as well.
 * Without the lock.
 *
 * A moved part is mapped afresh, so that it merges with its neighbours again,
 * as is an opened one: where small pages were there are no huge ones before.
 * In two steps: where one over the old mapping fails, it may be gone or not.
 */
static enum gone give_back(const struct dmem_segment *segment, bool unmap,
			   bool moved, uint8_t *fresh)
{
	size_t nbytes;
	void *addr = dmem_segment_address(segment, &nbytes);

	if (!unmap && !moved && !dmem_kernel_restore(addr, nbytes) &&
	    !dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE))
		return EMPTIED;
	/* Also where a filter forbids the advice. */
	if (dmem_kernel_unmap(addr, nbytes))
		return dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE) ?
			       STAYS : EMPTIED;
	*fresh = 0;
	if (unmap || !moved || dmem_kernel_map_at(addr, nbytes) ||
	    dmem_place_fresh(addr, nbytes, fresh))
		return UNMAPPED;
	return RENEWED;
}

static void note_gone(const struct dmem_segment *segment, enum gone gone,
		      uint8_t fresh)
{
	uint32_t now;

	switch (gone) {
	case STAYS:
		/* The others first, from now on. */
		now = dmem_retain_now();
		for (uint32_t i = 0; i < segment->count; i++)
			dmem_chunk_at(segment->chunk + i)->stamp = now;
		dmem_segment_attach(segment, 0, 0);
		return;
	case EMPTIED:
		dmem_segment_attach(segment, DMEM_CHUNK_ZERO, DMEM_CHUNK_LAZY);
		return;
	case UNMAPPED:
		dmem_move_unmark(segment->chunk, segment->count);
		dmem_window_forget(segment->chunk, segment->count);
		dmem_segment_attach(segment, 0, UINT8_MAX);
		return;
	case RENEWED:
		dmem_move_unmark(segment->chunk, segment->count);
		dmem_dump_forget(segment->chunk, segment->count);
		dmem_segment_attach(segment, fresh | DMEM_CHUNK_MAPPED |
					     DMEM_CHUNK_ZERO, UINT8_MAX);
	}
}

static bool purge_whole(const struct dmem_segment *segment)
{
	uint8_t flags = dmem_window.chunks[segment->chunk].flags, fresh;
	size_t nbytes = dmem_segment_bytes(segment);
	unsigned int turn;
	enum gone gone;
	bool unmap, opened = dmem_chunk_at(segment->chunk)->opened;
	size_t absent = 0;

	for (uint32_t i = 0; i < segment->count; i++)
		absent += dmem_chunk_at(segment->chunk + i)->absent;
	dmem_segment_detach(segment);
	/* Explicit huge pages go back to their pool in this way only. */
	unmap = (flags & DMEM_CHUNK_HUGETLB) ||
		dmem_arena.clean + nbytes > dmem_segment_clean_max();
	turn = dmem_arena_step_out();
	gone = give_back(segment, unmap, opened || (flags & DMEM_CHUNK_MOVED),
			 &fresh);
	dmem_arena_step_in(turn);
	if (gone != STAYS)
		dmem_arena.purged_bytes += nbytes -
					   (absent << DMEM_GRANULE_SHIFT);
	/* Mapped afresh, or as good as it gets. */
	for (uint32_t i = 0; opened && i < segment->count; i++)
		dmem_open_forget(segment->chunk + i);
	note_gone(segment, gone, fresh);
	return gone != STAYS;
}

size_t dmem_segment_purge(const struct dmem_segment *segment)
{
	struct dmem_segment one = { .count = 1 };
	uint32_t end = segment->chunk + segment->count;
	size_t done = 0;

	if (purge_whole(segment))
		return dmem_segment_bytes(segment);
	if (segment->count == 1)
		return 0;
	for (one.chunk = segment->chunk; one.chunk < end; one.chunk++) {
		/* The lock was left: others may have taken it. */
		if (!dmem_segment_kept(dmem_chunk_at(one.chunk)))
			continue;
		one.run = dmem_runs_of(one.chunk * dmem_chunk_granules());
		if (purge_whole(&one))
			done += dmem_chunk_size();
	}
	return done;
}

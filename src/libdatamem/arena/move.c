/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Moves the contents of runs: whole chunks by their pages, the rest copied. */

#include "move.h"

#include <string.h>

#include "kernel/kernel.h"
#include "probes.h"
#include "place.h"
#include "state.h"

/*
 * A moved mapping never merges with its neighbours again until it is purged
 * and mapped afresh, so moves stop here and growth copies: 2 a live block and
 * 512, and a sixteenth of vm.max_map_count. With 64 in place of 512 kept pages
 * are not moved either (refill.c): eight blocks of up to 64 MiB, replaced at
 * random, took up to 574 MiB instead of 446, which need 256 mappings in all.
 */
#define MOVED_SPARE 512
#define MAP_COUNT_PART 16

/* A mapping begins here, or none does. */
static void set_first(uint32_t chunk, bool first)
{
	uint8_t *flags = &dmem_chunk_at(chunk)->flags;

	if (!(*flags & DMEM_CHUNK_FIRST) == !first)
		return;
	*flags ^= DMEM_CHUNK_FIRST;
	if (first)
		dmem_arena.moved++;
	else
		dmem_arena.moved--;
}

void dmem_move_unmark(uint32_t chunk, uint32_t count)
{
	uint32_t end = chunk + count;

	for (; chunk < end; chunk++) {
		set_first(chunk, false);
		dmem_chunk_at(chunk)->flags &= (uint8_t)~DMEM_CHUNK_MOVED;
	}
	/* The rest of a mapping whose beginning this was. */
	if (dmem_chunk_at(end)->flags & DMEM_CHUNK_MOVED)
		set_first(end, true);
}

void dmem_move_mark(uint32_t chunk, uint32_t count)
{
	dmem_move_unmark(chunk, count);
	for (uint32_t i = chunk; i < chunk + count; i++)
		dmem_chunk_at(i)->flags |= DMEM_CHUNK_MOVED;
	set_first(chunk, true);
}

uint32_t dmem_move_row(uint32_t chunk, uint32_t end)
{
	uint8_t moved = dmem_window.chunks[chunk].flags & DMEM_CHUNK_MOVED;
	uint32_t n = 1;

	while (chunk + n < end &&
	       (dmem_window.chunks[chunk + n].flags &
		(DMEM_CHUNK_MOVED | DMEM_CHUNK_FIRST)) == moved)
		n++;
	return n;
}

bool dmem_move_room(size_t more)
{
	static size_t map_count;
	size_t bound = MOVED_SPARE + 2 * dmem_arena.large_blocks;

	if (!map_count) {
		map_count = dmem_kernel_max_map_count();
		if (!map_count)
			map_count = 65530;
	}
	return dmem_arena.moved + more <=
	       DMEM_MIN(bound, map_count / MAP_COUNT_PART);
}

bool dmem_move_allowed(uint32_t at)
{
	uint32_t granules = dmem_chunk_granules();
	uint32_t chunk = DMEM_ROUND_UP(at, granules) / granules;
	uint32_t end = (at + dmem_window.tags[at].len) / granules;
	size_t more = 0;

	if (chunk >= end)
		return false;
	/* Each row leaves one where it was and one where it goes. */
	for (; chunk < end; chunk += dmem_move_row(chunk, end))
		more += 2;
	return dmem_move_room(more);
}

static void set_flags(uint32_t chunk, uint32_t count, uint8_t set,
		      uint8_t clear)
{
	for (; count-- > 0; chunk++) {
		uint8_t *flags = &dmem_window.chunks[chunk].flags;

		*flags = (uint8_t)((*flags & ~clear) | set);
	}
}

/* A lost range is a hole for us: mapped again, without force, when needed. */
void dmem_move_lose(uint32_t chunk, uint32_t count)
{
	dmem_move_unmark(chunk, count);
	dmem_window_forget(chunk, count);
}

void dmem_move_note(uint32_t from, uint32_t to, uint32_t count, bool lost)
{
	uint8_t advised = dmem_window.chunks[from].flags & DMEM_CHUNK_ADVISED;

	dmem_move_mark(to, count);
	/* Advice goes with the mapping. */
	set_flags(to, count, advised, DMEM_CHUNK_ADVISED);
	dmem_move_mark(from, count);
	set_flags(from, count, DMEM_CHUNK_ZERO, 0);
	if (lost)
		dmem_move_lose(from, count);
}

/* The kernel would not move a row: its target may be mapped afresh. */
static void copy_row(uint32_t from, uint32_t to, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;
	void *addr = dmem_chunk_address(to);
	bool advised = dmem_place_advise(addr, nbytes);

	memcpy(addr, dmem_chunk_address(from), nbytes);
	dmem_arena_lock();
	dmem_move_unmark(to, count);
	set_flags(to, count, advised ? DMEM_CHUNK_ADVISED : 0,
		  DMEM_CHUNK_ADVISED);
	dmem_arena_unlock();
}

/*
 * Move count chunks row by row; what the kernel will not move is copied. False
 * when a part of the target was lost: then all is at the source again.
 */
static bool move_chunks(uint32_t from, uint32_t to, uint32_t count)
{
	bool moved = false, lost = false;
	uint32_t n;
	int err;

	for (uint32_t i = 0; i < count; i += n) {
		dmem_arena_lock();
		n = dmem_move_row(from + i, from + count);
		dmem_arena_unlock();
		/* A lost source could not be written back to if the next row
		 * lost its target. */
		err = lost ? -ENOTSUP :
			     dmem_kernel_move(dmem_chunk_address(from + i),
					      dmem_chunk_address(to + i),
					      (size_t)n
						      << dmem_window.chunk_shift);
		if (err < 0 && err != -EFAULT) {
			copy_row(from + i, to + i, n);
			continue;
		}
		dmem_arena_lock();
		if (err >= 0)
			dmem_move_note(from + i, to + i, n, err);
		else
			dmem_move_lose(to + i, n);
		/* Rows moved before are written back to their source. */
		if (err < 0)
			set_flags(from, i, 0, DMEM_CHUNK_ZERO);
		dmem_arena_unlock();
		if (err < 0) {
			memcpy(dmem_chunk_address(from), dmem_chunk_address(to),
			       (size_t)i << dmem_window.chunk_shift);
			return false;
		}
		moved = true;
		lost |= err > 0;
	}
	dmem_arena_lock();
	if (moved)
		dmem_arena.resizes_moved++;
	else
		dmem_arena.resizes_copied++;
	dmem_arena_unlock();
	return true;
}

bool dmem_move_block(uint32_t from, uint32_t to, size_t nbytes, bool by_pages)
{
	size_t phase = (size_t)dmem_window.tags[from].u.block.phase * 64;
	char *src = dmem_granule_address(from), *dst = dmem_granule_address(to);
	uint32_t granules = dmem_chunk_granules();
	uint32_t lead = DMEM_ROUND_UP(from, granules) - from, count;
	size_t head = (size_t)lead << DMEM_GRANULE_SHIFT;
	size_t end = phase + nbytes, begin = phase;

	if (by_pages && end >= head + dmem_chunk_size()) {
		count = (uint32_t)((end - head) >> dmem_window.chunk_shift);
		if (!move_chunks((from + lead) / granules,
				 (to + lead) / granules, count))
			return false;
		dmem_probe3(DATAMEM, move, src + phase, dst + phase, nbytes);
		if (lead)
			memcpy(dst + phase, src + phase, head - phase);
		begin = head + ((size_t)count << dmem_window.chunk_shift);
	} else {
		dmem_arena_lock();
		dmem_arena.resizes_copied++;
		dmem_arena_unlock();
		dmem_probe3(DATAMEM, copy, src + phase, dst + phase, nbytes);
	}
	memcpy(dst + begin, src + begin, end - begin);
	return true;
}

bool dmem_move_hugetlb(uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();

	for (; chunk <= last; chunk++)
		if (dmem_window.chunks[chunk].flags & DMEM_CHUNK_HUGETLB)
			return true;
	return false;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The condition of chunks: flags and counters in agreement with the runs that
 * cover them.
 */

#include "kept.h"
#include "open.h"
#include "state.h"
#include "zero.h"

/* Of a free chunk: it has pages, or had them when the kernel was offered it. */
static bool has_kept_pages(const struct dmem_chunk *c)
{
	return c->opened || (c->flags & DMEM_CHUNK_LAZY) ||
	       (c->flags & (DMEM_CHUNK_MAPPED | DMEM_CHUNK_ZERO)) ==
		       DMEM_CHUNK_MAPPED;
}

static size_t absent_bytes(const struct dmem_chunk *c)
{
	return (size_t)c->absent << DMEM_GRANULE_SHIFT;
}

void dmem_chunks_out(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	if (!(c->flags & DMEM_CHUNK_FREE))
		return;
	dmem_arena.opened_bytes += absent_bytes(c);
	if (has_kept_pages(c))
		dmem_kept_leave(chunk);
	if (c->flags & DMEM_CHUNK_LAZY)
		dmem_arena.lazy_bytes -= dmem_chunk_size();
	else if (!(c->flags & DMEM_CHUNK_MAPPED))
		;
	else if (c->flags & DMEM_CHUNK_ZERO)
		dmem_arena.clean -= dmem_chunk_size();
	else
		dmem_arena.retained -= dmem_chunk_size() - absent_bytes(c);
	c->flags &= (uint8_t)~DMEM_CHUNK_FREE;
}

void dmem_chunks_in(uint32_t chunk)
{
	struct dmem_chunk *c = dmem_chunk_at(chunk);

	/* Of small pages: they need not be mapped afresh. */
	if (c->absent && !c->opened)
		dmem_open_set_absent(c, 0);
	/* Of a free chunk only what it has is kept; opened are those that
	 * blocks are in. */
	dmem_arena.opened_bytes -= absent_bytes(c);
	c->flags |= DMEM_CHUNK_FREE;
	if (has_kept_pages(c))
		dmem_kept_enter(chunk);
	if (c->flags & DMEM_CHUNK_LAZY)
		dmem_arena.lazy_bytes += dmem_chunk_size();
	else if (!(c->flags & DMEM_CHUNK_MAPPED))
		;
	else if (c->flags & DMEM_CHUNK_ZERO)
		dmem_arena.clean += dmem_chunk_size();
	else
		dmem_arena.retained += dmem_chunk_size() - absent_bytes(c);
}

void dmem_chunks_freed(uint32_t run, uint32_t start, uint32_t len)
{
	uint32_t end = run + dmem_window.tags[run].len;
	uint32_t granules = dmem_chunk_granules();
	uint32_t first = start >> dmem_granule_shift();
	uint32_t last = (start + len - 1) >> dmem_granule_shift();
	uint32_t now = dmem_retain_now();

	dmem_zero_written(start, len);
	for (uint32_t i = first; i <= last; i++) {
		struct dmem_chunk *c = dmem_chunk_at(i);

		c->busy = (uint16_t)(c->busy - dmem_chunk_part(i, start, len));
		c->stamp = now;
		if (i << dmem_granule_shift() < run ||
		    (i << dmem_granule_shift()) + granules > end ||
		    (c->flags & DMEM_CHUNK_FREE))
			continue;
		dmem_chunks_in(i);
	}
}

void dmem_chunks_unadvise(uint32_t at, uint32_t len)
{
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t end = (at + len) >> dmem_granule_shift();

	for (; chunk < end; chunk++)
		dmem_chunk_at(chunk)->flags &= (uint8_t)~DMEM_CHUNK_ADVISED;
}

/* Written, or shared with blocks and so probably written. */
static bool has_pages(const struct dmem_chunk *c)
{
	return !(c->flags & DMEM_CHUNK_FREE) || !(c->flags & DMEM_CHUNK_ZERO);
}

uint64_t dmem_chunks_faults(uint32_t at, uint32_t len)
{
	uint32_t first = at >> dmem_granule_shift();
	uint32_t last = (at + len - 1) >> dmem_granule_shift();
	uint64_t faults = 0;

	for (uint32_t i = first; i <= last; i++)
		if (has_pages(dmem_chunk_at(i)))
			faults += dmem_chunk_at(i)->flags & DMEM_CHUNK_ADVISED ?
				  1 : DMEM_MIN(len, dmem_chunk_granules());
	return faults;
}

/* Chunks that are looked at while others wait for the lock. */
#define LOOK_CHUNKS 4096

size_t dmem_arena_having(size_t first, size_t end, uint8_t flag)
{
	size_t count = 0;

	while (first < end) {
		size_t stop = DMEM_MIN(end, first + LOOK_CHUNKS);

		dmem_arena_lock();
		for (; first < stop; first++)
			count += !!(dmem_window.chunks[first].flags & flag);
		dmem_arena_unlock();
	}
	return count << dmem_window.chunk_shift;
}

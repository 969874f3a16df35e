/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Resizes blocks: in place, into the free run behind, by moving pages, by
 * copying, in this order.
 */

#include "arena.h"

#include <string.h>

#include "probes.h"
#include "move.h"
#include "place.h"
#include "shelf.h"
#include "state.h"

/* A block that has grown this often asks for headroom of this part. */
#define GROWN_OFTEN 2
#define HEADROOM_PART 8

/* The size that a block can grow to where it is. */
static size_t usable(const struct dmem_tag *tag)
{
	return ((size_t)tag->len << DMEM_GRANULE_SHIFT) -
	       (size_t)tag->u.block.phase * 64 - tag->u.block.apart;
}

static void *start_of(uint32_t at)
{
	return (char *)dmem_granule_address(at) +
	       (size_t)dmem_window.tags[at].u.block.phase * 64;
}

static void set_nbytes(struct dmem_tag *tag, size_t nbytes)
{
	dmem_arena.large_bytes += nbytes - tag->u.block.nbytes;
	if (nbytes > tag->u.block.nbytes && tag->u.block.grown < 3)
		tag->u.block.grown++;
	tag->u.block.nbytes = nbytes;
}

/* Granules that a block needs for nbytes, its phase included. */
static bool granules_for(const struct dmem_tag *tag, size_t nbytes,
			 uint32_t *len)
{
	size_t phase = (size_t)tag->u.block.phase * 64;
	struct dmem_shape shape;

	if (!dmem_arena_shape(nbytes, 0, tag->u.block.apart, &shape))
		return false;
	*len = (uint32_t)((phase + nbytes + tag->u.block.apart +
			   DMEM_GRANULE - 1) >> DMEM_GRANULE_SHIFT);
	if (tag->u.block.lazy)
		*len = DMEM_ROUND_UP(*len, dmem_chunk_granules());
	return true;
}

/* The end of a sparse block becomes one of its own, and is freed as such. */
static void give_sparse(uint32_t at, uint32_t len)
{
	dmem_runs_split(at, len);
	dmem_window.tags[at + len].u.block = (__typeof__(
		dmem_window.tags[at].u.block)){ .lazy = 1, .gone = 1 };
	dmem_retire_block(at + len);
}

static void shrink(uint32_t at, uint32_t len, size_t nbytes)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	uint32_t old = tag->len, run;

	set_nbytes(tag, nbytes);
	if (len >= old)
		return;
	if (tag->u.block.lazy) {
		give_sparse(at, len);
		return;
	}
	run = dmem_runs_shorten(at, len);
	dmem_arena.used -= (size_t)(old - len) << DMEM_GRANULE_SHIFT;
	dmem_chunks_freed(run, at + len, old - len);
	dmem_retain_note();
}

/* Let a free run follow the block, at a region's end by extending it. */
static uint32_t run_behind(uint32_t at, uint32_t more)
{
	uint32_t end = at + dmem_window.tags[at].len;
	uint32_t run = dmem_runs_behind(at);
	uint32_t chunk = at >> dmem_granule_shift();
	uint32_t limit = dmem_region_end(dmem_region_of(chunk))
			 << dmem_granule_shift();
	uint32_t have = run == DMEM_NO_RUN ? 0 : dmem_window.tags[run].len;

	if (have >= more || end + have != limit)
		return run;
	if (dmem_arena_extend_at(chunk, more))
		return run;
	return dmem_runs_behind(at);
}

static bool grow_in_place(uint32_t at, uint32_t len)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	uint32_t more = len - tag->len;
	uint32_t extra = 0, have, run;
	bool zero;

	/* The run behind may be on a shelf. */
	dmem_shelf_clear();
	run = run_behind(at, more);
	if (run == DMEM_NO_RUN || dmem_window.tags[run].len < more)
		return false;
	have = dmem_window.tags[run].len;
	if (tag->u.block.grown >= GROWN_OFTEN)
		extra = DMEM_MIN(len / HEADROOM_PART, have - more);
	/* A sparse block shares no chunk. */
	if (tag->u.block.lazy)
		extra = DMEM_ROUND_DOWN(extra, dmem_chunk_granules());
	if (dmem_arena_map(run, run, more + extra))
		return false;
	dmem_arena_claim(run, run, more + extra, &zero);
	dmem_runs_join(at);
	return true;
}

/*
 * A new run for a block that must move; headroom where it grows often. Pages
 * move to the same place in a chunk as they had.
 */
static uint32_t take_larger(uint32_t from, uint32_t len, size_t nbytes,
			    bool by_pages)
{
	const struct dmem_tag *tag = &dmem_window.tags[from];
	size_t align = tag->u.block.log2_align ?
			       (size_t)1 << tag->u.block.log2_align : 0;
	struct dmem_shape shape;
	uint32_t at;
	bool zero;

	dmem_arena_shape(nbytes, align, tag->u.block.apart, &shape);
	shape.len = len;
	shape.phase = tag->u.block.phase;
	if (by_pages) {
		shape.align = DMEM_MAX(shape.align, dmem_chunk_granules());
		shape.lead = from % dmem_chunk_granules();
	}
	if (tag->u.block.grown >= GROWN_OFTEN)
		shape.len += len / HEADROOM_PART;
	/* A sparse block shares no chunk. */
	if (tag->u.block.lazy) {
		shape.align = DMEM_MAX(shape.align, dmem_chunk_granules());
		shape.len = DMEM_ROUND_UP(shape.len, dmem_chunk_granules());
	}
	/* Moved pages replace those of the run: fresh ones cost nothing. */
	at = dmem_arena_take(&shape, by_pages, &zero);
	if (at == DMEM_NO_RUN && shape.len != len) {
		shape.len = len;
		at = dmem_arena_take(&shape, by_pages, &zero);
	}
	return at;
}

static void *relocate(uint32_t at, uint32_t len, size_t nbytes)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	/* All that datamem_usable_size() promised. */
	size_t old = DMEM_MIN(usable(tag), nbytes);
	bool by_pages = dmem_move_allowed(at) &&
			!dmem_move_hugetlb(at, tag->len);
	unsigned int turn;
	bool carried;
	uint32_t to;

	for (;;) {
		to = take_larger(at, len, nbytes, by_pages);
		if (to == DMEM_NO_RUN)
			return NULL;
		by_pages = by_pages && !dmem_move_hugetlb(to, len);
		dmem_window.tags[to].u.block = tag->u.block;
		/* Moved pages bring their advice along. */
		dmem_window.tags[to].u.block.lazy = tag->u.block.lazy &&
						    by_pages;
		/* No block yet for those who look while the lock is left. */
		dmem_window.tags[to].u.block.gone = 1;
		/* A child would have it for ever. */
		turn = dmem_arena_step_out();
		dmem_place_again(dmem_granule_address(to), nbytes);
		carried = dmem_move_block(at, to, old, by_pages);
		dmem_arena_step_in(turn);
		if (carried)
			break;
		dmem_retire_free(to);
		by_pages = false;
	}
	dmem_window.tags[to].u.block.gone = 0;
	set_nbytes(&dmem_window.tags[to], nbytes);
	dmem_window.tags[to].u.block.huge =
		!dmem_window.tags[to].u.block.lazy && dmem_run_huge(to);
	tag->u.block.gone = 1;
	dmem_retire_block(at);
	return start_of(to);
}

/* A block with a mapping of its own, or one that needs one. */
static void *resize_outside(void *ptr, size_t nbytes)
{
	struct dmem_block block;
	void *fresh;
	bool found;

	dmem_arena_lock();
	if (dmem_outside_shrink(ptr, nbytes)) {
		dmem_arena.resizes_in_place++;
		dmem_arena_unlock();
		return ptr;
	}
	dmem_arena_unlock();

	fresh = dmem_outside_grow(ptr, nbytes);
	if (fresh)
		return fresh;
	found = dmem_arena_find(ptr, &block);
	if (!found)
		return NULL;
	fresh = dmem_arena_alloc(nbytes, block.align,
				 block.node |
				 (block.apart ? DMEM_KIND_APART : 0));
	if (!fresh)
		return NULL;
	dmem_probe3(DATAMEM, copy, ptr, fresh, nbytes);
	memcpy(fresh, ptr, DMEM_MIN(nbytes, block.usable));
	dmem_arena_free(ptr);
	dmem_arena_lock();
	dmem_arena.resizes_copied++;
	dmem_arena_unlock();
	return fresh;
}

/* Without a move; false: nothing changed. */
static bool fit(uint32_t at, uint32_t len, size_t nbytes)
{
	struct dmem_tag *tag = &dmem_window.tags[at];

	if (nbytes <= usable(tag))
		shrink(at, nbytes < tag->u.block.nbytes ? len : tag->len,
		       nbytes);
	else if (grow_in_place(at, len))
		set_nbytes(tag, nbytes);
	else
		return false;
	dmem_arena.resizes_in_place++;
	return true;
}

bool dmem_arena_fit(void *ptr, size_t nbytes)
{
	uint32_t at = DMEM_NO_RUN, len;
	size_t old = nbytes;
	bool fits;

	dmem_arena_enter();
	if (dmem_window_holds(ptr))
		at = dmem_arena_run(ptr);
	if (at == DMEM_NO_RUN) {
		fits = dmem_outside_shrink(ptr, nbytes);
		dmem_arena.resizes_in_place += fits;
	} else {
		old = dmem_window.tags[at].u.block.nbytes;
		fits = granules_for(&dmem_window.tags[at], nbytes, &len) &&
		       fit(at, len, nbytes);
	}
	dmem_arena_unlock();
	if (fits && nbytes > old) {
		dmem_place_again((char *)ptr + old, nbytes - old);
		dmem_place_block((char *)ptr + old, nbytes - old);
	}
	dmem_arena_settle();
	return fits;
}

void *dmem_arena_resize(void *ptr, size_t nbytes)
{
	struct dmem_tag *tag;
	void *result = ptr;
	uint32_t at, len;
	size_t old;

	if (!dmem_window_holds(ptr))
		return resize_outside(ptr, nbytes);
	dmem_arena_enter();
	at = dmem_arena_run(ptr);
	tag = &dmem_window.tags[at];
	/* A mapping of its own may have come to lie below the extent. */
	if (at == DMEM_NO_RUN || !granules_for(tag, nbytes, &len)) {
		dmem_arena_unlock();
		return resize_outside(ptr, nbytes);
	}
	old = tag->u.block.nbytes;
	if (!fit(at, len, nbytes))
		result = relocate(at, len, nbytes);
	dmem_arena_unlock();
	dmem_retain_make_up();
	if (!result)
		result = resize_outside(ptr, nbytes);
	if (result == ptr && nbytes > old)
		dmem_place_again((char *)result + old, nbytes - old);
	if (result && nbytes > old)
		dmem_place_block((char *)result + old, nbytes - old);
	dmem_arena_settle();
	return result;
}

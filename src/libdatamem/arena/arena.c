/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes runs for blocks and gives them back. */

#include "arena.h"

#include <string.h>

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "settings/settings.h"
#include "place.h"
#include "quiet.h"
#include "refill.h"
#include "room.h"
#include "state.h"
#include "zero.h"

/*
 * A block begins on a chunk's boundary, from where it can be moved and purged
 * whole, if what that leaves of its last chunk is at most this part of it. All
 * others share chunks: of their own they would take up to twice the memory.
 */
#define WASTE_PART 64

/*
 * Blocks start at varying multiples of 64 bytes where there is room: twenty
 * arrays at one phase of the cache are 2.2 times slower to walk together. Lock
 * held.
 */
static uint32_t pick_phase(size_t slack, size_t align)
{
	static uint32_t turn;
	uint32_t step = align > 64 ? (uint32_t)DMEM_MIN(align, DMEM_GRANULE) / 64
				   : 1;
	uint32_t room = (uint32_t)(DMEM_MIN(slack, DMEM_GRANULE - 64) / 64);

	/* 27 is coprime to 64: consecutive blocks spread over the sets. */
	turn += 27;
	return turn % (room / step + 1) * step;
}

bool dmem_arena_shape(size_t nbytes, size_t align, bool apart,
		      struct dmem_shape *out)
{
	size_t chunk = dmem_chunk_size(), len;
	bool whole;

	if (nbytes > DMEM_REGION_MAX - 2 * DMEM_GRANULE)
		return false;
	len = DMEM_ROUND_UP(nbytes + apart, DMEM_GRANULE);
	whole = DMEM_ROUND_UP(len, chunk) - nbytes <= nbytes / WASTE_PART;
	/* Room for the phase, where it costs next to nothing. */
	if (nbytes > chunk && !(whole && len % chunk == 0))
		len = DMEM_ROUND_UP(nbytes + DMEM_GRANULE / 2, DMEM_GRANULE);
	*out = (struct dmem_shape){
		.len = (uint32_t)(len >> DMEM_GRANULE_SHIFT),
		.align = (uint32_t)(DMEM_MAX(align, DMEM_GRANULE) >>
				    DMEM_GRANULE_SHIFT),
		.apart = apart,
	};
	if (whole)
		out->align = DMEM_MAX(out->align, dmem_chunk_granules());
	return true;
}

/* Whether a block is to be without huge pages. */
static bool is_sparse(size_t nbytes, unsigned int kind)
{
	if (kind & DMEM_KIND_SPARSE)
		return true;
	if (!(kind & DMEM_KIND_ZERO) || nbytes < dmem_chunk_size())
		return false;
	switch (dmem_setting_value(DMEM_SETTING_ZERO_POLICY)) {
	case DMEM_ZERO_LAZY:
		return true;
	case DMEM_ZERO_EAGER:
		return false;
	default:
		return !dmem_room_for(nbytes);
	}
}

/* Write to zeroed memory before the program does, so that it finds it warm. */
static bool clears_early(size_t nbytes)
{
	return dmem_setting_value(DMEM_SETTING_ZERO_POLICY) ==
		       DMEM_ZERO_EAGER &&
	       dmem_room_affords(nbytes);
}

/* Make a fresh block sparse: no huge pages until it is freed. */
static void make_lazy(uint32_t at, uint32_t len, bool known_zero)
{
	void *addr = dmem_granule_address(at);
	size_t nbytes = (size_t)len << DMEM_GRANULE_SHIFT;

	if (!known_zero &&
	    dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE))
		memset(addr, 0, nbytes);
	dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_NOHUGEPAGE);
}

/* A block's contents, now that it is nobody else's. */
static void fill(char *start, uint32_t at, size_t nbytes, unsigned int kind,
		 bool known_zero, const struct dmem_zero_ends *ends)
{
	const struct dmem_tag *tag = &dmem_window.tags[at];

	if (tag->u.block.lazy)
		make_lazy(at, tag->len, known_zero);
	else if (!(kind & DMEM_KIND_ZERO) && !known_zero)
		;
	else if (!(kind & DMEM_KIND_ZERO))
		dmem_place_block(start, nbytes);
	else if (clears_early(nbytes))
		memset(start, 0, nbytes);
	else if (known_zero)
		dmem_place_block(start, nbytes);
	else
		dmem_zero_run(at, tag->len, ends);
}

/*
 * Take a run, with kept pages where it has none; DMEM_NO_RUN. *zero: whether it
 * reads as zeros. Lock held, and left in between.
 */
static uint32_t take(const struct dmem_shape *shape, unsigned int kind,
		     bool *zero)
{
	bool lazy = kind & DMEM_KIND_SPARSE;
	uint32_t at = dmem_arena_take(shape, lazy, zero);
	int refilled;

	if (at == DMEM_NO_RUN || lazy ||
	    (kind & DMEM_KIND_ZERO && !dmem_zero_by_hand(shape->len)))
		return at;
	dmem_tag_write(at, (dmem_tag_block){ .gone = 1 });
	refilled = dmem_refill_run(at, shape->len);
	if (refilled > 0)
		*zero = dmem_zero_known(at, shape->len);
	if (refilled >= 0)
		return at;
	dmem_retire_free(at);
	return dmem_arena_take(shape, lazy, zero);
}

/* NULL and *outside: a mapping of its own is to be tried. */
static void *alloc_in_window(size_t nbytes, size_t align, unsigned int kind,
			     bool *outside)
{
	bool lazy = kind & DMEM_KIND_SPARSE, known_zero;
	struct dmem_zero_ends ends;
	struct dmem_shape shape;
	uint32_t at;
	char *start;

	*outside = true;
	if (!dmem_arena_shape(nbytes, align, kind & DMEM_KIND_APART, &shape))
		return NULL;
	if (lazy) {
		/* Whole chunks, so that the advice touches nobody else. */
		shape.len = DMEM_ROUND_UP(shape.len, dmem_chunk_granules());
		shape.align = DMEM_MAX(shape.align, dmem_chunk_granules());
	}
	dmem_arena_enter();
	if (!lazy)
		shape.phase = pick_phase(((size_t)shape.len
					  << DMEM_GRANULE_SHIFT) - nbytes -
						 shape.apart, align);
	at = take(&shape, kind, &known_zero);
	if (at == DMEM_NO_RUN) {
		*outside = dmem_arena.full;
		dmem_arena_unlock();
		return NULL;
	}
	dmem_tag_write(at, (dmem_tag_block){
		.nbytes = nbytes,
		.phase = shape.phase & 63,
		.log2_align = align ? dmem_log2(align) & 31 : 0,
		.lazy = lazy,
		.huge = !lazy && dmem_run_huge(at),
		.apart = shape.apart,
	});
	if (lazy)
		dmem_chunks_unadvise(at, shape.len);
	else if (kind & DMEM_KIND_ZERO)
		dmem_zero_note(at, shape.len, &ends);
	dmem_arena.large_allocs++;
	dmem_arena.large_blocks++;
	dmem_arena.large_bytes += nbytes;
	if (known_zero)
		dmem_arena.large_misses++;
	else
		dmem_arena.large_hits++;
	dmem_arena_unlock();

	dmem_retain_make_up();
	start = (char *)dmem_granule_address(at) + (size_t)shape.phase * 64;
	dmem_place_again(start, nbytes);
	fill(start, at, nbytes, kind, known_zero, &ends);
	return start;
}

void *dmem_arena_alloc(size_t nbytes, size_t align, unsigned int kind)
{
	bool outside;
	void *ptr;

	dmem_kernel_names_start();
	if (dmem_kind_node(kind) < 0 && is_sparse(nbytes, kind))
		kind |= DMEM_KIND_SPARSE;
	outside = dmem_kind_node(kind) >= 0;
	ptr = outside ? NULL : alloc_in_window(nbytes, align, kind, &outside);
	if (!ptr && outside)
		ptr = dmem_outside_alloc(nbytes, align, kind);
	return ptr;
}

uint32_t dmem_arena_run(const void *ptr)
{
	size_t offset = dmem_window_find(ptr);
	uint32_t granule = (uint32_t)(offset >> DMEM_GRANULE_SHIFT);
	const struct dmem_tag *tag;
	dmem_tag_block block;

	if (offset == SIZE_MAX)
		return DMEM_NO_RUN;
	tag = &dmem_window.tags[granule];
	block = dmem_tag_read(granule);
	if (!tag->len || !tag->used || block.gone ||
	    (offset & (DMEM_GRANULE - 1)) != (size_t)block.phase * 64)
		return DMEM_NO_RUN;
	return granule;
}

/* 0: another thread has just freed it as well, to a shelf. */
static size_t free_in_window(uint32_t at)
{
	dmem_tag_block block = dmem_tag_read(at);
	size_t nbytes = block.nbytes;

	if (block.gone || !dmem_tag_end(at, block))
		return 0;
	dmem_arena.large_blocks--;
	dmem_arena.large_frees++;
	dmem_arena.large_bytes -= nbytes;
	dmem_retire_block(at);
	return nbytes;
}

size_t dmem_arena_free(void *ptr)
{
	size_t nbytes, unmap = 0;
	uint32_t at;

	dmem_arena_enter();
	at = dmem_arena_run(ptr);
	if (at != DMEM_NO_RUN)
		nbytes = free_in_window(at);
	else
		nbytes = dmem_outside_free(ptr, &unmap);
	if (unmap)
		dmem_outside_unmap(ptr, unmap);
	dmem_arena_unlock();
	if (nbytes)
		dmem_arena_settle();
	return nbytes;
}

static bool find_in_window(const void *ptr, struct dmem_block *out)
{
	size_t offset = dmem_window_find(ptr);
	const struct dmem_tag *tag;
	dmem_tag_block block;
	uint32_t at;
	char *start;

	if (offset == SIZE_MAX)
		return false;
	at = dmem_runs_of((uint32_t)(offset >> DMEM_GRANULE_SHIFT));
	if (at == DMEM_NO_RUN)
		return false;
	tag = &dmem_window.tags[at];
	block = dmem_tag_read(at);
	if (!tag->used || block.gone)
		return false;
	start = (char *)dmem_granule_address(at) + (size_t)block.phase * 64;
	if ((const char *)ptr < start)
		return false;
	*out = (struct dmem_block){
		.start = start,
		.nbytes = block.nbytes,
		.usable = ((size_t)tag->len << DMEM_GRANULE_SHIFT) -
			  (size_t)block.phase * 64,
		.align = block.log2_align ? (size_t)1 << block.log2_align : 0,
		.whole = tag->len >= dmem_chunk_granules() &&
			 !(at % dmem_chunk_granules()),
		.lazy = block.lazy,
		.apart = block.apart,
	};
	return true;
}

bool dmem_arena_find(const void *ptr, struct dmem_block *out)
{
	bool found;

	dmem_arena_lock();
	found = find_in_window(ptr, out) || dmem_outside_find(ptr, out);
	dmem_arena_unlock();
	return found;
}

size_t dmem_arena_advised(const void *ptr, size_t nbytes)
{
	size_t offset = dmem_window_find(ptr);

	if (offset == SIZE_MAX)
		return dmem_outside_advised(ptr);
	return dmem_arena_having(offset >> dmem_window.chunk_shift,
				 ((offset + nbytes - 1) >>
				  dmem_window.chunk_shift) + 1,
				 DMEM_CHUNK_ADVISED);
}

int64_t dmem_arena_take_chunk(void)
{
	struct dmem_shape shape = { .len = dmem_chunk_granules(),
				    .align = dmem_chunk_granules() };
	uint32_t at;
	bool zero, first;

	dmem_arena_lock();
	first = dmem_quiet_begin();
	at = dmem_arena_take(&shape, false, &zero);
	if (first)
		dmem_quiet_began(at == DMEM_NO_RUN ? -ENOMEM :
				 (int64_t)(at >> dmem_granule_shift()));
	if (at != DMEM_NO_RUN) {
		dmem_window.tags[at].u.block =
			(__typeof__(dmem_window.tags[at].u.block)){ .gone = 1 };
	}
	dmem_arena_unlock();
	return at == DMEM_NO_RUN ? -ENOMEM :
				   (int64_t)(at >> dmem_granule_shift());
}

void dmem_arena_give_chunk(uint32_t chunk)
{
	dmem_arena_lock();
	dmem_quiet_given(chunk);
	dmem_retire_free(chunk << dmem_granule_shift());
	dmem_arena_unlock();
}

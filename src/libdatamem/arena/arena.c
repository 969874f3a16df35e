/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes runs for blocks and gives them back. */

#include "arena.h"

#include <string.h>

#include "hugepage/hugepage.h"
#include "kernel/kernel.h"
#include "settings/settings.h"
#include "place.h"
#include "shelf.h"
#include "state.h"

/* A tail of this part of a chunk gets a chunk of its own: on 4 KiB pages it
 * would cost as much (break-even 100 to 128 KiB of 2 MiB, measured). */
#define TAIL_PART 16

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

bool dmem_arena_shape(size_t nbytes, size_t align, struct dmem_shape *out)
{
	size_t chunk = dmem_chunk_size();
	size_t tail = nbytes & (chunk - 1), len = nbytes;

	if (nbytes > dmem_window.size)
		return false;
	out->align = (uint32_t)(DMEM_MAX(align, DMEM_GRANULE) >>
				DMEM_GRANULE_SHIFT);
	if (nbytes > chunk - chunk / TAIL_PART) {
		out->align = DMEM_MAX(out->align, dmem_chunk_granules());
		if (tail >= chunk / TAIL_PART)
			len = DMEM_ROUND_UP(nbytes, chunk);
	}
	len = DMEM_ROUND_UP(len, DMEM_GRANULE);
	out->len = (uint32_t)(len >> DMEM_GRANULE_SHIFT);
	out->phase = 0;
	return true;
}

static bool wants_lazy(size_t nbytes, bool zero)
{
	return zero && nbytes >= dmem_chunk_size() &&
	       dmem_setting_value(DMEM_SETTING_ZERO_POLICY) == DMEM_ZERO_LAZY;
}

/* Write to zeroed memory before the program does, so that it finds it warm. */
static bool clears_early(size_t nbytes)
{
	return dmem_setting_value(DMEM_SETTING_ZERO_POLICY) ==
		       DMEM_ZERO_EAGER &&
	       dmem_place_affords(nbytes);
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

/* A run from the shelf or a new one, and the phase that the block is to have. */
static uint32_t take(struct dmem_shape *shape, size_t nbytes, size_t align,
		     bool lazy, bool *known_zero)
{
	uint32_t at;

	if (!lazy) {
		at = dmem_shelf_take(shape, nbytes, align);
		if (at != DMEM_NO_RUN) {
			shape->phase = dmem_window.tags[at].u.block.phase;
			*known_zero = false;
			return at;
		}
		shape->phase = pick_phase(((size_t)shape->len
					   << DMEM_GRANULE_SHIFT) - nbytes,
					  align);
	}
	return dmem_arena_take(shape, lazy, known_zero);
}

static void *alloc_in_window(size_t nbytes, size_t align, bool zero)
{
	struct dmem_shape shape;
	bool lazy = wants_lazy(nbytes, zero), known_zero;
	struct dmem_tag *tag;
	uint32_t at;
	char *start;

	if (!dmem_arena_shape(nbytes, align, &shape))
		return NULL;
	if (lazy) {
		/* Whole chunks, so that the advice touches nobody else. */
		shape.len = DMEM_ROUND_UP(shape.len, dmem_chunk_granules());
	}
	dmem_arena_lock();
	at = take(&shape, nbytes, align, lazy, &known_zero);
	if (at == DMEM_NO_RUN) {
		dmem_arena_unlock();
		return NULL;
	}
	tag = &dmem_window.tags[at];
	tag->u.block = (__typeof__(tag->u.block)){
		.nbytes = nbytes,
		.phase = shape.phase & 63,
		.log2_align = align ? dmem_log2(align) & 31 : 0,
		.lazy = lazy,
		.again = dmem_shelf_note(nbytes),
	};
	if (lazy)
		dmem_chunks_unadvise(at, shape.len);
	dmem_arena.allocs++;
	dmem_arena.blocks++;
	dmem_arena.nbytes += nbytes;
	known_zero ? dmem_arena.misses++ : dmem_arena.hits++;
	dmem_arena_unlock();

	start = (char *)dmem_granule_address(at) + (size_t)shape.phase * 64;
	if (known_zero)
		dmem_kernel_names_start();
	else
		dmem_place_again(start, nbytes);
	if (lazy)
		make_lazy(at, shape.len, known_zero);
	else if (zero && (!known_zero || clears_early(nbytes)))
		memset(start, 0, nbytes);
	else if (known_zero)
		dmem_place_block(start, nbytes);
	return start;
}

void *dmem_arena_alloc(size_t nbytes, size_t align, bool zero)
{
	void *ptr = alloc_in_window(nbytes, align, zero);
	return ptr ? ptr : dmem_outside_alloc(nbytes, align);
}

uint32_t dmem_arena_run(const void *ptr)
{
	size_t offset = dmem_window_offset(ptr);
	uint32_t granule = (uint32_t)(offset >> DMEM_GRANULE_SHIFT);
	struct dmem_tag *tag;

	if (offset >= dmem_window.extent)
		return DMEM_NO_RUN;
	tag = &dmem_window.tags[granule];
	if (!tag->len || !tag->used || tag->u.block.gone ||
	    (offset & (DMEM_GRANULE - 1)) != (size_t)tag->u.block.phase * 64)
		return DMEM_NO_RUN;
	return granule;
}

static size_t free_in_window(uint32_t at)
{
	struct dmem_tag *tag = &dmem_window.tags[at];
	size_t nbytes = tag->u.block.nbytes;

	/* From here on nobody finds the block: a second free is foreign. */
	tag->u.block.gone = 1;
	dmem_arena.blocks--;
	dmem_arena.frees++;
	dmem_arena.nbytes -= nbytes;
	if (!dmem_shelf_put(at))
		dmem_retire_block(at);
	return nbytes;
}

size_t dmem_arena_free(void *ptr)
{
	size_t nbytes, unmap = 0;
	uint32_t at;

	dmem_arena_lock();
	at = dmem_arena_run(ptr);
	if (at != DMEM_NO_RUN)
		nbytes = free_in_window(at);
	else
		nbytes = dmem_outside_free(ptr, &unmap);
	dmem_arena_unlock();
	if (unmap)
		dmem_outside_unmap(ptr, unmap);
	if (nbytes)
		dmem_arena_settle();
	return nbytes;
}

static bool find_in_window(const void *ptr, struct dmem_block *out)
{
	size_t offset = dmem_window_offset(ptr);
	struct dmem_tag *tag;
	uint32_t at;

	if (offset >= dmem_window.extent)
		return false;
	at = dmem_runs_of((uint32_t)(offset >> DMEM_GRANULE_SHIFT));
	if (at == DMEM_NO_RUN)
		return false;
	tag = &dmem_window.tags[at];
	if (!tag->used || tag->u.block.gone)
		return false;
	out->start = (char *)dmem_granule_address(at) +
		     (size_t)tag->u.block.phase * 64;
	if ((const char *)ptr < out->start)
		return false;
	out->nbytes = tag->u.block.nbytes;
	out->usable = ((size_t)tag->len << DMEM_GRANULE_SHIFT) -
		      (size_t)tag->u.block.phase * 64;
	out->align = tag->u.block.log2_align ?
			     (size_t)1 << tag->u.block.log2_align : 0;
	out->whole = tag->len >= dmem_chunk_granules() &&
		     !(at % dmem_chunk_granules());
	out->lazy = tag->u.block.lazy;
	out->advised = 0;
	for (uint32_t i = at >> dmem_granule_shift();
	     i <= (at + tag->len - 1) >> dmem_granule_shift(); i++)
		if (dmem_chunk_at(i)->flags & DMEM_CHUNK_ADVISED)
			out->advised += dmem_chunk_size();
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

bool dmem_arena_advised(const void *ptr)
{
	uint32_t chunk = (uint32_t)(dmem_window_offset(ptr) >>
				    dmem_window.chunk_shift);
	bool advised;

	dmem_arena_lock();
	advised = dmem_chunk_at(chunk)->flags & DMEM_CHUNK_ADVISED;
	dmem_arena_unlock();
	return advised;
}

int64_t dmem_arena_take_chunk(void)
{
	struct dmem_shape shape = { dmem_chunk_granules(),
				    dmem_chunk_granules(), 0 };
	uint32_t at;
	bool zero;

	dmem_arena_lock();
	at = dmem_arena_take(&shape, false, &zero);
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
	dmem_retire_free(chunk << dmem_granule_shift());
	dmem_arena_unlock();
}

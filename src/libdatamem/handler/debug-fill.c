/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Poison and canaries of the handler `debug`. */
#include "debug-fill.h"

#include <string.h>

#include "kernel/kernel.h"

/* Seen in a debugger: uninitialised, freed, beside a block. */
#define POISON_NEW 0xcb
#define POISON_FREED 0xdb
#define CANARY 0xfd

#define POISON_END (64 * DMEM_KIB)

static bool filled(const char *ptr, unsigned char byte, size_t nbytes)
{
	/* Equal to itself, one byte further on. */
	return !nbytes || ((unsigned char)ptr[0] == byte &&
			   !memcmp(ptr, ptr + 1, nbytes - 1));
}

void dmem_debug_fill_canaries(char *ptr, size_t nbytes, size_t pad)
{
	memset(ptr - pad, CANARY, pad);
	memset(ptr + nbytes, CANARY, DMEM_DEBUG_FILL_BEHIND);
}

bool dmem_debug_fill_canaries_intact(const struct dmem_debug_block *block)
{
	return filled(block->ptr - block->pad, CANARY, block->pad) &&
	       filled(block->ptr + block->nbytes, CANARY,
		      DMEM_DEBUG_FILL_BEHIND);
}

void dmem_debug_fill_new(char *ptr, size_t nbytes)
{
	if (nbytes <= DMEM_DEBUG_ROSTER_QUEUE_BYTES ||
	    nbytes <= dmem_kernel_memory_left() / 2) {
		memset(ptr, POISON_NEW, nbytes);
		return;
	}
	memset(ptr, POISON_NEW, POISON_END);
	memset(ptr + nbytes - POISON_END, POISON_NEW, POISON_END);
}

/* The whole pages of a block; none: both are its end. */
struct pages {
	char *begin, *end;
};

static struct pages pages_of(char *ptr, size_t nbytes)
{
	size_t page = dmem_kernel_page_size();
	struct pages pages = {
		(char *)DMEM_ROUND_UP((uintptr_t)ptr, page),
		(char *)DMEM_ROUND_DOWN((uintptr_t)ptr + nbytes, page),
	};

	if (pages.begin >= pages.end)
		pages.begin = pages.end = ptr + nbytes;
	return pages;
}

static size_t length(struct pages pages)
{
	return (size_t)(pages.end - pages.begin);
}

/* A part that was unmapped is mapped again. */
static void restore(struct pages pages)
{
	size_t page = dmem_kernel_page_size();

	if (pages.begin == pages.end ||
	    dmem_kernel_restore(pages.begin, length(pages)) != -ENOMEM)
		return;
	for (char *at = pages.begin; at < pages.end; at += page)
		dmem_kernel_map_at(at, page);
}

enum dmem_debug_roster_state dmem_debug_fill_freed(char *ptr, size_t nbytes)
{
	struct pages pages = pages_of(ptr, nbytes);

	restore(pages);
	if (nbytes <= DMEM_DEBUG_ROSTER_QUEUE_BYTES) {
		memset(ptr, POISON_FREED, nbytes);
		return DMEM_DEBUG_ROSTER_KEPT;
	}
	/* Refused for explicit huge pages that are used in part only. */
	if (dmem_kernel_advise(pages.begin, length(pages), DMEM_ADVICE_PURGE))
		return DMEM_DEBUG_ROSTER_GONE;
	memset(ptr, POISON_FREED, (size_t)(pages.begin - ptr));
	memset(pages.end, POISON_FREED, (size_t)(ptr + nbytes - pages.end));
	return DMEM_DEBUG_ROSTER_EMPTY;
}

static void expect_zeros(void *arg, uintptr_t from, uintptr_t to)
{
	if (!filled((const char *)from, 0, to - from))
		*(bool *)arg = false;
}

/* Where the kernel does not say what was written, reading costs time only. */
static bool all_zeros(struct pages pages)
{
	bool zeros = true;

	if (dmem_kernel_each_written(pages.begin, length(pages), expect_zeros,
				     &zeros))
		zeros = filled(pages.begin, 0, length(pages));
	return zeros;
}

bool dmem_debug_fill_untouched(const struct dmem_debug_block *block)
{
	struct pages pages;

	if (!dmem_debug_fill_canaries_intact(block))
		return false;
	if (block->state == DMEM_DEBUG_ROSTER_KEPT)
		return filled(block->ptr, POISON_FREED, block->nbytes);
	pages = pages_of(block->ptr, block->nbytes);
	return filled(block->ptr, POISON_FREED,
		      (size_t)(pages.begin - block->ptr)) &&
	       filled(pages.end, POISON_FREED,
		      (size_t)(block->ptr + block->nbytes - pages.end)) &&
	       all_zeros(pages);
}

/* The first byte of a part, [from, to) of the block, that is another. */
static bool differs(const char *ptr, ptrdiff_t from, ptrdiff_t to,
		    unsigned char byte, ptrdiff_t *at)
{
	for (*at = from; *at < to; ++*at)
		if ((unsigned char)ptr[*at] != byte)
			return true;
	return false;
}

ptrdiff_t dmem_debug_fill_damage(const struct dmem_debug_block *block)
{
	ptrdiff_t end = (ptrdiff_t)block->nbytes, at;
	struct pages pages = { block->ptr, block->ptr };
	bool kept = block->state == DMEM_DEBUG_ROSTER_KEPT;

	if (differs(block->ptr, -(ptrdiff_t)block->pad, 0, CANARY, &at))
		return at;
	if (block->state == DMEM_DEBUG_ROSTER_EMPTY)
		pages = pages_of(block->ptr, block->nbytes);
	if (kept && differs(block->ptr, 0, end, POISON_FREED, &at))
		return at;
	if (block->state == DMEM_DEBUG_ROSTER_EMPTY &&
	    (differs(block->ptr, 0, pages.begin - block->ptr, POISON_FREED,
		     &at) ||
	     differs(block->ptr, pages.begin - block->ptr,
		     pages.end - block->ptr, 0, &at) ||
	     differs(block->ptr, pages.end - block->ptr, end, POISON_FREED,
		     &at)))
		return at;
	return differs(block->ptr, end, end + (ptrdiff_t)DMEM_DEBUG_FILL_BEHIND,
		       CANARY, &at) ? at : PTRDIFF_MAX;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Lists linked through the chunk table. */

#include "kept.h"

struct list {
	uint32_t oldest, newest;
};

static struct list hot = { DMEM_NO_CHUNK, DMEM_NO_CHUNK };
static struct list lazy = { DMEM_NO_CHUNK, DMEM_NO_CHUNK };
static struct list opened = { DMEM_NO_CHUNK, DMEM_NO_CHUNK };

/* Stamps wrap around. */
static bool is_older(uint32_t a, uint32_t b)
{
	return (int32_t)(dmem_chunk_at(a)->stamp - dmem_chunk_at(b)->stamp) < 0;
}

static struct list *list_of(uint32_t chunk)
{
	if (dmem_chunk_at(chunk)->opened)
		return &opened;
	return dmem_chunk_at(chunk)->flags & DMEM_CHUNK_LAZY ? &lazy : &hot;
}

/*
 * The one before which a chunk goes in. Mostly none, as it is the newest; the
 * oldest where the kernel refused it.
 */
static uint32_t place(const struct list *list, uint32_t chunk)
{
	uint32_t next = DMEM_NO_CHUNK, at = list->newest;

	if (at != DMEM_NO_CHUNK && is_older(chunk, at) &&
	    !is_older(list->oldest, chunk))
		return list->oldest;
	for (; at != DMEM_NO_CHUNK && is_older(chunk, at);
	     at = dmem_chunk_at(at)->older) {
		dmem_lock_step();
		next = at;
	}
	return next;
}

void dmem_kept_enter(uint32_t chunk)
{
	struct list *list = list_of(chunk);
	uint32_t newer = place(list, chunk);
	uint32_t older = newer == DMEM_NO_CHUNK ? list->newest :
						  dmem_chunk_at(newer)->older;

	dmem_chunk_at(chunk)->older = older;
	dmem_chunk_at(chunk)->newer = newer;
	*(older == DMEM_NO_CHUNK ? &list->oldest :
				   &dmem_chunk_at(older)->newer) = chunk;
	*(newer == DMEM_NO_CHUNK ? &list->newest :
				   &dmem_chunk_at(newer)->older) = chunk;
}

void dmem_kept_leave(uint32_t chunk)
{
	struct list *list = list_of(chunk);
	uint32_t older = dmem_chunk_at(chunk)->older;
	uint32_t newer = dmem_chunk_at(chunk)->newer;

	*(older == DMEM_NO_CHUNK ? &list->oldest :
				   &dmem_chunk_at(older)->newer) = newer;
	*(newer == DMEM_NO_CHUNK ? &list->newest :
				   &dmem_chunk_at(newer)->older) = older;
}

uint32_t dmem_kept_oldest(bool lazy_too)
{
	if (!lazy_too || lazy.oldest == DMEM_NO_CHUNK)
		return hot.oldest;
	if (hot.oldest == DMEM_NO_CHUNK || is_older(lazy.oldest, hot.oldest))
		return lazy.oldest;
	return hot.oldest;
}

uint32_t dmem_kept_opened(void)
{
	return opened.oldest;
}

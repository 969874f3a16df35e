/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds kept chunks to be given back, by age. For arena/ only; lock held. */
#ifndef DMEM_ARENA_SEARCH_H
#define DMEM_ARENA_SEARCH_H

#include "segment.h"

/* Which kept chunks are looked for. */
struct dmem_search {
	uint32_t now;
	uint32_t min_age;  /* ms */
	bool lazy_too;
	bool in_order;     /* chunks freed together only, the oldest first */
};

/* Find the chunk that is kept for longest, and those beside it that go along;
 * false: there is none. */
bool dmem_search_oldest(const struct dmem_search *search,
			struct dmem_segment *out);

/* Not more of a long row than nbytes, its end first: the front is handed out
 * first. */
void dmem_search_shorten(struct dmem_segment *segment, size_t nbytes);

#endif /* DMEM_ARENA_SEARCH_H */

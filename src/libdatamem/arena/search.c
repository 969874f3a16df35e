/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Kept chunks by age. */

#include "search.h"

#include "kept.h"
#include "state.h"

static bool is_sought(const struct dmem_chunk *c,
		      const struct dmem_search *search)
{
	uint32_t age = search->now - c->stamp;

	/* A stamp just ahead of a coarse clock is age 0. */
	if (age > INT32_MAX)
		age = 0;
	return dmem_segment_kept(c) && age >= search->min_age &&
	       (search->lazy_too || !(c->flags & DMEM_CHUNK_LAZY));
}

/* Whether a chunk goes the same way as the oldest, in one call. */
static bool goes_along(uint32_t chunk, const struct dmem_chunk *oldest,
		       const struct dmem_search *search)
{
	const uint8_t kind = DMEM_CHUNK_LAZY | DMEM_CHUNK_ADVISED |
			     DMEM_CHUNK_MOVED | DMEM_CHUNK_HUGETLB;
	const struct dmem_chunk *c = dmem_chunk_at(chunk);

	return is_sought(c, search) && !c->opened &&
	       (c->flags & kind) == (oldest->flags & kind) &&
	       (!search->in_order || c->stamp == oldest->stamp);
}

/* Free neighbours are of one run. */
bool dmem_search_oldest(const struct dmem_search *search,
			struct dmem_segment *out)
{
	uint32_t chunk = dmem_kept_oldest(search->lazy_too), first, end;
	const struct dmem_region *region;
	const struct dmem_chunk *oldest;

	if (chunk == DMEM_NO_CHUNK)
		return false;
	oldest = dmem_chunk_at(chunk);
	if (!is_sought(oldest, search))
		return false;
	region = dmem_region_of(chunk);
	for (first = chunk; first > dmem_region_begin(region); first--)
		if (!goes_along(first - 1, oldest, search))
			break;
	for (end = chunk + 1; end < dmem_region_end(region); end++)
		if (!goes_along(end, oldest, search))
			break;
	*out = (struct dmem_segment){
		.run = dmem_runs_of(first * dmem_chunk_granules()),
		.chunk = first,
		.count = end - first,
	};
	return true;
}

void dmem_search_shorten(struct dmem_segment *segment, size_t nbytes)
{
	size_t most = (nbytes + dmem_chunk_size() - 1) >>
		      dmem_window.chunk_shift;

	if (most >= segment->count)
		return;
	segment->chunk += segment->count - (uint32_t)most;
	segment->count = (uint32_t)most;
}

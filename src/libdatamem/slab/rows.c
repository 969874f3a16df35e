/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The lists of chunks with free spans. */

#include "rows.h"

#include "list.h"

/* Rows longer than a slab needs are not told apart. */
#define ROW_MAX DMEM_SLAB_SPANS

/* Chunks are told apart by eighths that are free; 0: less than one. */
#define FILLS 9

/* Chunks by their longest row of free spans, then by what is free. */
static struct dmem_slab_chunk *lists[ROW_MAX + 1][FILLS];

uint32_t dmem_rows_find(const struct dmem_slab_chunk *c, unsigned int nspans)
{
	uint32_t n = dmem_spans_of_chunk(), row = 0;

	for (uint32_t span = 0; span < n; span++) {
		row = dmem_rows_free(c, span) ? row + 1 : 0;
		if (row == nspans)
			return span + 1 - nspans;
	}
	return n;
}

static uint8_t longest_row(const struct dmem_slab_chunk *c)
{
	uint32_t n = dmem_spans_of_chunk(), row = 0, longest = 0;

	for (uint32_t span = 0; span < n && longest < ROW_MAX; span++) {
		row = dmem_rows_free(c, span) ? row + 1 : 0;
		longest = DMEM_MAX(longest, row);
	}
	return (uint8_t)longest;
}

void dmem_rows_drop(struct dmem_slab_chunk *c)
{
	if (!c->row)
		return;
	dmem_list_drop(&lists[c->row][c->fill], c);
	c->row = 0;
}

void dmem_rows_relist(struct dmem_slab_chunk *c)
{
	dmem_rows_drop(c);
	c->row = longest_row(c);
	if (!c->row)
		return;
	c->fill = (uint8_t)(c->nfree * (FILLS - 1) / dmem_spans_of_chunk());
	dmem_list_push(&lists[c->row][c->fill], c);
}

struct dmem_slab_chunk *dmem_rows_fullest(unsigned int nspans)
{
	for (unsigned int fill = 0; fill < FILLS; fill++)
		for (unsigned int row = nspans; row <= ROW_MAX; row++)
			if (lists[row][fill])
				return lists[row][fill];
	return NULL;
}

struct dmem_slab_chunk *dmem_rows_left_over(unsigned int cls,
					    unsigned int *nspans)
{
	for (unsigned int row = *nspans - 1; row > 0; row--) {
		unsigned int use = dmem_class_use(cls, row);

		for (unsigned int fill = 0; use && fill < FILLS; fill++) {
			if (!lists[row][fill])
				continue;
			*nspans = use;
			return lists[row][fill];
		}
	}
	return NULL;
}

struct dmem_slab_chunk *dmem_rows_emptiest(void)
{
	return lists[ROW_MAX][FILLS - 1];
}

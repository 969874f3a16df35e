/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which free chunks core dumps leave out. */

#include "dump.h"

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "window.h"

/* Each row that is hidden is a mapping of its own: shorter ones are not worth
 * it, nor is what is left of one. */
#define ROW_MIN ((size_t)8 << 20)

size_t dmem_dump_hidden;

bool dmem_dump_hide(uint32_t chunk, uint32_t count)
{
	size_t nbytes = (size_t)count << dmem_window.chunk_shift;

	return nbytes >= ROW_MIN &&
	       !dmem_setting_value(DMEM_SETTING_DUMP_FREE) &&
	       !dmem_kernel_advise(dmem_chunk_address(chunk), nbytes,
				   DMEM_ADVICE_DONTDUMP);
}

void dmem_dump_note(uint32_t chunk, uint32_t count)
{
	for (uint32_t i = chunk; i < chunk + count; i++) {
		dmem_dump_hidden += !dmem_chunk_at(i)->hidden;
		dmem_chunk_at(i)->hidden = 1;
	}
}

void dmem_dump_forget(uint32_t chunk, uint32_t count)
{
	if (dmem_likely(!dmem_dump_hidden))
		return;
	for (uint32_t i = chunk; i < chunk + count; i++) {
		dmem_dump_hidden -= dmem_chunk_at(i)->hidden;
		dmem_chunk_at(i)->hidden = 0;
	}
}

/* The first of the hidden chunks before one, or the one behind the last from
 * one on; as many at most. */
static uint32_t low_end(uint32_t chunk, uint32_t most)
{
	uint32_t begin = dmem_region_begin(dmem_region_of(chunk));

	while (most-- > 0 && chunk > begin && dmem_chunk_at(chunk - 1)->hidden)
		chunk--;
	return chunk;
}

static uint32_t high_end(uint32_t chunk, uint32_t most)
{
	while (most-- > 0 && dmem_chunk_at(chunk)->hidden)
		chunk++;
	return chunk;
}

static bool show(uint32_t first, uint32_t end)
{
	size_t nbytes = (size_t)(end - first) << dmem_window.chunk_shift;

	if (dmem_kernel_advise(dmem_chunk_address(first), nbytes,
			       DMEM_ADVICE_DODUMP))
		return false;
	dmem_dump_forget(first, end - first);
	return true;
}

/* Show hidden chunks, and what is left of their row at either end if it is
 * short; the whole row where there may be no more mappings. */
static void show_row(uint32_t first, uint32_t end)
{
	uint32_t least = (uint32_t)(ROW_MIN >> dmem_window.chunk_shift);
	uint32_t low = low_end(first, least), high = high_end(end, least);

	if (!show(first - low < least ? low : first,
		  high - end < least ? high : end))
		show(low_end(first, UINT32_MAX), high_end(end, UINT32_MAX));
}

void dmem_dump_show_chunks(uint32_t first, uint32_t end)
{
	uint32_t high;

	for (; first < end; first = DMEM_MAX(high, first + 1)) {
		high = high_end(first, end - first);
		if (high > first)
			show_row(first, high);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Takes segments out of their runs and enters them again. */

#include "segment.h"

#include "kernel/kernel.h"
#include "move.h"

void *dmem_segment_address(const struct dmem_segment *segment, size_t *nbytes)
{
	*nbytes = (size_t)segment->count << dmem_window.chunk_shift;
	return dmem_chunk_address(segment->chunk);
}

void dmem_segment_detach(const struct dmem_segment *segment)
{
	uint32_t granules = dmem_chunk_granules();

	for (uint32_t i = 0; i < segment->count; i++)
		dmem_chunks_out(segment->chunk + i);
	dmem_runs_cut(segment->run, segment->chunk * granules,
		      segment->count * granules);
}

void dmem_segment_attach(const struct dmem_segment *segment, uint8_t set,
			 uint8_t clear)
{
	uint32_t granules = dmem_chunk_granules();

	for (uint32_t i = 0; i < segment->count; i++) {
		struct dmem_chunk *c = &dmem_window.chunks[segment->chunk + i];

		c->flags = (uint8_t)((c->flags & ~clear) | set);
		dmem_chunks_in(segment->chunk + i);
	}
	dmem_runs_put(segment->chunk * granules, segment->count * granules);
}

static bool is_clean(uint32_t chunk)
{
	const uint8_t want = DMEM_CHUNK_FREE | DMEM_CHUNK_MAPPED |
			     DMEM_CHUNK_ZERO;

	return (dmem_window.chunks[chunk].flags & want) == want;
}

/* Find clean chunks in a row from `chunk` on. */
static bool find_clean(uint32_t chunk, struct dmem_segment *out)
{
	uint32_t chunks = (uint32_t)(dmem_window.extent >>
				     dmem_window.chunk_shift);
	uint32_t n;

	while (chunk < chunks && !is_clean(chunk))
		chunk++;
	for (n = 0; chunk + n < chunks && is_clean(chunk + n); n++)
		;
	if (n)
		*out = (struct dmem_segment){
			.run = dmem_runs_of(chunk * dmem_chunk_granules()),
			.chunk = chunk,
			.count = n,
		};
	return n;
}

void dmem_segment_unmap_clean(size_t keep)
{
	struct dmem_segment segment = { .count = 0 };
	size_t nbytes;
	void *addr;
	int err;

	while (dmem_arena.clean > keep &&
	       find_clean(segment.chunk + segment.count, &segment)) {
		addr = dmem_segment_address(&segment, &nbytes);
		dmem_segment_detach(&segment);
		dmem_arena_step_out();
		err = dmem_kernel_unmap(addr, nbytes);
		dmem_arena_step_in();
		if (!err) {
			dmem_move_unmark(segment.chunk, segment.count);
			dmem_window_forget(segment.chunk, segment.count);
		}
		dmem_segment_attach(&segment, 0, 0);
	}
}

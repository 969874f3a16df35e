/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Receipts and promotion: from an address to its block, and to huge pages. */

#include "arena/arena.h"
#include "hugepage/hugepage.h"
#include "slab/slab.h"
#include "find.h"

struct range {
	char *start;
	size_t nbytes;
	size_t eligible;
	size_t advised;
	bool lazy;
};

/* The part of [ptr, ptr + nbytes) that lies in the block, 0: to its end. */
static void cut(const struct dmem_block *block, const void *ptr, size_t nbytes,
		struct range *out)
{
	size_t chunk = dmem_chunk_size();
	size_t offset = (size_t)((const char *)ptr - block->start);
	size_t left = block->nbytes > offset ? block->nbytes - offset : 0;
	size_t tail = block->nbytes & (chunk - 1);
	size_t end;

	out->start = block->start + offset;
	out->nbytes = nbytes ? DMEM_MIN(nbytes, left) : left;
	out->eligible = out->nbytes;
	/* A short tail is not eligible: it shares a chunk. */
	if (block->whole && tail && tail < dmem_chunk_tail()) {
		end = block->nbytes - tail;
		out->eligible = end > offset ?
					DMEM_MIN(out->nbytes, end - offset) : 0;
	}
	out->lazy = block->lazy;
	/* Never in a chunk. */
	if (block->guarded) {
		out->eligible = out->advised = 0;
		return;
	}
	if (block->usable <= DMEM_SMALL_MAX && dmem_arena_is_quiet(ptr)) {
		out->eligible = 0;
		out->lazy = true;
	}
	out->advised = DMEM_MIN(out->eligible,
				dmem_arena_advised(block->start,
						   block->usable));
}

int datamem_hugepage_receipt_get(const void *ptr, size_t nbytes,
				 struct datamem_hugepage_receipt *out,
				 size_t out_size)
{
	struct datamem_hugepage_receipt receipt = {
		.asked = nbytes,
		.reason = DATAMEM_REASON_FOREIGN,
	};
	struct dmem_block block;
	struct range range;

	if (!ptr || !out || !out_size)
		return -EINVAL;
	dmem_library_init();
	if (dmem_find_block(ptr, &block)) {
		cut(&block, ptr, nbytes, &range);
		dmem_hugepage_receipt(range.start, range.nbytes, range.eligible,
				      range.advised, range.lazy, &receipt);
	}
	dmem_struct_copy(out, out_size, &receipt, sizeof(receipt));
	return 0;
}

int datamem_promote(void *ptr, size_t nbytes)
{
	struct dmem_block block;
	struct range range;
	uintptr_t begin, end;

	if (!ptr)
		return -EINVAL;
	dmem_library_init();
	if (!dmem_find_block(ptr, &block))
		return -EINVAL;
	cut(&block, ptr, nbytes, &range);
	if (!range.eligible)
		return 0;
	if (!range.advised)
		return -ENOTSUP;
	/* Whole chunks: all of an advised chunk is the library's, and what
	 * shares it with the block gains as well. */
	begin = DMEM_ROUND_DOWN((uintptr_t)range.start, dmem_chunk_size());
	end = DMEM_ROUND_UP((uintptr_t)range.start + range.eligible,
			    dmem_chunk_size());
	return dmem_hugepage_collapse((void *)begin, end - begin);
}

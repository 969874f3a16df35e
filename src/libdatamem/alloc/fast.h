/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The fast path, in line in every entry point: a block from the calling
 * thread's cache, or back to it; else the call goes on in slow.c.
 */
#ifndef DMEM_FAST_H
#define DMEM_FAST_H

#include "base.h"

#include <string.h>

#include "cache/cache.h"
#include "slow.h"

/* Small zeroed blocks are cleared in line up to this size. */
#define DMEM_CLEAR_INLINE 256

/* The size for blocks that do not touch; what cannot be had stays so. */
DMEM_INLINE size_t dmem_fast_more(size_t nbytes)
{
	return nbytes + (nbytes != SIZE_MAX);
}

DMEM_INLINE void *dmem_fast_alloc(size_t nbytes, enum dmem_door door)
{
	void *block;

	/* The two tests of size are apart: small sizes pass only one. */
	if (dmem_likely(nbytes <= DMEM_FINE_MAX)) {
		block = dmem_cache_pop(dmem_fine_class(nbytes));
		if (dmem_likely(block))
			return block;
	} else if (nbytes <= DMEM_SMALL_MAX) {
		block = dmem_cache_pop(dmem_coarse_class(nbytes));
		if (dmem_likely(block))
			return block;
	}
	return dmem_slow_make(nbytes, 0, 0, door);
}

/*
 * Blocks are multiples of 16 bytes at multiples of 16: whole ones are cleared,
 * with stores in line, as a call of memset costs more than the stores. The last
 * ones may be the first ones once more: that costs less than a loop over all.
 */
DMEM_INLINE void dmem_fast_clear(void *block, size_t nbytes)
{
	typedef uint64_t pair __attribute__((__vector_size__(16),
					     __may_alias__));
	pair *at = block, *end = at + (nbytes + 15) / 16;
	const pair zero = { 0, 0 };

	if (nbytes > DMEM_CLEAR_INLINE) {
		memset(block, 0, nbytes);
	} else if (end > at + 3) {
		for (; end > at + 4; at += 4)
			at[0] = at[1] = at[2] = at[3] = zero;
		end[-4] = end[-3] = end[-2] = end[-1] = zero;
	} else if (end > at + 1) {
		at[0] = at[1] = end[-1] = zero;
	} else {
		at[0] = zero;
	}
}

DMEM_INLINE void *dmem_fast_zeroed(size_t nelem, size_t elsize,
				   enum dmem_door door)
{
	size_t asked, nbytes;
	void *block;

	if (dmem_unlikely(!dmem_mul(nelem, elsize, &asked)))
		asked = SIZE_MAX;
	nbytes = asked;
	if (door == DMEM_DOOR_HANDLER_APART)
		nbytes = dmem_fast_more(asked);
	if (dmem_likely(nbytes <= DMEM_SMALL_MAX)) {
		block = dmem_cache_pop(dmem_class_of(nbytes));
		if (dmem_likely(block)) {
			dmem_fast_clear(block, asked);
			return block;
		}
	}
	return dmem_slow_make(nbytes, 0, DMEM_KIND_ZERO, door);
}

DMEM_INLINE void dmem_fast_free(void *ptr, size_t hint, enum dmem_door door)
{
	if (dmem_unlikely(!dmem_cache_push(ptr, hint)))
		dmem_slow_free(ptr, hint, door);
}

#endif /* DMEM_FAST_H */

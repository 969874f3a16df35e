/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Rows of bits in words of 64. */
#ifndef DMEM_BITS_H
#define DMEM_BITS_H

#include "base.h"

/* The first bit from one on that is set, or that is not; n: none of n is. */
DMEM_INLINE uint32_t dmem_bits_next(const uint64_t *words, uint32_t n,
				    uint32_t from, bool set)
{
	while (from < n) {
		uint64_t bits = set ? words[from / 64] : ~words[from / 64];

		bits >>= from % 64;
		if (bits)
			return DMEM_MIN(n, from + (uint32_t)
						  __builtin_ctzll(bits));
		from = (from / 64 + 1) * 64;
	}
	return n;
}

#endif /* DMEM_BITS_H */

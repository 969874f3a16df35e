/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A bit for each chunk, and two levels of bits for the words that are not 0. */

#include "heads.h"

#include "kernel/kernel.h"
#include "trees.h"

#define CHUNK_WORDS ((DMEM_SLOTS << DMEM_SLOT_SHIFT) / 64)

/* Those of the window: chunks are 512 KiB at least, and it 512 GiB at most. The
 * rest is for regions. */
#define NEAR_WORDS ((1u << 20) / 64)

/* Chunks in which a run begins, and words of it that are not 0, twice. */
static uint64_t near_heads[NEAR_WORDS] DMEM_TABLE, *far_heads;
static uint64_t words_1[CHUNK_WORDS / 64] DMEM_TABLE;
static uint64_t words_2[CHUNK_WORDS / 64 / 64];

static uint64_t *with_heads(uint32_t word)
{
	return word < NEAR_WORDS ? &near_heads[word] :
				   &far_heads[word - NEAR_WORDS];
}

bool dmem_heads_reach_far(void)
{
	size_t nbytes = (CHUNK_WORDS - NEAR_WORDS) * sizeof(*far_heads);

	if (far_heads)
		return true;
	far_heads = dmem_kernel_map(nbytes);
	if (!far_heads)
		return false;
	dmem_kernel_name(far_heads, nbytes, "datamem tables");
	dmem_window.meta += nbytes;
	return true;
}

void dmem_heads_add(uint32_t chunk)
{
	*with_heads(chunk / 64) |= UINT64_C(1) << (chunk % 64);
	chunk /= 64;
	words_1[chunk / 64] |= UINT64_C(1) << (chunk % 64);
	chunk /= 64;
	words_2[chunk / 64] |= UINT64_C(1) << (chunk % 64);
}

void dmem_heads_remove(uint32_t chunk)
{
	*with_heads(chunk / 64) &= ~(UINT64_C(1) << (chunk % 64));
	chunk /= 64;
	if (*with_heads(chunk))
		return;
	words_1[chunk / 64] &= ~(UINT64_C(1) << (chunk % 64));
	chunk /= 64;
	if (!words_1[chunk])
		words_2[chunk / 64] &= ~(UINT64_C(1) << (chunk % 64));
}

/* The last bit set below a number, or DMEM_NO_RUN; in a word of it. */
static uint32_t last_below(uint64_t word, uint32_t n)
{
	uint64_t bits = word & ((UINT64_C(1) << n % 64) - 1);

	return bits ? n / 64 * 64 + dmem_log2(bits) : DMEM_NO_RUN;
}

uint32_t dmem_heads_before(uint32_t chunk)
{
	uint32_t word = chunk / 64, at = last_below(*with_heads(word), chunk);
	unsigned int i;

	if (at != DMEM_NO_RUN)
		return at;
	at = last_below(words_1[word / 64], word);
	if (at == DMEM_NO_RUN) {
		word /= 64;
		at = last_below(words_2[word / 64], word);
		for (i = word / 64; at == DMEM_NO_RUN && i > 0; i--)
			if (words_2[i - 1])
				at = (i - 1) * 64 + dmem_log2(words_2[i - 1]);
		if (at == DMEM_NO_RUN)
			return at;
		at = at * 64 + dmem_log2(words_1[at]);
	}
	return at * 64 + dmem_log2(*with_heads(at));
}

void dmem_heads_clear(void)
{
	bool any = false;
	uint32_t chunk;

	/* Untouched memory at the library's start, and it stays that: nor is it
	 * read where there is nothing. */
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words_2) && !any; i++)
		any = words_2[i];
	while (any && (chunk = dmem_heads_before(NEAR_WORDS * 64 - 1)) !=
			      DMEM_NO_RUN)
		dmem_heads_remove(chunk);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Patterns in the blocks of a replay. */

#include "tool.h"
#include "verify.h"

#define WORD sizeof(uint64_t)
#define SAMPLE_ABOVE ((size_t)1 << 20)
#define EDGE ((size_t)1 << 16)
#define SAMPLE_STEP ((size_t)4096)

/* Word i of a block's pattern; the entry in the table tells blocks apart. */
static uint64_t pattern(const struct replay_block *block, size_t i)
{
	return ((uintptr_t)block + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static unsigned char pattern_byte(const struct replay_block *block, size_t at)
{
	uint64_t word = pattern(block, at / WORD);

	return ((const unsigned char *)&word)[at % WORD];
}

__attribute__((noreturn))
static void damaged(const struct replay_block *block, size_t at)
{
	ctl_die("verify: block of %zu bytes at %p: byte %zu was changed",
		block->nbytes, (void *)block->ptr, at);
}

static void fill(const struct replay_block *block, size_t from, size_t to)
{
	size_t at = from;

	for (; at < to && at % WORD; at++)
		block->ptr[at] = (char)pattern_byte(block, at);
	for (; at + WORD <= to; at += WORD) {
		uint64_t word = pattern(block, at / WORD);

		memcpy(block->ptr + at, &word, WORD);
	}
	for (; at < to; at++)
		block->ptr[at] = (char)pattern_byte(block, at);
}

/* from is a multiple of WORD. */
static void check(const struct replay_block *block, size_t from, size_t to)
{
	size_t at = from;

	for (; at + WORD <= to; at += WORD) {
		uint64_t word;

		memcpy(&word, block->ptr + at, WORD);
		if (word != pattern(block, at / WORD))
			damaged(block, at);
	}
	for (; at < to; at++) {
		if ((unsigned char)block->ptr[at] != pattern_byte(block, at))
			damaged(block, at);
	}
}

static void check_alignment(const struct replay_block *block,
			    enum allocator_kind kind)
{
	size_t alignment = block->nbytes >= 1024 ? 64 : 16;

	/* Others promise less for small blocks, or nothing. */
	if (kind == ALLOCATOR_DATAMEM && (uintptr_t)block->ptr % alignment)
		ctl_die("verify: block of %zu bytes at %p: not aligned to %zu",
			block->nbytes, (void *)block->ptr, alignment);
}

void replay_verify_made(const struct replay_block *block,
			enum allocator_kind kind)
{
	if (!block->ptr)
		return;
	check_alignment(block, kind);
	fill(block, 0, block->nbytes);
}

void replay_verify_zero(const char *ptr, size_t nbytes)
{
	for (size_t i = 0; ptr && i < nbytes; i++) {
		if (ptr[i])
			ctl_die("verify: zeroed block of %zu bytes at %p: "
				"byte %zu is not zero", nbytes,
				(const void *)ptr, i);
	}
}

void replay_verify_resized(const struct replay_block *block,
			   enum allocator_kind kind, size_t before)
{
	size_t kept = before < block->nbytes ? before : block->nbytes;

	if (!block->ptr)
		return;
	check_alignment(block, kind);
	if (kept <= SAMPLE_ABOVE) {
		check(block, 0, kept);
	} else {
		check(block, 0, EDGE);
		for (size_t at = EDGE; at < kept - EDGE; at += SAMPLE_STEP)
			check(block, at, at + WORD);
		check(block, (kept - EDGE) / WORD * WORD, kept);
	}
	fill(block, kept, block->nbytes);
}

void replay_verify_whole(const struct replay_block *block)
{
	if (block->ptr)
		check(block, 0, block->nbytes);
}

void replay_verify_rest(const struct replay_steps *steps)
{
	for (size_t i = 0; i < steps->n_blocks; i++)
		replay_verify_whole(&steps->blocks[i]);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What fuzz_allocator.c knows of each block: its bytes, its handler, and what
 * the accounts must say; and the bytes of an input as sizes.
 */
#ifndef TESTS_FUZZ_MODEL_H
#define TESTS_FUZZ_MODEL_H

#include <datamem.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SLOTS 24
#define LARGEST ((size_t)24 << 20)
#define ERRNO 4711

static void require(bool truth)
{
	if (!truth)
		abort();
}

/* The bytes of an input; zeros behind its end. */
static const uint8_t *input, *input_end;

static unsigned int byte(void)
{
	return input < input_end ? *input++ : 0;
}

/* Sizes of all magnitudes, and of their neighbours. */
static size_t some_size(void)
{
	unsigned int log = byte(), fine = byte();
	size_t base;

	if (log >= 0xfc)
		return SIZE_MAX >> (log & 1) >> (fine & 1);
	base = (size_t)1 << log % 25;
	base = base + (base * (fine & 0x3f) >> 6) + (fine >> 6) - 1;
	return base < LARGEST ? base : LARGEST;
}

enum kind { NONE, FAMILY, DIMS, RAW, HANDLER, BUFFER };

static struct slot {
	enum kind kind;
	unsigned char *ptr;
	size_t nbytes;          /* as asked for; 0 counts as 1 */
	size_t align;
	unsigned char seed;
	bool tracked;           /* in the accounts */
	size_t tracked_bytes;
	const struct datamem_handler *handler;
	struct datamem_buffer buffer;
} slots[SLOTS];
static unsigned char seed;
static bool accounts;

static size_t held(const struct slot *slot)
{
	return slot->nbytes ? slot->nbytes : 1;
}

/* Whether a byte is part of the pattern: all of small blocks, few of large. */
static size_t next_mark(size_t i)
{
	return i < 600 ? i + 1 : i + 1021;
}

static void fill(struct slot *slot)
{
	slot->seed = ++seed;
	for (size_t i = 0; i < slot->nbytes; i = next_mark(i))
		slot->ptr[i] = (unsigned char)(slot->seed + i * 13);
	if (slot->nbytes)
		slot->ptr[slot->nbytes - 1] = slot->seed;
}

/* Of a block that had `had` bytes, the first n. */
static void look(const struct slot *slot, size_t n, size_t had)
{
	for (size_t i = 0; i < n; i = next_mark(i))
		if (i != had - 1)
			require(slot->ptr[i] ==
				(unsigned char)(slot->seed + i * 13));
	if (n == had && n)
		require(slot->ptr[n - 1] == slot->seed);
}

static void look_zero(const struct slot *slot, size_t from)
{
	for (size_t i = from; i < slot->nbytes; i = next_mark(i))
		require(slot->ptr[i] == 0);
	if (slot->nbytes > from)
		require(slot->ptr[slot->nbytes - 1] == 0);
}

/* No two blocks have a byte in common. */
static void apart(const struct slot *slot)
{
	uintptr_t start = (uintptr_t)slot->ptr, end = start + held(slot);

	for (size_t i = 0; i < SLOTS; i++) {
		const struct slot *other = &slots[i];
		uintptr_t from = (uintptr_t)other->ptr;

		require(other == slot || other->kind == NONE ||
			end <= from || from + held(other) <= start);
	}
}

static void track(struct slot *slot, size_t nbytes)
{
	slot->tracked = accounts;
	slot->tracked_bytes = nbytes;
}

static bool is_aligned(const struct slot *slot)
{
	size_t natural = slot->kind != FAMILY ? 1 : slot->nbytes >= 1024 ? 64
									 : 16;

	return (uintptr_t)slot->ptr % slot->align == 0 &&
	       (uintptr_t)slot->ptr % natural == 0;
}

/* A call that returned a pointer: NULL for want of memory only. */
static bool came(const void *ptr)
{
	require(ptr ? errno == ERRNO : errno == ENOMEM);
	return ptr;
}

static void made(struct slot *slot, enum kind kind, void *ptr, size_t nbytes,
		 size_t align)
{
	if (!came(ptr)) {
		slot->kind = NONE;
		return;
	}
	slot->kind = kind;
	slot->ptr = ptr;
	slot->nbytes = nbytes;
	slot->align = align;
	require(nbytes <= PTRDIFF_MAX && is_aligned(slot));
	apart(slot);
	track(slot, held(slot));
}

#endif /* TESTS_FUZZ_MODEL_H */

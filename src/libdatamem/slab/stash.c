/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How much the stashes hold. */

#include "stash.h"

#include <string.h>

#include "kernel/kernel.h"

/* The most bytes in one. */
#define BYTES_MAX ((size_t)2 << 20)

/* Room beyond stash_max, of all: for each processor, and at least; where that
 * was too little this part of RAM or of the cgroup's limit, up to what the 48
 * classes from 1 to 64 KiB may hold. */
#define SPARE_PROCESSOR ((size_t)1 << 20)
#define SPARE_MIN ((size_t)16 << 20)
#define SPARE_PART 256
#define SPARE_MAX (48 * BYTES_MAX)

static size_t spare_max;
static bool too_little, scaled;
/* Apart from stashes: fork(2) locks all classes, and a parent copies each page
 * that their locks are on. */
static void *places[DMEM_CLASSES][DMEM_STASH_MAX] DMEM_TABLE;
static struct {
	size_t taken;        /* bytes of room beyond stash_max */
	unsigned int hand;   /* of dmem_stash_next() */
} DMEM_OWN_LINES spare;

void dmem_stash_init(void)
{
	spare_max = DMEM_MAX(SPARE_MIN, dmem_kernel_processors() *
						SPARE_PROCESSOR);
}

/* Blocks that a stash may hold. */
static size_t room_of(const struct dmem_stash *stash, unsigned int cls)
{
	return dmem_classes[cls].stash_max + stash->more;
}

size_t dmem_stash_take(struct dmem_stash *stash, unsigned int cls, void **end,
		       size_t n)
{
	n = DMEM_MIN(n, stash->n);
	if (!n)
		return 0;
	stash->used = stash->lately = true;
	stash->n -= n;
	memcpy(end - n, places[cls] + stash->n, n * sizeof(*end));
	return n;
}

/* Let it hold n more, as far as there is room to spare. */
static void widen(struct dmem_stash *stash, unsigned int cls, size_t n)
{
	size_t size = dmem_classes[cls].size;
	size_t most = DMEM_MIN(DMEM_STASH_MAX, BYTES_MAX / size);
	/* By as much as it has, at least. */
	size_t have = room_of(stash, cls);
	size_t room = DMEM_MIN(most, have + DMEM_MAX(n, have));
	size_t nbytes = (room - have) * size;

	stash->starved = nbytes != 0;
	if (!nbytes)
		return;
	if (dmem_fetch_add(&spare.taken, nbytes) + nbytes >
	    dmem_load(&spare_max)) {
		dmem_fetch_sub(&spare.taken, nbytes);
		if (!dmem_load(&too_little))
			dmem_store(&too_little, true);
		return;
	}
	stash->starved = false;
	stash->more += (uint32_t)(room - have);
}

void dmem_stash_scale(void)
{
	uint64_t part;

	if (dmem_likely(!dmem_load(&too_little)) || dmem_load(&scaled))
		return;
	dmem_store(&scaled, true);
	part = DMEM_MIN(dmem_kernel_ram(), dmem_kernel_cgroup_limit()) /
	       SPARE_PART;
	part = DMEM_MIN(part, SPARE_MAX);
	if (part > dmem_load(&spare_max))
		dmem_store(&spare_max, part);
}

size_t dmem_stash_put(struct dmem_stash *stash, unsigned int cls,
		      void *const *blocks, size_t n)
{
	stash->used = stash->lately = true;
	if (stash->n + n > room_of(stash, cls))
		widen(stash, cls, n);
	n = DMEM_MIN(n, room_of(stash, cls) - stash->n);
	memcpy(places[cls] + stash->n, blocks, n * sizeof(*blocks));
	stash->n += n;
	return n;
}

void dmem_stash_narrow(struct dmem_stash *stash, unsigned int cls)
{
	dmem_fetch_sub(&spare.taken,
		       stash->more * (size_t)dmem_classes[cls].size);
	stash->more = 0;
}

unsigned int dmem_stash_next(void)
{
	return dmem_fetch_add(&spare.hand, 1) % (DMEM_CLASSES - 1) + 1;
}

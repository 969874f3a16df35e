/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Hash table of block names: open addressing, at most half full. */

#include "block-names.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

struct block_name {
	uint64_t name;          /* 0: the slot is empty */
	uint32_t number;
};

void block_names_init(struct block_names *names)
{
	*names = (struct block_names){ 0 };
	/* Early in boot there may be no random bytes: then hostile files are
	 * slow, not wrong. */
	if (getrandom(&names->seed, sizeof(names->seed), GRND_NONBLOCK) < 0)
		names->seed = 0;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

static struct block_name *find_slot(const struct block_names *names,
				    uint64_t name)
{
	size_t mask = names->n_slots - 1;
	size_t i = mix(name ^ names->seed) & mask;

	while (names->slots[i].name && names->slots[i].name != name)
		i = (i + 1) & mask;
	return &names->slots[i];
}

uint32_t block_names_find(const struct block_names *names, uint64_t name)
{
	struct block_name *slot;

	if (!names->n_slots)
		return BLOCK_NAMES_NONE;
	slot = find_slot(names, name);
	return slot->name ? slot->number : BLOCK_NAMES_NONE;
}

static int grow(struct block_names *names)
{
	struct block_names bigger = *names;

	bigger.n_slots = names->n_slots ? 2 * names->n_slots : 1024;
	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < names->n_slots; i++) {
		if (names->slots[i].name)
			*find_slot(&bigger, names->slots[i].name) =
				names->slots[i];
	}
	free(names->slots);
	*names = bigger;
	return 0;
}

int block_names_add(struct block_names *names, uint64_t name)
{
	if (2 * names->n_names >= names->n_slots) {
		int err = grow(names);

		if (err)
			return err;
	}
	*find_slot(names, name) = (struct block_name){
		.name = name,
		.number = (uint32_t)names->n_names,
	};
	names->n_names++;
	return 0;
}

void block_names_release(struct block_names *names)
{
	free(names->slots);
	names->slots = NULL;
	names->n_slots = names->n_names = 0;
}

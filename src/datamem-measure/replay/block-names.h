/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Numbers the block names of a recording in order of appearance, so that a
 * replay can use a dense table whatever the names are.
 */
#ifndef CTL_BLOCK_NAMES_H
#define CTL_BLOCK_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define BLOCK_NAMES_NONE UINT32_MAX

struct block_names {
	struct block_name *slots;
	size_t n_slots;         /* a power of two, or 0 */
	size_t n_names;
	/* Names are chosen by the author of a file: without a secret in the
	 * hash a file could make every look-up walk the whole table. */
	uint64_t seed;
};

/* Begins empty; makes no allocation. */
void block_names_init(struct block_names *names);

/* The number of a name, or BLOCK_NAMES_NONE. */
uint32_t block_names_find(const struct block_names *names, uint64_t name);

/*
 * Gives the next number to a name that is not there yet. Returns 0, or
 * -ENOMEM.
 */
int block_names_add(struct block_names *names, uint64_t name);

void block_names_release(struct block_names *names);

#endif /* CTL_BLOCK_NAMES_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks by address: a hash table, at most half full. */
#ifndef RECORD_ADDRESSES_H
#define RECORD_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

struct record_block {
	uint64_t address;       /* 0: none */
	uint64_t name;          /* 0: freed while blocks are listed */
	uint64_t nbytes;
};

/* All zero: empty. */
struct record_addresses {
	struct record_block *slots;
	size_t n_slots;         /* a power of two, or 0 */
	size_t n;
};

/* NULL: there is none. Valid until the table changes. */
struct record_block *record_addresses_find(struct record_addresses *table,
					   uint64_t address);
/* One that is not there. Ends the tool when there is no memory. */
void record_addresses_add(struct record_addresses *table,
			  const struct record_block *block);
void record_addresses_remove(struct record_addresses *table,
			     struct record_block *block);
/* Remove those without a name. */
void record_addresses_forget_freed(struct record_addresses *table);
void record_addresses_free(struct record_addresses *table);

#endif /* RECORD_ADDRESSES_H */

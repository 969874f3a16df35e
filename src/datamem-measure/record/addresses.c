/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Open addressing; what is behind a gap moves into it. */
#include "tool.h"
#include "addresses.h"

#define FIRST_SLOTS 4096

static size_t home(const struct record_addresses *table, uint64_t address)
{
	uint64_t x = (address >> 4) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(x >> 20) & (table->n_slots - 1);
}

static struct record_block *find_slot(struct record_addresses *table,
				      uint64_t address)
{
	size_t mask = table->n_slots - 1, i = home(table, address);

	while (table->slots[i].address && table->slots[i].address != address)
		i = (i + 1) & mask;
	return &table->slots[i];
}

struct record_block *record_addresses_find(struct record_addresses *table,
					   uint64_t address)
{
	struct record_block *slot;

	if (!table->n_slots || !address)
		return NULL;
	slot = find_slot(table, address);
	return slot->address ? slot : NULL;
}

static void enter_all(struct record_addresses *table,
		      const struct record_block *blocks, size_t n, bool named)
{
	for (size_t i = 0; i < n; i++) {
		if (!blocks[i].address || (named && !blocks[i].name))
			continue;
		*find_slot(table, blocks[i].address) = blocks[i];
		table->n++;
	}
}

/* The same in a new array of so many slots. */
static void rebuild(struct record_addresses *table, size_t n_slots, bool named)
{
	struct record_addresses fresh = { .n_slots = n_slots };

	fresh.slots = ctl_alloc(n_slots, sizeof(*fresh.slots));
	memset(fresh.slots, 0, n_slots * sizeof(*fresh.slots));
	enter_all(&fresh, table->slots, table->n_slots, named);
	free(table->slots);
	*table = fresh;
}

void record_addresses_add(struct record_addresses *table,
			  const struct record_block *block)
{
	if (2 * (table->n + 1) > table->n_slots)
		rebuild(table, table->n_slots ? 2 * table->n_slots :
						FIRST_SLOTS, false);
	*find_slot(table, block->address) = *block;
	table->n++;
}

void record_addresses_remove(struct record_addresses *table,
			     struct record_block *block)
{
	size_t mask = table->n_slots - 1;
	size_t gap = (size_t)(block - table->slots), i = gap;

	table->n--;
	for (;;) {
		i = (i + 1) & mask;
		if (!table->slots[i].address)
			break;
		if (((i - home(table, table->slots[i].address)) & mask) <
		    ((i - gap) & mask))
			continue;
		table->slots[gap] = table->slots[i];
		gap = i;
	}
	table->slots[gap].address = 0;
}

void record_addresses_forget_freed(struct record_addresses *table)
{
	if (table->n_slots)
		rebuild(table, table->n_slots, true);
}

void record_addresses_free(struct record_addresses *table)
{
	free(table->slots);
	*table = (struct record_addresses) { 0 };
}

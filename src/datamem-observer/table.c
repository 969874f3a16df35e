/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Live blocks by address, at most half full. */
#include "table.h"

#include <sys/mman.h>

#include "base.h"

#define FIRST_SLOTS 4096

static struct {
	struct observer_entry *slots;
	size_t n_slots;         /* a power of two, or 0 */
	size_t n;
} table;

static size_t home(uintptr_t address)
{
	uint64_t x = (address >> 4) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(x >> 20) & (table.n_slots - 1);
}

static struct observer_entry *find_slot(uintptr_t address)
{
	size_t mask = table.n_slots - 1, i = home(address);

	while (table.slots[i].address && table.slots[i].address != address)
		i = (i + 1) & mask;
	return &table.slots[i];
}

struct observer_entry *observer_table_find(uintptr_t address)
{
	struct observer_entry *slot;

	if (!table.n_slots)
		return NULL;
	slot = find_slot(address);
	return slot->address ? slot : NULL;
}

OBSERVER_COLD static bool grow(void)
{
	size_t n_old = table.n_slots, n = n_old ? 2 * n_old : FIRST_SLOTS;
	struct observer_entry *old = table.slots;
	void *slots = mmap(NULL, n * sizeof(*old), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (slots == MAP_FAILED)
		return false;
	table.slots = slots;
	table.n_slots = n;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].address)
			*find_slot(old[i].address) = old[i];
	}
	if (old)
		munmap(old, n_old * sizeof(*old));
	return true;
}

struct observer_entry *observer_table_place(uintptr_t address)
{
	struct observer_entry *slot;

	if (2 * (table.n + 1) > table.n_slots && !grow())
		return NULL;
	slot = find_slot(address);
	if (!slot->address) {
		slot->address = address;
		slot->name = 0;
		table.n++;
	}
	return slot;
}

/* Entries behind the gap that could not be found any more move into it. */
void observer_table_remove(struct observer_entry *entry)
{
	size_t mask = table.n_slots - 1;
	size_t gap = (size_t)(entry - table.slots), i = gap;

	table.n--;
	for (;;) {
		i = (i + 1) & mask;
		if (!table.slots[i].address)
			break;
		if (((i - home(table.slots[i].address)) & mask) <
		    ((i - gap) & mask))
			continue;
		table.slots[gap] = table.slots[i];
		gap = i;
	}
	table.slots[gap].address = 0;
}

const struct observer_entry *observer_table_next(size_t *i)
{
	while (*i < table.n_slots) {
		const struct observer_entry *entry = &table.slots[(*i)++];

		if (entry->address)
			return entry;
	}
	return NULL;
}

void observer_table_clear(void)
{
	if (table.slots)
		munmap(table.slots, table.n_slots * sizeof(*table.slots));
	table.slots = NULL;
	table.n_slots = table.n = 0;
}

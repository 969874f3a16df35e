/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Live blocks by address: open addressing in mappings of its own. The caller
 * holds the lock.
 */
#ifndef OBSERVER_TABLE_H
#define OBSERVER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct observer_entry {
	uintptr_t address;      /* 0: empty */
	uint64_t name;
	size_t nbytes;
	unsigned int source;    /* enum observer_source */
};

/* The entry of an address, or NULL. */
struct observer_entry *observer_table_find(uintptr_t address);

/* The same, or a new one, of name 0, for the caller to fill; NULL: no memory. */
struct observer_entry *observer_table_place(uintptr_t address);

/* Remove an entry, which observer_table_find() gave. */
void observer_table_remove(struct observer_entry *entry);

/* The next entry at or behind *i, which moves behind it; NULL: no more. */
const struct observer_entry *observer_table_next(size_t *i);

void observer_table_clear(void);

#endif /* OBSERVER_TABLE_H */

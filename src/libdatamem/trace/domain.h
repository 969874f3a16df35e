/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The accounts themselves: a record of totals for each number that was ever
 * used. Records live for ever, so that finding one takes no lock.
 */
#ifndef DMEM_DOMAIN_H
#define DMEM_DOMAIN_H

#include "base.h"

/* Totals change under the lock of a shard of the ledger. */
struct dmem_domain {
	struct dmem_domain *next;
	unsigned int id;
	unsigned int place;     /* on the control page, plus 1; 0: none */
	size_t blocks, bytes, peak;
};

/* NULL: never used. */
struct dmem_domain *dmem_domain_find(unsigned int id);
/* Find or make; NULL: no memory. */
struct dmem_domain *dmem_domain_make(unsigned int id);
/* Add differences, modulo 2^64; keeps the peak. Thread-safe. */
void dmem_domain_change(struct dmem_domain *domain, size_t blocks,
			size_t bytes);
/* Zero all totals. */
void dmem_domain_clear(void);
/* Bytes mapped for the records. */
size_t dmem_domain_mapped(void);

/* The lock under which records are made, for fork(2); a leaf. */
void dmem_domain_lock(void);
void dmem_domain_unlock(void);

#endif /* DMEM_DOMAIN_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A hash table of tracked addresses, in shards so that threads seldom meet, and
 * the totals of each domain. Knows neither its callers nor the hook.
 *
 * A ticket with an entry that was begun must be ended by enter or restore.
 * Between closing and opening nothing is kept, and a ticket from before changes
 * nothing. Domains live for ever. Opening, closing
 * and preparing are serialised by the caller; all else is thread-safe.
 */
#ifndef DMEM_LEDGER_H
#define DMEM_LEDGER_H

#include "trace.h"

/* As dmem_trace_begin(). */
int dmem_ledger_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		      const void *old_ptr);
/*
 * Put the ticket's entry into the table under ptr, in place of what stands
 * there, and change the totals. Returns 0, or 1 when something stood there;
 * -ESTALE when accounts were stopped since begin: nothing is entered then.
 */
int dmem_ledger_enter(struct dmem_trace_ticket *ticket, const void *ptr,
		      size_t nbytes);
/* Undo begin: the old entry comes back to its place. */
void dmem_ledger_restore(struct dmem_trace_ticket *ticket);
/* Untrack; false when it was not tracked, else its size is in *nbytes. */
bool dmem_ledger_forget(unsigned int domain, const void *ptr, size_t *nbytes);
void dmem_ledger_totals(unsigned int domain, struct datamem_trace_totals *out);
/* Bytes that the ledger has mapped for itself. */
size_t dmem_ledger_mapped(void);

/* Have memory to open; 0 or -ENOMEM. */
int dmem_ledger_prepare(void);
/* Begin, empty; sets dmem_trace_active. */
void dmem_ledger_open(void);
/* Forget all, and unset it. */
void dmem_ledger_close(void);

/* All locks, for fork(2). */
void dmem_ledger_lock(void);
void dmem_ledger_unlock(void);

#endif /* DMEM_LEDGER_H */

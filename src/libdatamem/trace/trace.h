/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Accounts of tracked memory by domain, and the hook.
 *
 * Used from above in three steps, so that a failure leaves no trace: begin
 * reserves the entry before memory is touched, then the allocation is made,
 * then commit or cancel, neither of which can fail. While a resize is under way
 * the old entry is out of the table, so that another thread that is handed the
 * old address meets no stale entry; totals change only at commit.
 *
 * All functions are thread-safe. None is called with another module's lock
 * held.
 */
#ifndef DMEM_TRACE_H
#define DMEM_TRACE_H

#include "base.h"

/* Set by ledger.c only. */
extern bool dmem_trace_active;

/* Whether accounts are on. One relaxed load. */
DMEM_INLINE bool dmem_trace_on(void)
{
	return dmem_unlikely(dmem_load(&dmem_trace_active));
}

/* An operation under way; on the stack of the caller. */
struct dmem_trace_ticket {
	void *entry;          /* reserved; NULL: accounts were off at begin */
	const void *old_ptr;  /* of a resize */
	unsigned int domain;
	unsigned int epoch;   /* of datamem_trace_start() */
	bool was_tracked;     /* old_ptr was in the table */
};

/*
 * Begin to track a new block (old_ptr NULL) or a resize. 0, or -ENOMEM with
 * nothing changed. While accounts are off: 0 and an empty ticket.
 */
int dmem_trace_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		     const void *old_ptr);
/* The memory operation succeeded: enter ptr with nbytes, report to the hook. */
void dmem_trace_commit(struct dmem_trace_ticket *ticket, const void *ptr,
		       size_t nbytes);
/* It failed: everything is as before begin. */
void dmem_trace_cancel(struct dmem_trace_ticket *ticket);

/* A block is about to be freed: untrack and report it. */
void dmem_trace_free(unsigned int domain, const void *ptr);

/*
 * Have settle() called, without a lock, after every start and stop, and
 * toggled(true) called before accounts are switched on (dmem_trace_on() is
 * still false: no entry is made before it returns, so the cache must not keep a
 * fast path open through which a tracked block could be freed unseen), and
 * toggled(false) after they were switched off, both under a lock: what they
 * find is left for settle(). One watcher; set at init.
 */
void dmem_trace_watch(void (*toggled)(bool on), void (*settle)(void));

/*
 * The watcher runs under a lock of trace.c, so prepare comes before that of the
 * modules that the watcher locks. The child keeps the accounts: its blocks are
 * the same.
 */
void dmem_trace_fork_prepare(void);
void dmem_trace_fork_parent(void);
void dmem_trace_fork_child(void);

#endif /* DMEM_TRACE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Finds out by trial which huge pages the running kernel gives. Used by
 * hugepage.c alone; knows nothing of settings.
 *
 * Results are kept in single words and no lock is taken: a child forked in the
 * middle of a probe has nothing to wait for, and two threads that probe at the
 * same time only do it twice.
 */
#ifndef DMEM_PROBE_H
#define DMEM_PROBE_H

#include "base.h"

/* Larger huge pages are never asked for: one would be a whole array. */
#define DMEM_HUGEPAGE_MAX (32 * DMEM_MIB)

/* Nor, above 2 MiB, those that are more than this part of RAM or of the
 * cgroup's limit: a chunk that few blocks lie in takes one whole. */
#define DMEM_HUGEPAGE_PART 32

/* The answers of files and calls; no memory is touched for them. */
struct dmem_probe_basics {
	/* Huge page as the kernel names it, else as its page tables make it:
	 * never 0. */
	size_t hugepage_size;
	bool too_large; /* to be asked for; smaller ones may come in 2 MiB */
	bool little;    /* too large for the memory: better none at all */
	bool always;   /* memory gets huge pages without advice */
	bool never;    /* nor with advice, it seems */
	bool old;      /* the kernel is older than 4.6 */
	bool recorded; /* it is a recorded machine: nothing can be tried */
};
void dmem_probe_basics_get(struct dmem_probe_basics *out);

struct dmem_probe_result {
	int state;      /* enum datamem_hugepage_state */
	int reason;     /* enum datamem_hugepage_reason */
	size_t arrived; /* bytes of the page that the test got; 0 unknown */
};
/*
 * The result of the functional test, made by the first call, where a huge page
 * fits into it with [addr, addr + nbytes): fresh memory that is used next, which
 * then is touched there and still zero. NULL: with memory that is mapped for
 * the test, as in the tests that follow one that failed, now and then.
 */
void dmem_probe_result_get(struct dmem_probe_result *out, void *addr,
			   size_t nbytes);

/* Whether there is a result. */
bool dmem_probe_made(void);

/* Whether a later test had another result than the one before. */
bool dmem_probe_differs(void);

/* Whether files or prctl(2) forbid huge pages now: MODE_NEVER, PRCTL or NONE
 * of enum datamem_hugepage_reason. */
int dmem_probe_forbidden(void);
/* The size of huge page whose own file said never when it was asked last; 0: it
 * did not, so that MODE_NEVER is about the file for all sizes. */
size_t dmem_probe_size_never(void);

void dmem_probe_reset(void);

#endif /* DMEM_PROBE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Which parts of the window are known to be zero, and how zeroed blocks become
 * so.
 *
 * A chunk knows which of its granules were written when they were free last
 * (`from`, `to`); what lies outside reads as zeros. A block adds its granules
 * when it is freed, without those that the kernel says it never wrote.
 */
#ifndef DMEM_ARENA_ZERO_H
#define DMEM_ARENA_ZERO_H

#include "window.h"

/* The parts of a run in chunks that it shares: granules not known to be zero.
 * Those of its other chunks nobody else looks at. */
struct dmem_zero_ends {
	uint32_t at[2], len[2];
	bool hugetlb;  /* there are explicit huge pages */
	size_t small;  /* bytes of its other chunks that are not known to be
			* zero, nor in huge pages */
};

/* Granules have just been freed. Lock held. */
void dmem_zero_written(uint32_t at, uint32_t len);

/*
 * Ask the kernel what was written of chunks that were zero when they were
 * taken, of a block that nobody finds any more, where that is worth a call.
 * Lock held, and left in between.
 */
void dmem_zero_ask(uint32_t first, uint32_t end);

/* Whether a run that was just taken reads as zeros. Lock held. */
bool dmem_zero_known(uint32_t at, uint32_t len);

/* Note of a run just taken what others may change later. Lock held. */
void dmem_zero_note(uint32_t at, uint32_t len, struct dmem_zero_ends *out);

/* Make a run that nobody else knows yet zero. Without the lock. */
void dmem_zero_run(uint32_t at, uint32_t len,
		   const struct dmem_zero_ends *ends);

/* Whether a zeroed block of so many granules is cleared rather than fresh. */
bool dmem_zero_by_hand(uint32_t len);

#endif /* DMEM_ARENA_ZERO_H */

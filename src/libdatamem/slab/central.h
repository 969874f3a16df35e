/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slabs of a class that have free blocks. For slab/ only. How slabs come and
 * go is in tests/models/slabs.pml. */
#ifndef DMEM_SLAB_CENTRAL_H
#define DMEM_SLAB_CENTRAL_H

#include "list.h"
#include "spans.h"
#include "stash.h"

struct dmem_central {
	struct dmem_lock lock;
	struct dmem_slab *partial;  /* some blocks free */
	struct dmem_slab *aligned;  /* the same, with an alignment */
	size_t nfree;               /* blocks free in slabs of `partial` */
	size_t out;                 /* blocks with threads */
	size_t restored;            /* given back, and then found to be none */
	struct dmem_stash stash;
} DMEM_OWN_LINES;

extern struct dmem_central dmem_centrals[DMEM_CLASSES];

DMEM_INLINE struct dmem_slab **dmem_central_list(struct dmem_central *central,
						 const struct dmem_slab *slab)
{
	return slab->log2_align ? &central->aligned : &central->partial;
}

DMEM_INLINE char *dmem_central_start(const struct dmem_slab *slab)
{
	return dmem_granule_address(slab->span << (DMEM_SPAN_SHIFT -
						   DMEM_GRANULE_SHIFT));
}

/*
 * With the class locked: whether a slab that was found without is of it. Its
 * record is then this lock's, all but `back`, until the class is unlocked; the
 * record of one that is not may be another's (slabs.pml, A1).
 */
DMEM_INLINE bool dmem_slab_is_of(const struct dmem_slab *slab, unsigned int cls)
{
	return cls && dmem_load(&slab->cls) == cls;
}

/* Take a slab out of its class if it is not needed: to be given to its spans once
 * the class is unlocked. Lock held. */
bool dmem_central_spare(unsigned int cls, struct dmem_slab *slab);

/* slab.c: empty the stashes that nobody used since the last call. */
void dmem_slab_age_stashes(void);

#endif /* DMEM_SLAB_CENTRAL_H */

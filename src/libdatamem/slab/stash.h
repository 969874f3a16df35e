/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Stashes: free blocks of a class that go from thread to thread without a look
 * at bitmaps. For slab/ only; a stash belongs to the lock of its class.
 *
 * A stash may hold stash_max of its class, and more, up to some MiB, so that
 * whole batches of larger blocks fit. The room beyond is that of all classes
 * together, and is taken from those that do not use theirs.
 */
#ifndef DMEM_SLAB_STASH_H
#define DMEM_SLAB_STASH_H

#include "classes.h"

/* Zeroed in the beginning. */
struct dmem_stash {
	uint32_t more;  /* blocks that it may hold beyond stash_max */
	bool used;      /* since dmem_stash_next() named its class */
	bool lately;    /* since dmem_slab_age() looked at it */
	bool starved;   /* could hold more than there was room to spare for */
	size_t n;
};

/* Once. */
void dmem_stash_init(void);

/* Move up to n blocks to those that end at `end`; returns how many. */
size_t dmem_stash_take(struct dmem_stash *stash, unsigned int cls, void **end,
		       size_t n);

/* Put the first of n blocks there, as many as it takes; returns how many. */
size_t dmem_stash_put(struct dmem_stash *stash, unsigned int cls,
		      void *const *blocks, size_t n);

/* Let all hold more where they had too little and there is memory. Reads files,
 * once: no lock may be held. */
void dmem_stash_scale(void);

/* Give room beyond stash_max back; no more blocks than that are in it. */
void dmem_stash_narrow(struct dmem_stash *stash, unsigned int cls);

/* The class whose room is looked at next; without any lock. */
unsigned int dmem_stash_next(void);

#endif /* DMEM_SLAB_STASH_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Live sampled blocks by address. For profile/ only; with the lock of the
 * profile held, but for dmem_samples_may_have().
 */
#ifndef DMEM_PROFILE_SAMPLES_H
#define DMEM_PROFILE_SAMPLES_H

#include "profile.h"
#include "tables.h"

/*
 * How many samples are live by a hash of their address. A block's own sample
 * was counted before its address was known to anybody, and is until it is
 * taken out by who frees the block: 0 says for sure that there is none.
 */
#define DMEM_SAMPLES_HINTS 16384u
extern uint32_t dmem_samples_hints[DMEM_SAMPLES_HINTS];

DMEM_INLINE uint32_t *dmem_samples_hint(const void *ptr)
{
	return &dmem_samples_hints[dmem_hash((uintptr_t)ptr >> 4) >> 50];
}

DMEM_INLINE bool dmem_samples_may_have(const void *ptr)
{
	return dmem_load(dmem_samples_hint(ptr));
}

int dmem_samples_make(void);
void dmem_samples_drop(void);
size_t dmem_samples_mapped(void);

/* False: the table is full. One of the same address is replaced: it is put
 * into *old, whose address is 0 else. */
bool dmem_samples_enter(const struct dmem_sample *sample,
			struct dmem_sample *old);

/* Take a sample out; false: there is none of this address. */
bool dmem_samples_take(const void *ptr, struct dmem_sample *out);

/* Write all of them, in a file of a forked child. */
void dmem_samples_show_all(void);

#endif /* DMEM_PROFILE_SAMPLES_H */

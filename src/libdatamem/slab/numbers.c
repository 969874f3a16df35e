/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How many blocks of a class are where. */

#include "slab.h"

#include "central.h"

void dmem_slab_count(unsigned int cls, size_t *out, size_t *stashed)
{
	dmem_lock(&dmem_centrals[cls].lock);
	/* Below zero for as long as a block freed twice is in the stash. */
	*out = dmem_centrals[cls].out <= DMEM_SIZE_MAX ? dmem_centrals[cls].out : 0;
	*stashed = dmem_centrals[cls].stash.n;
	dmem_unlock(&dmem_centrals[cls].lock);
}

size_t dmem_slab_restored(unsigned int cls)
{
	size_t n;

	dmem_lock(&dmem_centrals[cls].lock);
	n = dmem_centrals[cls].restored;
	dmem_unlock(&dmem_centrals[cls].lock);
	return n;
}

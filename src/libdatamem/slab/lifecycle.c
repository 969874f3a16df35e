/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The slabs' part in fork(2). */

#include "slab.h"

#include "central.h"
#include "notes.h"
#include "open.h"

void dmem_slab_fork_prepare(void)
{
	dmem_slab_open_lock();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		dmem_lock(&dmem_centrals[cls].lock);
	dmem_notes_fork_prepare();
	dmem_spans_fork_prepare();
}

void dmem_slab_fork_parent(void)
{
	dmem_spans_fork_parent();
	dmem_notes_fork_parent();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		dmem_unlock(&dmem_centrals[cls].lock);
	dmem_slab_open_unlock();
}

bool dmem_slab_idle(unsigned int *patience)
{
	if (!dmem_slab_open_idle(patience))
		return false;
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		if (!dmem_lock_idle(&dmem_centrals[cls].lock, patience))
			return false;
	return dmem_notes_idle(patience) && dmem_spans_idle(patience);
}

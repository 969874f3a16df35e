/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* From an address to the block that holds it, small or large. */
#ifndef DMEM_FIND_H
#define DMEM_FIND_H

#include "base.h"
#include "arena/arena.h"
#include "arena/window.h"

/* The class of the slab that an address lies in; 0: in none. */
DMEM_INLINE unsigned int dmem_find_class(const void *ptr)
{
	size_t offset = dmem_window_find(ptr);

	if (offset == SIZE_MAX)
		return 0;
	return dmem_load(&dmem_window.classes[offset >> DMEM_SPAN_SHIFT]);
}

/* The live block that holds ptr; false: none does. Of hosted ones (hosted.h)
 * only that which begins there is found. */
bool dmem_find_block(const void *ptr, struct dmem_block *out);

/* The live block that begins at ptr. */
bool dmem_find_start(const void *ptr, struct dmem_block *out);

#endif /* DMEM_FIND_H */

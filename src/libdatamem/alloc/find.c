/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds blocks in the arena and in its slabs. */

#include "find.h"

#include "guard/guard.h"
#include "guest/guest.h"
#include "slab/slab.h"
#include "hosted.h"

bool dmem_find_block(const void *ptr, struct dmem_block *out)
{
	struct dmem_slab_block small;

	if (dmem_guest_hosted())
		return dmem_hosted_find(ptr, out);
	if (!dmem_find_class(ptr)) {
		if (dmem_unlikely(dmem_guard_may_hold(ptr)) &&
		    dmem_guard_find(ptr, out))
			return true;
		return dmem_arena_find(ptr, out);
	}
	if (!dmem_slab_find(ptr, &small) || small.free)
		return false;
	*out = (struct dmem_block){ .start = small.start,
				    .nbytes = small.size,
				    .usable = small.size,
				    .align = small.align };
	return true;
}

bool dmem_find_start(const void *ptr, struct dmem_block *out)
{
	return dmem_find_block(ptr, out) && out->start == ptr;
}

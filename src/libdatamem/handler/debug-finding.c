/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is said of a mistake that the handler `debug` found. */
#include "debug-finding.h"

#include <stdio.h>

#include "kernel/kernel.h"
#include "debug-fill.h"

struct dmem_debug_finding
dmem_debug_find(enum dmem_misuse misuse, const struct dmem_debug_block *block)
{
	bool written = misuse == DMEM_MISUSE_OVERRUN ||
		       misuse == DMEM_MISUSE_USE_AFTER_FREE;
	const struct dmem_stack unknown = { 0 };

	return (struct dmem_debug_finding){
		.misuse = misuse,
		.ptr = block->ptr,
		.nbytes = block->nbytes,
		.offset = written ? dmem_debug_fill_damage(block) : PTRDIFF_MAX,
		.made_by = block->made_by,
		/* It is being freed as an overrun is found. */
		.freed_by = misuse == DMEM_MISUSE_OVERRUN ? 0 :
							    block->freed_by,
		.made_at = block->made_at ? *block->made_at : unknown,
	};
}

/* First: the report of the mistake may be the last that the program does. */
static void tell_where_made(const struct dmem_debug_finding *finding)
{
	char what[80];

	if (!finding->made_at.depth ||
	    !dmem_report_begin(DMEM_DEBUG_NAME, false))
		return;
	snprintf(what, sizeof(what), "block %p of %zu bytes, allocated",
		 finding->ptr, finding->nbytes);
	dmem_report_stack(what, &finding->made_at);
	dmem_report_end();
}

/* "... by handler debug, at offset 100; made by thread 7, freed by thread 8" */
void dmem_debug_tell(const struct dmem_debug_finding *finding)
{
	char offset[64] = "", freed[64] = "", more[192];

	if (finding->offset != PTRDIFF_MAX)
		snprintf(offset, sizeof(offset), ", at offset %td",
			 finding->offset);
	if (finding->misuse == DMEM_MISUSE_DOUBLE_FREE)
		snprintf(freed, sizeof(freed), ", freed by %d and %d",
			 finding->freed_by, dmem_kernel_thread_id());
	else if (finding->freed_by)
		snprintf(freed, sizeof(freed), ", freed by %d",
			 finding->freed_by);
	snprintf(more, sizeof(more), "%s; made by thread %d%s", offset,
		 finding->made_by, freed);
	tell_where_made(finding);
	dmem_misuse_report_more(finding->misuse, DMEM_DEBUG_NAME, finding->ptr,
				finding->nbytes, true, more);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What a report about a guarded block says. */
#include "report.h"

#include "stats.h"

/* Where in the block, or how far beside it, an address is. */
static void add_place(const struct dmem_guard_finding *finding)
{
	const struct dmem_guarded *block = finding->block;
	const char *where = finding->where;

	if (where < block->start) {
		dmem_report_add(", ");
		dmem_report_number((size_t)(block->start - where), 10);
		dmem_report_add(" bytes before it");
	} else if (where >= block->start + block->nbytes) {
		dmem_report_add(", ");
		dmem_report_number((size_t)(where - block->start) -
					   block->nbytes, 10);
		dmem_report_add(" bytes behind its end");
	} else {
		dmem_report_add(", at byte ");
		dmem_report_number((size_t)(where - block->start), 10);
	}
}

static void write_report(const struct dmem_guard_finding *finding)
{
	const struct dmem_guarded *block = finding->block;

	dmem_report_add(finding->what);
	dmem_report_add(finding->freed ? " freed block " : " block ");
	dmem_report_number((uintptr_t)block->start, 16);
	dmem_report_add(" of ");
	dmem_report_number(block->nbytes, 10);
	dmem_report_add(" bytes");
	if (finding->where)
		add_place(finding);
	dmem_report_line();
	if (finding->stack)
		dmem_report_stack(finding->by, finding->stack);
	dmem_report_stack("allocated", &block->made);
	/* Another thread may be about to take it. */
	if (finding->freed &&
	    dmem_load_acquire(&block->state) != DMEM_GUARDED_GOING)
		dmem_report_stack("freed", &block->freed);
}

void dmem_guard_report(const struct dmem_guard_finding *finding,
		       bool in_handler)
{
	dmem_stats_count(DMEM_COUNT_GUARD_REPORTS);
	if (!dmem_report_begin("guard", in_handler))
		return;
	write_report(finding);
	dmem_report_end();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The row of a process, for list and top. */
#include "tool.h"
#include "summary.h"

const struct ctl_column ctl_summary_columns[CTL_PROC_COLUMNS] = {
	[CTL_PROC_PID] = { "PID", CTL_COUNT, CTL_SHOWN, "id of the process" },
	[CTL_PROC_NSPID] = { "NSPID", CTL_COUNT, 0,
		"the same, as it sees itself" },
	[CTL_PROC_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "its name" },
	[CTL_PROC_USER] = { "USER", CTL_STRING, CTL_SHOWN, "its user" },
	[CTL_PROC_UPTIME] = { "UPTIME", CTL_AGE, CTL_SHOWN,
		"how long it runs" },
	[CTL_PROC_LIVE] = { "LIVE", CTL_SIZE, CTL_SHOWN,
		"in blocks that it uses" },
	[CTL_PROC_HELD] = { "HELD", CTL_SIZE, CTL_SHOWN,
		"held for blocks, kept ones too" },
	[CTL_PROC_RETAINED] = { "RETAINED", CTL_SIZE, CTL_SHOWN,
		"free, kept for reuse" },
	[CTL_PROC_PEAK] = { "PEAK", CTL_SIZE, 0, "most that was live" },
	[CTL_PROC_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"resident part in huge pages" },
	[CTL_PROC_ALLOCS] = { "ALLOCS", CTL_COUNT, 0, "blocks made" },
	[CTL_PROC_HIT] = { "HIT", CTL_RATIO, 0, "small ones from a cache" },
	[CTL_PROC_THREADS] = { "THREADS", CTL_COUNT, 0,
		"threads with a cache" },
	[CTL_PROC_HANDLER] = { "HANDLER", CTL_STRING, CTL_SHOWN,
		"handler that a thread starts with" },
};

static bool shows(const struct ctl_output *out, size_t column)
{
	for (size_t i = 0; i < out->nselected; i++)
		if (out->selected[i] == column)
			return true;
	return false;
}

void ctl_summary_row(struct ctl_output *out,
		       const struct ctl_process *process)
{
	const struct ctl_page *page = &process->page;
	const struct live_setting *handler = ctl_page_setting(page, "handler");
	uint64_t resident, huge;

	ctl_output_row(out);
	ctl_output_count(out, CTL_PROC_PID, (uint64_t)process->pid);
	ctl_output_count(out, CTL_PROC_NSPID, (uint64_t)process->inner_pid);
	ctl_output_string(out, CTL_PROC_NAME, process->name);
	ctl_output_string(out, CTL_PROC_USER, process->user);
	if (process->uptime >= 0)
		ctl_output_age(out, CTL_PROC_UPTIME, process->uptime);
	ctl_output_size(out, CTL_PROC_LIVE, page->live_bytes);
	ctl_output_size(out, CTL_PROC_HELD, page->held_bytes);
	ctl_output_size(out, CTL_PROC_RETAINED, page->numbers.retained_bytes);
	ctl_output_size(out, CTL_PROC_PEAK, page->numbers.peak_bytes);
	/* Only where asked for: smaps costs the process a little. */
	if (shows(out, CTL_PROC_HUGE) &&
	    ctl_process_huge(process, &resident, &huge))
		ctl_output_ratio(out, CTL_PROC_HUGE, (double)huge,
				 (double)resident);
	ctl_output_count(out, CTL_PROC_ALLOCS, page->allocs);
	ctl_output_ratio(out, CTL_PROC_HIT, (double)page->hits,
			 (double)(page->hits + page->misses));
	ctl_output_count(out, CTL_PROC_THREADS, page->threads);
	if (handler)
		ctl_output_string(out, CTL_PROC_HANDLER, handler->value);
}

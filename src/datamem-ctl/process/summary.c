/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The row of a process, for list and top. */
#include "tool.h"
#include "summary.h"

static struct ctl_column columns[CTL_PROC_COLUMNS] = {
	[CTL_PROC_PID] = { "PID", CTL_COUNT, CTL_SHOWN, "id of the process" },
	[CTL_PROC_NSPID] = { "NSPID", CTL_COUNT, 0,
		"the same, as it sees itself" },
	[CTL_PROC_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "its name" },
	[CTL_PROC_USER] = { "USER", CTL_STRING, CTL_SHOWN, "its user" },
	[CTL_PROC_UPTIME] = { "UPTIME", CTL_AGE, CTL_SHOWN,
		"how long it runs" },
	[CTL_PROC_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"resident part in huge pages" },
	[CTL_PROC_HIT] = CTL_HIT_COLUMN(0),
	[CTL_PROC_HANDLER] = { "HANDLER", CTL_STRING, CTL_SHOWN,
		"handler that a thread starts with" },
};

/* The columns that are statistics. */
static const struct {
	size_t column;
	enum ctl_statistic which;
	bool shown;
} statistics[] = {
	{ CTL_PROC_LIVE, CTL_STATISTIC_LIVE, true },
	{ CTL_PROC_HELD, CTL_STATISTIC_HELD, true },
	{ CTL_PROC_RETAINED, CTL_STATISTIC_RETAINED, true },
	{ CTL_PROC_PEAK, CTL_STATISTIC_PEAK, false },
	{ CTL_PROC_ALLOCS, CTL_STATISTIC_ALLOCS, false },
	{ CTL_PROC_THREADS, CTL_STATISTIC_THREADS, false },
};

const struct ctl_column *ctl_summary_columns(void)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(statistics); i++)
		columns[statistics[i].column] = ctl_statistics_column(
			statistics[i].which, statistics[i].shown);
	return columns;
}

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
	for (size_t i = 0; i < CTL_ARRAY_SIZE(statistics); i++)
		ctl_statistics_cell(out, statistics[i].column,
				    statistics[i].which, &page->statistics);
	ctl_statistics_hit(out, CTL_PROC_HIT, &page->statistics);
	/* Only where asked for: smaps costs the process a little. */
	if (shows(out, CTL_PROC_HUGE) &&
	    ctl_process_huge(process, &resident, &huge))
		ctl_output_ratio(out, CTL_PROC_HUGE, (double)huge,
				 (double)resident);
	if (handler) {
		/* A name that is misspelt waits for ever. */
		char *text = ctl_printf(handler->note[0] != '\0' ? "%s (%s)"
								 : "%s",
					handler->value, handler->note);

		ctl_output_string(out, CTL_PROC_HANDLER, text);
		free(text);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Looks at the processes, and sorts them. */
#include "tool.h"
#include "top.h"

#include <strings.h>

/* Columns to sort by, in their order. */
static const size_t orders[] = {
	CTL_PROC_PID, CTL_PROC_UPTIME, CTL_PROC_LIVE, CTL_PROC_HELD,
	CTL_PROC_RETAINED, CTL_PROC_PEAK, CTL_PROC_ALLOCS, CTL_PROC_ALLOCS_S,
};
#define DEFAULT_ORDER 2

bool ctl_top_order(struct ctl_top *top, const char *name)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(orders); i++) {
		if (strcasecmp(top->out.columns[orders[i]].name, name) == 0) {
			top->sort = i;
			return true;
		}
	}
	return false;
}

void ctl_top_default_order(struct ctl_top *top)
{
	top->sort = DEFAULT_ORDER;
}

size_t ctl_top_sorted_by(const struct ctl_top *top)
{
	return orders[top->sort];
}

void ctl_top_move_order(struct ctl_top *top, int step)
{
	if (step < 0 && top->sort > 0)
		top->sort--;
	if (step > 0 && top->sort + 1 < CTL_ARRAY_SIZE(orders))
		top->sort++;
}

static double sort_key(const struct ctl_summary *summary, size_t column)
{
	const uint64_t *values = summary->statistics.values;

	switch (column) {
	case CTL_PROC_HELD:
		return (double)values[CTL_STATISTIC_HELD];
	case CTL_PROC_RETAINED:
		return (double)values[CTL_STATISTIC_RETAINED];
	case CTL_PROC_PEAK:
		return (double)values[CTL_STATISTIC_PEAK];
	case CTL_PROC_ALLOCS:
		return (double)values[CTL_STATISTIC_ALLOCS];
	case CTL_PROC_ALLOCS_S:
		return summary->trend.rates.values[CTL_STATISTIC_ALLOCS];
	case CTL_PROC_UPTIME:
		return summary->is.uptime;
	case CTL_PROC_PID:
		return -(double)summary->pid;
	default:
		return (double)values[CTL_STATISTIC_LIVE];
	}
}

/* qsort(3) has no argument for it. */
static const struct ctl_top *sorted;

static int by_key(const void *a, const void *b)
{
	double x = sort_key(a, ctl_top_sorted_by(sorted));
	double y = sort_key(b, ctl_top_sorted_by(sorted));
	int order = (x < y) - (x > y);

	return sorted->reverse ? -order : order;
}

static bool has(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

static int collect(struct ctl_process *process, void *arg)
{
	struct ctl_top *top = arg;
	const struct ctl_identity *is = &process->is;

	if (has(is->name, top->filter) || has(is->user, top->filter) ||
	    has(is->command, top->filter))
		ctl_summaries_add(&top->summaries, &top->out, process,
				  top->by);
	return CTL_OK;
}

/* The selected row stays the same process, wherever it is now. */
static void find_selected(struct ctl_top *top)
{
	const struct ctl_summaries *all = &top->summaries;

	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->rows[i].key, top->selected) == 0) {
			top->row = i;
			return;
		}
	}
	if (top->row >= all->n)
		top->row = all->n > 0 ? all->n - 1 : 0;
}

int ctl_top_look(struct ctl_top *top)
{
	struct ctl_summaries *all = &top->summaries;
	int result;

	all->n = 0;
	ctl_history_begin(&top->history);
	result = ctl_targets_visit(&top->targets, collect, top);
	for (size_t i = 0; i < all->n; i++)
		ctl_history_note(&top->history, all->rows[i].key,
				 &all->rows[i].statistics,
				 &all->rows[i].trend);
	sorted = top;
	if (all->n > 0)
		qsort(all->rows, all->n, sizeof(*all->rows), by_key);
	find_selected(top);
	return result;
}

void ctl_top_free(struct ctl_top *top)
{
	ctl_output_free(&top->out);
	ctl_targets_free(&top->targets);
	ctl_summaries_free(&top->summaries);
	ctl_history_free(&top->history);
}

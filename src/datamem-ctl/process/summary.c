/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The row of a process, or of several together, for list and top. */
#include "tool.h"
#include "summary.h"

static struct ctl_column columns[CTL_PROC_COLUMNS] = {
	[CTL_PROC_PID] = { "PID", CTL_COUNT, 0, "id of the process" },
	[CTL_PROC_NSPID] = { "NSPID", CTL_COUNT, 0,
		"the same, as it sees itself" },
	[CTL_PROC_NAME] = { "NAME", CTL_STRING, 0, "its name" },
	[CTL_PROC_COMMAND] = { "COMMAND", CTL_STRING, CTL_CUT,
		"its script or module, else its name" },
	[CTL_PROC_PROCESSES] = { "PROCESSES", CTL_COUNT, 0,
		"how many are added up, with --by" },
	[CTL_PROC_USER] = { "USER", CTL_STRING, CTL_CUT, "its user" },
	[CTL_PROC_UPTIME] = { "UPTIME", CTL_AGE, 0, "how long it runs" },
	[CTL_PROC_HUGE] = { "HUGE", CTL_RATIO, 0,
		"resident part in huge pages" },
	[CTL_PROC_HIT] = CTL_HIT_COLUMN(0),
	[CTL_PROC_HISTORY] = { "HISTORY", CTL_STRING, 0,
		"LIVE at the last looks of top" },
	[CTL_PROC_HANDLER] = { "HANDLER", CTL_STRING, 0,
		"NumPy's handler as far as known, else a thread's first; NOTE "
		"of settings says why one is waiting, or has a note" },
	[CTL_PROC_UNIT] = { "UNIT", CTL_STRING, CTL_CUT,
		"its unit of systemd, or container" },
	[CTL_PROC_CGROUP] = { "CGROUP", CTL_STRING, 0, "its cgroup" },
};

/* The columns that are statistics. */
static const struct {
	size_t column;
	enum ctl_statistic which;
} statistics[] = {
	{ CTL_PROC_LIVE, CTL_STATISTIC_LIVE },
	{ CTL_PROC_HELD, CTL_STATISTIC_HELD },
	{ CTL_PROC_RETAINED, CTL_STATISTIC_RETAINED },
	{ CTL_PROC_PEAK, CTL_STATISTIC_PEAK },
	{ CTL_PROC_ALLOCS, CTL_STATISTIC_ALLOCS },
	{ CTL_PROC_THREADS, CTL_STATISTIC_THREADS },
};

/* And those that are rates of statistics. */
static const struct {
	size_t column;
	enum ctl_statistic which;
} rates[] = {
	{ CTL_PROC_ALLOCS_S, CTL_STATISTIC_ALLOCS },
	{ CTL_PROC_PURGED_S, CTL_STATISTIC_PURGED },
};

static const size_t shown_in_list[] = {
	CTL_PROC_PID, CTL_PROC_COMMAND, CTL_PROC_USER, CTL_PROC_UPTIME,
	CTL_PROC_LIVE, CTL_PROC_HELD, CTL_PROC_RETAINED, CTL_PROC_HUGE,
	CTL_PROC_HANDLER, CTL_PROC_UNIT,
};

/* 80 columns, with the default handler's name. */
static const size_t shown_in_top[] = {
	CTL_PROC_PID, CTL_PROC_COMMAND, CTL_PROC_USER, CTL_PROC_LIVE,
	CTL_PROC_HELD, CTL_PROC_HUGE, CTL_PROC_ALLOCS_S, CTL_PROC_HISTORY,
	CTL_PROC_HANDLER,
};

static void show(const size_t *shown, size_t n)
{
	for (size_t i = 0; i < n; i++)
		columns[shown[i]].flags |= CTL_SHOWN;
}

const struct ctl_column *ctl_summary_columns(enum ctl_summary_use use)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(statistics); i++)
		columns[statistics[i].column] = ctl_statistics_column(
			statistics[i].which, false);
	for (size_t i = 0; i < CTL_ARRAY_SIZE(rates); i++)
		columns[rates[i].column] = ctl_statistics_rate_column(
			rates[i].which, false);
	if (use == CTL_SUMMARY_TOP)
		show(shown_in_top, CTL_ARRAY_SIZE(shown_in_top));
	else
		show(shown_in_list, CTL_ARRAY_SIZE(shown_in_list));
	return columns;
}

static const struct {
	const char *word;
	size_t column;
} ways[] = {
	[CTL_BY_COMMAND] = { "command", CTL_PROC_COMMAND },
	[CTL_BY_USER] = { "user", CTL_PROC_USER },
	[CTL_BY_CGROUP] = { "cgroup", CTL_PROC_CGROUP },
	[CTL_BY_UNIT] = { "unit", CTL_PROC_UNIT },
};

enum ctl_by ctl_summary_by(const char *text, struct argp_state *state)
{
	for (size_t i = CTL_BY_COMMAND; i < CTL_ARRAY_SIZE(ways); i++)
		if (strcmp(ways[i].word, text) == 0)
			return (enum ctl_by)i;
	argp_error(state, "'%s' is not one of command, user, cgroup, unit",
		   text);
	return CTL_BY_PROCESS;
}

/* Whether a column says something about several processes. */
static bool is_sum(size_t column)
{
	return column == CTL_PROC_HUGE || column == CTL_PROC_HISTORY ||
	       column == CTL_PROC_ALLOCS_S || column == CTL_PROC_RETAINED ||
	       column == CTL_PROC_LIVE || column == CTL_PROC_HELD;
}

void ctl_summary_select(struct ctl_output *out, enum ctl_by by)
{
	size_t n = 0;

	if (by == CTL_BY_PROCESS || out->list)
		return;
	/* There is room for all columns. */
	for (size_t i = 0; i < out->nselected; i++)
		if (is_sum(out->selected[i]))
			out->selected[n++] = out->selected[i];
	out->nselected = n;
	ctl_output_lead(out, CTL_PROC_PROCESSES);
	ctl_output_lead(out, ways[by].column);
}

static bool shows(const struct ctl_output *out, size_t column)
{
	for (size_t i = 0; i < out->nselected; i++)
		if (out->selected[i] == column)
			return true;
	return false;
}

/* NumPy's arrays have a handler of their own; a name that is misspelt waits
 * for ever. Why a name does not hold is a sentence, of `settings`. */
static void find_handler(const struct ctl_process *process,
			 struct ctl_summary *summary)
{
	const struct live_setting *setting =
		ctl_page_setting(&process->page, "handler");

	const struct live_header *header = &process->page.header;
	char note[sizeof(header->note)];

	memcpy(note, header->note, sizeof(note));
	note[sizeof(note) - 1] = '\0';
	if (note[0] != '\0')
		snprintf(summary->handler, sizeof(summary->handler), "%s",
			 note);
	/* Of a library without notes. */
	else if (header->header_bytes < sizeof(*header) &&
		 process->is.numpy_handler[0] != '\0')
		snprintf(summary->handler, sizeof(summary->handler),
			 "%s (NumPy)", process->is.numpy_handler);
	else if (setting && setting->note[0] != '\0')
		snprintf(summary->handler, sizeof(summary->handler),
			 "%.150s (%s)", setting->value,
			 strncmp(setting->note, "waiting:", 8) == 0 ?
				 "waiting" : "note");
	else if (setting)
		snprintf(summary->handler, sizeof(summary->handler), "%.255s",
			 setting->value);
}

static void make_key(struct ctl_summary *summary, enum ctl_by by,
		     const struct ctl_process *process)
{
	const struct ctl_identity *is = &summary->is;
	const char *const keys[] = {
		[CTL_BY_COMMAND] = is->command,
		[CTL_BY_USER] = is->user,
		[CTL_BY_CGROUP] = is->cgroup,
		[CTL_BY_UNIT] = is->unit,
	};

	/* A pid comes again, and a process can have several pages. */
	if (by == CTL_BY_PROCESS)
		snprintf(summary->key, sizeof(summary->key), "%d %llu",
			 (int)summary->pid,
			 (unsigned long long)process->page.header.made);
	else
		snprintf(summary->key, sizeof(summary->key), "%s", keys[by]);
}

static void make(const struct ctl_output *out,
		 const struct ctl_process *process, enum ctl_by by,
		 struct ctl_summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	summary->is = process->is;
	summary->pid = process->pid;
	summary->processes = 1;
	summary->statistics = process->page.statistics;
	/* Only where asked for: smaps costs the process a little. */
	if (shows(out, CTL_PROC_HUGE) &&
	    !ctl_process_huge(process, &summary->resident, &summary->huge))
		summary->resident = 0;
	find_handler(process, summary);
	make_key(summary, by, process);
}

static void add(struct ctl_summary *to, const struct ctl_summary *other)
{
	to->processes += other->processes;
	to->resident += other->resident;
	to->huge += other->huge;
	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		to->statistics.values[i] += other->statistics.values[i];
		to->statistics.known[i] = to->statistics.known[i] &&
					  other->statistics.known[i];
	}
}

void ctl_summaries_add(struct ctl_summaries *summaries,
		       const struct ctl_output *out,
		       const struct ctl_process *process, enum ctl_by by)
{
	struct ctl_summary *last;

	if (summaries->n == summaries->room) {
		summaries->room = 2 * summaries->room + 16;
		summaries->rows = ctl_realloc(summaries->rows, summaries->room,
					      sizeof(*summaries->rows));
	}
	last = &summaries->rows[summaries->n];
	make(out, process, by, last);
	for (size_t i = 0; i < summaries->n && by != CTL_BY_PROCESS; i++)
		if (strcmp(summaries->rows[i].key, last->key) == 0) {
			add(&summaries->rows[i], last);
			return;
		}
	summaries->n++;
}

void ctl_summaries_free(struct ctl_summaries *summaries)
{
	free(summaries->rows);
	memset(summaries, 0, sizeof(*summaries));
}

/* What only one process has. */
static void set_own(struct ctl_output *out, const struct ctl_summary *summary)
{
	ctl_output_count(out, CTL_PROC_PID, (uint64_t)summary->pid);
	ctl_output_count(out, CTL_PROC_NSPID, (uint64_t)summary->is.inner_pid);
	ctl_output_string(out, CTL_PROC_NAME, summary->is.name);
	ctl_output_string(out, CTL_PROC_COMMAND, summary->is.command);
	ctl_output_string(out, CTL_PROC_USER, summary->is.user);
	ctl_output_string(out, CTL_PROC_CGROUP, summary->is.cgroup);
	ctl_output_string(out, CTL_PROC_UNIT, summary->is.unit);
	if (summary->is.uptime >= 0)
		ctl_output_age(out, CTL_PROC_UPTIME, summary->is.uptime);
	if (summary->handler[0] != '\0')
		ctl_output_string(out, CTL_PROC_HANDLER, summary->handler);
}

void ctl_summary_row(struct ctl_output *out, enum ctl_by by,
		     const struct ctl_summary *summary)
{
	ctl_output_row(out);
	if (by == CTL_BY_PROCESS)
		set_own(out, summary);
	else
		ctl_output_string(out, ways[by].column, summary->key);
	ctl_output_count(out, CTL_PROC_PROCESSES, summary->processes);
	for (size_t i = 0; i < CTL_ARRAY_SIZE(statistics); i++)
		ctl_statistics_cell(out, statistics[i].column,
				    statistics[i].which, &summary->statistics);
	for (size_t i = 0; i < CTL_ARRAY_SIZE(rates); i++)
		ctl_statistics_rate_cell(out, rates[i].column, rates[i].which,
					 &summary->trend.rates);
	ctl_statistics_hit(out, CTL_PROC_HIT, &summary->statistics);
	ctl_output_ratio(out, CTL_PROC_HUGE, (double)summary->huge,
			 (double)summary->resident);
	if (summary->trend.history[0] != '\0')
		ctl_output_string(out, CTL_PROC_HISTORY,
				  summary->trend.history);
}

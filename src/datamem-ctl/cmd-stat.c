/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The numbers of running processes, once or again and again. */
#include "cmd.h"

#include <limits.h>
#include <time.h>

#include "options.h"
#include "process/process.h"

enum { COL_TIME = CTL_PROCESS_COLUMNS, COL_HUGE, COL_LOCKS, COL_STATISTICS };

/* The statistics, and a rate for each of them at most. */
static struct ctl_column columns[COL_STATISTICS + 2 * CTL_STATISTICS_COLUMNS] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_TIME] = { "TIME", CTL_STRING, 0, "when that was" },
	[COL_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"resident part in huge pages" },
	[COL_LOCKS] = { "LOCKS", CTL_LIST, 0, "the longest hold of each lock, "
		"in a library configured with --enable-lock-ranks" },
};

struct stat_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	double watch;         /* seconds; 0: once */
	unsigned int count;   /* of watches; 0: no end */
	unsigned int round;
	struct ctl_history history;
	struct ctl_alert alert;
	bool alerted;
	size_t first_rate;    /* column */
	char time[32];
};

enum { KEY_ALERT = 256 };

static const struct argp_option options[] = {
	{ "watch", 'w', "SECONDS", 0, "A line for each process every SECONDS, "
	  "until the processes have ended", 0 },
	{ "count", 'c', "NUMBER", 0, "Stop --watch after NUMBER times", 0 },
	{ "alert", KEY_ALERT, "CONDITION", 0, "End with status 1 once it holds "
	  "for a process: a column, > or <, a size or number, as in 'held>2G'",
	  0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct stat_arguments *arguments = state->input;

	switch (key) {
	case 'w':
		arguments->watch = ctl_options_seconds(arg, 0.001, state);
		return 0;
	case 'c':
		arguments->count = ctl_options_count(arg, UINT_MAX, "times",
						     state);
		return 0;
	case KEY_ALERT:
		if (arguments->alert.text)
			argp_error(state, "one --alert at a time");
		arguments->alert = ctl_alert_parse(arg, state);
		return 0;
	case ARGP_KEY_END:
		if (arguments->count > 0 && arguments->watch == 0)
			argp_error(state, "--count is for --watch");
		ctl_targets_require(&arguments->targets, state);
		return 0;
	default:
		return ctl_targets_option(&arguments->targets, &arguments->out,
					  key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "PID...|NAME...",
	.doc = "Show what running processes do with their memory. Reading "
	       "needs no help from them.",
	.children = ctl_targets_children,
};

/* What is not there must not look like what cannot be. */
static void report_missing(const struct ctl_process *process)
{
	char *missing = ctl_statistics_missing(&process->page.statistics,
					       CTL_PAGE);

	if (missing)
		ctl_error("process %d: its library is older than this tool, "
			  "and does not tell %s", (int)process->pid, missing);
	free(missing);
}

static void note_trend(struct stat_arguments *arguments,
		       const struct ctl_process *process,
		       struct ctl_trend *trend)
{
	char key[64];

	snprintf(key, sizeof(key), "%d %llu", (int)process->pid,
		 (unsigned long long)process->page.header.made);
	ctl_history_note(&arguments->history, key, &process->page.statistics,
			 trend);
}

static void alert(struct stat_arguments *arguments,
		  const struct ctl_process *process)
{
	char *command = ctl_printable(process->is.command);

	ctl_error("process %d (%s): %s", (int)process->pid, command,
		  arguments->alert.text);
	free(command);
	arguments->alerted = true;
}

static void add_locks(struct ctl_output *out, const struct ctl_page *page)
{
	char text[160], *name;

	for (size_t i = 0; i < page->nlocks; i++) {
		const struct live_lock *lock = &page->locks[i];

		name = ctl_printable(lock->name);
		snprintf(text, sizeof(text), "%s: %llu us, %llu nodes, "
			 "%llu system calls", name,
			 (unsigned long long)lock->ns / 1000,
			 (unsigned long long)lock->steps,
			 (unsigned long long)lock->calls);
		free(name);
		ctl_output_list(out, COL_LOCKS, text);
	}
}

static int add(struct ctl_process *process, void *arg)
{
	struct stat_arguments *arguments = arg;
	struct ctl_output *out = &arguments->out;
	struct ctl_trend trend;
	uint64_t resident, huge;

	ctl_process_row(out, process);
	ctl_output_string(out, COL_TIME, arguments->time);
	/* Other numbers cost the process nothing; this a little. */
	if ((arguments->watch == 0 || arguments->watch >= 1) &&
	    ctl_process_huge(process, &resident, &huge))
		ctl_output_ratio(out, COL_HUGE, (double)huge,
				 (double)resident);
	add_locks(out, &process->page);
	ctl_statistics_cells(out, COL_STATISTICS, CTL_PAGE,
			     &process->page.statistics);
	note_trend(arguments, process, &trend);
	ctl_statistics_rate_cells(out, arguments->first_rate, &trend.rates);
	if (arguments->round == 0)
		report_missing(process);
	if (arguments->alert.text &&
	    ctl_alert_holds(&arguments->alert, &process->page.statistics,
			    &trend.rates))
		alert(arguments, process);
	return CTL_OK;
}

/* Lines between two headings. */
#define HEADING_EVERY 20

/* False: it cannot be written. */
static bool print_round(struct stat_arguments *arguments)
{
	struct ctl_output *out = &arguments->out;
	bool table = !out->json && !out->raw;
	bool noheadings = out->noheadings;
	int result;

	if (table ? arguments->round % HEADING_EVERY != 0
		  : arguments->round > 0)
		out->noheadings = true;
	result = ctl_output_print(out, stdout);
	fflush(stdout);
	out->noheadings = noheadings;
	ctl_output_clear(out);
	return result == 0 && !ferror(stdout);
}

/* People see the clock; programs, which day it was, too. */
static int look(struct stat_arguments *arguments)
{
	bool table = !arguments->out.json && !arguments->out.raw;
	time_t now = time(NULL);
	struct tm tm;

	strftime(arguments->time, sizeof(arguments->time),
		 table ? "%H:%M:%S" : "%Y-%m-%dT%H:%M:%S%z",
		 localtime_r(&now, &tm));
	ctl_history_begin(&arguments->history);
	return ctl_targets_visit(&arguments->targets, add, arguments);
}

static int watch(struct stat_arguments *arguments)
{
	struct ctl_targets *targets = &arguments->targets;
	int result = look(arguments);
	struct timespec next;

	/* A process that is watched to its end is no trouble. */
	targets->quiet = true;
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (targets->found > 0) {
		if (!print_round(arguments))
			return CTL_TROUBLE;
		if (++arguments->round == arguments->count ||
		    arguments->alerted)
			break;
		ctl_beat_wait(&next, arguments->watch);
		look(arguments);
	}
	return result;
}

/* What is of use line by line: when, and how fast. */
static void show_changes(struct stat_arguments *arguments, size_t ncolumns)
{
	struct ctl_output *out = &arguments->out;

	out->one_line = true;
	out->layout = CTL_LINES;
	ctl_output_lead(out, COL_TIME);
	for (size_t i = arguments->first_rate; i < ncolumns; i++)
		if (strcmp(columns[i].name, "ALLOCS_S") == 0 ||
		    strcmp(columns[i].name, "PURGED_S") == 0)
			ctl_output_trail(out, i);
}

static int run(int argc, char **argv)
{
	struct stat_arguments arguments = { 0 };
	struct ctl_output *out = &arguments.out;
	size_t ncolumns = COL_STATISTICS;
	int result;

	ncolumns += ctl_statistics_columns(columns + ncolumns, CTL_PAGE);
	arguments.first_rate = ncolumns;
	ncolumns += ctl_statistics_rate_columns(columns + ncolumns);
	ctl_output_init(out, "stat", columns, ncolumns, CTL_RECORD);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.watch > 0) {
		show_changes(&arguments, ncolumns);
		result = watch(&arguments);
		ctl_targets_end(&arguments.targets, out);
	} else {
		result = look(&arguments);
		/* A process with two copies of the library has two rows. */
		if (ctl_targets_several(&arguments.targets) || out->nrows > 1)
			out->layout = CTL_ROWS;
		result = ctl_targets_finish(&arguments.targets, out, result);
	}
	ctl_history_free(&arguments.history);
	return result == CTL_OK && arguments.alerted ? CTL_NO : result;
}

const struct ctl_command ctl_cmd_stat = {
	.name = "stat",
	.summary = "show the numbers of running processes",
	.run = run,
};

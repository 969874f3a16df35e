/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The numbers of running processes, once or again and again. */
#include "cmd.h"

#include <limits.h>
#include <time.h>

#include "options.h"
#include "process/process.h"

enum { COL_HUGE = CTL_PROCESS_COLUMNS, COL_STATISTICS };

static struct ctl_column columns[COL_STATISTICS + CTL_STATISTICS_COLUMNS] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_HUGE] = { "HUGE", CTL_RATIO, CTL_SHOWN,
		"resident part in huge pages" },
};

struct stat_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	double watch;         /* seconds; 0: once */
	unsigned int count;   /* of watches; 0: no end */
	unsigned int round;
};

static const struct argp_option options[] = {
	{ "watch", 'w', "SECONDS", 0, "A line for each process every SECONDS, "
	  "until the processes have ended", 0 },
	{ "count", 'c', "NUMBER", 0, "Stop --watch after NUMBER times", 0 },
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
	.args_doc = "PID...",
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

static int add(struct ctl_process *process, void *arg)
{
	struct stat_arguments *arguments = arg;
	struct ctl_output *out = &arguments->out;
	uint64_t resident, huge;

	ctl_process_row(out, process);
	/* Other numbers cost the process nothing; this a little. */
	if ((arguments->watch == 0 || arguments->watch >= 1) &&
	    ctl_process_huge(process, &resident, &huge))
		ctl_output_ratio(out, COL_HUGE, (double)huge,
				 (double)resident);
	ctl_statistics_cells(out, COL_STATISTICS, CTL_PAGE,
			     &process->page.statistics);
	if (arguments->round == 0)
		report_missing(process);
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

static int watch(struct stat_arguments *arguments)
{
	struct ctl_targets *targets = &arguments->targets;
	int result = ctl_targets_visit(targets, add, arguments);
	struct timespec next;

	/* A process that is watched to its end is no trouble. */
	targets->quiet = true;
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (targets->found > 0) {
		if (!print_round(arguments))
			return CTL_TROUBLE;
		if (++arguments->round == arguments->count)
			break;
		ctl_beat_wait(&next, arguments->watch);
		ctl_targets_visit(targets, add, arguments);
	}
	return result;
}

static int run(int argc, char **argv)
{
	struct stat_arguments arguments = { 0 };
	size_t ncolumns = COL_STATISTICS;
	int result;

	ncolumns += ctl_statistics_columns(columns + ncolumns, CTL_PAGE);
	ctl_output_init(&arguments.out, "stat", columns, ncolumns, CTL_RECORD);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.targets.all || arguments.targets.npids > 1 ||
	    arguments.watch > 0)
		arguments.out.layout = CTL_ROWS;
	if (arguments.watch > 0) {
		arguments.out.layout = CTL_LINES;
		result = watch(&arguments);
		ctl_targets_end(&arguments.targets, &arguments.out);
		return result;
	}
	result = ctl_targets_visit(&arguments.targets, add, &arguments);
	/* A process with two copies of the library has two rows. */
	if (arguments.out.nrows > 1)
		arguments.out.layout = CTL_ROWS;
	return ctl_targets_finish(&arguments.targets, &arguments.out, result);
}

const struct ctl_command ctl_cmd_stat = {
	.name = "stat",
	.summary = "show the numbers of running processes",
	.run = run,
};

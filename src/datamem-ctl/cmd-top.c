/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The running processes, sorted, again and again. */
#include "cmd.h"

#include <limits.h>
#include <time.h>

#include "options.h"
#include "process/process.h"

struct entry {
	struct ctl_process process;
	double key;
};

struct top_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	double delay;
	unsigned int iterations;   /* 0: no end */
	size_t sort;               /* index into orders */
	bool reverse;
	bool help;                 /* shown in place of the processes */
	const char *remark;        /* for one frame */
	struct entry *entries;
	size_t nentries, room;
};

#define MIN_DELAY 0.1

/* Columns to sort by, in their order. */
static const size_t orders[] = {
	CTL_PROC_PID, CTL_PROC_UPTIME, CTL_PROC_LIVE, CTL_PROC_HELD,
	CTL_PROC_RETAINED, CTL_PROC_PEAK, CTL_PROC_ALLOCS,
};
#define DEFAULT_ORDER 2

/* The keys of top(1), as far as they make sense here. */
static const char keys_help[] =
	"top: keys\n"
	"KEY     WHAT IT DOES\n"
	"< >     sort by the column to the left, to the right\n"
	"R       reverse the order\n"
	"d or s  change the delay between two refreshes\n"
	"space   refresh at once\n"
	"h or ?  this help; any key leaves it\n"
	"q       quit\n";

static const struct argp_option options[] = {
	{ "delay", 'd', "SECONDS", 0, "Seconds between two refreshes (2)", 0 },
	{ "iterations", 'i', "NUMBER", 0, "Quit after NUMBER refreshes", 0 },
	{ "sort", 's', "COLUMN", 0, "Sort by LIVE (the default), HELD, "
	  "RETAINED, PEAK, ALLOCS, UPTIME or PID", 0 },
	{ 0 }
};

static void parse_order(struct top_arguments *arguments, const char *name,
			struct argp_state *state)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(orders); i++)
		if (strcasecmp(ctl_summary_columns()[orders[i]].name, name) ==
		    0) {
			arguments->sort = i;
			return;
		}
	argp_error(state, "cannot sort by '%s'", name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct top_arguments *arguments = state->input;

	switch (key) {
	case 'd':
		arguments->delay = ctl_options_seconds(arg, MIN_DELAY, state);
		return 0;
	case 'i':
		arguments->iterations = ctl_options_count(arg, UINT_MAX,
							  "times", state);
		return 0;
	case 's':
		parse_order(arguments, arg, state);
		return 0;
	default:
		return ctl_targets_option(&arguments->targets, &arguments->out,
					  key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID...]",
	.doc = "Show the running processes that use libdatamem, sorted, and "
	       "refresh the list. Keys as in top(1): < and > sort by the "
	       "column to the left and right, R reverses the order, d or s "
	       "changes the delay, space refreshes at once, h shows the keys, "
	       "q quits. Where standard output is not a terminal, plain "
	       "tables are printed.",
	.children = ctl_targets_children,
};

static double sort_key(const struct ctl_process *process, size_t column)
{
	const struct ctl_page *page = &process->page;

	switch (column) {
	case CTL_PROC_HELD:
		return (double)page->derived.held_bytes;
	case CTL_PROC_RETAINED:
		return (double)page->numbers.retained_bytes;
	case CTL_PROC_PEAK:
		return (double)page->numbers.peak_bytes;
	case CTL_PROC_ALLOCS:
		return (double)page->derived.allocs;
	case CTL_PROC_UPTIME:
		return process->uptime;
	case CTL_PROC_PID:
		return -(double)process->pid;
	default:
		return (double)page->derived.live_bytes;
	}
}

static int collect(struct ctl_process *process, void *arg)
{
	struct top_arguments *arguments = arg;
	struct entry *entry;

	if (arguments->nentries == arguments->room) {
		arguments->room = 2 * arguments->room + 16;
		arguments->entries = ctl_realloc(arguments->entries,
						 arguments->room,
						 sizeof(*arguments->entries));
	}
	entry = &arguments->entries[arguments->nentries++];
	entry->process = *process;
	entry->key = sort_key(process, orders[arguments->sort]);
	return CTL_OK;
}

static int by_key(const void *a, const void *b)
{
	double x = ((const struct entry *)a)->key;
	double y = ((const struct entry *)b)->key;

	return (x < y) - (x > y);
}

static int look(struct top_arguments *arguments)
{
	int result;

	arguments->nentries = 0;
	result = ctl_targets_visit(&arguments->targets, collect, arguments);
	if (arguments->nentries > 0)
		qsort(arguments->entries, arguments->nentries,
		      sizeof(*arguments->entries), by_key);
	return result;
}

static void print_summary(const struct top_arguments *arguments, FILE *stream,
			  uint64_t live, uint64_t held)
{
	size_t hidden = arguments->targets.uninspected +
			arguments->targets.failed;
	char live_text[32], held_text[32], clock[16];
	time_t now = time(NULL);
	struct tm tm;

	ctl_format_size(live_text, sizeof(live_text), live, false);
	ctl_format_size(held_text, sizeof(held_text), held, false);
	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	fprintf(stream, "top %s by %s: %zu process%s", clock,
		ctl_summary_columns()[orders[arguments->sort]].name,
		arguments->nentries, arguments->nentries == 1 ? "" : "es");
	if (hidden > 0)
		fprintf(stream, ", %zu not inspected", hidden);
	fprintf(stream, ", live %s, held %s (%s)\n", live_text, held_text,
		arguments->remark ? arguments->remark : "h: help");
}

/* The summary, then the table, into a text that is to be freed. */
static char *render(struct top_arguments *arguments, bool on_screen)
{
	uint64_t live = 0, held = 0;
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		ctl_die("%s", strerror(errno));
	for (size_t i = 0; i < arguments->nentries; i++) {
		size_t at = arguments->reverse ? arguments->nentries - 1 - i
					       : i;
		const struct ctl_process *process =
			&arguments->entries[at].process;

		live += process->page.derived.live_bytes;
		held += process->page.derived.held_bytes;
		ctl_summary_row(&arguments->out, process);
	}
	if (on_screen)
		print_summary(arguments, stream, live, held);
	ctl_output_print(&arguments->out, stream);
	ctl_output_clear(&arguments->out);
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(errno));
	return text;
}

static void ask_delay(struct top_arguments *arguments)
{
	char question[64], answer[32];

	snprintf(question, sizeof(question), "Change delay from %g to ",
		 arguments->delay);
	if (ctl_screen_ask(question, answer, sizeof(answer)) &&
	    !ctl_seconds_parse(answer, MIN_DELAY, &arguments->delay))
		arguments->remark = "not a number of seconds from 0.1 on";
}

/* False: to end. */
static bool obey(struct top_arguments *arguments, int key)
{
	arguments->remark = NULL;
	if (arguments->help && key > 0) {
		arguments->help = false;
		return true;
	}
	switch (key) {
	case 'q':
	case -1:
		return false;
	case '<':
		if (arguments->sort > 0)
			arguments->sort--;
		break;
	case '>':
		if (arguments->sort + 1 < CTL_ARRAY_SIZE(orders))
			arguments->sort++;
		break;
	case 'R':
		arguments->reverse = !arguments->reverse;
		break;
	case 'd':
	case 's':
		ask_delay(arguments);
		break;
	case 'h':
	case '?':
		arguments->help = true;
		break;
	}
	return true;
}

/* One frame, or the lines of one look; false when they cannot be written. */
static bool show(struct top_arguments *arguments, bool screen)
{
	char *text = render(arguments, screen);

	if (screen)
		ctl_screen_draw(arguments->help ? keys_help : text, 1);
	else
		fputs(text, stdout);
	fflush(stdout);
	free(text);
	return !ferror(stdout);
}

static int run(int argc, char **argv)
{
	struct top_arguments arguments = { .delay = 2, .sort = DEFAULT_ORDER };
	struct timespec next;
	bool screen = false;
	int result;

	ctl_output_init(&arguments.out, "top", ctl_summary_columns(),
			CTL_PROC_COLUMNS, CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	arguments.targets.all = arguments.targets.npids == 0;
	/* Before the screen hides what is said about the processes named. */
	result = look(&arguments);
	if (!arguments.out.json && !arguments.out.raw &&
	    (arguments.targets.all || arguments.nentries > 0))
		screen = ctl_screen_open();
	arguments.targets.quiet = screen;
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned int i = 1;; i++) {
		if (!show(&arguments, screen) || i == arguments.iterations ||
		    (!arguments.targets.all && arguments.nentries == 0))
			break;
		if (!screen)
			ctl_beat_wait(&next, arguments.delay);
		else if (!obey(&arguments, ctl_screen_key(arguments.delay)))
			break;
		/* Watching a program to its end is no trouble. */
		if (look(&arguments) != CTL_OK && !screen)
			result = CTL_TROUBLE;
	}
	if (!screen)
		ctl_targets_report(&arguments.targets);
	ctl_output_free(&arguments.out);
	ctl_targets_free(&arguments.targets);
	free(arguments.entries);
	return result;
}

const struct ctl_command ctl_cmd_top = {
	.name = "top",
	.summary = "show running processes sorted, and refresh the list",
	.run = run,
};

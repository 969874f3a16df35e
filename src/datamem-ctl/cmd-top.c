/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The running processes, sorted, again and again. */
#include "cmd.h"

#include <limits.h>
#include <time.h>

#include "options.h"
#include "top/top.h"

struct top_arguments {
	struct ctl_top top;
	unsigned int iterations;   /* 0: no end */
	enum ctl_screen_colours colours;
};

enum { KEY_BY = 256, KEY_COLOR };

static const struct argp_option options[] = {
	{ "delay", 'd', "SECONDS", 0, "Seconds between two refreshes (2)", 0 },
	{ "iterations", 'i', "NUMBER", 0, "Quit after NUMBER refreshes", 0 },
	{ "sort", 's', "COLUMN", 0, "Sort by LIVE (the default), HELD, "
	  "RETAINED, PEAK, ALLOCS, ALLOCS_S, UPTIME or PID", 0 },
	{ "by", KEY_BY, "WHAT", 0, "Add up processes: by command, user, cgroup "
	  "or unit", 0 },
	{ "color", KEY_COLOR, "WHEN", OPTION_ARG_OPTIONAL, "Draw in colours: "
	  "auto (the default), always, never", 0 },
	{ 0 }
};

static enum ctl_screen_colours parse_colours(const char *text,
					     struct argp_state *state)
{
	if (!text || strcmp(text, "always") == 0)
		return CTL_COLOURS_ALWAYS;
	if (strcmp(text, "never") == 0)
		return CTL_COLOURS_NEVER;
	if (strcmp(text, "auto") != 0)
		argp_error(state, "'%s' is not one of auto, always, never",
			   text);
	return CTL_COLOURS_AUTO;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct top_arguments *arguments = state->input;
	struct ctl_top *top = &arguments->top;

	switch (key) {
	case 'd':
		top->delay = ctl_options_seconds(arg, CTL_TOP_MIN_DELAY,
						 state);
		return 0;
	case 'i':
		arguments->iterations = ctl_options_count(arg, UINT_MAX,
							  "times", state);
		return 0;
	case 's':
		if (!ctl_top_order(top, arg))
			argp_error(state, "cannot sort by '%s'; --help tells "
				   "by what", arg);
		return 0;
	case KEY_BY:
		top->by = ctl_summary_by(arg, state);
		return 0;
	case KEY_COLOR:
		arguments->colours = parse_colours(arg, state);
		return 0;
	default:
		return ctl_targets_option(&top->targets, &top->out, key, arg,
					  state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID...|NAME...]",
	.doc = "Show the running processes that use libdatamem, sorted, and "
	       "refresh the list. h shows the keys: sort, filter, one process "
	       "in detail, trim and set. Where standard output is not a "
	       "terminal, plain tables are printed.",
	.children = ctl_targets_children,
};

/* Nothing is left of those that were named. */
static bool is_over(const struct ctl_top *top)
{
	return !top->targets.all && top->targets.found == 0;
}

static int watch(struct top_arguments *arguments, int result)
{
	struct ctl_top *top = &arguments->top;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned int i = 1;; i++) {
		if (!ctl_top_show(top) || i == arguments->iterations ||
		    is_over(top))
			break;
		if (!top->screen)
			ctl_beat_wait(&next, top->delay);
		else if (!ctl_top_obey(top, ctl_screen_key(top->delay)))
			break;
		/* Watching a program to its end is no trouble. */
		if (ctl_top_look(top) != CTL_OK && !top->screen)
			result = CTL_TROUBLE;
		if (top->page == CTL_TOP_ONE && top->summaries.n == 0)
			top->page = CTL_TOP_TABLE;
	}
	return result;
}

static int run(int argc, char **argv)
{
	static struct top_arguments arguments = { .top.delay = 2 };
	struct ctl_top *top = &arguments.top;
	int result;

	ctl_output_init(&top->out, "top", ctl_summary_columns(CTL_SUMMARY_TOP),
			CTL_PROC_COLUMNS, CTL_ROWS);
	ctl_top_default_order(top);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	ctl_summary_select(&top->out, top->by);
	top->targets.all = top->targets.npids == 0;
	/* Before the screen hides what is said about the processes named. */
	result = ctl_top_look(top);
	if (!top->out.json && !top->out.raw && !is_over(top))
		top->screen = ctl_screen_open();
	ctl_screen_colour(arguments.colours);
	top->targets.quiet = top->screen;
	result = watch(&arguments, result);
	if (!top->screen)
		ctl_targets_report(&top->targets);
	ctl_top_free(top);
	return result;
}

const struct ctl_command ctl_cmd_top = {
	.name = "top",
	.summary = "show running processes sorted, and refresh the list",
	.run = run,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The running processes that use the library. */
#include "cmd.h"

#include "process/process.h"

struct list_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	enum ctl_by by;
	struct ctl_summaries summaries;
};

enum { KEY_BY = 256 };

static const struct argp_option options[] = {
	{ "by", KEY_BY, "WHAT", 0, "Add up processes: by command, user, cgroup "
	  "or unit", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct list_arguments *arguments = state->input;

	if (key == KEY_BY) {
		arguments->by = ctl_summary_by(arg, state);
		return 0;
	}
	return ctl_targets_option(&arguments->targets, &arguments->out, key,
				  arg, state);
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID...|NAME...]",
	.doc = "List the running processes that use libdatamem.",
	.children = ctl_targets_children,
};

static int add(struct ctl_process *process, void *arg)
{
	struct list_arguments *arguments = arg;

	ctl_summaries_add(&arguments->summaries, &arguments->out, process,
			  arguments->by);
	return CTL_OK;
}

static int run(int argc, char **argv)
{
	struct list_arguments arguments = { 0 };
	struct ctl_summaries *summaries = &arguments.summaries;
	int result;

	ctl_output_init(&arguments.out, "list",
			ctl_summary_columns(CTL_SUMMARY_LIST),
			CTL_PROC_COLUMNS, CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	ctl_summary_select(&arguments.out, arguments.by);
	arguments.targets.all = arguments.targets.npids == 0;
	result = ctl_targets_visit(&arguments.targets, add, &arguments);
	for (size_t i = 0; i < summaries->n; i++)
		ctl_summary_row(&arguments.out, arguments.by,
				&summaries->rows[i]);
	if (ctl_output_print(&arguments.out, stdout) != 0)
		result = CTL_TROUBLE;
	ctl_targets_end(&arguments.targets, &arguments.out);
	ctl_summaries_free(summaries);
	return result;
}

const struct ctl_command ctl_cmd_list = {
	.name = "list",
	.summary = "list the running processes that use the library",
	.run = run,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The running processes that use the library. */
#include "cmd.h"

#include "process/process.h"

struct list_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct list_arguments *arguments = state->input;

	return ctl_targets_option(&arguments->targets, &arguments->out, key,
				  arg, state);
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "[PID...]",
	.doc = "List the running processes that use libdatamem.",
	.children = ctl_targets_children,
};

static int add(struct ctl_process *process, void *arg)
{
	ctl_summary_row(arg, process);
	return CTL_OK;
}

static int run(int argc, char **argv)
{
	struct list_arguments arguments = { 0 };
	int result;

	ctl_output_init(&arguments.out, "list", ctl_summary_columns(),
			CTL_PROC_COLUMNS, CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	arguments.targets.all = arguments.targets.npids == 0;
	result = ctl_targets_visit(&arguments.targets, add, &arguments.out);
	if (ctl_output_print(&arguments.out, stdout) != 0)
		result = CTL_TROUBLE;
	ctl_targets_end(&arguments.targets, &arguments.out);
	return result;
}

const struct ctl_command ctl_cmd_list = {
	.name = "list",
	.summary = "list the running processes that use the library",
	.run = run,
};

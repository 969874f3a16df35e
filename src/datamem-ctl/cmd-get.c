/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The value of a setting in a running process. */
#include "cmd.h"

#include "process/process.h"

enum { COL_SETTING = CTL_PROCESS_COLUMNS, COL_VALUE, COL_ORIGIN };

static const struct ctl_column columns[] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_SETTING] = { "SETTING", CTL_STRING, CTL_SHOWN,
		"name of the setting" },
	[COL_VALUE] = { "VALUE", CTL_STRING, CTL_SHOWN, "value in force" },
	[COL_ORIGIN] = { "ORIGIN", CTL_STRING, CTL_SHOWN,
		"where the value came from" },
};

struct get_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	const char *name;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct get_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*arg >= '0' && *arg <= '9')
			break;
		if (arguments->name)
			argp_error(state, "one setting at a time; processes are chosen "
				   "by name with --name");
		arguments->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->name)
			argp_error(state, "the name of a setting is missing");
		ctl_targets_require(&arguments->targets, state);
		return 0;
	}
	return ctl_targets_option(&arguments->targets, &arguments->out, key,
				  arg, state);
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "PID... NAME",
	.doc = "Show the value of a setting in running processes, or whether "
	       "their accounts are on (accounts).",
	.children = ctl_targets_children,
};

static int add(struct ctl_process *process, void *arg)
{
	struct get_arguments *arguments = arg;
	const struct live_setting *setting =
		ctl_page_setting(&process->page, arguments->name);
	struct ctl_output *out = &arguments->out;

	if (strcmp(arguments->name, CTL_ACCOUNTS) == 0) {
		ctl_process_row(out, process);
		ctl_output_string(out, COL_SETTING, CTL_ACCOUNTS);
		ctl_output_string(out, COL_VALUE, process->page.numbers.accounts
						  ? "on" : "off");
		return CTL_OK;
	}
	if (!setting) {
		ctl_error("process %d: %s: no such setting", (int)process->pid,
			  arguments->name);
		return CTL_TROUBLE;
	}
	ctl_process_row(out, process);
	ctl_output_string(out, COL_SETTING, setting->name);
	ctl_output_string(out, COL_VALUE, setting->value);
	ctl_output_string(out, COL_ORIGIN, ctl_origin_name(setting->origin));
	return CTL_OK;
}

static int run(int argc, char **argv)
{
	struct get_arguments arguments = { 0 };
	int result;

	ctl_output_init(&arguments.out, "get", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	result = ctl_targets_visit(&arguments.targets, add, &arguments);
	return ctl_targets_finish(&arguments.targets, &arguments.out, result);
}

const struct ctl_command ctl_cmd_get = {
	.name = "get",
	.summary = "show a setting of running processes",
	.run = run,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Changes a setting of running processes. */
#include "cmd.h"

#include "process/process.h"

enum { COL_SETTING = CTL_PROCESS_COLUMNS, COL_VALUE, COL_BEFORE };

static const struct ctl_column columns[] = {
	CTL_PROCESS_COLUMN_ROWS,
	[COL_SETTING] = { "SETTING", CTL_STRING, CTL_SHOWN,
		"name of the setting" },
	[COL_VALUE] = { "VALUE", CTL_STRING, CTL_SHOWN, "value in force now" },
	[COL_BEFORE] = { "BEFORE", CTL_STRING, CTL_SHOWN,
		"value in force before" },
};

static void parse_assignment(struct ctl_ask *ask, char *text,
			     struct argp_state *state)
{
	char *value = strchr(text, '=');

	if (!value || value == text) {
		argp_error(state, "'%s' is not NAME=VALUE", text);
		return;
	}
	*value++ = '\0';
	ask->request.kind = LIVE_SET;
	ask->request.name = text;
	ask->request.value = value;
	if (strcmp(text, CTL_ACCOUNTS) != 0)
		return;
	ask->request.kind = LIVE_ACCOUNTS;
	ask->request.argument = strcmp(value, "on") == 0;
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		argp_error(state, "%s=%s: it accepts on, off", text, value);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ctl_ask *ask = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*arg >= '0' && *arg <= '9' && !strchr(arg, '='))
			break;
		if (ask->request.name)
			argp_error(state, "one setting at a time; processes are chosen "
				   "by name with --name");
		parse_assignment(ask, arg, state);
		return 0;
	case ARGP_KEY_END:
		if (!ask->request.name)
			argp_error(state, "NAME=VALUE is missing");
		break;
	}
	return ctl_ask_option(ask, key, arg, state);
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "PID... NAME=VALUE",
	.doc = "Change a setting of running processes, or switch their "
	       "accounts (accounts=on). The new value overrides those of "
	       "the program and its environment.",
	.children = ctl_ask_children,
};

static void add(struct ctl_output *out, const struct ctl_process *process,
		const struct ctl_request *request)
{
	const struct live_setting *setting =
		ctl_page_setting(&process->page, request->name);

	ctl_output_string(out, COL_SETTING, request->name);
	if (request->kind == LIVE_ACCOUNTS) {
		ctl_output_string(out, COL_VALUE,
				  process->page.numbers.accounts ? "on" : "off");
		ctl_output_string(out, COL_BEFORE,
				  request->result ? "on" : "off");
		return;
	}
	/* The process writes it in its own way: 1 is on. */
	if (setting)
		ctl_output_string(out, COL_VALUE, setting->value);
	ctl_output_string(out, COL_BEFORE, request->text);
}

static int run(int argc, char **argv)
{
	struct ctl_ask ask = { .add = add };

	ctl_output_init(&ask.out, "set", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &ask);
	return ctl_ask_all(&ask);
}

const struct ctl_command ctl_cmd_set = {
	.name = "set",
	.summary = "change a setting of running processes",
	.run = run,
};

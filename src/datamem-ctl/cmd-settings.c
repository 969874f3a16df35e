/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Every setting, and what it is in the environment of the tool. */
#include "cmd.h"

#include "process/process.h"

enum {
	COL_NAME,
	COL_VALUE,
	COL_DEFAULT,
	COL_ORIGIN,
	COL_ENVIRONMENT,
	COL_VALUES,
	COL_MEANING,
	COL_NOTE,
	COL_PID,
	COL_COMMAND,
};

static const struct ctl_column columns[] = {
	[COL_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "name of the setting" },
	[COL_VALUE] = { "VALUE", CTL_STRING, CTL_SHOWN, "value in force" },
	[COL_DEFAULT] = { "DEFAULT", CTL_STRING, CTL_SHOWN,
		"built-in value" },
	[COL_ORIGIN] = { "ORIGIN", CTL_STRING, CTL_SHOWN,
		"where the value came from" },
	[COL_ENVIRONMENT] = { "ENVIRONMENT", CTL_STRING, 0,
		"variable that sets it" },
	[COL_VALUES] = { "VALUES", CTL_STRING, 0, "what it accepts" },
	[COL_MEANING] = { "MEANING", CTL_STRING, CTL_SHOWN | CTL_WRAP,
		"what it does" },
	[COL_NOTE] = { "NOTE", CTL_STRING, CTL_WRAP,
		"what keeps the value from acting now" },
	[COL_PID] = { "PID", CTL_COUNT, 0,
		"id of the process; first with --all" },
	[COL_COMMAND] = { "COMMAND", CTL_STRING, 0,
		"its script or module, else its name; the same" },
};

static const char doc[] =
	"List the settings with the values that a program started from "
	"here would have, or those of running processes.";

static int add_setting(const struct datamem_setting *setting, void *arg)
{
	struct ctl_output *out = arg;

	ctl_output_row(out);
	ctl_output_string(out, COL_NAME, setting->name);
	ctl_output_string(out, COL_VALUE, setting->value);
	ctl_output_string(out, COL_DEFAULT, setting->default_value);
	ctl_output_string(out, COL_ORIGIN, ctl_origin_name(setting->origin));
	if (setting->environment)
		ctl_output_string(out, COL_ENVIRONMENT, setting->environment);
	ctl_output_string(out, COL_VALUES, setting->values);
	ctl_output_string(out, COL_MEANING, setting->meaning);
	if (setting->note)
		ctl_output_string(out, COL_NOTE, setting->note);
	return 0;
}

/* A note that nobody asked to see must not stay unseen. */
static int print_note(const struct datamem_setting *setting,
		      void *arg CTL_UNUSED)
{
	if (setting->note && *setting->note != '\0')
		ctl_error("%s=%s: %s", setting->name, setting->value,
			  setting->note);
	return 0;
}

struct settings_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings_arguments *arguments = state->input;

	return ctl_targets_option(&arguments->targets, &arguments->out, key,
				  arg, state);
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "[PID...|NAME...]",
	.doc = doc,
	.children = ctl_targets_children,
};

struct live_row {
	struct ctl_output *out;
	const struct live_setting *setting;
};

/* Facts that the page has no room for; this tool's library has the same. */
static int add_constant(const struct datamem_setting *setting, void *arg)
{
	const struct live_row *row = arg;

	if (strcmp(setting->name, row->setting->name) != 0)
		return 0;
	ctl_output_string(row->out, COL_ENVIRONMENT, setting->environment);
	ctl_output_string(row->out, COL_VALUES, setting->values);
	ctl_output_string(row->out, COL_MEANING, setting->meaning);
	return 1;
}

static int add_live(struct ctl_process *process, void *arg)
{
	struct ctl_output *out = arg;

	for (size_t i = 0; i < process->page.nsettings; i++) {
		const struct live_setting *s = &process->page.settings[i];
		struct live_row row = { out, s };

		ctl_output_row(out);
		ctl_output_count(out, COL_PID, (uint64_t)process->pid);
		ctl_output_string(out, COL_COMMAND, process->is.command);
		ctl_output_string(out, COL_NAME, s->name);
		ctl_output_string(out, COL_VALUE, s->value);
		ctl_output_string(out, COL_DEFAULT, s->builtin);
		ctl_output_string(out, COL_ORIGIN, ctl_origin_name(s->origin));
		if (s->note[0] != '\0')
			ctl_output_string(out, COL_NOTE, s->note);
		datamem_setting_foreach(add_constant, &row);
	}
	return CTL_OK;
}

static int run_live(struct settings_arguments *arguments)
{
	int result;

	if (ctl_targets_several(&arguments->targets)) {
		ctl_output_lead(&arguments->out, COL_COMMAND);
		ctl_output_lead(&arguments->out, COL_PID);
	}
	result = ctl_targets_visit(&arguments->targets, add_live,
				   &arguments->out);
	return ctl_targets_finish(&arguments->targets, &arguments->out, result);
}

static int run(int argc, char **argv)
{
	struct settings_arguments arguments = { 0 };
	struct ctl_output *out = &arguments.out;
	int result;

	ctl_output_init(out, "settings", columns, CTL_ARRAY_SIZE(columns),
			CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (ctl_targets_given(&arguments.targets))
		return run_live(&arguments);
	result = datamem_setting_foreach(add_setting, out);
	if (result != 0)
		ctl_die("%s", strerror(-result));
	result = ctl_output_print(out, stdout);
	ctl_output_free(out);
	datamem_setting_foreach(print_note, NULL);
	return result == 0 ? CTL_OK : CTL_TROUBLE;
}

const struct ctl_command ctl_cmd_settings = {
	.name = "settings",
	.summary = "list the settings, their values and where these come from",
	.run = run,
};

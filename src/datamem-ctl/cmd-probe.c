/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Tells which huge pages this machine gives, and looks at recorded ones. */
#include "cmd.h"

#include "probe/probe.h"

struct probe_arguments {
	struct ctl_output out;
	const char *sysroot;
};

enum { KEY_SYSROOT = 256 };

static const struct argp_option options[] = {
	{ "sysroot", KEY_SYSROOT, "DIR", 0,
	  "Read the recorded /proc and /sys below DIR; nothing is tested", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct probe_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->out;
		return 0;
	case KEY_SYSROOT:
		arguments->sysroot = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Tell whether this machine gives huge pages to programs that "
	       "use libdatamem, and why not. Exit status is 0 for yes, 1 for "
	       "no.",
	.children = ctl_output_children,
};

static int run(int argc, char **argv)
{
	struct datamem_hugepage_probe probe;
	struct probe_arguments arguments = { 0 };
	struct ctl_output *out = &arguments.out;
	int result, status;

	ctl_output_init(out, "probe", ctl_probe_columns, PROBE_COLUMNS,
			CTL_RECORD);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.sysroot)
		ctl_probe_start_below(arguments.sysroot, "probe", argv);
	result = datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (result != 0)
		ctl_die("%s", strerror(-result));
	if (arguments.sysroot && !probe.recorded)
		ctl_die("%s: the library in use cannot read a recorded tree",
			arguments.sysroot);
	ctl_output_row(out);
	ctl_probe_facts(out, &probe);
	status = ctl_probe_verdict(out, &probe);
	result = ctl_output_print(out, stdout);
	ctl_output_free(out);
	return result == 0 ? status : CTL_TROUBLE;
}

const struct ctl_command ctl_cmd_probe = {
	.name = "probe",
	.summary = "tell whether this machine gives huge pages, and why not",
	.run = run,
};

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is not as it should be, each with its reason and a command. */
#include "cmd.h"

#include "doctor/doctor.h"
#include "probe/probe.h"

enum {
	COL_CHECK,
	COL_STATE,
	COL_WHAT,
	COL_REASON,
	COL_COMMAND,
};

static const struct ctl_column columns[] = {
	[COL_CHECK] = { "CHECK", CTL_STRING, CTL_SHOWN, "name of the check" },
	[COL_STATE] = { "STATE", CTL_STRING, 0, "found, ok, or unknown" },
	[COL_WHAT] = { "WHAT", CTL_STRING, 0, "what should be so" },
	[COL_REASON] = { "REASON", CTL_STRING, CTL_SHOWN,
		"what is not so, and what that means" },
	[COL_COMMAND] = { "COMMAND", CTL_STRING, CTL_SHOWN,
		"command that changes it, or shows more" },
};

struct doctor_arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	const char *sysroot;
	bool all, list;
	size_t found, made;
};

enum { KEY_SYSROOT = 256, KEY_LIST };

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Print all checks that are made, with their "
	  "STATE", 0 },
	{ "list", KEY_LIST, NULL, 0, "List the checks, and make none", 0 },
	{ "sysroot", KEY_SYSROOT, "DIR", 0,
	  "Read the recorded /proc and /sys below DIR; nothing is tested", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct doctor_arguments *arguments = state->input;

	switch (key) {
	case 'a':
		arguments->all = true;
		return 0;
	case KEY_LIST:
		arguments->list = true;
		return 0;
	case KEY_SYSROOT:
		arguments->sysroot = arg;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->out;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one process at a time");
		ctl_targets_add(&arguments->targets, arg, state);
		if (arguments->targets.npids == 0)
			argp_error(state, "'%s' is not the id of a process",
				   arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PID]",
	.doc = "Show what is not as it should be for data memory on this "
	       "machine and for programs that are started here, or for a "
	       "process: each with its reason and a command. Nothing is "
	       "changed. Exit status is 0 if nothing was found, 1 if anything "
	       "was.",
	.children = ctl_output_children,
};

/* Print one on each line, unless -o says otherwise. */
static void show_column(struct doctor_arguments *arguments, size_t column)
{
	struct ctl_output *out = &arguments->out;

	if (out->list && out->list[0] != '+')
		return;
	out->selected[out->nselected++] = column;
}

static int list_checks(struct doctor_arguments *arguments)
{
	struct ctl_output *out = &arguments->out;

	if (!out->list) {
		out->nselected = 0;
		show_column(arguments, COL_CHECK);
		show_column(arguments, COL_WHAT);
	}
	out->layout = CTL_ROWS;
	for (size_t i = 0; i < ctl_checks_count; i++) {
		ctl_output_row(out);
		ctl_output_string(out, COL_CHECK, ctl_checks[i].name);
		ctl_output_string(out, COL_WHAT, ctl_checks[i].what);
	}
	return ctl_output_print(out, stdout) == 0 ? CTL_OK : CTL_TROUBLE;
}

static void make_check(struct doctor_arguments *arguments,
		       const struct ctl_check *check,
		       const struct ctl_patient *patient)
{
	static const char *const states[] = {
		[CTL_CHECK_OK] = "ok",
		[CTL_CHECK_FOUND] = "found",
		[CTL_CHECK_UNKNOWN] = "unknown",
	};
	struct ctl_output *out = &arguments->out;
	struct ctl_symptom symptom = { "", "" };
	enum ctl_check_result result = check->look(patient, &symptom);
	char *reason, *command;

	arguments->made += result != CTL_CHECK_UNKNOWN;
	arguments->found += result == CTL_CHECK_FOUND;
	if (result != CTL_CHECK_FOUND && !arguments->all)
		return;
	ctl_output_row(out);
	ctl_output_string(out, COL_CHECK, check->name);
	ctl_output_string(out, COL_STATE, states[result]);
	ctl_output_string(out, COL_WHAT, check->what);
	if (result != CTL_CHECK_FOUND)
		return;
	reason = ctl_check_text(check->reason, patient, &symptom);
	command = ctl_check_command(check, patient, &symptom);
	ctl_output_string(out, COL_REASON, reason);
	ctl_output_string(out, COL_COMMAND, command);
	free(reason);
	free(command);
}

/* A machine without findings must not look like one that was not examined. */
static void print_outcome(const struct doctor_arguments *arguments)
{
	const struct ctl_output *out = &arguments->out;

	if (out->json || out->raw || out->list || out->noheadings ||
	    arguments->found > 0)
		return;
	printf("%zu checks, nothing found.\n", arguments->made);
}

static int examine(struct doctor_arguments *arguments,
		   const struct ctl_patient *patient)
{
	struct ctl_output *out = &arguments->out;

	if (arguments->all && !out->list) {
		out->nselected = 0;
		for (size_t i = 0; i < CTL_ARRAY_SIZE(columns); i++)
			if (i == COL_CHECK || i == COL_STATE || i == COL_WHAT)
				show_column(arguments, i);
		out->layout = CTL_ROWS;
	}
	for (size_t i = 0; i < ctl_checks_count; i++)
		if (ctl_check_applies(&ctl_checks[i], patient))
			make_check(arguments, &ctl_checks[i], patient);
	if ((out->nrows > 0 || out->json) &&
	    ctl_output_print(out, stdout) != 0)
		return CTL_TROUBLE;
	print_outcome(arguments);
	return arguments->found > 0 ? CTL_NO : CTL_OK;
}

/* Without its page the rest can still be looked at, if we may. */
static void open_process(struct ctl_patient *patient,
			 struct ctl_process *process)
{
	const char *error = ctl_process_open(patient->pid, 0, process);

	if (error && (process->uninspected ||
		      ctl_process_state(patient->pid) == '\0'))
		ctl_die("process %d: %s", (int)patient->pid, error);
	patient->process = error ? NULL : process;
	patient->no_page = error;
}

static int look(struct doctor_arguments *arguments)
{
	struct ctl_patient patient = { .root = "" };
	static struct ctl_process process;
	int result;

	result = datamem_hugepage_probe_get(&patient.probe,
					    sizeof(patient.probe));
	if (result != 0)
		ctl_die("%s", strerror(-result));
	if (arguments->sysroot && !patient.probe.recorded)
		ctl_die("%s: the library in use cannot read a recorded tree",
			arguments->sysroot);
	if (patient.probe.recorded)
		patient.root = getenv("DATAMEM_SYSROOT");
	if (arguments->targets.npids > 0)
		patient.pid = arguments->targets.pids[0];
	if (patient.pid != 0 && !patient.probe.recorded)
		open_process(&patient, &process);
	result = examine(arguments, &patient);
	if (patient.process)
		ctl_process_close(&process);
	return result;
}

static int run(int argc, char **argv)
{
	struct doctor_arguments arguments = { 0 };
	int result;

	ctl_output_init(&arguments.out, "doctor", columns,
			CTL_ARRAY_SIZE(columns), CTL_RECORDS);
	ctl_parse(&argp, argc, argv, 0, &arguments);
	if (arguments.sysroot && !arguments.list)
		ctl_probe_start_below(arguments.sysroot, "doctor", argv);
	result = arguments.list ? list_checks(&arguments) : look(&arguments);
	ctl_output_free(&arguments.out);
	ctl_targets_free(&arguments.targets);
	return result;
}

const struct ctl_command ctl_cmd_doctor = {
	.name = "doctor",
	.summary = "show what is not as it should be, and what to do",
	.run = run,
};

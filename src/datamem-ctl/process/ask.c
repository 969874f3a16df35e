/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A request to each process, and a row for each answer. */
#include "tool.h"
#include "ask.h"

#include <pwd.h>
#include <unistd.h>

enum { KEY_YES = 1024 };

static const struct argp_option options[] = {
	{ "yes", KEY_YES, NULL, 0, "As root, with --all: do it to the "
	  "processes of all users", 0 },
	{ 0 }
};

static error_t parse_yes(int key, char *arg CTL_UNUSED,
			 struct argp_state *state)
{
	bool *yes = state->input;

	if (key != KEY_YES)
		return ARGP_ERR_UNKNOWN;
	*yes = true;
	return 0;
}

static const struct argp yes_argp = {
	.options = options,
	.parser = parse_yes,
};

const struct argp_child ctl_ask_children[] = {
	{ &ctl_output_argp, 0, NULL, 0 },
	{ &ctl_targets_argp, 0, NULL, 0 },
	{ &ctl_timeout_argp, 0, NULL, 0 },
	{ &yes_argp, 0, NULL, 0 },
	{ 0 }
};

error_t ctl_ask_option(struct ctl_ask *ask, int key, char *arg,
		       struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		ask->request.timeout = CTL_TIMEOUT;
		state->child_inputs[2] = &ask->request.timeout;
		state->child_inputs[3] = &ask->yes;
		break;
	case ARGP_KEY_END:
		ctl_targets_require(&ask->targets, state);
		return 0;
	}
	return ctl_targets_option(&ask->targets, &ask->out, key, arg, state);
}

/* A refused value is named with its setting. */
static void report(const struct ctl_process *process,
		   const struct ctl_request *request)
{
	int pid = (int)process->pid;

	if (request->kind == LIVE_SET)
		ctl_error("process %d: %s=%s: %s", pid, request->name,
			  request->value, request->text);
	else
		ctl_error("process %d: %s", pid, request->text);
}

static int ask_one(struct ctl_process *process, void *arg)
{
	struct ctl_ask *ask = arg;
	int result = ctl_request(process, &ask->request);

	if (result != CTL_OK) {
		report(process, &ask->request);
		/* Refused anywhere is worse than pending anywhere. */
		if (ask->result < result)
			ask->result = result;
		return CTL_OK;
	}
	/* The values in force now, or the last ones if it has ended. */
	ctl_process_refresh(process);
	ctl_process_row(&ask->out, process);
	ask->add(&ask->out, process, &ask->request);
	return CTL_OK;
}

static int count(struct ctl_process *process CTL_UNUSED, void *arg CTL_UNUSED)
{
	return CTL_OK;
}

/* --all is typed too quickly for what it does as root. */
static bool may_ask_all(struct ctl_ask *ask)
{
	ask->targets.own = geteuid() != 0;
	if (ask->targets.own || ask->yes)
		return true;
	ctl_targets_visit(&ask->targets, count, NULL);
	ctl_error("as root, --all reaches %zu process%s of all users: --yes "
		  "does it", ask->targets.found,
		  ask->targets.found == 1 ? "" : "es");
	return false;
}

static void report_all(const struct ctl_ask *ask)
{
	const struct ctl_targets *targets = &ask->targets;
	struct passwd *user = targets->own ? getpwuid(geteuid()) : NULL;

	ctl_error("%zu of %zu process%s of %s answered", ask->out.nrows,
		  targets->found, targets->found == 1 ? "" : "es",
		  !targets->own ? "all users" :
		  user ? user->pw_name : "this user");
}

int ctl_ask_all(struct ctl_ask *ask)
{
	int result;

	if (ask->targets.all && !may_ask_all(ask)) {
		ctl_targets_free(&ask->targets);
		ctl_output_free(&ask->out);
		return CTL_TROUBLE;
	}
	result = ctl_targets_visit(&ask->targets, ask_one, ask);
	if (result == CTL_OK)
		result = ask->result;
	if (ask->targets.all)
		report_all(ask);
	return ctl_targets_finish(&ask->targets, &ask->out, result);
}

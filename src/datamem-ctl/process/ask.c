/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A request to each process, and a row for each answer. */
#include "tool.h"
#include "ask.h"

const struct argp_child ctl_ask_children[] = {
	{ &ctl_output_argp, 0, NULL, 0 },
	{ &ctl_targets_argp, 0, NULL, 0 },
	{ &ctl_timeout_argp, 0, NULL, 0 },
	{ 0 }
};

error_t ctl_ask_option(struct ctl_ask *ask, int key, char *arg,
		       struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		ask->request.timeout = CTL_TIMEOUT;
		state->child_inputs[2] = &ask->request.timeout;
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

int ctl_ask_all(struct ctl_ask *ask)
{
	int result = ctl_targets_visit(&ask->targets, ask_one, ask);

	if (result == CTL_OK)
		result = ask->result;
	return ctl_targets_finish(&ask->targets, &ask->out, result);
}

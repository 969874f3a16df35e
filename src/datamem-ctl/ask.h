/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What set, trim and reset-peak have in common: a request to each process. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "output.h"
#include "request.h"

struct ctl_ask {
	struct ctl_output out;
	struct ctl_targets targets;
	struct ctl_request request;
	int result;
	/* Add the rest of the row of a process that has answered. */
	void (*add)(struct ctl_output *out, const struct ctl_process *process,
		    const struct ctl_request *request);
};

/* The columns of every answer; the command's own follow. */
enum { CTL_ASK_PID, CTL_ASK_NAME, CTL_ASK_COLUMNS };
#define CTL_ASK_COLUMN_ROWS                                                  \
	[CTL_ASK_PID] = { "PID", CTL_COUNT, CTL_SHOWN, "id of the process" }, \
	[CTL_ASK_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "its name" }

/* Children of the argp: output, targets, timeout; with their inputs. */
extern const struct argp_child ctl_ask_children[];
void ctl_ask_init(struct ctl_ask *ask, struct argp_state *state);

/* Ask all targets, print the answers; the exit status. */
int ctl_ask_all(struct ctl_ask *ask);

#endif /* CTL_ASK_H */

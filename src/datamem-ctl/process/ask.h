/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A request to each process, for set, trim and reset-peak. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "output/output.h"
#include "request.h"
#include "targets.h"

struct ctl_ask {
	struct ctl_output out;
	struct ctl_targets targets;
	struct ctl_request request;
	int result;
	bool yes;               /* as root, to processes of all users */
	/* Add what follows CTL_PROCESS_COLUMN_ROWS, of one that answered. */
	void (*add)(struct ctl_output *out, const struct ctl_process *process,
		    const struct ctl_request *request);
};

/* Children of the argp: output, targets, timeout; with their inputs. */
extern const struct argp_child ctl_ask_children[];
/* As ctl_targets_option(), and there must be targets. */
error_t ctl_ask_option(struct ctl_ask *ask, int key, char *arg,
		       struct argp_state *state);

/*
 * Ask all targets, print the answers; the exit status. With --all, only those
 * of the caller's user, or as root those of all, once --yes is given; says how
 * many there were.
 */
int ctl_ask_all(struct ctl_ask *ask);

#endif /* CTL_ASK_H */

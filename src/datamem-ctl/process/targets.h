/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which processes a command is for. */
#ifndef CTL_TARGETS_H
#define CTL_TARGETS_H

#include <argp.h>

#include "output/output.h"
#include "inspect.h"

/*
 * The processes: PIDs, or all, or those with a name, of a user, in a cgroup.
 * Input of ctl_targets_argp; a command has it among its children and says in
 * args_doc that PIDs may come.
 */
struct ctl_targets {
	pid_t *pids;
	size_t npids;
	bool all;
	/* Of all, only those; each of them. */
	const char **names;     /* any of them; nnames 0: any name */
	size_t nnames;
	const char *user, *cgroup;
	bool own;               /* of the caller's user */
	bool quiet;             /* no messages */
	/* Filled in by ctl_targets_visit(). */
	size_t found, uninspected, failed;
};
extern const struct argp ctl_targets_argp;
/* Output, targets; each with its own input. */
extern const struct argp_child ctl_targets_children[];
/*
 * The part of each parser that all commands with targets share: give the
 * children their inputs, and take an argument as a PID. out is NULL where the
 * children are ctl_targets_argp alone, else they are ctl_targets_children. For
 * a command's parser to fall back on.
 */
error_t ctl_targets_option(struct ctl_targets *targets, struct ctl_output *out,
			   int key, char *arg, struct argp_state *state);
/* Take an argument as PID, or as a name if it begins with no digit; errors end
 * the tool. */
void ctl_targets_add(struct ctl_targets *targets, const char *text,
		     struct argp_state *state);
/* Whether anything says which processes; whether these can be several. */
bool ctl_targets_given(const struct ctl_targets *targets);
bool ctl_targets_several(const struct ctl_targets *targets);
/* Errors when nothing does. */
void ctl_targets_require(const struct ctl_targets *targets,
			 struct argp_state *state);

/*
 * Call visit for each process in turn, with its page open, again for each copy
 * of the library that it has; processes that were
 * named and have none are reported (unless quiet), and count as failed. Returns
 * CTL_OK, or CTL_TROUBLE when one failed or a visit returned other than CTL_OK.
 */
int ctl_targets_visit(struct ctl_targets *targets,
		      int (*visit)(struct ctl_process *process, void *arg),
		      void *arg);

void ctl_targets_free(struct ctl_targets *targets);

/* Say what could not be looked at; for commands that list all. */
void ctl_targets_report(const struct ctl_targets *targets);

/*
 * The end of a command: print the rows, if there are any or it is JSON, report
 * and free both. result is the exit status so far; returns that of the command.
 */
int ctl_targets_finish(struct ctl_targets *targets, struct ctl_output *out,
		       int result);
/* The same without printing. */
void ctl_targets_end(struct ctl_targets *targets, struct ctl_output *out);

#endif /* CTL_TARGETS_H */

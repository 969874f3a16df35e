/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The profiles of processes, chosen as for all commands. */
#include "tool.h"
#include "sampled.h"

#include "process/process.h"

struct chosen {
	pid_t *pids;
	size_t n;
};

static void add(struct chosen *chosen, pid_t pid)
{
	chosen->pids = ctl_realloc(chosen->pids, chosen->n + 1,
				   sizeof(*chosen->pids));
	chosen->pids[chosen->n++] = pid;
}

/* Each copy of the library in a process is a visit of its own. */
static int visit(struct ctl_process *process, void *arg)
{
	struct chosen *chosen = arg;

	if (chosen->n == 0 || chosen->pids[chosen->n - 1] != process->pid)
		add(chosen, process->pid);
	return CTL_OK;
}

/* A PID is enough: a profile needs no control page. */
static void choose(struct ctl_targets *targets, struct chosen *chosen)
{
	for (size_t i = 0; i < targets->npids; i++)
		add(chosen, targets->pids[i]);
	if (targets->npids > 0)
		return;
	ctl_targets_visit(targets, visit, chosen);
	if (targets->all && !targets->quiet)
		ctl_targets_report(targets);
}

char *sampled_named(const char *name, pid_t *pid)
{
	struct ctl_targets targets = {
		.names = &name, .nnames = 1, .quiet = true,
	};
	struct chosen chosen = { NULL, 0 };
	char *error = NULL;

	choose(&targets, &chosen);
	if (chosen.n == 1)
		*pid = chosen.pids[0];
	else if (chosen.n == 0)
		error = ctl_printf("%s: no file, and no process of this name "
				   "uses libdatamem, or may be inspected",
				   name);
	else
		error = ctl_printf("%s: %zu processes have this name; one of "
				   "them is %d", name, chosen.n,
				   (int)chosen.pids[0]);
	free(chosen.pids);
	return error;
}

/* Of several, those without a profile are not worth a line each. */
static void report(const struct ctl_targets *targets, size_t n, size_t all)
{
	if (n > 0 && n < all && !targets->quiet)
		ctl_error("%zu of %zu processes have a profile", n, all);
}

bool sampled_open_chosen(struct ctl_targets *targets, struct sampled **out,
			 size_t *n, char **error)
{
	struct chosen chosen = { NULL, 0 };
	struct sampled *profiles;

	*n = 0;
	*error = NULL;
	choose(targets, &chosen);
	profiles = ctl_alloc(chosen.n + 1, sizeof(*profiles));
	for (size_t i = 0; i < chosen.n; i++) {
		char *why = sampled_open_process(chosen.pids[i],
						 &profiles[*n]);

		*n += !why;
		if (*error)
			free(why);
		else
			*error = why;
	}
	report(targets, *n, chosen.n);
	free(chosen.pids);
	*out = profiles;
	if (*n == 0) {
		free(profiles);
		return false;
	}
	free(*error);
	*error = NULL;
	return true;
}

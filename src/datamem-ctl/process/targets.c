/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which processes a command is for. */
#include "tool.h"
#include "targets.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>

static const struct argp_option options[] = {
	{ "all", 'A', NULL, 0, "All processes that can be inspected", 0 },
	{ 0 }
};

void ctl_targets_add(struct ctl_targets *targets, const char *text,
		     struct argp_state *state)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || pid <= 0 || pid > INT_MAX ||
	    !isdigit((unsigned char)*text))
		argp_error(state, "'%s' is not the id of a process", text);
	targets->pids = ctl_realloc(targets->pids, targets->npids + 1,
				    sizeof(*targets->pids));
	targets->pids[targets->npids++] = (pid_t)pid;
}

void ctl_targets_require(const struct ctl_targets *targets,
			 struct argp_state *state)
{
	if (targets->npids == 0 && !targets->all)
		argp_error(state, "a PID is missing");
}

error_t ctl_targets_option(struct ctl_targets *targets, struct ctl_output *out,
			   int key, char *arg, struct argp_state *state)
{
	void **input = state->child_inputs;

	switch (key) {
	case ARGP_KEY_INIT:
		if (out)
			*input++ = out;
		*input = targets;
		return 0;
	case ARGP_KEY_ARG:
		ctl_targets_add(targets, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *arg CTL_UNUSED,
			    struct argp_state *state)
{
	struct ctl_targets *targets = state->input;

	switch (key) {
	case 'A':
		targets->all = true;
		break;
	case ARGP_KEY_END:
		if (targets->all && targets->npids > 0)
			argp_error(state, "--all and PIDs exclude each other");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp ctl_targets_argp = {
	.options = options,
	.parser = parse_option,
};

const struct argp_child ctl_targets_children[] = {
	{ &ctl_output_argp, 0, NULL, 0 },
	{ &ctl_targets_argp, 0, NULL, 0 },
	{ 0 }
};

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static pid_t *list_processes(size_t *n)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t *pids = NULL;

	*n = 0;
	if (!dir)
		ctl_die("/proc: %s", strerror(errno));
	while ((entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pids = ctl_realloc(pids, *n + 1, sizeof(*pids));
		pids[(*n)++] = (pid_t)atoi(entry->d_name);
	}
	closedir(dir);
	if (*n > 0)
		qsort(pids, *n, sizeof(*pids), by_number);
	return pids;
}

int ctl_targets_visit(struct ctl_targets *targets,
		      int (*visit)(struct ctl_process *process, void *arg),
		      void *arg)
{
	size_t n = targets->npids;
	pid_t *pids = targets->all ? list_processes(&n) : targets->pids;
	/* Large, and one at a time. */
	static struct ctl_process process;
	int result = CTL_OK;

	targets->found = targets->uninspected = targets->failed = 0;
	for (size_t i = 0; i < n; i++) {
		const char *error;
		size_t pages = 0;

		while (!(error = ctl_process_open(pids[i], pages, &process))) {
			if (visit(&process, arg) != CTL_OK)
				result = CTL_TROUBLE;
			ctl_process_close(&process);
			pages++;
		}
		if (pages > 0) {
			targets->found++;
		} else if (!targets->all) {
			if (!targets->quiet)
				ctl_error("process %d: %s", (int)pids[i],
					  error);
			targets->failed++;
			result = CTL_TROUBLE;
		} else if (process.uninspected) {
			targets->uninspected++;
		}
	}
	if (targets->all)
		free(pids);
	return result;
}

void ctl_targets_free(struct ctl_targets *targets)
{
	free(targets->pids);
	targets->pids = NULL;
	targets->npids = 0;
}

void ctl_targets_report(const struct ctl_targets *targets)
{
	if (targets->uninspected > 0)
		ctl_error("%zu process%s of other users, or protected, cannot "
			  "be inspected", targets->uninspected,
			  targets->uninspected == 1 ? "" : "es");
}

void ctl_targets_end(struct ctl_targets *targets, struct ctl_output *out)
{
	ctl_targets_report(targets);
	ctl_output_free(out);
	ctl_targets_free(targets);
}

int ctl_targets_finish(struct ctl_targets *targets, struct ctl_output *out,
		       int result)
{
	/* A program that reads JSON wants an object, even an empty one. */
	if ((out->nrows > 0 || out->json) && ctl_output_print(out, stdout) != 0)
		result = CTL_TROUBLE;
	ctl_targets_end(targets, out);
	return result;
}

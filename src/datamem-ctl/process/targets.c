/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which processes a command is for. */
#include "tool.h"
#include "targets.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <pwd.h>
#include <unistd.h>

enum { KEY_NAME = 512, KEY_USER, KEY_CGROUP };

static const struct argp_option options[] = {
	{ "all", 'A', NULL, 0, "All processes that can be inspected", 0 },
	{ "name", KEY_NAME, "NAME", 0, "Those of this name, command or script",
	  0 },
	{ "user", KEY_USER, "USER", 0, "Those of this user", 0 },
	{ "cgroup", KEY_CGROUP, "CGROUP", 0, "Those in this cgroup, unit or "
	  "container, and below", 0 },
	{ 0 }
};

static void add_name(struct ctl_targets *targets, const char *name)
{
	targets->names = ctl_realloc(targets->names, targets->nnames + 1,
				     sizeof(*targets->names));
	targets->names[targets->nnames++] = name;
}

void ctl_targets_add(struct ctl_targets *targets, const char *text,
		     struct argp_state *state)
{
	char *end;
	long pid;

	if (isalpha((unsigned char)*text)) {
		add_name(targets, text);
		return;
	}
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || pid <= 0 || pid > INT_MAX ||
	    !isdigit((unsigned char)*text))
		argp_error(state, "'%s' is not the id of a process", text);
	targets->pids = ctl_realloc(targets->pids, targets->npids + 1,
				    sizeof(*targets->pids));
	targets->pids[targets->npids++] = (pid_t)pid;
}

static bool is_filtered(const struct ctl_targets *targets)
{
	return targets->nnames > 0 || targets->user || targets->cgroup;
}

bool ctl_targets_given(const struct ctl_targets *targets)
{
	return targets->npids > 0 || ctl_targets_several(targets);
}

bool ctl_targets_several(const struct ctl_targets *targets)
{
	return targets->npids > 1 || targets->all || is_filtered(targets);
}

void ctl_targets_require(const struct ctl_targets *targets,
			 struct argp_state *state)
{
	if (!ctl_targets_given(targets))
		argp_error(state, "a PID or NAME is missing");
}

static void check_user(const char *user, struct argp_state *state)
{
	if (user[strspn(user, "0123456789")] != '\0' && !getpwnam(user))
		argp_error(state, "--user: there is no user '%s'", user);
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

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ctl_targets *targets = state->input;

	switch (key) {
	case 'A':
		targets->all = true;
		break;
	case KEY_NAME:
		add_name(targets, arg);
		break;
	case KEY_USER:
		check_user(arg, state);
		targets->user = arg;
		break;
	case KEY_CGROUP:
		targets->cgroup = arg;
		break;
	case ARGP_KEY_END:
		if (targets->all && targets->npids > 0)
			argp_error(state, "--all and PIDs exclude each other");
		if (is_filtered(targets) && targets->npids > 0)
			argp_error(state, "names, --user, --cgroup and PIDs "
				   "exclude each other");
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

/* A worker is called by its script, and as those of its library, too. */
static bool is_called(const struct ctl_identity *is, const char *name)
{
	return name[0] != '\0' && (strcmp(name, is->name) == 0 ||
				   strcmp(name, is->command) == 0 ||
				   strcmp(name, is->script) == 0 ||
				   strcmp(name, is->worker) == 0);
}

static bool has_name(const struct ctl_targets *targets,
		     const struct ctl_identity *is)
{
	for (size_t i = 0; i < targets->nnames; i++)
		if (is_called(is, targets->names[i]))
			return true;
	return targets->nnames == 0;
}

/* "a.slice" and "a.slice/b.scope" are in "/x/a.slice/b.scope". */
static bool has_cgroup(const struct ctl_targets *targets,
		       const struct ctl_identity *is)
{
	const char *wanted = targets->cgroup;
	const char *at = wanted ? strstr(is->cgroup, wanted) : NULL;
	size_t n = wanted ? strlen(wanted) : 0;

	if (!wanted || strcmp(wanted, is->unit) == 0)
		return true;
	for (; at; at = strstr(at + 1, wanted)) {
		bool begins = at == is->cgroup || *at == '/' || at[-1] == '/';

		if (begins && (at[n] == '\0' || at[n] == '/' ||
			       (n > 0 && at[n - 1] == '/')))
			return true;
	}
	return false;
}

static bool has_user(const struct ctl_targets *targets,
		     const struct ctl_identity *is)
{
	char number[24];

	if (targets->own && is->uid != geteuid())
		return false;
	snprintf(number, sizeof(number), "%lu", (unsigned long)is->uid);
	return !targets->user || strcmp(targets->user, is->user) == 0 ||
	       strcmp(targets->user, number) == 0;
}

static bool is_wanted(const struct ctl_targets *targets,
		      const struct ctl_identity *is)
{
	return has_user(targets, is) && has_name(targets, is) &&
	       has_cgroup(targets, is);
}

static void count_unopened(struct ctl_targets *targets, pid_t pid, bool every,
			   bool uninspected, const char *error)
{
	if (!every) {
		if (!targets->quiet)
			ctl_error("process %d: %s", (int)pid, error);
		targets->failed++;
	} else if (uninspected && !is_filtered(targets) && !targets->own) {
		targets->uninspected++;
	}
}

/* Says what was asked for, and that nothing is so. */
static void report_none(const struct ctl_targets *targets)
{
	char *what = NULL;
	size_t size;
	FILE *stream = open_memstream(&what, &size);

	if (!stream)
		ctl_die("%s", strerror(errno));
	for (size_t i = 0; i < targets->nnames; i++)
		fprintf(stream, "%s'%s'", i > 0 ? " or " : " named ",
			targets->names[i]);
	if (targets->user)
		fprintf(stream, " of user '%s'", targets->user);
	if (targets->cgroup)
		fprintf(stream, " in cgroup '%s'", targets->cgroup);
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(errno));
	ctl_error("no process%s uses libdatamem, or may be inspected", what);
	free(what);
}

int ctl_targets_visit(struct ctl_targets *targets,
		      int (*visit)(struct ctl_process *process, void *arg),
		      void *arg)
{
	bool every = targets->all || is_filtered(targets);
	size_t n = targets->npids;
	pid_t *pids = every ? list_processes(&n) : targets->pids;
	/* Large, and one at a time. */
	static struct ctl_process process;
	int result = CTL_OK;

	targets->found = targets->uninspected = targets->failed = 0;
	for (size_t i = 0; i < n; i++) {
		size_t pages = 0, wanted = 0;
		const char *error;

		while (!(error = ctl_process_open(pids[i], pages, &process))) {
			if (is_wanted(targets, &process.is)) {
				wanted++;
				if (visit(&process, arg) != CTL_OK)
					result = CTL_TROUBLE;
			}
			ctl_process_close(&process);
			pages++;
		}
		targets->found += wanted > 0;
		if (pages == 0)
			count_unopened(targets, pids[i], every,
				       process.uninspected, error);
	}
	if (every)
		free(pids);
	if (targets->found == 0 && is_filtered(targets)) {
		if (!targets->quiet)
			report_none(targets);
		result = CTL_TROUBLE;
	}
	return targets->failed > 0 ? CTL_TROUBLE : result;
}

void ctl_targets_free(struct ctl_targets *targets)
{
	free(targets->pids);
	free(targets->names);
	targets->pids = NULL;
	targets->names = NULL;
	targets->npids = targets->nnames = 0;
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

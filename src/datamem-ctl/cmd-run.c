/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Runs a program with other settings, and shows what it left behind. */
#include "cmd.h"

#include <fcntl.h>
#include <unistd.h>

#include "process/process.h"
#include "run/run.h"

#define STATS_SETTING "stats.exit"

enum {
	COL_PID,
	COL_PROGRAM,
	COL_STATISTICS,
};

static struct ctl_column columns[COL_STATISTICS + CTL_STATISTICS_COLUMNS] = {
	[COL_PID] = { "PID", CTL_COUNT, CTL_SHOWN, "id of the process" },
	[COL_PROGRAM] = { "PROGRAM", CTL_STRING, CTL_SHOWN, "its name" },
};

struct run_arguments {
	struct ctl_output out;
	bool stats;
	const char *stats_file;
	bool stats_setting;  /* --set stats.exit=... was given */
	char **program;
};

enum { KEY_HUGEPAGE = 256, KEY_HANDLER, KEY_DEBUG, KEY_SET, KEY_STATS };

static const struct argp_option options[] = {
	{ "hugepage", KEY_HUGEPAGE, "WHEN", 0,
	  "Ask the kernel for huge pages: auto, on, off", 0 },
	{ "handler", KEY_HANDLER, "NAME", 0,
	  "Process-wide handler that threads start with", 0 },
	{ "debug", KEY_DEBUG, "LEVEL", 0,
	  "Reaction to misuse: none, warn, trap, abort", 0 },
	{ "set", KEY_SET, "NAME=VALUE", 0,
	  "Any setting; datamem-ctl settings lists them", 0 },
	{ "stats", KEY_STATS, "FILE", OPTION_ARG_OPTIONAL,
	  "Print the final statistics of each process that loaded the library "
	  "to FILE, by default to standard error", 0 },
	{ 0 }
};

/* Checks with the library's own table, so that both always agree. */
static void use_setting(struct argp_state *state, const char *name,
			const char *value)
{
	struct run_arguments *arguments = state->input;
	char *error = ctl_environment_set(name, value);

	if (error)
		argp_error(state, "%s", error);
	if (strcmp(name, STATS_SETTING) == 0)
		arguments->stats_setting = true;
}

static void use_assignment(struct argp_state *state, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	char *name;

	if (!equals || equals == assignment) {
		argp_error(state, "'%s' is not NAME=VALUE", assignment);
		return;
	}
	name = ctl_printf("%.*s", (int)(equals - assignment), assignment);
	use_setting(state, name, equals + 1);
	free(name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct run_arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->out;
		break;
	case KEY_HUGEPAGE:
		use_setting(state, "hugepage", arg);
		break;
	case KEY_HANDLER:
		use_setting(state, "handler", arg);
		break;
	case KEY_DEBUG:
		use_setting(state, "debug", arg);
		break;
	case KEY_SET:
		use_assignment(state, arg);
		break;
	case KEY_STATS:
		arguments->stats = true;
		arguments->stats_file = arg;
		break;
	case ARGP_KEY_ARG:
		arguments->program = state->argv + state->next - 1;
		/* The rest belongs to the program. */
		state->next = state->argc;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a program to run is missing");
		break;
	case ARGP_KEY_SUCCESS:
		if (arguments->stats && arguments->stats_setting)
			argp_error(state, "--stats and --set " STATS_SETTING
				   " exclude each other");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_child children[] = {
	{ &ctl_output_argp, 0, "How --stats prints:", 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[--] PROGRAM [ARGUMENT...]",
	.doc = "Run a program with settings of libdatamem. Exit status is that "
	       "of the program, 127 if it is not found, 126 if it cannot be "
	       "started, 2 for wrong usage.",
	.children = children,
};

static FILE *try_report(const char *directory, char **path)
{
	FILE *file;
	int fd;

	/* DATAMEM_CONF has no way to write a comma. */
	if (strchr(directory, ','))
		return NULL;
	*path = ctl_printf("%s/datamem-ctl-XXXXXX", directory);
	fd = mkostemp(*path, O_CLOEXEC);
	file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!file)
		free(*path);
	return file;
}

/* The file to which the processes append; the name is removed at the end. */
static FILE *make_report(char **path)
{
	const char *directory = getenv("TMPDIR");
	FILE *file = NULL;

	if (directory && *directory == '/')
		file = try_report(directory, path);
	if (!file)
		file = try_report("/tmp", path);
	if (!file)
		ctl_die("no temporary file: %s", strerror(errno));
	return file;
}

static void add_process(void *arg, const struct ctl_exit_stats *stats)
{
	struct ctl_output *out = arg;

	ctl_output_row(out);
	ctl_output_count(out, COL_PID, stats->pid);
	ctl_output_string(out, COL_PROGRAM, stats->program);
	ctl_statistics_cells(out, COL_STATISTICS, CTL_LEFT, &stats->statistics);
}

/* Returns 0, or CTL_TROUBLE when the statistics could not be written. */
static int print_stats(struct ctl_output *out, FILE *report, FILE *stream,
		       const char *program)
{
	size_t malformed = ctl_exit_stats_read(report, add_process, out);
	int result;

	if (malformed > 0)
		ctl_error("%zu lines of statistics are malformed and left out",
			  malformed);
	if (out->nrows == 0)
		ctl_error("no statistics: %s has not loaded libdatamem, or ended "
			  "by a signal or _exit(2)", program);
	result = ctl_output_print(out, stream);
	if (fflush(stream) != 0)
		result = -errno;
	if (result != 0)
		ctl_error("cannot write the statistics: %s", strerror(-result));
	return result == 0 ? 0 : CTL_TROUBLE;
}

static int run_with_stats(struct run_arguments *arguments)
{
	FILE *stream = stderr, *report;
	char *path, *error;
	int result, status, failed;

	if (arguments->stats_file)
		stream = fopen(arguments->stats_file, "we");
	if (!stream)
		ctl_die("%s: %s", arguments->stats_file, strerror(errno));
	report = make_report(&path);
	error = ctl_environment_set(STATS_SETTING, path);
	if (error) {
		unlink(path);
		ctl_die("%s", error);
	}
	result = ctl_launch_wait(arguments->program, &status);
	unlink(path);
	free(path);
	if (result != 0) {
		fclose(report);
		ctl_output_free(&arguments->out);
		return result;
	}
	failed = print_stats(&arguments->out, report, stream,
			     arguments->program[0]);
	fclose(report);
	ctl_output_free(&arguments->out);
	if (failed && status == 0)
		return failed;
	ctl_launch_finish(status);
}

static int run(int argc, char **argv)
{
	struct run_arguments arguments = { 0 };
	size_t ncolumns = COL_STATISTICS;

	ncolumns += ctl_statistics_columns(columns + ncolumns, CTL_LEFT);
	ctl_output_init(&arguments.out, "run", columns, ncolumns, CTL_ROWS);
	ctl_parse(&argp, argc, argv, ARGP_IN_ORDER, &arguments);
	if (arguments.stats)
		return run_with_stats(&arguments);
	ctl_output_free(&arguments.out);
	return ctl_launch_exec(arguments.program);
}

const struct ctl_command ctl_cmd_run = {
	.name = "run",
	.summary = "run a program with other settings",
	.run = run,
};

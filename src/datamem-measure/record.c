/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Records the allocations of a program. */
#include "tool.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "record/record.h"
#include "run/run.h"

#define DEFAULT_MIN 4096

enum { KEY_MIN = 256, KEY_FOR };

struct arguments {
	struct record_job job;
	double seconds;
	const char *pid;        /* NULL: a program is run */
	char **words;
};

static const char doc[] =
	"Run a program, and write its allocations as a recording, which replay "
	"and advise take: those of malloc(3) and its family, and of libdatamem "
	"where the program uses it. The exit status is that of the program. Or "
	"record a process that runs and uses libdatamem, until it is "
	"interrupted: its live blocks, and what it does with blocks from then "
	"on.\v ";

static const struct argp_option options[] = {
	{ "children", 'c', NULL, 0,
	  "Record processes that the program starts, too, each to FILE.PID",
	  0 },
	{ "for", KEY_FOR, "SECONDS", 0,
	  "Record a process for so long (default: until interrupted)", 0 },
	{ "min", KEY_MIN, "BYTES", 0,
	  "Record blocks of at least so many bytes (default: 4K)", 0 },
	{ "output", 'o', "FILE", 0,
	  "Write to FILE, compressed if it ends in .gz (default: "
	  "PROGRAM.dmt.gz, PID.dmt.gz)", 0 },
	{ 0 }
};

static bool is_process(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

/* Options may come behind a PID; what comes behind a program is the program's. */
static void take_word(struct arguments *a, char *word, struct argp_state *state)
{
	char **words = state->argv + state->next - 1;

	if (a->pid)
		argp_error(state, "one process at a time");
	a->words = words;
	if (is_process(word) && strcmp(words[-1], "--") != 0)
		a->pid = word;
	else
		state->next = state->argc;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->job.children = true;
		break;
	case KEY_FOR:
		a->seconds = ctl_options_seconds(arg, 0.001, state);
		break;
	case KEY_MIN:
		a->job.min = ctl_options_size(arg, state);
		if (!a->job.min)
			a->job.min = 1;
		break;
	case 'o':
		a->job.file = arg;
		break;
	case ARGP_KEY_ARG:
		take_word(a, arg, state);
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a program to run, or a PID, is missing");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* "/usr/bin/python3" -> "python3.dmt.gz" */
static const char *default_file(const char *program)
{
	const char *base = strrchr(program, '/');

	return ctl_printf("%s.dmt.gz", base ? base + 1 : program);
}

static int record_process(struct arguments *a)
{
	struct record_attach_job job = {
		.file = a->job.file,
		.min = a->job.min,
		.seconds = a->seconds,
	};
	unsigned long pid;

	errno = 0;
	pid = strtoul(a->pid, NULL, 10);
	if (errno != 0 || pid == 0 || pid > INT_MAX)
		ctl_die("%s is no process", a->pid);
	if (a->job.children)
		ctl_die("--children is for programs that it starts");
	job.pid = (pid_t)pid;
	return record_attach(&job);
}

static void say(const struct record_job *job, const struct record_result *r)
{
	fprintf(stderr, "%s: %llu events of %llu blocks in %s\n",
		ctl_name_command("record"), (unsigned long long)r->events,
		(unsigned long long)r->blocks, job->file);
	if (!r->events)
		ctl_error("%s made no block of %llu bytes or more with "
			  "malloc(3): it may have an allocator of its own, or "
			  "leave the work to a process that it starts (%s)",
			  job->program[0], (unsigned long long)job->min,
			  job->children ? "in FILE.PID" : "--children");
	if (r->cut)
		ctl_error("the recording ends before the program: %s says why",
			  job->file);
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "[--] PROGRAM [ARGUMENT...]\nPID",
		.doc = doc,
	};
	struct arguments a = { .job.min = DEFAULT_MIN };
	struct record_result result;
	int failed;

	ctl_begin("record");
	argv[0] = ctl_name_command("record");
	ctl_parse(&argp, argc, argv, ARGP_IN_ORDER, &a);
	a.job.program = a.words;
	if (!a.job.file)
		a.job.file = default_file(a.words[0]);
	if (a.pid)
		return record_process(&a);
	if (a.seconds > 0)
		ctl_die("--for is for processes that run");
	failed = record_observe(&a.job, &result);
	if (failed)
		return failed;
	say(&a.job, &result);
	ctl_launch_finish(result.status);
}

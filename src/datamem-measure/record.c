/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Records the allocations of a program. */
#include "tool.h"

#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "record/record.h"
#include "run/run.h"

#define DEFAULT_MIN 4096

enum { KEY_MIN = 256 };

struct arguments {
	struct record_job job;
	char **words;
};

static const char doc[] =
	"Run a program, and write its allocations as a recording, which replay "
	"and advise take: those of malloc(3) and its family, and of libdatamem "
	"where the program uses it. The exit status is that of the program.\v ";

static const struct argp_option options[] = {
	{ "children", 'c', NULL, 0,
	  "Record processes that the program starts, too, each to FILE.PID",
	  0 },
	{ "min", KEY_MIN, "BYTES", 0,
	  "Record blocks of at least so many bytes (default: 4K)", 0 },
	{ "output", 'o', "FILE", 0,
	  "Write to FILE, compressed if it ends in .gz (default: "
	  "PROGRAM.dmt.gz)", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->job.children = true;
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
		a->words = state->argv + state->next - 1;
		/* The rest belongs to the program. */
		state->next = state->argc;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a program to run is missing");
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

static bool is_process(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
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
		.args_doc = "[--] PROGRAM [ARGUMENT...]",
		.doc = doc,
	};
	struct arguments a = { .job.min = DEFAULT_MIN };
	struct record_result result;
	int failed;

	ctl_begin("record");
	argv[0] = ctl_name_command("record");
	ctl_parse(&argp, argc, argv, ARGP_IN_ORDER, &a);
	if (is_process(a.words[0]))
		ctl_die("a process that runs cannot be recorded: start the "
			"program with datamem-ctl record");
	a.job.program = a.words;
	if (!a.job.file)
		a.job.file = default_file(a.words[0]);
	failed = record_observe(&a.job, &result);
	if (failed)
		return failed;
	say(&a.job, &result);
	ctl_launch_finish(result.status);
}

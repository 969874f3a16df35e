/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Says what libdatamem would bring a program, or that there is no gain. */
#include "tool.h"

#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "advise/advise.h"
#include "record/record.h"
#include "replay/replay.h"

#define DEFAULT_ROUNDS 3
#define MAX_ROUNDS 1000

struct arguments {
	struct ctl_output out;
	char **words;
	bool is_program;        /* behind "--" */
	const char *with;
	unsigned int rounds;
};

static const char doc[] =
	"Say in five lines what libdatamem would bring a program, by replays of "
	"its recording: FILE, or one that is made of PROGRAM now. Columns or a "
	"form of output give the table of all that was tried instead.\v ";

static const struct argp_option options[] = {
	{ "rounds", 'R', "N", 0, "Measure N times (default: 3)", 0 },
	{ "with", 'w', "LIBRARY", 0,
	  "The present allocator is the malloc of this shared object", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		break;
	case 'R':
		a->rounds = ctl_options_count(arg, MAX_ROUNDS, "rounds", state);
		break;
	case 'w':
		a->with = arg;
		break;
	case ARGP_KEY_ARG:
		a->words = state->argv + state->next - 1;
		a->is_program = state->quoted && state->next > state->quoted;
		if (!a->is_program && state->next < state->argc)
			argp_error(state, "more than one recording; a program "
				   "comes behind --");
		/* The rest belongs to the program. */
		state->next = state->argc;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a recording, or -- and a program, is "
			   "missing");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Also where the recorder ends the tool, as it does with what cannot be
 * observed. */
static char *temporary;

static void remove_temporary(void)
{
	if (temporary)
		unlink(temporary);
}

static char *temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	char *path = ctl_printf("%s/datamem-ctl-XXXXXX",
				folder && *folder == '/' ? folder : "/tmp");
	int fd = mkstemp(path);

	if (fd < 0)
		ctl_die("%s: %s", path, strerror(errno));
	close(fd);
	temporary = ctl_strdup(path);
	atexit(remove_temporary);
	return path;
}

static int read_file(const char *file, struct recording *out)
{
	char error[1024];
	int err = recording_read(file, out, error, sizeof(error));

	if (!err)
		return 0;
	ctl_error("%s%s", error, err == -ENOEXEC ?
		  "; a program to be recorded comes behind --" : "");
	return CTL_TROUBLE;
}

/* Runs the program; its output goes where it goes. */
static int record(char *const *program, struct recording *out)
{
	struct record_job job = { .min = 4096, .program = program };
	struct record_result result;
	char *file = temporary_file();
	int failed;

	job.file = file;
	failed = record_observe(&job, &result);
	if (failed) {
		free(file);
		return failed;
	}
	/* The observer's variables are not for the replays. */
	record_forget();
	if (!WIFEXITED(result.status) || WEXITSTATUS(result.status))
		ctl_error("%s has failed: the advice is for what it did until "
			  "then", program[0]);
	if (!result.events)
		ctl_error("%s made no block of 4096 bytes or more with "
			  "malloc(3): there is nothing to advise", program[0]);
	failed = result.events ? read_file(file, out) : CTL_TROUBLE;
	remove_temporary();
	free(temporary);
	temporary = NULL;
	free(file);
	return failed;
}

/* The present allocator is the C library, or one that we may load. */
static const char *present_library(const struct recording_facts *facts,
				   bool trusted)
{
	const char *base = strrchr(facts->allocator, '/');
	char *shown;

	if (!*facts->allocator || facts->libdatamem)
		return NULL;
	base = base ? base + 1 : facts->allocator;
	if (!strncmp(base, "libc.so", 7) || !strncmp(base, "libc-", 5))
		return NULL;
	if (trusted)
		return facts->allocator;
	/* A file is input from strangers: nothing that it names is loaded. */
	shown = ctl_printable(facts->allocator);
	ctl_error("recorded on %s: --with=%s compares with that; this is for "
		  "the C library", shown, shown);
	free(shown);
	return NULL;
}

static void check_size(const struct recording *recording)
{
	uint64_t total = measure_meminfo("MemTotal:");

	if (total != MEASURE_UNKNOWN && recording->peak_bytes >= total)
		ctl_die("the recording needs more memory than there is");
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "FILE\n-- PROGRAM [ARGUMENT...]",
		.doc = doc,
		.children = ctl_output_children,
	};
	struct arguments a = { .rounds = DEFAULT_ROUNDS };
	struct advise_variants variants;
	struct recording recording;
	int failed;

	ctl_begin("advise");
	replay_job_child(argc, argv);
	argv[0] = ctl_name_command("advise");
	advise_report_init(&a.out);
	ctl_parse(&argp, argc, argv, ARGP_IN_ORDER, &a);
	failed = a.is_program ? record(a.words, &recording) :
				read_file(a.words[0], &recording);
	if (failed) {
		ctl_output_free(&a.out);
		return failed;
	}
	check_size(&recording);
	if (recording.facts.cut)
		ctl_error("the recording ends before the program: times and "
			  "peak are not those of the same work");
	if (!a.with)
		a.with = present_library(&recording.facts, a.is_program);
	advise_variants_make(&recording.facts, a.with, a.is_program, &variants);
	advise_variants_measure(&variants, &recording, a.rounds);
	if (a.out.list || a.out.json || a.out.raw || a.out.noheadings) {
		advise_report_table(&a.out, &variants);
		failed = ctl_output_print(&a.out, stdout) ? CTL_TROUBLE : CTL_OK;
	} else {
		advise_report_lines(&recording, &variants);
	}
	advise_variants_free(&variants);
	ctl_output_free(&a.out);
	recording_release(&recording);
	return failed;
}

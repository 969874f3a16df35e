/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Replays recordings against allocators and prints them side by side. */
#include "tool.h"

#include <unistd.h>

#include "options.h"
#include "measure/measure.h"
#include "replay/replay.h"

#define DEFAULT_ALLOCATORS "datamem,glibc,numpy"

struct arguments {
	struct ctl_output out;
	struct measure_comparison comparison;
	struct replay_options options;
	char **files;
	size_t n_files;
	bool trouble;
};

/* --- Options -------------------------------------------------------------- */

static const char doc[] =
	"Replay recordings of allocations (plain or gzip) against allocators, "
	"each in processes of its own, and print medians side by side.\v ";

static const struct argp_option options[] = {
	MEASURE_COMPARISON_OPTIONS(DEFAULT_ALLOCATORS),
	{ "touch", 't', "WHAT", 0,
	  "Write to new memory: none, page (a byte each 4 KiB) or all "
	  "(default: page)", 0 },
	{ "verify", 'v', NULL, 0,
	  "Fill blocks with patterns and check them, once, instead of "
	  "measuring", 0 },
	{ 0 }
};

static enum replay_touch parse_touch(const char *text,
				     struct argp_state *state)
{
	static const char *const words[] = {
		[REPLAY_TOUCH_NONE] = "none",
		[REPLAY_TOUCH_PAGE] = "page",
		[REPLAY_TOUCH_ALL] = "all",
	};

	for (size_t i = 0; i < CTL_ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i], text))
			return (enum replay_touch)i;
	}
	argp_error(state, "cannot touch '%s': none, page or all", text);
	return REPLAY_TOUCH_PAGE;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	if (measure_comparison_parse(&a->comparison, key, arg, state))
		return 0;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		break;
	case 't':
		a->options.touch = parse_touch(arg, state);
		break;
	case 'v':
		a->options.verify = true;
		break;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->n_files = (size_t)(state->argc - state->next);
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a recording is missing");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- Running -------------------------------------------------------------- */

/*
 * Round 0 is not timed: it reads huge pages in the middle, which takes time.
 * The order rotates, so that none is always first after a change of the
 * machine's speed.
 */
static void run_rounds(struct arguments *a, const char *name, int job,
		       size_t prime_bytes, struct replay_samples *samples)
{
	const struct allocator_list *allocators = &a->comparison.allocators;
	unsigned int rounds = a->options.verify ? 0 : a->comparison.rounds;
	size_t n = allocators->n;

	for (unsigned int round = 0; round <= rounds; round++) {
		measure_progress(name, round, rounds + 1);
		for (size_t i = 0; i < n; i++) {
			size_t which = (i + round) % n;
			struct replay_samples *s = &samples[which];
			struct replay_result result;

			if (s->broken)
				continue;
			if (replay_job_run(job, &allocators->items[which],
					   round == 0, prime_bytes, &result)) {
				s->broken = true;
				a->trouble = true;
			} else if (round == 0) {
				s->inspected = result;
			} else {
				replay_samples_take(s, &result);
			}
		}
	}
	measure_progress(name, rounds + 1, rounds + 1);
}

/* --- Files ---------------------------------------------------------------- */

/* recordings/nbody.dmt.gz -> nbody */
static char *recording_name(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = ctl_strdup(base ? base + 1 : path);
	char *end = strstr(name, ".dmt");

	if (end && end > name)
		*end = '\0';
	return name;
}

static bool writes(const struct replay_options *opts)
{
	return opts->touch != REPLAY_TOUCH_NONE || opts->verify;
}

/* Writing to more than there is would bring the machine down. */
static bool too_large(const char *file, const struct recording *recording,
		      const struct replay_options *opts)
{
	uint64_t total = measure_meminfo("MemTotal:");
	char peak[32], memory[32];

	if (!writes(opts) || total == MEASURE_UNKNOWN ||
	    recording->peak_bytes < total)
		return false;
	ctl_format_size(peak, sizeof(peak), recording->peak_bytes, false);
	ctl_format_size(memory, sizeof(memory), total, false);
	ctl_error("%s: needs %s, and there are %s: only --touch=none can "
		  "replay it", file, peak, memory);
	return true;
}

static void replay_file(struct arguments *a, const char *file)
{
	const struct allocator_list *allocators = &a->comparison.allocators;
	bool table = !a->out.json && !a->out.raw;
	struct replay_samples *samples;
	struct recording recording;
	char error[1024];
	size_t prime;
	char *name;
	int job;

	if (recording_read(file, &recording, error, sizeof(error))) {
		ctl_error("%s", error);
		a->trouble = true;
		return;
	}
	if (too_large(file, &recording, &a->options)) {
		a->trouble = true;
		recording_release(&recording);
		return;
	}
	name = recording_name(file);
	job = replay_job_make(&recording, &a->options);
	free(recording.events);
	recording.events = NULL;
	samples = replay_samples_make(allocators->n, a->comparison.rounds);
	/* Memory that nobody writes to is not taken from others, either. */
	prime = measure_prime_size(writes(&a->options) ?
				   recording.peak_bytes : 0);
	run_rounds(a, name, job, prime, samples);
	close(job);
	if (!replay_report_add(&a->out, name, &recording, allocators, samples))
		a->trouble = true;
	if (table) {
		if (!a->out.noheadings)
			replay_report_title(name, &recording);
		ctl_output_print(&a->out, stdout);
		ctl_output_clear(&a->out);
		fflush(stdout);
	}
	replay_samples_free(samples, allocators->n);
	free(name);
	recording_release(&recording);
}

/* A table has the recording as its title, so no column need repeat it. */
static void drop_recording_column(struct ctl_output *out)
{
	if (out->json || out->raw || out->noheadings ||
	    out->nselected < 2 || out->selected[0] != REPLAY_COLUMN_RECORDING)
		return;
	out->nselected--;
	memmove(out->selected, out->selected + 1,
		out->nselected * sizeof(*out->selected));
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "FILE...",
		.doc = doc,
		.children = ctl_output_children,
	};
	struct arguments a = {
		.comparison.rounds = MEASURE_COMPARISON_ROUNDS,
		.options.touch = REPLAY_TOUCH_PAGE,
	};

	ctl_begin("replay");
	replay_job_child(argc, argv);
	argv[0] = ctl_name_command("replay");
	replay_report_init(&a.out);
	ctl_parse(&argp, argc, argv, 0, &a);
	if (!a.comparison.chosen)
		allocator_list_defaults(&a.comparison.allocators,
					DEFAULT_ALLOCATORS);
	if (a.options.verify)
		replay_report_verify(&a.out);
	drop_recording_column(&a.out);
	for (size_t i = 0; i < a.n_files; i++)
		replay_file(&a, a.files[i]);
	if ((a.out.json || a.out.raw) && ctl_output_print(&a.out, stdout))
		a.trouble = true;
	ctl_output_free(&a.out);
	return a.trouble ? CTL_TROUBLE : CTL_OK;
}

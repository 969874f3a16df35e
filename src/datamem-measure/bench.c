/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Measures this machine: allocators side by side in small benchmarks. */
#include "tool.h"

#include <fnmatch.h>
#include <unistd.h>

#include "options.h"
#include "bench/bench.h"
#include "measure/measure.h"

#define DEFAULT_ALLOCATORS "datamem,glibc,glibc-mallopt,glibc-hugetlb,numpy"
#define MAX_MILLISECONDS 60000u
#define MAX_PLOTS 8
#define QUICK_ROUNDS 3
#define QUICK_MILLISECONDS 50

struct arguments {
	struct ctl_output out;
	struct ctl_output saved;        /* the same for --save */
	struct measure_comparison comparison;
	unsigned int milliseconds;
	const char *plots[MAX_PLOTS];
	size_t n_plots;
	const char *save;
	bool list;
	char **patterns;
	size_t n_patterns;
	const struct bench_row **rows;
	size_t n_rows;
	bool trouble;
};

static const char doc[] =
	"Measure this machine: allocators side by side, each in processes of "
	"its own. NAME is a benchmark or a pattern such as 'mixed-*'; without "
	"one all but 'scale-*' and 'memory-*' are run, which takes some minutes.\v ";

enum { OPTION_PLOT = 256, OPTION_LIST, OPTION_SAVE };

static const struct argp_option options[] = {
	MEASURE_COMPARISON_OPTIONS(DEFAULT_ALLOCATORS),
	{ "time", 't', "MS", 0,
	  "Milliseconds of each measurement (default: 200)", 0 },
	{ "quick", 'q', NULL, 0, "The same as --rounds=3 --time=50", 0 },
	{ "plot", OPTION_PLOT, "FILE", 0,
	  "Also draw the ratios, as .svg or .png; needs gnuplot; may be given "
	  "again", 0 },
	{ "save", OPTION_SAVE, "FILE", 0,
	  "Also write all columns to this file as JSON", 0 },
	{ "list", OPTION_LIST, NULL, 0, "Only list the benchmarks", 0 },
	{ 0 }
};

static bool shapes_output(const struct arguments *a)
{
	return a->out.list || a->out.noheadings || a->out.raw ||
	       a->out.json || a->out.bytes || a->n_plots > 0 || a->save;
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
		a->milliseconds = ctl_options_count(arg, MAX_MILLISECONDS,
						    "milliseconds", state);
		break;
	case 'q':
		a->comparison.rounds = QUICK_ROUNDS;
		a->milliseconds = QUICK_MILLISECONDS;
		break;
	case OPTION_PLOT:
		if (a->n_plots == MAX_PLOTS)
			argp_error(state, "more than %d plots", MAX_PLOTS);
		a->plots[a->n_plots++] = arg;
		break;
	case OPTION_SAVE:
		a->save = arg;
		break;
	case OPTION_LIST:
		a->list = true;
		break;
	case ARGP_KEY_ARGS:
		a->patterns = state->argv + state->next;
		a->n_patterns = (size_t)(state->argc - state->next);
		break;
	case ARGP_KEY_SUCCESS:
		if (a->list && shapes_output(a))
			argp_error(state, "--list prints names alone: no -o, "
				   "-n, -r, -J, -b, --plot or --save");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- What to run ---------------------------------------------------------- */

/* False: no row has a name like this. */
static bool choose(const char *pattern, bool *chosen)
{
	bool any = false;

	for (size_t i = 0; i < bench_n_rows; i++) {
		if (fnmatch(pattern, bench_rows[i].name, 0))
			continue;
		chosen[i] = true;
		any = true;
	}
	return any;
}

static void choose_rows(struct arguments *a)
{
	bool *chosen = ctl_alloc(bench_n_rows, sizeof(*chosen));

	for (size_t p = 0; p < a->n_patterns; p++) {
		if (choose(a->patterns[p], chosen))
			continue;
		free(chosen);
		ctl_die("no benchmark %s; --list shows them", a->patterns[p]);
	}
	a->rows = ctl_alloc(bench_n_rows, sizeof(*a->rows));
	for (size_t i = 0; i < bench_n_rows; i++) {
		if (chosen[i] || (!a->n_patterns &&
				  (a->list || !bench_rows[i].scale)))
			a->rows[a->n_rows++] = &bench_rows[i];
	}
	free(chosen);
}

static void list_rows(const struct arguments *a)
{
	for (size_t i = 0; i < a->n_rows; i++)
		printf("%-20s %s\n", a->rows[i]->name, a->rows[i]->what);
}

/* --- Running -------------------------------------------------------------- */

/* A process that measure_spawn() made: --child NAME LIBRARY ROW MS */
__attribute__((noreturn))
static void run_child(char **argv)
{
	struct allocator allocator = allocator_by_name(
		argv[0], argv[1][0] ? argv[1] : NULL);
	struct bench_result result;
	size_t row;

	for (row = 0; row < bench_n_rows; row++) {
		if (!strcmp(bench_rows[row].name, argv[2]))
			break;
	}
	if (row == bench_n_rows)
		ctl_die("--child is for the tool's own use");
	allocator_enter(&allocator);
	bench_run(&bench_rows[row], allocator.kind,
		  strtoull(argv[3], NULL, 10) * 1000000, &result);
	/* Blocks of a benchmark are not to be freed at exit. */
	_exit(measure_report(&result, sizeof(result)) ? CTL_OK : CTL_TROUBLE);
}

static int run_once(const struct arguments *a, const struct bench_row *row,
		    const struct allocator *allocator,
		    struct bench_result *result)
{
	char milliseconds[16];
	const char *const argv[] = {
		"datamem-bench", "--child", allocator->name,
		allocator->preload ? allocator->preload : "", row->name,
		milliseconds, NULL,
	};
	const struct measure_spec spec = {
		.argv = argv,
		.input = -1,
		.preload = allocator->preload,
		.tunables = allocator->tunables,
		.prime_bytes = row->peak ? measure_prime_size(row->peak) : 0,
		.address_space = row->address_space,
		.name = allocator->name,
	};

	snprintf(milliseconds, sizeof(milliseconds), "%u", a->milliseconds);
	return measure_spawn(&spec, result, sizeof(*result));
}

/* The order of the allocators rotates, so that none is always first. */
static void run_row(struct arguments *a, const struct bench_row *row,
		    struct bench_samples *samples)
{
	const struct allocator_list *allocators = &a->comparison.allocators;
	unsigned int rounds = a->comparison.rounds;
	size_t n = allocators->n;

	for (unsigned int round = 0; round < rounds; round++) {
		measure_progress(row->name, round, rounds);
		for (size_t i = 0; i < n; i++) {
			size_t which = (i + round) % n;
			struct bench_result result;

			if (samples[which].broken)
				continue;
			if (run_once(a, row, &allocators->items[which],
				     &result)) {
				samples[which].broken = true;
				a->trouble = true;
			} else {
				bench_samples_take(&samples[which], &result);
			}
		}
	}
	measure_progress(row->name, rounds, rounds);
}

static int run_rows(struct arguments *a)
{
	const struct allocator_list *allocators = &a->comparison.allocators;
	size_t n = allocators->n;
	struct bench_figures *figures = ctl_alloc(a->n_rows * n,
						  sizeof(*figures));

	for (size_t i = 0; i < a->n_rows; i++) {
		struct bench_samples *samples =
			bench_samples_make(n, a->comparison.rounds);

		run_row(a, a->rows[i], samples);
		bench_report_figures(allocators, samples, figures + i * n);
		bench_report_add(&a->out, a->rows[i], allocators, samples,
				 figures + i * n);
		bench_report_add(&a->saved, a->rows[i], allocators, samples,
				 figures + i * n);
		bench_samples_free(samples, n);
	}
	if (ctl_output_print(&a->out, stdout))
		a->trouble = true;
	for (size_t i = 0; i < a->n_plots; i++) {
		if (!bench_plot(a->plots[i], a->rows, a->n_rows, allocators,
				figures))
			a->trouble = true;
	}
	free(figures);
	return a->trouble ? CTL_TROUBLE : CTL_OK;
}

/* Closes the file; false after a message. */
static bool save(const struct arguments *a, FILE *file)
{
	int err = ctl_output_print(&a->saved, file);

	if (fclose(file) != 0 && !err)
		err = -errno;
	if (err)
		ctl_error("%s: %s", a->save, strerror(-err));
	return !err;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "[NAME...]",
		.doc = doc,
		.children = ctl_output_children,
	};
	struct arguments a = {
		.comparison.rounds = MEASURE_COMPARISON_ROUNDS,
		.milliseconds = 200,
	};
	FILE *saved = NULL;
	int status = CTL_OK;

	ctl_begin("bench");
	if (argc == 6 && !strcmp(argv[1], "--child"))
		run_child(argv + 2);
	argv[0] = ctl_name_command("bench");
	bench_report_init(&a.out);
	bench_report_init_saved(&a.saved);
	ctl_parse(&argp, argc, argv, 0, &a);
	choose_rows(&a);
	if (a.list) {
		list_rows(&a);
		goto out;
	}
	if (!a.comparison.chosen)
		allocator_list_defaults(&a.comparison.allocators,
					DEFAULT_ALLOCATORS);
	/* Before minutes of measuring, not after. */
	for (size_t i = 0; i < a.n_plots; i++)
		bench_plot_check(a.plots[i]);
	if (a.save) {
		saved = fopen(a.save, "we");
		if (!saved)
			ctl_die("%s: %s", a.save, strerror(errno));
	}
	status = run_rows(&a);
	if (saved && !save(&a, saved))
		status = CTL_TROUBLE;
out:
	ctl_output_free(&a.out);
	ctl_output_free(&a.saved);
	free(a.rows);
	return status;
}

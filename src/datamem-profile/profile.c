/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The program that `datamem-ctl profile` runs: whose memory it is. */
#include "arguments.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "formats/formats.h"
#include "symbols/symbols.h"

/* --- What is said beside the numbers -------------------------------------- */

static void report(const struct sampled *profile, const char *name)
{
	const struct profile_header *h = &profile->header;
	const char *missing = symbols_missing();
	bool native = false;

	for (size_t i = 0; i < profile->nplaces && !native; i++)
		native = !profile->places[i].python;
	if (native && missing)
		ctl_error("%s", missing);
	if (profile->unread > 0)
		ctl_error("%s: %zu of its entries changed all the time, or were "
			  "left half written, and are missing", name,
			  profile->unread);
	if (h->dropped_samples > 0)
		ctl_error("%s: no room for %" PRIu64 " live blocks, which are "
			  "not in LIVE; a larger profile.max has room", name,
			  h->dropped_samples);
	if (h->dropped_stacks > 0)
		ctl_error("%s: no room for more stacks: %" PRIu64 " samples "
			  "have none; a larger profile.max has room", name,
			  h->dropped_stacks);
}

/* --- Writing -------------------------------------------------------------- */

static void write_format(const struct arguments *a, FILE *stream,
			 const struct formats_input *input)
{
	switch (a->format) {
	case FORMAT_PPROF:
		formats_pprof(stream, input);
		break;
	case FORMAT_COLLAPSED:
		formats_collapsed(stream, input);
		break;
	case FORMAT_SVG:
		formats_flame(stream, input);
		break;
	default:
		formats_heap(stream, input);
	}
}

static int write_rows(struct arguments *a, FILE *stream,
		      const struct formats_input *input)
{
	int result;

	ctl_output_clear(&a->out);
	formats_table_fill(&a->out, input, a->by);
	if (a->out.nrows == 0 && !a->out.json) {
		ctl_error("there %s to show%s",
			  a->diff ? "is no difference" : "are no blocks",
			  a->older > 0 ? " of that age" : a->diff ? "" : " yet");
		return CTL_OK;
	}
	result = ctl_output_print(&a->out, stream);
	return result == 0 ? CTL_OK : CTL_TROUBLE;
}

/* The name of a process is what its program says. */
static char *make_title(const struct arguments *a,
			const struct sampled *profiles, size_t n)
{
	const struct sampled *last = &profiles[n - 1];
	const char *what = a->n > 0 ? a->names[a->n - 1] : "";
	struct ctl_identity is = { 0 };
	char *printable, *title;

	if (n > 1 && !a->diff)
		return ctl_printf("%zu processes", n);
	if (last->pid != 0) {
		ctl_describe(last->pid, &is);
		if (is.command[0] != '\0')
			what = is.command;
	}
	printable = ctl_printable(what);
	title = last->pid == 0 ? ctl_strdup(printable) :
		ctl_printf("%s (%d)", printable, (int)last->pid);
	free(printable);
	return title;
}

static int write_all(struct arguments *a, FILE *stream,
		     const struct sampled *profiles, size_t n)
{
	char *title = make_title(a, profiles, n);
	struct formats_input input = {
		.profiles = profiles,
		.n = n,
		.compared = a->diff,
		.older = a->older,
		.title = title,
	};
	int result = CTL_OK;

	if (profile_has_rows(a->format))
		result = write_rows(a, stream, &input);
	else
		write_format(a, stream, &input);
	free(title);
	return result;
}

static FILE *open_output(const struct arguments *a)
{
	FILE *stream;

	if (!a->file) {
		if (a->format == FORMAT_PPROF && isatty(STDOUT_FILENO))
			ctl_die("this format is not for a terminal: -o FILE "
				"writes a file");
		return stdout;
	}
	stream = fopen(a->file, "we");
	if (!stream)
		ctl_die("%s: %s", a->file, strerror(errno));
	return stream;
}

static int close_output(const struct arguments *a, FILE *stream, int result)
{
	bool failed;

	if (stream == stdout)
		return result;
	failed = ferror(stream) != 0;
	if (fclose(stream) == 0 && !failed)
		return result;
	ctl_error("%s: write error", a->file);
	return CTL_TROUBLE;
}

/* What a copy is made of. */
static char *only_name(const struct arguments *a)
{
	const struct ctl_targets *targets = &a->targets;

	if (a->n > 0)
		return ctl_strdup(a->names[0]);
	if (targets->npids == 1)
		return ctl_printf("%d", (int)targets->pids[0]);
	if (targets->nnames != 1 || targets->user || targets->cgroup)
		ctl_die("--format=raw is of one PID, NAME or FILE");
	return ctl_strdup(targets->names[0]);
}

static int copy(const struct arguments *a)
{
	char *name = only_name(a);
	char *error = sampled_copy(name, a->file);

	free(name);
	if (!error)
		return CTL_OK;
	ctl_error("%s", error);
	free(error);
	return CTL_TROUBLE;
}

static void report_one(const struct sampled *profile, const char *name)
{
	char *number = ctl_printf("%d", (int)profile->pid);

	report(profile, profile->pid != 0 ? number : name);
	free(number);
}

/* False: there is none, as for sampled_open_chosen(). */
static bool open_all(struct arguments *a, struct sampled **out, size_t *n,
		     char **error)
{
	if (a->n == 0)
		return sampled_open_chosen(&a->targets, out, n, error);
	*out = ctl_alloc(a->n, sizeof(**out));
	*error = NULL;
	for (*n = 0; *n < a->n && !*error; *n += !*error)
		*error = sampled_open(a->names[*n], &(*out)[*n]);
	if (!*error)
		return true;
	while (*n > 0)
		sampled_free(&(*out)[--*n]);
	free(*out);
	return false;
}

/* One look; false: there is nothing to look at (any more), and *error says
 * why, or is NULL where that has been said. */
static bool show(struct arguments *a, bool first, int *result, char **error)
{
	struct sampled *profiles;
	FILE *stream;
	size_t n;

	if (!open_all(a, &profiles, &n, error))
		return false;
	if (n > 1 && a->format == FORMAT_HEAP)
		ctl_die("--format=heap is of one process; %zu have a profile",
			n);
	for (size_t i = 0; i < n; i++) {
		symbols_resolve(&profiles[i]);
		if (first)
			report_one(&profiles[i], a->n > 0 ? a->names[i] : "");
	}
	if (a->diff)
		profiles[0].sign = -1;
	stream = open_output(a);
	*result = write_all(a, stream, profiles, n);
	*result = close_output(a, stream, *result);
	while (n-- > 0)
		sampled_free(&profiles[n]);
	free(profiles);
	symbols_free();
	return true;
}

static void nap(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	nanosleep(&time, NULL);
}

static int show_again(struct arguments *a)
{
	bool first = true, shown;
	int result = CTL_OK;
	char *error = NULL;

	while ((shown = show(a, first, &result, &error)) && a->watch > 0) {
		if (!a->out.json)
			putchar('\n');
		fflush(stdout);
		if (ferror(stdout))
			return CTL_TROUBLE;
		nap(a->watch);
		first = false;
		a->targets.quiet = true;
	}
	/* A process that has ended is the end of --watch. */
	if (!shown && first) {
		if (error)
			ctl_error("%s", error);
		result = CTL_TROUBLE;
	}
	free(error);
	return result;
}

int main(int argc, char **argv)
{
	struct arguments a = { .n = 0 };
	int result;

	ctl_begin("profile");
	argv[0] = ctl_name_command("profile");
	ctl_output_init(&a.out, "profile", formats_columns, FORMATS_COLUMNS,
			CTL_ROWS);
	ctl_parse(&profile_argp, argc, argv, 0, &a);
	a.out.json = a.format == FORMAT_JSON;
	a.out.one_line = a.watch > 0;
	formats_table_select(&a.out, a.by);
	result = a.format == FORMAT_RAW ? copy(&a) : show_again(&a);
	ctl_output_free(&a.out);
	ctl_targets_free(&a.targets);
	return result;
}

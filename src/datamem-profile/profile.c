/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The program that `datamem-ctl profile` runs: whose memory it is. */
#include "tool.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "formats/formats.h"
#include "options.h"
#include "process/process.h"
#include "sampled/sampled.h"
#include "symbols/symbols.h"

enum { KEY_BY = 256, KEY_FORMAT, KEY_DIFF, KEY_OLDER, KEY_COLUMNS };

enum format {
	FORMAT_TABLE, FORMAT_PPROF, FORMAT_COLLAPSED, FORMAT_SVG, FORMAT_HEAP,
	FORMAT_JSON, FORMAT_RAW, FORMATS
};

static const char *const format_names[FORMATS] = {
	[FORMAT_TABLE] = "table", [FORMAT_PPROF] = "pprof",
	[FORMAT_COLLAPSED] = "collapsed", [FORMAT_SVG] = "svg",
	[FORMAT_HEAP] = "heap", [FORMAT_JSON] = "json", [FORMAT_RAW] = "raw",
};

static const char *const by_names[SAMPLED_WAYS] = {
	[SAMPLED_LINE] = "line", [SAMPLED_FUNCTION] = "function",
	[SAMPLED_HANDLER] = "handler", [SAMPLED_DOMAIN] = "domain",
	[SAMPLED_AGE] = "age", [SAMPLED_STACK] = "stack",
};

struct arguments {
	struct ctl_output out;
	const char *names[2];
	size_t n;
	const char *file;         /* of -o */
	enum format format;
	enum sampled_by by;
	bool grouped;             /* --by was given */
	bool diff;
	double older, watch;      /* seconds; 0: not given */
};

static const char doc[] =
	"Show whose memory it is: what the blocks hold that each line of a "
	"program has allocated, estimated from a sample. PID is a process whose "
	"profile is on, which may be stopped or hang; FILE is what such a "
	"process, or --format=raw, has written.\v ";

static const struct argp_option options[] = {
	{ "by", KEY_BY, "WHAT", 0, "A row for each line, function, handler, "
	  "domain, age, or stack (line)", 0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "Print a table, pprof (gzip), "
	  "collapsed, svg, heap, json, or raw, as processes write it (table)", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE", 0 },
	{ "diff", KEY_DIFF, NULL, 0, "What the second PID or FILE has more than "
	  "the first", 0 },
	{ "older", KEY_OLDER, "SECONDS", 0, "Only blocks that have lived so "
	  "long", 0 },
	{ "watch", 'w', "SECONDS", 0, "Print again every SECONDS, until the "
	  "process has ended", 0 },
	{ 0 }
};

static size_t find_word(const char *const *words, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && strcmp(words[i], word) != 0)
		i++;
	return i;
}

static enum sampled_by parse_by(const char *text, struct argp_state *state)
{
	size_t by = find_word(by_names, SAMPLED_WAYS, text);

	if (by == SAMPLED_WAYS)
		argp_error(state, "'%s' is not one of line, function, handler, "
			   "domain, age, stack", text);
	return (enum sampled_by)by;
}

static enum format parse_format(const char *text, struct argp_state *state)
{
	size_t format = find_word(format_names, FORMATS, text);

	if (format == FORMATS)
		argp_error(state, "'%s' is not one of table, pprof, collapsed, "
			   "svg, heap, json, raw", text);
	return (enum format)format;
}

static bool has_rows(enum format format)
{
	return format == FORMAT_TABLE || format == FORMAT_JSON;
}

static void check_arguments(struct arguments *a, struct argp_state *state)
{
	if (a->n < (a->diff ? 2u : 1u))
		argp_error(state, a->diff ? "--diff is of two profiles"
					  : "a PID or FILE is missing");
	if (a->grouped && !has_rows(a->format))
		argp_error(state, "--by is for tables and JSON: other formats "
			   "have whole stacks");
	if (a->watch > 0 && (!has_rows(a->format) || a->file || a->diff))
		argp_error(state, "--watch prints tables or JSON of one "
			   "process");
	if (a->diff && (a->format == FORMAT_HEAP || a->format == FORMAT_RAW))
		argp_error(state, "--format=%s has no differences",
			   format_names[a->format]);
	if (a->format == FORMAT_RAW && (!a->file || a->older > 0))
		argp_error(state, a->file ? "--format=raw has all blocks"
					  : "--format=raw needs -o FILE");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		break;
	case KEY_BY:
		a->by = parse_by(arg, state);
		a->grouped = true;
		break;
	case KEY_FORMAT:
		a->format = parse_format(arg, state);
		break;
	case 'o':
		a->file = arg;
		break;
	case KEY_DIFF:
		a->diff = true;
		break;
	case KEY_OLDER:
		a->older = ctl_options_seconds(arg, 0, state);
		break;
	case 'w':
		a->watch = ctl_options_seconds(arg, 0.001, state);
		break;
	case ARGP_KEY_ARG:
		if (a->n >= (a->diff ? 2u : 1u))
			argp_error(state, "too many arguments");
		a->names[a->n++] = arg;
		break;
	case ARGP_KEY_END:
		check_arguments(a, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* --- Columns -------------------------------------------------------------- */

/* -o names a file here, and JSON is a format. */
static const struct argp_option table_options[] = {
	{ "columns", KEY_COLUMNS, "LIST", 0, "Columns to print, separated by "
	  "commas; +LIST adds to the default ones", 0 },
	{ "noheadings", 'n', NULL, 0, "Print no headings", 0 },
	{ "raw", 'r', NULL, 0, "Print raw: one space between cells", 0 },
	{ "bytes", 'b', NULL, 0, "Print sizes in bytes", 0 },
	{ 0 }
};

static error_t parse_table_option(int key, char *arg, struct argp_state *state)
{
	if (key == 'o' || key == 'J')
		return ARGP_ERR_UNKNOWN;
	return ctl_output_argp.parser(key == KEY_COLUMNS ? 'o' : key, arg,
				      state);
}

static char *filter_help(int key, const char *text, void *input)
{
	return ctl_output_argp.help_filter(key, text, input);
}

static const struct argp table_argp = {
	.options = table_options,
	.parser = parse_table_option,
	/* argp asks the filter only where there is a text after a '\v'. */
	.doc = "\v ",
	.help_filter = filter_help,
};

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
			const struct sampled *profiles)
{
	struct ctl_identity is = { 0 };
	const char *what = a->names[a->n - 1];
	char *printable, *title;

	if (profiles[a->n - 1].pid != 0) {
		ctl_describe(profiles[a->n - 1].pid, &is);
		if (is.command[0] != '\0')
			what = is.command;
	}
	printable = ctl_printable(what);
	title = profiles[a->n - 1].pid == 0 ? ctl_strdup(printable) :
		ctl_printf("%s (%d)", printable, (int)profiles[a->n - 1].pid);
	free(printable);
	return title;
}

static int write_all(struct arguments *a, FILE *stream,
		     const struct sampled *profiles)
{
	char *title = make_title(a, profiles);
	struct formats_input input = {
		.profiles = profiles,
		.n = a->n,
		.older = a->older,
		.title = title,
	};
	int result = CTL_OK;

	if (has_rows(a->format))
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

static int copy(const struct arguments *a)
{
	char *error = sampled_copy(a->names[0], a->file);

	if (!error)
		return CTL_OK;
	ctl_error("%s", error);
	free(error);
	return CTL_TROUBLE;
}

/* One look; false: there is nothing to look at (any more), and *error says
 * why. */
static bool show(struct arguments *a, bool first, int *result, char **error)
{
	struct sampled profiles[2];
	FILE *stream;
	size_t n = 0;

	*error = NULL;
	for (; n < a->n; n++) {
		*error = sampled_open(a->names[n], &profiles[n]);
		if (*error)
			break;
		symbols_resolve(&profiles[n]);
		if (first)
			report(&profiles[n], a->names[n]);
	}
	if (!*error) {
		if (a->n == 2)
			profiles[0].sign = -1;
		stream = open_output(a);
		*result = write_all(a, stream, profiles);
		*result = close_output(a, stream, *result);
	}
	while (n-- > 0)
		sampled_free(&profiles[n]);
	symbols_free();
	return !*error;
}

static void nap(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	nanosleep(&time, NULL);
}

static int show_again(struct arguments *a)
{
	bool first = true;
	int result = CTL_OK;
	char *error;

	while (show(a, first, &result, &error) && a->watch > 0) {
		if (!a->out.json)
			putchar('\n');
		fflush(stdout);
		if (ferror(stdout))
			return CTL_TROUBLE;
		nap(a->watch);
		first = false;
	}
	/* A process that has ended is the end of --watch. */
	if (error && first) {
		ctl_error("%s", error);
		result = CTL_TROUBLE;
	}
	free(error);
	return result;
}

int main(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{ &table_argp, 0, NULL, 0 },
		{ 0 }
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.args_doc = "PID|FILE\n--diff PID|FILE PID|FILE",
		.doc = doc,
		.children = children,
	};
	struct arguments a = { .n = 0 };
	int result;

	ctl_begin("profile");
	argv[0] = ctl_name_command("profile");
	ctl_output_init(&a.out, "profile", formats_columns, FORMATS_COLUMNS,
			CTL_ROWS);
	ctl_parse(&argp, argc, argv, 0, &a);
	a.out.json = a.format == FORMAT_JSON;
	a.out.one_line = a.watch > 0;
	formats_table_select(&a.out, a.by);
	result = a.format == FORMAT_RAW ? copy(&a) : show_again(&a);
	ctl_output_free(&a.out);
	return result;
}

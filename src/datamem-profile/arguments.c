/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Options and arguments of `datamem-ctl profile`. */
#include "arguments.h"

#include "options.h"

enum { KEY_BY = 256, KEY_FORMAT, KEY_DIFF, KEY_OLDER, KEY_COLUMNS };

const char *const profile_formats[FORMATS] = {
	[FORMAT_TABLE] = "table", [FORMAT_PPROF] = "pprof",
	[FORMAT_COLLAPSED] = "collapsed", [FORMAT_SVG] = "svg",
	[FORMAT_HEAP] = "heap", [FORMAT_JSON] = "json", [FORMAT_RAW] = "raw",
};

static const char *const by_names[SAMPLED_WAYS] = {
	[SAMPLED_LINE] = "line", [SAMPLED_FUNCTION] = "function",
	[SAMPLED_HANDLER] = "handler", [SAMPLED_DOMAIN] = "domain",
	[SAMPLED_AGE] = "age", [SAMPLED_STACK] = "stack",
};

static const char doc[] =
	"Show whose memory it is: what the blocks hold that each line of a "
	"program has allocated, estimated from a sample. Processes are those "
	"whose profile is on, which may be stopped or hang; what several hold "
	"is added up. FILE is what such a process, or --format=raw, has "
	"written.\v ";

static const struct argp_option options[] = {
	{ "by", KEY_BY, "WHAT", 0, "A row for each line, function, handler, "
	  "domain, age, or stack (line)", 0 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "Print a table, pprof (gzip), "
	  "collapsed, svg, heap, json, or raw, as processes write it (table)", 0 },
	{ "output", 'o', "FILE", 0, "Write to FILE", 0 },
	{ "diff", KEY_DIFF, NULL, 0, "What the second of two profiles has more "
	  "than the first", 0 },
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
	size_t format = find_word(profile_formats, FORMATS, text);

	if (format == FORMATS)
		argp_error(state, "'%s' is not one of table, pprof, collapsed, "
			   "svg, heap, json, raw", text);
	return (enum format)format;
}

bool profile_has_rows(enum format format)
{
	return format == FORMAT_TABLE || format == FORMAT_JSON;
}

static void check_arguments(struct arguments *a, struct argp_state *state)
{
	bool chosen = ctl_targets_given(&a->targets);

	if (a->diff && (a->n < 2 || chosen))
		argp_error(state, "--diff is of two profiles");
	if (a->n == 0 && !chosen)
		argp_error(state, "a PID, NAME or FILE is missing");
	if (!a->diff && a->n > 0 && chosen)
		argp_error(state, "a FILE and processes exclude each other");
	if (a->grouped && !profile_has_rows(a->format))
		argp_error(state, "--by is for tables and JSON: other formats "
			   "have whole stacks");
	if (a->watch > 0 && (!profile_has_rows(a->format) || a->file || a->diff))
		argp_error(state, "--watch prints tables or JSON of one "
			   "process");
	if (a->diff && (a->format == FORMAT_HEAP || a->format == FORMAT_RAW))
		argp_error(state, "--format=%s has no differences",
			   profile_formats[a->format]);
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
		state->child_inputs[1] = &a->targets;
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
		if (!a->diff && !sampled_is_file(arg)) {
			ctl_targets_add(&a->targets, arg, state);
			break;
		}
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

static const struct argp_child children[] = {
	{ &table_argp, 0, NULL, 0 },
	{ &ctl_targets_argp, 0, NULL, 0 },
	{ 0 }
};

const struct argp profile_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "PID...|NAME...|FILE\n--diff PID|NAME|FILE PID|NAME|FILE",
	.doc = doc,
	.children = children,
};

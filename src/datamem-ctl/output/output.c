/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Rows of typed cells, and the options that say how to print them. */
#include "tool.h"

#include <inttypes.h>
#include <math.h>
#include <strings.h>

#include "output.h"
#include "render.h"

static const struct argp_option options[] = {
	{ "output", 'o', "LIST", 0,
	  "Columns to print, separated by commas; +LIST adds to the default "
	  "ones", 0 },
	{ "noheadings", 'n', NULL, 0, "Print no headings", 0 },
	{ "raw", 'r', NULL, 0, "Print raw: one space between cells", 0 },
	{ "json", 'J', NULL, 0, "Print JSON", 0 },
	{ "bytes", 'b', NULL, 0, "Print sizes in bytes, times in seconds", 0 },
	{ 0 }
};

static bool is_selected(const struct ctl_output *out, size_t column)
{
	for (size_t i = 0; i < out->nselected; i++)
		if (out->selected[i] == column)
			return true;
	return false;
}

static void select_shown(struct ctl_output *out)
{
	out->nselected = 0;
	for (size_t i = 0; i < out->ncolumns; i++)
		if (out->columns[i].flags & CTL_SHOWN)
			out->selected[out->nselected++] = i;
}

static size_t find_column(const struct ctl_output *out, const char *name,
			  size_t length)
{
	size_t i;

	for (i = 0; i < out->ncolumns; i++) {
		const char *known = out->columns[i].name;

		if (strlen(known) == length &&
		    strncasecmp(known, name, length) == 0)
			break;
	}
	return i;
}

static char *list_columns(const struct ctl_output *out)
{
	char *list = ctl_strdup("");

	for (size_t i = 0; i < out->ncolumns; i++) {
		char *longer = ctl_printf("%s%s%s", list, i == 0 ? "" : ", ",
					  out->columns[i].name);

		free(list);
		list = longer;
	}
	return list;
}

/* A name given twice is printed once: JSON has no room for two equal keys. */
static void select_columns(struct ctl_output *out, const char *list,
			   struct argp_state *state)
{
	const char *name = list;

	if (*name == '+') {
		select_shown(out);
		name++;
	} else {
		out->nselected = 0;
	}
	for (;;) {
		size_t length = strcspn(name, ",");
		size_t column = find_column(out, name, length);

		if (column == out->ncolumns)
			argp_error(state, "unknown column '%.*s'; known are %s",
				   (int)length, name, list_columns(out));
		else if (!is_selected(out, column))
			out->selected[out->nselected++] = column;
		if (name[length] == '\0')
			break;
		name += length + 1;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ctl_output *out = state->input;

	switch (key) {
	case 'o':
		out->list = arg;
		select_columns(out, arg, state);
		break;
	case 'n':
		out->noheadings = true;
		break;
	case 'r':
		out->raw = true;
		break;
	case 'J':
		out->json = true;
		break;
	case 'b':
		out->bytes = true;
		break;
	case ARGP_KEY_SUCCESS:
		if (out->raw && out->json)
			argp_error(state, "--raw and --json exclude each other");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* The columns, listed below the options in --help. */
static char *add_columns_help(int key, const char *text, void *input)
{
	const struct ctl_output *out = input;
	char *help;

	if (key != ARGP_KEY_HELP_POST_DOC || !out)
		return text ? ctl_strdup(text) : NULL;
	help = ctl_strdup("Columns (* printed by default):\n");
	for (size_t i = 0; i < out->ncolumns; i++) {
		const struct ctl_column *column = &out->columns[i];
		char *longer;

		longer = ctl_printf("%s %c %-17s %s\n", help,
				    column->flags & CTL_SHOWN ? '*' : ' ',
				    column->name, column->help);
		free(help);
		help = longer;
	}
	return help;
}

const struct argp ctl_output_argp = {
	.options = options,
	.parser = parse_option,
	/* argp asks the filter only where there is a text after a '\v'. */
	.doc = "\v ",
	.help_filter = add_columns_help,
};

const struct argp_child ctl_output_children[] = {
	{ &ctl_output_argp, 0, NULL, 0 },
	{ 0 }
};

void ctl_output_init(struct ctl_output *out, const char *name,
		     const struct ctl_column *columns, size_t ncolumns,
		     enum ctl_layout layout)
{
	memset(out, 0, sizeof(*out));
	out->name = name;
	out->columns = columns;
	out->ncolumns = ncolumns;
	out->layout = layout;
	out->selected = ctl_alloc(ncolumns, sizeof(*out->selected));
	select_shown(out);
}

static error_t parse_only_child(int key, char *arg CTL_UNUSED,
				struct argp_state *state)
{
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

void ctl_output_parse(struct ctl_output *out, const char *doc, int argc,
		      char **argv)
{
	const struct argp argp = {
		.parser = parse_only_child,
		.doc = doc,
		.children = ctl_output_children,
	};

	ctl_parse(&argp, argc, argv, 0, out);
}

void ctl_output_lead(struct ctl_output *out, size_t column)
{
	if (is_selected(out, column) ||
	    (out->list && out->list[0] != '+'))
		return;
	memmove(out->selected + 1, out->selected,
		out->nselected * sizeof(*out->selected));
	out->selected[0] = column;
	out->nselected++;
}

void ctl_output_trail(struct ctl_output *out, size_t column)
{
	if (is_selected(out, column) || out->list)
		return;
	out->selected[out->nselected++] = column;
}

void ctl_output_row(struct ctl_output *out)
{
	size_t ncells = out->nrows * out->ncolumns;

	out->cells = ctl_realloc(out->cells, ncells + out->ncolumns,
				 sizeof(*out->cells));
	memset(out->cells + ncells, 0, out->ncolumns * sizeof(*out->cells));
	out->nrows++;
}

static struct ctl_cell *last_cell(struct ctl_output *out, size_t column)
{
	return &out->cells[(out->nrows - 1) * out->ncolumns + column];
}

static void empty_cell(struct ctl_cell *cell)
{
	for (size_t i = 0; i < cell->nitems; i++)
		free(cell->items[i]);
	free(cell->items);
	free(cell->text);
	memset(cell, 0, sizeof(*cell));
}

/* Takes the text over. */
static void set_cell(struct ctl_output *out, size_t column, char *text)
{
	struct ctl_cell *cell = last_cell(out, column);

	empty_cell(cell);
	cell->kind = CTL_CELL_VALUE;
	cell->text = text;
}

char *ctl_printable(const char *text)
{
	char *copy = ctl_strdup(text);

	for (char *c = copy; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

void ctl_output_string(struct ctl_output *out, size_t column, const char *text)
{
	set_cell(out, column, ctl_printable(text));
}

void ctl_output_list(struct ctl_output *out, size_t column, const char *text)
{
	struct ctl_cell *cell = last_cell(out, column);

	if (cell->kind != CTL_CELL_LIST)
		empty_cell(cell);
	cell->kind = CTL_CELL_LIST;
	cell->items = ctl_realloc(cell->items, cell->nitems + 1,
				  sizeof(*cell->items));
	cell->items[cell->nitems++] = ctl_printable(text);
}

void ctl_format_size(char *text, size_t text_size, uint64_t nbytes, bool bytes)
{
	static const char units[] = "BKMGTPE";
	uint64_t whole = nbytes, tenths = 0;
	size_t unit = 0;

	if (bytes) {
		snprintf(text, text_size, "%" PRIu64, nbytes);
		return;
	}
	while (whole >= 1024) {
		/* Rounded once, from the last division, half up. */
		uint64_t rest = whole % 1024;

		whole /= 1024;
		tenths = (rest * 10 + 512) / 1024;
		if (tenths == 10) {
			tenths = 0;
			whole++;
		}
		unit++;
	}
	if (unit == 0)
		snprintf(text, text_size, "%" PRIu64 "B", whole);
	else if (tenths == 0 || whole >= 100)
		snprintf(text, text_size, "%" PRIu64 "%c",
			 whole + (tenths >= 5), units[unit]);
	else
		snprintf(text, text_size, "%" PRIu64 ".%u%c", whole,
			 (unsigned int)tenths, units[unit]);
}

void ctl_output_size(struct ctl_output *out, size_t column, uint64_t nbytes)
{
	char text[32];

	ctl_format_size(text, sizeof(text), nbytes, out->bytes || out->json);
	set_cell(out, column, ctl_strdup(text));
}

void ctl_output_change(struct ctl_output *out, size_t column, int64_t change)
{
	uint64_t most = change < 0 ? -(uint64_t)change : (uint64_t)change;
	char text[32];

	ctl_format_size(text, sizeof(text), most,
			out->bytes || out->json ||
				out->columns[column].type != CTL_SIZE);
	set_cell(out, column, ctl_printf("%s%s", change < 0 ? "-" : "", text));
}

void ctl_output_count(struct ctl_output *out, size_t column, uint64_t count)
{
	set_cell(out, column, ctl_printf("%" PRIu64, count));
}

void ctl_output_real(struct ctl_output *out, size_t column, double value,
		     int decimals)
{
	if (isfinite(value))
		set_cell(out, column, ctl_printf("%.*f", decimals, value));
}

void ctl_output_ratio(struct ctl_output *out, size_t column, double part,
		      double whole)
{
	if (!(whole > 0))
		return;
	if (out->json)
		ctl_output_real(out, column, part / whole, 4);
	else
		set_cell(out, column, ctl_printf("%.1f%%", 100 * part / whole));
}

/* "3s", "12m", "5h", "9d". */
static void format_age(char *text, size_t text_size, double seconds)
{
	if (seconds < 100)
		snprintf(text, text_size, "%.0fs", seconds);
	else if (seconds < 100 * 60)
		snprintf(text, text_size, "%.0fm", seconds / 60);
	else if (seconds < 100 * 3600)
		snprintf(text, text_size, "%.0fh", seconds / 3600);
	else
		snprintf(text, text_size, "%.0fd", seconds / 86400);
}

void ctl_output_age(struct ctl_output *out, size_t column, double seconds)
{
	char text[32];

	if (out->bytes || out->json) {
		ctl_output_real(out, column, seconds, 0);
		return;
	}
	format_age(text, sizeof(text), seconds);
	set_cell(out, column, ctl_strdup(text));
}

void ctl_output_bool(struct ctl_output *out, size_t column, bool value)
{
	/* smartcols reads "1" as true. */
	if (out->json)
		set_cell(out, column, ctl_strdup(value ? "1" : "0"));
	else
		set_cell(out, column, ctl_strdup(value ? "yes" : "no"));
}

void ctl_output_absent(struct ctl_output *out, size_t column, const char *word)
{
	set_cell(out, column, ctl_strdup(word));
	last_cell(out, column)->kind = CTL_CELL_WORD;
}

void ctl_output_clear(struct ctl_output *out)
{
	for (size_t i = 0; i < out->nrows * out->ncolumns; i++)
		empty_cell(&out->cells[i]);
	free(out->cells);
	out->cells = NULL;
	out->nrows = 0;
}

void ctl_output_free(struct ctl_output *out)
{
	ctl_output_clear(out);
	free(out->selected);
	out->selected = NULL;
}

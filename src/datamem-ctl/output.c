/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Rows of typed cells, their options, and their three forms by libsmartcols. */
#include "cmd.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <strings.h>

#include <libsmartcols.h>

/* Shown for a cell without a value; JSON has null. */
#define NO_VALUE "-"
/* Between the strings of a list, in a cell and in a table. */
#define LIST_CELL_SEPARATOR "\n"
#define LIST_TABLE_SEPARATOR ", "

/* A word of ctl_output_absent(): kept apart from values by its first byte. */
#define ABSENT_MARK '\001'

static const struct argp_option options[] = {
	{ "output", 'o', "LIST", 0,
	  "Columns to print, separated by commas; +LIST adds to the default "
	  "ones", 0 },
	{ "noheadings", 'n', NULL, 0, "Print no headings", 0 },
	{ "raw", 'r', NULL, 0, "Print raw: one space between cells", 0 },
	{ "json", 'J', NULL, 0, "Print JSON", 0 },
	{ "bytes", 'b', NULL, 0, "Print sizes in bytes", 0 },
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

	if (key != ARGP_KEY_HELP_POST_DOC || out == NULL)
		return text != NULL ? ctl_strdup(text) : NULL;
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

static error_t parse_only_child(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

void ctl_output_parse(struct ctl_output *out, const char *doc, int argc,
		      char **argv)
{
	static const struct argp_child children[] = {
		{ &ctl_output_argp, 0, NULL, 0 },
		{ 0 }
	};
	const struct argp argp = {
		.parser = parse_only_child,
		.doc = doc,
		.children = children,
	};

	ctl_parse(&argp, argc, argv, 0, out);
}

void ctl_output_row(struct ctl_output *out)
{
	size_t ncells = out->nrows * out->ncolumns;

	out->cells = ctl_realloc(out->cells, ncells + out->ncolumns,
				 sizeof(*out->cells));
	memset(out->cells + ncells, 0, out->ncolumns * sizeof(*out->cells));
	out->nrows++;
}

static char **last_cell(struct ctl_output *out, size_t column)
{
	return &out->cells[(out->nrows - 1) * out->ncolumns + column];
}

/* Takes the text over. */
static void set_cell(struct ctl_output *out, size_t column, char *text)
{
	char **cell = last_cell(out, column);

	free(*cell);
	*cell = text;
}

/*
 * Text can come from programs and files that nobody vouches for: what could
 * drive a terminal, or is no ASCII and so depends on the locale, becomes '?'.
 */
static char *copy_printable(const char *text)
{
	char *copy = ctl_strdup(text);

	for (char *c = copy; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return copy;
}

void ctl_output_string(struct ctl_output *out, size_t column, const char *text)
{
	set_cell(out, column, copy_printable(text));
}

void ctl_output_list(struct ctl_output *out, size_t column, const char *text)
{
	const char *before = *last_cell(out, column);
	char *copy = copy_printable(text);

	if (before != NULL && *before != ABSENT_MARK) {
		char *both = ctl_printf("%s" LIST_CELL_SEPARATOR "%s", before,
					copy);

		free(copy);
		copy = both;
	}
	set_cell(out, column, copy);
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
	set_cell(out, column, ctl_printf("%c%s", ABSENT_MARK, word));
}

void ctl_output_clear(struct ctl_output *out)
{
	for (size_t i = 0; i < out->nrows * out->ncolumns; i++)
		free(out->cells[i]);
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

static char *lower_case(const char *name)
{
	char *lower = ctl_strdup(name);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return lower;
}

/* What smartcols is given for a cell; the caller frees it. */
static char *render_cell(const struct ctl_output *out, const char *cell)
{
	char *text;
	char *rest;

	if (out->json)
		return ctl_strdup(cell == NULL || *cell == ABSENT_MARK ? ""
								      : cell);
	if (cell == NULL || *cell == '\0')
		return ctl_strdup(NO_VALUE);
	if (*cell == ABSENT_MARK)
		return ctl_strdup(cell + 1);
	text = ctl_strdup(cell);
	while ((rest = strstr(text, LIST_CELL_SEPARATOR)) != NULL) {
		char *joined;

		*rest = '\0';
		joined = ctl_printf("%s" LIST_TABLE_SEPARATOR "%s", text,
				    rest + strlen(LIST_CELL_SEPARATOR));
		free(text);
		text = joined;
	}
	return text;
}

static int json_type(enum ctl_type type)
{
	switch (type) {
	case CTL_STRING:
		return SCOLS_JSON_STRING;
	case CTL_LIST:
		return SCOLS_JSON_ARRAY_STRING;
	case CTL_BOOL:
		return SCOLS_JSON_BOOLEAN;
	default:
		return SCOLS_JSON_NUMBER;
	}
}

static int add_column(const struct ctl_output *out, struct libscols_table *table,
		      const struct ctl_column *column)
{
	char *name = out->json ? lower_case(column->name)
			       : ctl_strdup(column->name);
	struct libscols_column *added;
	int flags = 0;

	if (column->type != CTL_STRING && column->type != CTL_LIST)
		flags |= SCOLS_FL_RIGHT;
	if (column->flags & CTL_WRAP || column->type == CTL_LIST)
		flags |= SCOLS_FL_WRAP;
	added = scols_table_new_column(table, name, 0, flags);
	free(name);
	if (added == NULL)
		return -ENOMEM;
	/* smartcols splits a cell into an array only where it may wrap it. */
	if (column->type == CTL_LIST && out->json)
		scols_column_set_wrapfunc(added, scols_wrapnl_chunksize,
					  scols_wrapnl_nextchunk, NULL);
	return scols_column_set_json_type(added, json_type(column->type));
}

static int set_data(struct libscols_line *line, size_t n, char *text)
{
	int result = line == NULL || text == NULL
			     ? -ENOMEM
			     : scols_line_refer_data(line, n, text);

	if (result != 0)
		free(text);
	return result;
}

static int fill_rows(const struct ctl_output *out, struct libscols_table *table)
{
	int result = 0;

	for (size_t i = 0; i < out->nselected && result == 0; i++)
		result = add_column(out, table, &out->columns[out->selected[i]]);
	for (size_t row = 0; row < out->nrows && result == 0; row++) {
		struct libscols_line *line = scols_table_new_line(table, NULL);
		char **cells = out->cells + row * out->ncolumns;

		for (size_t i = 0; i < out->nselected && result == 0; i++)
			result = set_data(line, i,
					  render_cell(out,
						      cells[out->selected[i]]));
	}
	return result;
}

/* "HUGEPAGE_SIZE" reads as "hugepage size", unless a program reads it. */
static char *record_name(const struct ctl_output *out, const char *name)
{
	char *text = lower_case(name);

	for (char *c = text; *c != '\0' && !out->raw; c++)
		if (*c == '_')
			*c = ' ';
	return text;
}

static int fill_record(const struct ctl_output *out,
		       struct libscols_table *table)
{
	size_t value = out->noheadings ? 0 : 1;
	int result = 0;

	scols_table_enable_noheadings(table, 1);
	if (value == 1 && scols_table_new_column(table, "NAME", 0, 0) == NULL)
		return -ENOMEM;
	if (scols_table_new_column(table, "VALUE", 0, SCOLS_FL_WRAP) == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < out->nselected && result == 0; i++) {
		const struct ctl_column *column =
			&out->columns[out->selected[i]];
		struct libscols_line *line = scols_table_new_line(table, NULL);

		if (value == 1)
			result = set_data(line, 0,
					  record_name(out, column->name));
		if (result == 0)
			result = set_data(line, value,
					  render_cell(out,
						      out->cells[out->selected[i]]));
	}
	return result;
}

int ctl_output_print(const struct ctl_output *out, FILE *stream)
{
	struct libscols_table *table = scols_new_table();
	int result;

	if (table == NULL)
		return -ENOMEM;
	scols_table_set_name(table, out->name);
	scols_table_set_stream(table, stream);
	scols_table_enable_json(table, out->json);
	scols_table_enable_raw(table, out->raw);
	scols_table_enable_noheadings(table, out->noheadings);
	if (out->layout == CTL_RECORD && !out->json && out->nrows > 0)
		result = fill_record(out, table);
	else
		result = fill_rows(out, table);
	if (result == 0)
		result = scols_print_table(table);
	if (result == 0 && ferror(stream))
		result = -EIO;
	scols_unref_table(table);
	return result;
}

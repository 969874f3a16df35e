/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The three forms of rows, printed by libsmartcols. */
#include "tool.h"
#include "output.h"

#include <ctype.h>
#include <libsmartcols.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "render.h"

/* Shown for a cell without a value; JSON has null. */
#define NO_VALUE "-"
/* Between the strings of a list in a table. */
#define LIST_TABLE_SEPARATOR ", "
/* smartcols makes an array of the lines of a cell. */
#define LIST_JSON_SEPARATOR "\n"
/* Columns of CTL_LINES are at least so wide: most numbers fit. */
#define LINES_MIN 7
/* Text is not cut to less than this. */
#define CUT_MIN 6
/* Text is not wrapped into columns narrower than this. */
#define WRAP_MIN 20

static char *lower_case(const char *name)
{
	char *lower = ctl_strdup(name);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return lower;
}

static char *join(const struct ctl_cell *cell, const char *separator)
{
	char *text = ctl_strdup("");

	for (size_t i = 0; i < cell->nitems; i++) {
		char *longer = ctl_printf("%s%s%s", text,
					  i == 0 ? "" : separator,
					  cell->items[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* The text that smartcols is given for a cell; the caller frees it. */
static char *render_cell(const struct ctl_output *out,
			 const struct ctl_cell *cell)
{
	switch (cell->kind) {
	case CTL_CELL_LIST:
		return join(cell, out->json ? LIST_JSON_SEPARATOR
					    : LIST_TABLE_SEPARATOR);
	case CTL_CELL_VALUE:
		if (out->json || cell->text[0] != '\0')
			return ctl_strdup(cell->text);
		return ctl_strdup(NO_VALUE);
	case CTL_CELL_WORD:
		return ctl_strdup(out->json ? "" : cell->text);
	default:
		return ctl_strdup(out->json ? "" : NO_VALUE);
	}
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

/* Columns of the terminal; 0 when the rows do not go to one. */
static size_t terminal_width(FILE *stream)
{
	struct winsize size;
	int fd = fileno(stream);

	if (fd < 0 || !isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* Break lines at blanks, where smartcols would break anywhere. */
static void wrap_text(char *text, size_t width)
{
	char *line = text;

	while (strlen(line) > width) {
		char *blank = line + width;

		while (blank > line && *blank != ' ')
			blank--;
		if (blank == line)
			blank = strchr(line, ' ');
		if (!blank)
			return;
		*blank = '\n';
		line = blank + 1;
	}
}

struct grid {
	struct libscols_table *table;
	char **texts;   /* nlines * ncolumns, rendered */
	size_t nlines, ncolumns;
	/* Room for the last column, which is wrapped; 0: it is not. */
	size_t wrap;
};

static bool is_text(enum ctl_type type)
{
	return type == CTL_STRING || type == CTL_LIST;
}

/*
 * The cell of CTL_LINES: as wide as the heading, also where none is printed,
 * and wide enough for most numbers. The widths that smartcols can be given do
 * not hold for columns whose heading is wider than what is below.
 */
static char *pad_cell(char *text, const struct ctl_column *column)
{
	size_t heading = strlen(column->name);
	int width = (int)(heading > LINES_MIN ? heading : LINES_MIN);
	char *padded = ctl_printf(is_text(column->type) ? "%-*s" : "%*s",
				  width, text);

	free(text);
	return padded;
}

/* The widest cell of a column of the grid, or its heading. */
static size_t column_width(const struct grid *grid, size_t index,
			   size_t heading)
{
	size_t widest = heading;

	for (size_t line = 0; line < grid->nlines; line++) {
		size_t n = strlen(grid->texts[line * grid->ncolumns + index]);

		if (n > widest)
			widest = n;
	}
	return widest;
}

/* Cut texts to a width, with a sign that there is more. */
static void cut_column(const struct grid *grid, size_t index, size_t width)
{
	for (size_t line = 0; line < grid->nlines; line++) {
		char *text = grid->texts[line * grid->ncolumns + index];

		if (strlen(text) <= width)
			continue;
		text[width - 1] = '+';
		text[width] = '\0';
	}
}

/* Make room on a screen: the widest column that may be cut gives first. */
static void fit(const struct ctl_output *out, const struct grid *grid,
		const size_t *headings)
{
	for (;;) {
		size_t total = 0, widest = 0, at = 0;

		for (size_t i = 0; i < grid->ncolumns; i++) {
			size_t n = column_width(grid, i, headings[i]);

			total += n + (i > 0);
			if (!(out->columns[out->selected[i]].flags & CTL_CUT) ||
			    n <= headings[i] || n <= CUT_MIN || n <= widest)
				continue;
			widest = n;
			at = i;
		}
		if (total <= out->width || widest == 0)
			return;
		cut_column(grid, at, widest - 1);
	}
}

static bool is_wrapped(const struct ctl_column *column)
{
	return column->type == CTL_LIST || (column->flags & CTL_WRAP) != 0;
}

/* Room that the columns before the last one leave on a line. */
static size_t last_width(const struct grid *grid, size_t width,
			 const size_t *heading_lengths)
{
	size_t used = 0;

	for (size_t i = 0; i + 1 < grid->ncolumns; i++)
		used += column_width(grid, i, heading_lengths[i]) + 1;
	return used + WRAP_MIN <= width ? width - used : WRAP_MIN;
}

static int add_column(struct grid *grid, const char *name,
		      enum ctl_type type, bool json)
{
	size_t index = scols_table_get_ncols(grid->table);
	bool wraps = grid->wrap != 0 && index + 1 == grid->ncolumns;
	struct libscols_column *column;
	int flags = is_text(type) ? 0 : SCOLS_FL_RIGHT;

	/* Also smartcols makes an array only of what it may wrap. */
	if (wraps || (json && type == CTL_LIST))
		flags |= SCOLS_FL_WRAP;
	column = scols_table_new_column(grid->table, name, 0, flags);
	if (!column)
		return -ENOMEM;
	if (flags & SCOLS_FL_WRAP) {
		scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
					  scols_wrapnl_nextchunk, NULL);
		scols_column_set_safechars(column, "\n");
	}
	return json ? scols_column_set_json_type(column, json_type(type)) : 0;
}

/* smartcols takes the texts over. */
static int add_lines(struct grid *grid)
{
	for (size_t i = 0; i < grid->nlines; i++) {
		struct libscols_line *line =
			scols_table_new_line(grid->table, NULL);

		if (!line)
			return -ENOMEM;
		for (size_t n = 0; n < grid->ncolumns; n++) {
			char **text = &grid->texts[i * grid->ncolumns + n];
			int result;

			if (grid->wrap != 0 && n + 1 == grid->ncolumns)
				wrap_text(*text, grid->wrap);
			result = scols_line_refer_data(line, n, *text);
			if (result != 0)
				return result;
			*text = NULL;
		}
	}
	return 0;
}

static void set_size(struct grid *grid, size_t nlines, size_t ncolumns)
{
	grid->nlines = nlines;
	grid->ncolumns = ncolumns;
	grid->texts = ctl_alloc(nlines * ncolumns, sizeof(*grid->texts));
}

static void fill_column(const struct ctl_output *out, struct grid *grid,
			size_t index)
{
	bool lines = out->layout == CTL_LINES && !out->json && !out->raw;
	size_t column = out->selected[index];

	for (size_t row = 0; row < out->nrows; row++) {
		char *text = render_cell(
			out, &out->cells[row * out->ncolumns + column]);

		if (lines)
			text = pad_cell(text, &out->columns[column]);
		grid->texts[row * grid->ncolumns + index] = text;
	}
}

static int fill_rows(const struct ctl_output *out, struct grid *grid,
		     size_t width)
{
	size_t *lengths = ctl_alloc(out->nselected, sizeof(*lengths));
	int result = 0;

	set_size(grid, out->nrows, out->nselected);
	for (size_t i = 0; i < out->nselected; i++) {
		lengths[i] = strlen(out->columns[out->selected[i]].name);
		fill_column(out, grid, i);
	}
	if (out->width != 0)
		fit(out, grid, lengths);
	if (width != 0 && out->nselected > 0 &&
	    is_wrapped(&out->columns[out->selected[out->nselected - 1]]))
		grid->wrap = last_width(grid, width, lengths);
	free(lengths);
	for (size_t i = 0; i < out->nselected && result == 0; i++) {
		const struct ctl_column *column =
			&out->columns[out->selected[i]];
		char *name = out->json ? lower_case(column->name)
				       : ctl_strdup(column->name);

		result = add_column(grid, name, column->type, out->json);
		free(name);
	}
	return result == 0 ? add_lines(grid) : result;
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

static int fill_record(const struct ctl_output *out, struct grid *grid,
		       size_t row, size_t width)
{
	static const size_t no_headings[2];
	size_t value = out->noheadings ? 0 : 1;
	int result = 0;

	scols_table_enable_noheadings(grid->table, 1);
	set_size(grid, out->nselected, value + 1);
	for (size_t i = 0; i < out->nselected; i++) {
		size_t column = out->selected[i];
		char **texts = grid->texts + i * grid->ncolumns;

		if (value == 1)
			texts[0] = record_name(out, out->columns[column].name);
		texts[value] = render_cell(
			out, &out->cells[row * out->ncolumns + column]);
	}
	if (width != 0)
		grid->wrap = last_width(grid, width, no_headings);
	if (value == 1)
		result = add_column(grid, "NAME", CTL_STRING, false);
	if (result == 0)
		result = add_column(grid, "VALUE", CTL_STRING, false);
	return result == 0 ? add_lines(grid) : result;
}

static void free_grid(struct grid *grid)
{
	for (size_t i = 0; i < grid->nlines * grid->ncolumns; i++)
		free(grid->texts[i]);
	free(grid->texts);
	scols_unref_table(grid->table);
}

int ctl_render(const struct ctl_output *out, FILE *stream, const size_t *record)
{
	struct grid grid = { .table = scols_new_table() };
	size_t width = out->raw || out->json ? 0 : terminal_width(stream);
	int result;

	if (!grid.table)
		return -ENOMEM;
	scols_table_set_name(grid.table, out->name);
	scols_table_set_stream(grid.table, stream);
	scols_table_enable_json(grid.table, out->json);
	scols_table_enable_raw(grid.table, out->raw);
	scols_table_enable_noheadings(grid.table, out->noheadings);
	if (record)
		result = fill_record(out, &grid, *record, width);
	else
		result = fill_rows(out, &grid, width);
	if (result == 0)
		result = scols_print_table(grid.table);
	if (result == 0 && ferror(stream))
		result = -EIO;
	free_grid(&grid);
	return result;
}

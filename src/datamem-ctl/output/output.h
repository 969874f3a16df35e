/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * One row model, printed as a table, raw, or JSON.
 *
 * A command declares its columns in one static table, takes
 * ctl_output_children for its argp (with the struct ctl_output as input of the
 * first child, initialised before), adds rows of typed cells and prints. The
 * user chooses columns and form; the command does not need to know.
 *
 *	static const struct ctl_column columns[] = {
 *		[COL_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "its name" },
 *		[COL_LIVE] = { "LIVE", CTL_SIZE, CTL_SHOWN, "live memory" },
 *	};
 *	struct ctl_output out;
 *
 *	ctl_output_init(&out, "list", columns, 2, CTL_ROWS);
 *	ctl_parse(&argp, argc, argv, 0, &out);
 *	ctl_output_row(&out);
 *	ctl_output_string(&out, COL_NAME, "x");
 *	ctl_output_size(&out, COL_LIVE, 4096);
 *	return ctl_output_print(&out, stdout) == 0 ? CTL_OK : CTL_TROUBLE;
 *
 * JSON is one object with the command as key and an array of objects, one a
 * row: keys in lower case, numbers as numbers, bytes for sizes, seconds for an
 * age, a fraction for a ratio, null for a cell without a value.
 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ctl_type {
	CTL_STRING,
	CTL_LIST,   /* several strings */
	CTL_SIZE,   /* bytes; shown as 2M, and as a plain number with -b */
	CTL_COUNT,  /* an unsigned number */
	CTL_REAL,   /* a number with decimals */
	CTL_RATIO,  /* shown as 97.3% */
	CTL_BOOL,   /* shown as yes or no */
	CTL_AGE,    /* seconds; shown as 12m, and as a plain number with -b */
};

enum ctl_column_flags {
	CTL_SHOWN = 1 << 0,  /* printed unless -o says otherwise */
	CTL_WRAP = 1 << 1,   /* long text, may be wrapped on a terminal */
	CTL_CUT = 1 << 2,    /* text of which the end may be left out */
};

struct ctl_column {
	const char *name;    /* upper case, words joined by '_' */
	enum ctl_type type;
	unsigned int flags;  /* enum ctl_column_flags */
	const char *help;    /* for --help; a few words */
};

enum ctl_layout {
	CTL_ROWS,    /* a table with a heading */
	CTL_RECORD,  /* one row, printed as a list of names and values */
	CTL_RECORDS, /* rows of few columns and long texts: one below the other */
	CTL_LINES,   /* rows whose columns keep their places from one print to
		      * the next */
};

struct ctl_cell;

struct ctl_output {
	const char *name;                  /* key of the JSON object */
	const struct ctl_column *columns;
	size_t ncolumns;
	enum ctl_layout layout;
	bool json, raw, bytes, noheadings;
	bool one_line;                     /* JSON: a document a line */
	size_t width;                      /* of a screen, for CTL_CUT; 0: any */
	const char *list;                  /* of -o; NULL: not given */
	size_t *selected;                  /* indexes into columns */
	size_t nselected;
	struct ctl_cell *cells;            /* nrows * ncolumns; of render.h */
	size_t nrows;
};

/* Options -o, -n, -r, -J, -b and the list of columns in --help. */
extern const struct argp ctl_output_argp;
/* It alone, for a command whose options have no other children. */
extern const struct argp_child ctl_output_children[];

void ctl_output_init(struct ctl_output *out, const char *name,
		     const struct ctl_column *columns, size_t ncolumns,
		     enum ctl_layout layout);

/* Parse the options of a command that has no others; doc is its argp doc. */
void ctl_output_parse(struct ctl_output *out, const char *doc, int argc,
		      char **argv);

/* Print a column before the default ones; not when -o says which ones. */
void ctl_output_lead(struct ctl_output *out, size_t column);

/* The same, behind the default ones. */
void ctl_output_trail(struct ctl_output *out, size_t column);

/* Begin a row; cells not set have no value ("-", in JSON null). */
void ctl_output_row(struct ctl_output *out);

/*
 * Set a cell of the last row. The text is copied. The function must fit the
 * type of the column.
 */
void ctl_output_string(struct ctl_output *out, size_t column, const char *text);
/* Append one string to a CTL_LIST. */
void ctl_output_list(struct ctl_output *out, size_t column, const char *text);
void ctl_output_size(struct ctl_output *out, size_t column, uint64_t nbytes);
void ctl_output_count(struct ctl_output *out, size_t column, uint64_t count);
/* A size or count that may be negative. */
void ctl_output_change(struct ctl_output *out, size_t column, int64_t change);
void ctl_output_real(struct ctl_output *out, size_t column, double value,
		     int decimals);
/* part / whole; no value when whole is 0. */
void ctl_output_ratio(struct ctl_output *out, size_t column, double part,
		      double whole);
void ctl_output_age(struct ctl_output *out, size_t column, double seconds);
void ctl_output_bool(struct ctl_output *out, size_t column, bool value);
/* A word in place of a value ("none", "unknown"); null in JSON. */
void ctl_output_absent(struct ctl_output *out, size_t column,
		       const char *word);

/*
 * A copy of a text that comes from programs and files that nobody vouches for:
 * what could drive a terminal, or is no ASCII and so depends on the locale,
 * becomes '?'. Strings of cells are copied in this way.
 */
char *ctl_printable(const char *text);

/* Write nbytes as 2M, 1.5G, or with bytes as a plain number. */
void ctl_format_size(char *text, size_t text_size, uint64_t nbytes,
		     bool bytes);

/* Print all rows; 0 or -errno. Can be called again after more rows. */
int ctl_output_print(const struct ctl_output *out, FILE *stream);

/* Forget the rows, for a command that prints again and again. */
void ctl_output_clear(struct ctl_output *out);

void ctl_output_free(struct ctl_output *out);

/* Also of this folder: a terminal that is drawn on. */
#include "screen.h"

#endif /* CTL_OUTPUT_H */

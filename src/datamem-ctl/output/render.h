/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How output.c keeps cells for render.c, which prints them, and print.c, which
 * makes documents of that. */
#ifndef CTL_RENDER_H
#define CTL_RENDER_H

#include <stddef.h>
#include <stdio.h>

enum ctl_cell_kind {
	CTL_CELL_EMPTY,         /* no value */
	CTL_CELL_VALUE,
	CTL_CELL_WORD,          /* a word in place of a value */
	CTL_CELL_LIST,
};

struct ctl_cell {
	enum ctl_cell_kind kind;
	char *text;             /* of a value or word */
	char **items;           /* of a list */
	size_t nitems;
};

struct ctl_output;
/* Print all rows, or the one whose cells are to stand below each other: 0, or
 * -errno. */
int ctl_render(const struct ctl_output *out, FILE *stream,
	       const size_t *record);

#endif /* CTL_RENDER_H */

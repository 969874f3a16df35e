/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How output.c keeps cells for render.c, which prints them. */
#ifndef CTL_RENDER_H
#define CTL_RENDER_H

#include <stddef.h>

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

#endif /* CTL_RENDER_H */

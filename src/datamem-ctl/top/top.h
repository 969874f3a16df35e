/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The screen of `datamem-ctl top`: what it shows, which row is selected, what
 * keys do. The door of this folder.
 */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include "process/process.h"

enum ctl_top_page { CTL_TOP_TABLE, CTL_TOP_ONE, CTL_TOP_HELP };

struct ctl_top {
	struct ctl_output out;
	struct ctl_targets targets;
	enum ctl_by by;
	double delay;           /* seconds between two looks */
	size_t sort;            /* index into the orders */
	bool reverse;
	bool screen;
	enum ctl_top_page page;
	char filter[64];        /* part of a name, user or command */
	char remark[320];       /* for one frame */
	struct ctl_summaries summaries;  /* sorted, once looked */
	struct ctl_history history;
	char selected[600];     /* key of the row; "": the first */
	size_t row;             /* its index */
};

#define CTL_TOP_MIN_DELAY 0.1

/* Choose the column to sort by; false: none of those that can be. */
bool ctl_top_order(struct ctl_top *top, const char *name);
/* To begin with. */
void ctl_top_default_order(struct ctl_top *top);
/* The column, of ctl_summary_columns(). */
size_t ctl_top_sorted_by(const struct ctl_top *top);
/* To the left (-1) or right (1) of it, as far as there are any. */
void ctl_top_move_order(struct ctl_top *top, int step);

/* Look at all processes; CTL_OK, or CTL_TROUBLE as ctl_targets_visit(). */
int ctl_top_look(struct ctl_top *top);
/* Print one frame, or without a screen one table; false: it cannot be. */
bool ctl_top_show(struct ctl_top *top);
/* One process in all detail, as a text that is to be freed. */
char *ctl_top_describe(const struct ctl_top *top);
/*
 * The lines of a process's profile that hold most, with their heading, as a
 * text that is to be freed; "": there are none (yet), or datamem-profile is not
 * installed. From another program, which may take a second for a large process:
 * what it said of the same one some seconds ago is said again.
 */
char *ctl_top_lines(pid_t pid);
/* Do what a key says; false: to end. */
bool ctl_top_obey(struct ctl_top *top, int key);

/* The keys that ctl_top_obey() knows, as a text. */
extern const char ctl_top_keys[];

void ctl_top_free(struct ctl_top *top);

#endif /* CTL_TOP_H */

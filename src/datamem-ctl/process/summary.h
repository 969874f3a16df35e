/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A process, or several together, as a row of list and top. */
#ifndef CTL_SUMMARY_H
#define CTL_SUMMARY_H

#include <argp.h>

#include "output/output.h"
#include "history.h"
#include "inspect.h"

enum {
	CTL_PROC_PID, CTL_PROC_NSPID, CTL_PROC_NAME, CTL_PROC_COMMAND,
	CTL_PROC_PROCESSES, CTL_PROC_USER, CTL_PROC_UPTIME, CTL_PROC_LIVE,
	CTL_PROC_HELD, CTL_PROC_RETAINED, CTL_PROC_PEAK, CTL_PROC_HUGE,
	CTL_PROC_ALLOCS, CTL_PROC_ALLOCS_S, CTL_PROC_PURGED_S, CTL_PROC_HIT,
	CTL_PROC_THREADS, CTL_PROC_HISTORY, CTL_PROC_HANDLER, CTL_PROC_UNIT,
	CTL_PROC_CGROUP, CTL_PROC_COLUMNS
};

enum ctl_summary_use { CTL_SUMMARY_LIST, CTL_SUMMARY_TOP };

/* What makes processes one row. */
enum ctl_by {
	CTL_BY_PROCESS, CTL_BY_COMMAND, CTL_BY_USER, CTL_BY_CGROUP,
	CTL_BY_UNIT,
};

struct ctl_summary {
	struct ctl_identity is;
	pid_t pid;
	size_t processes;
	char key[600];          /* tells it from the others */
	struct ctl_statistics statistics;
	uint64_t resident, huge;  /* of blocks; 0: not asked for, unknown */
	char handler[256];
	struct ctl_trend trend;
};

/* An array of CTL_PROC_COLUMNS, with the ones that a command shows. */
const struct ctl_column *ctl_summary_columns(enum ctl_summary_use use);

/* The argument of --by; ends the tool where it is none. */
enum ctl_by ctl_summary_by(const char *text, struct argp_state *state);
/* Show what rows of this kind have, unless -o says otherwise. */
void ctl_summary_select(struct ctl_output *out, enum ctl_by by);

/* Those of one look; all zero: none. */
struct ctl_summaries {
	struct ctl_summary *rows;
	size_t n, room;
};
/* Add a process: to a row of its own, or to that with its key. */
void ctl_summaries_add(struct ctl_summaries *summaries,
		       const struct ctl_output *out,
		       const struct ctl_process *process, enum ctl_by by);
void ctl_summaries_free(struct ctl_summaries *summaries);

void ctl_summary_row(struct ctl_output *out, enum ctl_by by,
		     const struct ctl_summary *summary);

#endif /* CTL_SUMMARY_H */

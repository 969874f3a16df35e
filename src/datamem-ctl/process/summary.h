/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The row of a process, for list and top. */
#ifndef CTL_SUMMARY_H
#define CTL_SUMMARY_H

#include "output/output.h"
#include "inspect.h"

enum {
	CTL_PROC_PID, CTL_PROC_NSPID, CTL_PROC_NAME, CTL_PROC_USER,
	CTL_PROC_UPTIME, CTL_PROC_LIVE, CTL_PROC_HELD, CTL_PROC_RETAINED,
	CTL_PROC_PEAK, CTL_PROC_HUGE, CTL_PROC_ALLOCS, CTL_PROC_HIT,
	CTL_PROC_THREADS, CTL_PROC_HANDLER, CTL_PROC_COLUMNS
};

/* An array of CTL_PROC_COLUMNS. */
const struct ctl_column *ctl_summary_columns(void);

/* Add a row. */
void ctl_summary_row(struct ctl_output *out,
		     const struct ctl_process *process);

#endif /* CTL_SUMMARY_H */

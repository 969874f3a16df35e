/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A running process that has a control page. The link to it in /proc/PID/fd is
 * the only door, and the kernel decides who passes.
 */
#ifndef CTL_INSPECT_H
#define CTL_INSPECT_H

#include <sys/types.h>

#include "output/output.h"
#include "describe.h"
#include "page.h"

struct ctl_process {
	pid_t pid;
	struct ctl_identity is;
	int fd;                 /* of the page */
	bool writable;
	bool uninspected;       /* not opened: we may not look, or cannot */
	uint64_t size;          /* of the page */
	struct ctl_page page;
};

/*
 * Open the nth page of a process, from 0 on, and read it: each copy of the
 * library that it has loaded has one. NULL, or why not (a static text).
 */
const char *ctl_process_open(pid_t pid, size_t nth, struct ctl_process *out);
/* Read it again. */
const char *ctl_process_refresh(struct ctl_process *process);
void ctl_process_close(struct ctl_process *process);

/*
 * Bytes of its blocks that are resident, and in huge pages, out of smaps; false
 * when that cannot be read. Costs the process its mmap lock for a moment.
 */
bool ctl_process_huge(const struct ctl_process *process, uint64_t *resident,
		      uint64_t *huge);

/* enum datamem_setting_origin as a word. */
const char *ctl_origin_name(int origin);

/* The first columns of a row about a process; the command's own follow. */
enum { CTL_PROCESS_PID, CTL_PROCESS_COMMAND, CTL_PROCESS_NAME,
       CTL_PROCESS_COLUMNS };
#define CTL_PROCESS_COLUMN_ROWS                                              \
	[CTL_PROCESS_PID] = { "PID", CTL_COUNT, CTL_SHOWN,                   \
		"id of the process" },                                       \
	[CTL_PROCESS_COMMAND] = { "COMMAND", CTL_STRING,                     \
		CTL_SHOWN | CTL_CUT, "its script or module, else its name" },\
	[CTL_PROCESS_NAME] = { "NAME", CTL_STRING, 0, "its name" }
/* Begin a row with these. */
void ctl_process_row(struct ctl_output *out, const struct ctl_process *process);

#endif /* CTL_INSPECT_H */

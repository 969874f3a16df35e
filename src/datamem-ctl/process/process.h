/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Running processes that have a live page. The link to it in /proc/PID/fd is
 * the only door, and the kernel decides who passes.
 */
#ifndef CTL_PROCESS_H
#define CTL_PROCESS_H

#include <argp.h>
#include <sys/types.h>

#include "output/output.h"
#include "page.h"

struct ctl_process {
	pid_t pid;
	pid_t inner_pid;        /* in its own PID namespace */
	uid_t uid;
	char name[64];          /* any bytes */
	char user[64];
	double uptime;          /* seconds; negative: unknown */
	int fd;                 /* of the page */
	bool writable;
	bool uninspected;       /* not opened: we may not look, or cannot */
	uint64_t size;          /* of the page */
	struct ctl_page page;
};

/* Open the page of a process and read it. NULL, or why not (a static text). */
const char *ctl_process_open(pid_t pid, struct ctl_process *out);
/* Read it again. */
const char *ctl_process_refresh(struct ctl_process *process);
void ctl_process_close(struct ctl_process *process);

/* 'R', 'S', 'T' ... of /proc/PID/stat; '\0': the process is gone. */
char ctl_process_state(pid_t pid);

/*
 * Bytes of its blocks that are resident, and in huge pages, out of smaps; false
 * when that cannot be read. Costs the process its mmap lock for a moment.
 */
bool ctl_process_huge(const struct ctl_process *process, uint64_t *resident,
		      uint64_t *huge);

/* The first columns of a row about a process; the command's own follow. */
enum { CTL_PROCESS_PID, CTL_PROCESS_NAME, CTL_PROCESS_COLUMNS };
#define CTL_PROCESS_COLUMN_ROWS                                              \
	[CTL_PROCESS_PID] = { "PID", CTL_COUNT, CTL_SHOWN,                   \
		"id of the process" },                                       \
	[CTL_PROCESS_NAME] = { "NAME", CTL_STRING, CTL_SHOWN, "its name" }
/* Begin a row with these. */
void ctl_process_row(struct ctl_output *out, const struct ctl_process *process);

/*
 * Which processes a command is for: PIDs or --all. Input of ctl_targets_argp;
 * a command has it among its children and says in args_doc that PIDs may come.
 */
struct ctl_targets {
	pid_t *pids;
	size_t npids;
	bool all;
	bool quiet;             /* no messages */
	/* Filled in by ctl_targets_visit(). */
	size_t found, uninspected, failed;
};
extern const struct argp ctl_targets_argp;
/* Output, targets; each with its own input. */
extern const struct argp_child ctl_targets_children[];
/* Take an argument as PID; errors end the tool. */
void ctl_targets_add(struct ctl_targets *targets, const char *text,
		     struct argp_state *state);
/* Errors when there are neither PIDs nor --all. */
void ctl_targets_require(const struct ctl_targets *targets,
			 struct argp_state *state);

/*
 * Call visit for each process in turn, with its page open; processes that were
 * named and have none are reported (unless quiet), and count as failed. Returns
 * CTL_OK, or CTL_TROUBLE when one failed or a visit returned other than CTL_OK.
 */
int ctl_targets_visit(struct ctl_targets *targets,
		      int (*visit)(struct ctl_process *process, void *arg),
		      void *arg);

void ctl_targets_free(struct ctl_targets *targets);

/* Say what could not be looked at; for commands that list all. */
void ctl_targets_report(const struct ctl_targets *targets);

/*
 * The end of a command: print the rows, if there are any or it is JSON, report and
 * free both. result is the exit status so far; returns that of the command.
 */
int ctl_targets_finish(struct ctl_targets *targets, struct ctl_output *out,
		       int result);
/* The same without printing. */
void ctl_targets_end(struct ctl_targets *targets, struct ctl_output *out);

#endif /* CTL_PROCESS_H */

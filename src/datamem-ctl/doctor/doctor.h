/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What is not as it should be for data memory, on this machine or in a process.
 * The door of this folder.
 *
 * A check is a row of the one table in table.c and a function that looks. It
 * changes nothing. Names and meanings are also in the manual; a test compares.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <datamem.h>

#include "process/process.h"

/* Where to look. */
struct ctl_patient {
	const char *root;       /* before /proc and /sys; "": this machine */
	pid_t pid;              /* 0: the machine, and programs started here */
	struct datamem_hugepage_probe probe;
	/* The open page of the process; NULL: none, and why. */
	const struct ctl_process *process;
	const char *no_page;
};

enum ctl_check_result {
	CTL_CHECK_OK,
	CTL_CHECK_FOUND,
	CTL_CHECK_UNKNOWN,      /* it cannot be told here */
};

/* What a check found, for {1} and {2} of its row. */
struct ctl_symptom {
	char first[256], second[1200];
};

/* About what a check is. */
enum ctl_check_scope {
	CTL_CHECK_MACHINE,      /* all programs */
	CTL_CHECK_PROGRAM,      /* a process, or those that are started here */
	CTL_CHECK_PROCESS,      /* a process that was named */
};

struct ctl_check {
	const char *name;       /* group.what */
	enum ctl_check_scope scope;
	const char *what;       /* what should be so */
	enum ctl_check_result (*look)(const struct ctl_patient *patient,
				      struct ctl_symptom *symptom);
	/* Templates: {1} and {2} of the symptom, {pid}. */
	const char *reason;
	const char *command;
	const char *process_command;  /* NULL: the same */
};

extern const struct ctl_check ctl_checks[];
extern const size_t ctl_checks_count;

/* Whether the check is made for this patient. */
bool ctl_check_applies(const struct ctl_check *check,
		       const struct ctl_patient *patient);
/* The template filled in; the caller frees it. */
char *ctl_check_text(const char *text, const struct ctl_patient *patient,
		     const struct ctl_symptom *symptom);
char *ctl_check_command(const struct ctl_check *check,
			const struct ctl_patient *patient,
			const struct ctl_symptom *symptom);

#endif /* CTL_DOCTOR_H */

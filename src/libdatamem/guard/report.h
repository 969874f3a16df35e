/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is said about a guarded block. For guard/ only. */
#ifndef DMEM_REPORT_H
#define DMEM_REPORT_H

#include "blocks.h"

struct dmem_guard_finding {
	const char *what;       /* "write to", "double free of" */
	const char *by;         /* what the thread did that was found */
	const struct dmem_guarded *block;
	bool freed;             /* whether it was freed before */
	const void *where;      /* an address of the access; NULL: the block */
	const struct dmem_stack *stack;  /* of who did; NULL: unknown */
};

/* Lines for the finding; one from inside another says nothing. in_handler: of a
 * signal. */
void dmem_guard_report(const struct dmem_guard_finding *finding,
		       bool in_handler);

#endif /* DMEM_REPORT_H */

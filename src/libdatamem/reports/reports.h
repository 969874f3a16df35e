/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Stacks of threads, and reports that show them: of guarded blocks and of the
 * handler `debug`.
 *
 * stack.c    the stack of the calling thread
 * reports.c  lines, written without the C library's formatting
 */
#ifndef DMEM_REPORTS_H
#define DMEM_REPORTS_H

#include "base.h"

#define DMEM_STACK_DEPTH 24u

struct dmem_stack {
	uint32_t depth;
	bool exact;          /* the first is the instruction, not behind it */
	int32_t tid;
	uintptr_t frames[DMEM_STACK_DEPTH];  /* return addresses, the last call
					      * first */
};

/* Load the unwinder, with no lock held; may call the C library's malloc. */
void dmem_stack_prepare(void);

/*
 * The stack of the calling thread, by the compiler's unwinder, from the caller
 * on, or, in a handler of signals, from the interrupted instruction pc on, which
 * is then the first. Takes no lock of ours and allocates nothing: also in a
 * handler of signals. Nothing but the address of the caller where little of the
 * stack is left, or where there is no unwinder.
 */
void dmem_stack_take(struct dmem_stack *out, uintptr_t pc);

/*
 * Begin a report, of which each line starts with who. in_handler: straight to
 * standard error, with nothing called that a handler of signals may not; else
 * through the log, with no lock held. One at a time: false, with nothing to end,
 * where another thread reports for too long, or this one does already.
 */
bool dmem_report_begin(const char *who, bool in_handler);
void dmem_report_add(const char *text);
/* base: 10, or 16, with 0x in front. */
void dmem_report_number(uint64_t number, unsigned int base);
void dmem_report_line(void);
/* Lines for a stack, without the frames of the library, after "WHO: WHAT by
 * thread N:". */
void dmem_report_stack(const char *what, const struct dmem_stack *stack);
void dmem_report_end(void);

/* A child finishes its own thread's report; those of others are not in it. */
void dmem_report_fork_prepare(void);
void dmem_report_fork_child(void);

#endif /* DMEM_REPORTS_H */

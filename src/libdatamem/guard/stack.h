/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The stack of the calling thread, by the compiler's unwinder, which is loaded
 * when it is first prepared for. Takes no lock of ours and allocates nothing:
 * also in a handler of signals. Nothing but the address of the caller where
 * little of the stack is left, or where there is no unwinder.
 */
#ifndef DMEM_STACK_H
#define DMEM_STACK_H

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
 * From the caller on, or, in a handler of signals, from the interrupted
 * instruction pc on, which is then the first.
 */
void dmem_stack_take(struct dmem_stack *out, uintptr_t pc);

#endif /* DMEM_STACK_H */

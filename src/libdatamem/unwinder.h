/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The compiler's unwinder, loaded by whoever wants stacks. */
#ifndef DMEM_UNWINDER_H
#define DMEM_UNWINDER_H

#include "base.h"

#include <unwind.h>

struct dmem_unwinder {
	_Unwind_Reason_Code (*backtrace)(_Unwind_Trace_Fn visit, void *arg);
	uintptr_t (*ip)(struct _Unwind_Context *context);
	uintptr_t (*reg)(struct _Unwind_Context *context, int number);
	/* The stack pointer, which need not be among the registers. */
	uintptr_t (*sp)(struct _Unwind_Context *context);
};

/* Load it, with no lock held; may call the C library's malloc. NULL: there is
 * none. */
const struct dmem_unwinder *dmem_unwinder_load(void);

/* As it was loaded; NULL: it was not. Also in a handler of signals. */
const struct dmem_unwinder *dmem_unwinder(void);

#endif /* DMEM_UNWINDER_H */

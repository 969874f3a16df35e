/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reaction to a caller's mistake: it is counted, and in debug mode reported
 * with handler, address and size; then the program goes on, traps or aborts.
 * Uses log, settings and stats only. Never called with a lock held.
 */
#ifndef DMEM_MISUSE_H
#define DMEM_MISUSE_H

#include "base.h"

enum dmem_misuse {
	DMEM_MISUSE_DOUBLE_FREE,
	DMEM_MISUSE_FOREIGN_POINTER,
	DMEM_MISUSE_LARGE_HINT,      /* size is the hint */
	DMEM_MISUSE_OVERRUN,
	DMEM_MISUSE_USE_AFTER_FREE,
	DMEM_MISUSE_FOREIGN_FREE,    /* a block given to free(3) */
};

/*
 * Count the mistake and, by setting `debug`, report it. handler is the name of
 * the handler whose function found it; size in bytes, 0 unknown. The handler
 * `debug` passes strict: it reports (as `warn`) even where `debug` is `none`.
 */
void dmem_misuse_report(enum dmem_misuse misuse, const char *handler,
			const void *ptr, size_t size, bool strict);

/* The same, with more at the end of the line. */
void dmem_misuse_report_more(enum dmem_misuse misuse, const char *handler,
			     const void *ptr, size_t size, bool strict,
			     const char *more);

#endif /* DMEM_MISUSE_H */

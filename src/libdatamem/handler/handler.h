/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Calls through handlers: checked, with their blocks in the accounts. The
 * public functions datamem_handler_alloc() and its family.
 *
 * builtins.c  the library's own handlers; aligned.c: one for each alignment
 * registry.c  the registered ones, and the process-wide one; registry-notes.c:
 *             what the settings say of them
 * context.c   the current handler of a thread
 * scope.c     handlers that count what a stretch of the program allocates
 * shared.c    the handler `shared`; shared-table.c: its blocks
 * debug.c     the handler `debug`; debug-roster.c: its records, debug-fill.c:
 *             what it fills blocks with
 */
#ifndef DMEM_HANDLER_H
#define DMEM_HANDLER_H

#include "base.h"

/*
 * Enter the built-in handlers, bind the one that the setting `handler` names,
 * and fix what stands behind datamem_alloc() and its family. Called once, by
 * dmem_library_init(), after settings, stats, trace and alloc.
 */
void dmem_handler_init(void);

/* As dmem_alloc_trim(); to 0 bytes, the quarantine of `debug` goes as well. */
size_t dmem_handler_trim(size_t keep);

/* Report what the handler `debug` finds in the blocks that are left. */
void dmem_handler_at_exit(void);

void dmem_handler_fork_prepare(void);
void dmem_handler_fork_parent(void);
void dmem_handler_fork_child(void);

#endif /* DMEM_HANDLER_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The current handler of a thread, and contexts.
 *
 * A thread has a record only once it set a handler or entered a context; until
 * then it follows the process-wide handler. The record hangs on a pthread key,
 * whose destructor leaves all contexts. Where there is no key left, every
 * thread follows the process-wide handler and setting one fails.
 */
#ifndef DMEM_CONTEXT_H
#define DMEM_CONTEXT_H

#include "base.h"

void dmem_context_init(void);

/* As datamem_handler_get(), after dmem_library_init(). */
const struct datamem_handler *dmem_context_current(void);

/* Bytes mapped for records and contexts. */
size_t dmem_context_meta_bytes(void);

void dmem_context_fork_prepare(void);
void dmem_context_fork_parent(void);

#endif /* DMEM_CONTEXT_H */

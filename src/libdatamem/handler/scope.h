/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Scopes: handlers that count what goes through them to another one. A scope
 * has one for each handler that is used in it; their counts are the scope's and
 * those of the scopes around it. The public functions are datamem_scope_new()
 * and its family.
 */
#ifndef DMEM_SCOPE_H
#define DMEM_SCOPE_H

#include "base.h"

/* The handler behind one of a scope; NULL: it is of no scope. */
const struct datamem_handler *dmem_scope_behind(
	const struct datamem_handler *handler);

/* Bytes mapped for their records. */
size_t dmem_scope_meta_bytes(void);

void dmem_scope_fork_prepare(void);
void dmem_scope_fork_parent(void);

#endif /* DMEM_SCOPE_H */

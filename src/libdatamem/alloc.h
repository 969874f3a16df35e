/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The default allocator: which size goes where; realloc and zeroing policy;
 * the public functions datamem_alloc() and its family, dims and raw.
 *
 * Which functions stand behind the family: the default allocator's, or those of
 * another built-in handler (setting `handler`), fixed at first use.
 */
#ifndef DMEM_ALLOC_H
#define DMEM_ALLOC_H

#include "base.h"

/*
 * The default allocator as a handler's table; ctx is unused. Its functions
 * track their blocks themselves while accounts are on.
 */
extern const struct datamem_allocator dmem_alloc_default;

/*
 * The same without tracking, for handlers built on top whose blocks are
 * tracked by whoever calls them (debug.c).
 */
extern const struct datamem_allocator dmem_alloc_untracked;

/* The C library with checked sizes, untracked: the handler `system`. */
extern const struct datamem_allocator dmem_alloc_system;

/*
 * Put another handler's (untracked) table behind datamem_alloc() and its
 * family; NULL: the default. Only before the family's first use, from
 * dmem_library_init(). The table must live for ever.
 */
void dmem_alloc_set_family(const struct datamem_allocator *family);

#endif /* DMEM_ALLOC_H */

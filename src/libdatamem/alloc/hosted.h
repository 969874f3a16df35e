/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks of the default allocator on the C library's malloc, where a tool
 * watches that (guest/guest.h): with the alignments of the arena's, exactly as
 * long as was asked for, and known, so that a wrong pointer is told before the C
 * library gets it.
 *
 * What is known lies in tables without a lock: one would order for
 * ThreadSanitizer what the program does not order.
 */
#ifndef DMEM_HOSTED_H
#define DMEM_HOSTED_H

#include "base.h"

#include "arena/arena.h"

/* Once, where dmem_guest_hosted(). */
void dmem_hosted_init(void);

/* As dmem_arena_alloc(); every size. NULL: no memory. */
void *dmem_hosted_make(size_t nbytes, size_t align, unsigned int kind);

/* The live block that begins at ptr. */
bool dmem_hosted_find(const void *ptr, struct dmem_block *out);

/* Give a live block another size where it is, up to that which it was made
 * with; false: it does not fit. */
bool dmem_hosted_fit(void *ptr, size_t nbytes);

/* Free a block; false: none begins at ptr, nothing was done. *nbytes: its
 * size. */
bool dmem_hosted_free(void *ptr, size_t *nbytes);

/* Whether ptr was one of the blocks that were freed last. */
bool dmem_hosted_was_freed(const void *ptr);

/* Report what the program freed with free(), as far as the tool can tell. */
void dmem_hosted_at_exit(void);

#endif /* DMEM_HOSTED_H */

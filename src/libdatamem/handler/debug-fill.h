/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What the handler `debug` fills its blocks and their surroundings with, and
 * whether it is still there. The caller has the block for itself.
 */
#ifndef DMEM_DEBUG_FILL_H
#define DMEM_DEBUG_FILL_H

#include "debug-roster.h"

/* Of the canary behind a block; the one in front has block->pad bytes. */
#define DMEM_DEBUG_FILL_BEHIND ((size_t)16)

void dmem_debug_fill_canaries(char *ptr, size_t nbytes, size_t pad);
bool dmem_debug_fill_canaries_intact(const struct dmem_debug_block *block);

/*
 * Where the first byte is, from the block's start, that is not what it was
 * filled with: beside a live block, in or beside one in quarantine; PTRDIFF_MAX:
 * none is found any more.
 */
ptrdiff_t dmem_debug_fill_damage(const struct dmem_debug_block *block);

/*
 * Poison a new block: all of it, up to half of the memory that is left, as the
 * program would by writing to it. A larger one, a sparse array perhaps, at its
 * ends.
 */
void dmem_debug_fill_new(char *ptr, size_t nbytes);

/*
 * Undo what the program changed in the mapping of a freed block
 * (dmem_kernel_restore()), and poison it. One that is too large to keep its
 * memory gives that back, and reads as zeros. Returns the state that it has in
 * the quarantine; GONE: it cannot be watched.
 */
enum dmem_debug_roster_state dmem_debug_fill_freed(char *ptr, size_t nbytes);
/* Whether a block in quarantine and its surroundings were not written to. */
bool dmem_debug_fill_untouched(const struct dmem_debug_block *block);

#endif /* DMEM_DEBUG_FILL_H */

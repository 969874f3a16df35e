/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Patterns that prove an allocator right while a recording is replayed: every
 * block is filled with a pattern of its own, which must still be there when it
 * is resized, freed, or when the replay ends. All end the process with a
 * message when it is not.
 */
#ifndef CTL_REPLAY_VERIFY_H
#define CTL_REPLAY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/measure.h"
#include "steps.h"

/* Fill a new block; check its alignment where it is promised. */
void replay_verify_made(const struct replay_block *block,
			enum allocator_kind kind);

/* nbytes of zeros, or ptr is NULL. */
void replay_verify_zero(const char *ptr, size_t nbytes);

/*
 * Check what a resize from `before` bytes had to keep, and fill what is new.
 * Of more than 1 MiB both ends and a word of each page are looked at:
 * recordings grow huge blocks thousands of times.
 */
void replay_verify_resized(const struct replay_block *block,
			   enum allocator_kind kind, size_t before);

/* Check all of a block. */
void replay_verify_whole(const struct replay_block *block);

/* Check all of each block that is still live. */
void replay_verify_rest(const struct replay_steps *steps);

#endif /* CTL_REPLAY_VERIFY_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Misuse is found under locks and reported without them: notes are kept in
 * between.
 *
 * Thread-safe, one lock, a leaf.
 */
#ifndef DMEM_NOTES_H
#define DMEM_NOTES_H

#include "base.h"
#include "misuse.h"

/* Note what was done with a block of a size; any lock may be held. */
void dmem_notes_add(enum dmem_misuse misuse, const void *ptr, size_t size);

/* Report what was noted; no lock may be held. Cheap if there is nothing. */
void dmem_notes_report(void);

void dmem_notes_fork_prepare(void);
void dmem_notes_fork_parent(void);
bool dmem_notes_idle(unsigned int *patience);

#endif /* DMEM_NOTES_H */

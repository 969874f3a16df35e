/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Stacks with their totals, and strings, each once. Two are taken for the same
 * if 64 bits of their hashes are: what the file has is never read back. For
 * profile/ only; with the lock of the profile held.
 */
#ifndef DMEM_PROFILE_STACKS_H
#define DMEM_PROFILE_STACKS_H

#include "frames.h"
#include "tables.h"
#include "weight.h"

/* Stack 0 stands for those without room; made by the first of these. */
int dmem_stacks_make(void);
void dmem_stacks_drop(void);
size_t dmem_stacks_mapped(void);

/* Offset of a string; 0 (the empty one) where there is no room. */
uint32_t dmem_stacks_string(const char *text);

/* Index of a stack, made if it is new. */
uint32_t dmem_stacks_find(const struct dmem_frames *frames,
			  const char *handler, unsigned int domain,
			  struct dmem_sums *sums);

/* A sample of a stack; live: it is in the samples. Then its block's end. */
void dmem_stacks_add(uint32_t stack, const struct dmem_weight *weight,
		     uint64_t now, bool live);
void dmem_stacks_end(uint32_t stack, const struct dmem_weight *weight);

/* Undo add() of a live sample. */
void dmem_stacks_resume(uint32_t stack, const struct dmem_weight *weight,
			uint64_t now);

/* Write all of them, in a file of a forked child. */
void dmem_stacks_show_all(void);

/* Totals: add and take away. */
void dmem_totals_add(struct profile_totals *to,
		     const struct dmem_weight *weight);
void dmem_totals_take(struct profile_totals *from,
		      const struct dmem_weight *weight);

#endif /* DMEM_PROFILE_STACKS_H */

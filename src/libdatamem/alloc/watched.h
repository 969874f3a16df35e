/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What takes the place of functions of route.h where a tool watches
 * (dmem_guest_ways is not 0).
 */
#ifndef DMEM_WATCHED_H
#define DMEM_WATCHED_H

#include "base.h"

#include "arena/arena.h"

/* As dmem_route_make() and dmem_route_unmake(). */
void *dmem_watched_make(size_t nbytes, size_t align, unsigned int kind);
void dmem_watched_unmake(void *ptr, size_t hint);

/* As dmem_route_remake(), of blocks on malloc, nbytes DMEM_SIZE_MAX at most. */
void *dmem_watched_remake(void *ptr, const struct dmem_block *block,
			  size_t nbytes, unsigned int kind);

/*
 * The arena is about to resize a block, all of whose usable bytes it may copy,
 * before it can be anybody else's; and has done so, or left it as it was. was:
 * what the first returned.
 */
bool dmem_watched_resizing(void *ptr, size_t usable);
void dmem_watched_resized(bool was, void *old, size_t old_nbytes, void *ptr,
			  size_t nbytes);

/* The same of a block that stays in its place whatever happens. */
void dmem_watched_fitted(void *ptr, size_t old_nbytes, size_t nbytes);

/* Report a pointer that begins no block, where blocks are malloc's. */
void dmem_watched_complain(void *ptr, size_t nbytes);

#endif /* DMEM_WATCHED_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The slow path: blocks made, resized and freed by the handler behind the
 * family or by the default allocator, with their accounts.
 */
#ifndef DMEM_SLOW_H
#define DMEM_SLOW_H

#include "arena/arena.h"

/* Which door a call came through. */
enum dmem_door {
	DMEM_DOOR_CALLS,          /* datamem_alloc() and its family: follow the
				   * setting `handler` */
	DMEM_DOOR_HANDLER,        /* the table of the default allocator */
	DMEM_DOOR_HANDLER_APART,  /* the same, nbytes a byte more than asked
				   * for: never touching others */
};

/* A block; align 0: nothing special; kind: enum dmem_kind, but APART, which the
 * door says. NULL: errno is set. */
void *dmem_slow_make(size_t nbytes, size_t align, unsigned int kind,
		     enum dmem_door door);

/* Resize; NULL: errno is set, nothing changed. ptr may be NULL. */
void *dmem_slow_resize(enum dmem_door door, void *ptr, size_t nbytes);

/* As datamem_try_resize(). */
int dmem_slow_fit(void *ptr, size_t nbytes);

/* ptr may be NULL. */
void dmem_slow_free(void *ptr, size_t hint, enum dmem_door door);

/* Usable bytes of a block of the family; 0: none begins there. */
size_t dmem_slow_usable(const void *ptr);

#endif /* DMEM_SLOW_H */

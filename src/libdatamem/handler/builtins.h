/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The library's own handlers but those of alignments, and the one behind
 * datamem_alloc() and its family.
 */
#ifndef DMEM_BUILTINS_H
#define DMEM_BUILTINS_H

#include "base.h"
#include "aligned.h"

enum {
	DMEM_BUILTIN_DEFAULT,
	DMEM_BUILTIN_DATAMEM,
	DMEM_BUILTIN_SYSTEM,
	DMEM_BUILTIN_DEBUG,
	DMEM_BUILTIN_SHARED,
	DMEM_BUILTINS
};

/* Filled once by init, constant afterwards. */
extern struct datamem_handler dmem_builtins[DMEM_BUILTINS];

void dmem_builtins_init(void);

DMEM_INLINE const struct datamem_handler *dmem_builtins_default(void)
{
	return &dmem_builtins[DMEM_BUILTIN_DEFAULT];
}

/* Whether a handler is one of the library's own, those of alignments too. */
DMEM_INLINE bool dmem_builtins_have(const struct datamem_handler *handler)
{
	return (handler >= dmem_builtins &&
		handler < dmem_builtins + DMEM_BUILTINS) ||
	       dmem_aligned_is(handler);
}

/*
 * Whether a handler gives its blocks an alignment that resizes keep: those of
 * the default allocator do. 16 bytes are what all built-in ones give.
 */
bool dmem_builtins_align(const struct datamem_handler *handler, size_t align);
/* A block of such a handler. NULL: errno is set. */
void *dmem_builtins_make(const struct datamem_handler *handler, size_t nbytes,
			 size_t align);

/* Put the process-wide handler behind the family if it is built in; once. */
void dmem_builtins_fix_family(const struct datamem_handler *process_wide);

/* The handler behind the family. */
const struct datamem_handler *dmem_builtins_family(void);

#endif /* DMEM_BUILTINS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The default allocator's core: which size goes where. Up to 128 KiB to the
 * caches and slabs, above to the arena; limits are charged, misuse reported,
 * what was retained given back before a request fails. No accounts.
 */
#ifndef DMEM_ROUTE_H
#define DMEM_ROUTE_H

#include "base.h"
#include "misuse.h"

/*
 * A block off the fast path; align 0: nothing special; kind: enum dmem_kind. A
 * block that is to be apart is asked for with a byte more, which only a small
 * one takes. NULL: errno is set.
 */
void *dmem_route_make(size_t nbytes, size_t align, unsigned int kind);

/*
 * A guarded block, of what was asked for, as far as it can be had: else NULL,
 * and errno is as it was.
 */
void *dmem_route_make_guarded(size_t nbytes, size_t align);

/* Free what the fast path did not take; misuse is reported. ptr is not NULL. */
void dmem_route_unmake(void *ptr, size_t hint);

/* For watched.c: the same in the arena, whoever watches. */
void *dmem_route_make_plain(size_t nbytes, size_t align, unsigned int kind);
void dmem_route_unmake_plain(void *ptr, size_t hint);
/* The size without the byte that keeps a small block apart: larger ones need
 * none. */
size_t dmem_route_size(size_t nbytes, unsigned int kind);
/* A request failed: give back what is free as a whole. */
void dmem_route_make_room(void);
/* It failed for good: count it, set errno; NULL. */
void *dmem_route_fail(size_t nbytes);

/* For remake.c: one try, without making room, whoever watches; or NULL. */
void *dmem_route_attempt(size_t nbytes, size_t align, unsigned int kind);
/* Charge against limit.max; near it nothing stays charged that is no block. */
bool dmem_route_charge(size_t nbytes);
/* Have those above give what they keep: the quarantine of the handler `debug`. */
void dmem_route_ask_above(void);
/* A caller's mistake, of this allocator. */
void dmem_route_report(enum dmem_misuse misuse, const void *ptr, size_t size);

/* remake.c */

/*
 * Resize a block that was found (find.h), NULL: none begins at ptr, which is
 * reported. NULL: errno is set, nothing changed. ptr is not NULL.
 */
struct dmem_block;
void *dmem_route_remake(void *ptr, const struct dmem_block *block,
			size_t nbytes, unsigned int kind);

/* As datamem_try_resize(), of a block as above; nbytes 1 to DMEM_SIZE_MAX. */
int dmem_route_fit(void *ptr, const struct dmem_block *block, size_t nbytes);

#endif /* DMEM_ROUTE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Guard sampling (setting `guard`): one block in N lies before a page without
 * access, and has none itself for a while once it is freed. An access is
 * reported with the stacks of block and access; then the program goes on as it
 * would have without, to its own handler of SIGSEGV or to its end.
 *
 * guard.c    the setting, who is sampled; made, freed, found
 * blocks.c   records of blocks, their addresses and mappings
 * trap.c     the handler of signals
 * report.c   what is said
 *
 * Small blocks are counted off the fast path, by caches whose bins look closed
 * to it (cache.h); while the setting is off nothing is counted.
 * Limits are charged by alloc/, as for the arena.
 */
#ifndef DMEM_GUARD_H
#define DMEM_GUARD_H

#include "base.h"

/* Addresses of guarded blocks; others may have been mapped there, too. Empty
 * before the first use. */
struct dmem_guard_area {
	uintptr_t base;
	size_t size;
};

extern struct dmem_guard_area dmem_guard_area;

DMEM_INLINE bool dmem_guard_may_hold(const void *ptr)
{
	return (uintptr_t)ptr - dmem_load(&dmem_guard_area.base) <
	       dmem_load_acquire(&dmem_guard_area.size);
}

/* Count a block of the calling thread that did not come from its cache: whether
 * it is to be guarded. */
bool dmem_guard_turn(void);

/*
 * A block of zeros, of nbytes from 1 on, at a multiple of align (0: what every
 * block has). NULL: no memory, too many live ones; an ordinary one does then.
 */
void *dmem_guard_make(size_t nbytes, size_t align);

/*
 * Free. False: no guarded block is or was there. *nbytes: its size, or 0 where
 * the block was freed before, or does not begin there, which is reported. With
 * no lock held.
 */
bool dmem_guard_free(void *ptr, size_t *nbytes);

/* The live guarded block that holds an address. */
struct dmem_block;
bool dmem_guard_find(const void *ptr, struct dmem_block *out);

/* Visit the live ones, as dmem_arena_each_live(). */
bool dmem_guard_each_live(bool (*wait)(uint32_t n),
			  void (*visit)(const void *ptr, size_t nbytes,
					size_t align));

/* Once. */
void dmem_guard_init(void);

void dmem_guard_fork_prepare(void);
void dmem_guard_fork_parent(void);
void dmem_guard_fork_child(void);
/* Of the records, whose lock comes below those of caches and arena. */
void dmem_guard_blocks_fork_prepare(void);
void dmem_guard_blocks_fork_parent(void);
bool dmem_guard_idle(unsigned int *patience);

#endif /* DMEM_GUARD_H */

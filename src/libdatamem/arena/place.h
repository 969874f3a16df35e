/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Where fresh memory of the arena is placed, by settings place.*: memory nodes,
 * explicit huge pages, pages faulted in at once; else advice for huge pages.
 * A change counts for memory mapped from then on.
 */
#ifndef DMEM_PLACE_H
#define DMEM_PLACE_H

#include "base.h"

/* Once. */
void dmem_place_init(void);

/*
 * Name, bind and advise whole chunks just mapped and not touched; adds the
 * DMEM_CHUNK_ bits that follow. 0, or -EEXIST: the range was lost to another
 * thread's mapping and is ours no more.
 */
int dmem_place_fresh(void *addr, size_t nbytes, uint8_t *flags);

/* For any memory just mapped: its nodes and its name. */
void dmem_place_bind(void *addr, size_t nbytes);

/* These, and the advice; true: it is eligible for huge pages. */
bool dmem_place_advise(void *addr, size_t nbytes);

/* Fault a block in that has not been touched, if so set and affordable. */
void dmem_place_block(void *addr, size_t nbytes);

/*
 * From this size on, what a former owner changed in a mapping is undone before
 * the memory is a block again; in zeroed memory, too, which that owner need not
 * have written. It costs 1.1 us, beside 85 us at least for writing to so much.
 * glibc would have unmapped it.
 */
#define DMEM_RESTORE_MIN ((size_t)8 << 20)

/* Undo it: kept from children, or protected. */
void dmem_place_restore(void *addr, size_t nbytes);

/* A block lies in memory that another may have had before. */
DMEM_INLINE void dmem_place_again(void *addr, size_t nbytes)
{
	if (dmem_unlikely(nbytes >= DMEM_RESTORE_MIN))
		dmem_place_restore(addr, nbytes);
}

#endif /* DMEM_PLACE_H */

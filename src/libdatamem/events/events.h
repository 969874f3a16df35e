/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Events for a process that records this one: a ring in memory that both map
 * (events-page.h).
 *
 * Any thread writes, also in a signal handler, with no lock: two atomic
 * operations an event. Nobody waits: a program is not to be held up by a tool
 * that may be stopped. alloc/ tells of blocks, and of those that were there
 * before; it has threads leave their fast path first.
 *
 * The reader may die or be stopped: whoever writes, comes by on a slow path or
 * ticks looks whether it is still there.
 */
#ifndef DMEM_EVENTS_H
#define DMEM_EVENTS_H

#include "base.h"

/* The smallest block that is told of; SIZE_MAX while none is. */
extern size_t dmem_events_min;

/* There is a ring. */
extern bool dmem_events_there;

/* Whether a block of nbytes, or of at most so many, is told of. */
DMEM_INLINE bool dmem_events_want(size_t nbytes)
{
	return dmem_unlikely(nbytes >= dmem_load(&dmem_events_min));
}

/* A block was made, of nbytes at least min; align 0: nothing special. */
void dmem_events_made(const void *ptr, size_t nbytes, size_t align,
		      bool zeroed);

/* A block, if it is one, is about to be freed, or resized. */
void dmem_events_freed(const void *ptr);
void dmem_events_taken(const void *ptr);

/* It was, and is of nbytes at ptr; or it stays as it is. */
void dmem_events_resized(const void *ptr, size_t nbytes);
void dmem_events_kept(const void *ptr);

/*
 * Make a ring for blocks of min bytes (not 0) and more; *inode says which file
 * it is. Nothing is written before begin().
 *
 * -EBUSY   there is one, with a reader, or a thread has not left the last one
 * and errors of dmem_kernel_shared_make()
 */
int dmem_events_open(size_t min, uint64_t *inode);
void dmem_events_begin(void);

/* End it. False: a thread is still writing, for long; to be tried again. */
bool dmem_events_close(void);

/* Whether there is a ring that is to be closed: its reader is gone, or wants no
 * more. look() says so now and then only. */
bool dmem_events_over(void);
bool dmem_events_look(void);

/*
 * Blocks that were made before: list_begin(), then listed() for each, then
 * list_end(). wait() comes with no lock held before up to n blocks are listed, at
 * most EVENTS_LIST_ROOM: until the reader has made room for as many. False: it
 * does not; what is listed then may be missing, which is counted.
 */
#define DMEM_EVENTS_LIST_ROOM 4096u
void dmem_events_list_begin(void);
bool dmem_events_list_wait(uint32_t n);
void dmem_events_listed(const void *ptr, size_t nbytes, size_t align);
void dmem_events_list_end(void);

/* Once. */
void dmem_events_init(void);

/* The child has no ring: its parent's is left. */
void dmem_events_fork_prepare(void);
void dmem_events_fork_parent(void);
void dmem_events_fork_child(void);

#endif /* DMEM_EVENTS_H */

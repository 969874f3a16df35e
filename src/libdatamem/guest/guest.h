/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Tools that watch the process's memory: AddressSanitizer, MemorySanitizer,
 * ThreadSanitizer and LeakSanitizer, valgrind, heaptrack. What they know of is
 * the C library's malloc; how the default allocator's blocks become known to
 * them is decided here, once.
 *
 * sanitizer.c  the functions of sanitizers, found weakly
 * valgrind.c   requests to valgrind, by its headers
 * guest.c      which tool there is, what is done for it; heaptrack's functions
 *
 * Knows no other module. No function takes a lock of the library:
 * under ThreadSanitizer it would order what the program did not order.
 */
#ifndef DMEM_GUEST_H
#define DMEM_GUEST_H

#include "base.h"

/* What is done for a tool; bits. */
enum {
	/* Blocks of the default allocator are malloc's (alloc/hosted.c). */
	DMEM_GUEST_HOSTED = 1 << 0,
	/* They are the arena's; the tool is told of large ones. */
	DMEM_GUEST_DESCRIBED = 1 << 1,
	/* They are the arena's; a tool that counts is told of all. */
	DMEM_GUEST_COUNTED = 1 << 2,
};

/* Of them; constant once dmem_guest_init() has returned. */
extern unsigned int dmem_guest_ways;

DMEM_INLINE bool dmem_guest_hosted(void)
{
	return dmem_unlikely(dmem_guest_ways & DMEM_GUEST_HOSTED);
}

/* Whether the arena's blocks are to be told of. */
DMEM_INLINE bool dmem_guest_told(void)
{
	return dmem_unlikely(dmem_guest_ways & ~DMEM_GUEST_HOSTED);
}

/*
 * Look for a tool; once, before the first block. arena: blocks are to be the
 * arena's under every tool.
 */
void dmem_guest_init(bool arena);

/* "AddressSanitizer", "valgrind memcheck", "heaptrack"; NULL: no tool. */
const char *dmem_guest_name(void);

/* Whether a process that is made with our memory would be a fork to it: the
 * program could start no thread any more (ThreadSanitizer of GCC 12). */
bool dmem_guest_takes_for_fork(void);

/*
 * Have gone(ptr) called for each block that the C library's free() gets, where
 * the tool offers that. It runs in free(): it must not allocate.
 */
void dmem_guest_on_free(void (*gone)(const void *ptr));

/* Whether a block of the C library, or of the program's malloc, begins at ptr,
 * as far as the tool knows. */
bool dmem_guest_alive(const void *ptr);

/*
 * Have the tool report ptr, which was freed or resized and begins no block: by
 * its own report, with stacks, where it has one for that; most end the process.
 * The mistake has been logged before.
 */
void dmem_guest_complain(const void *ptr);

/*
 * As complain, of an address that is no live block of malloc: where the tool
 * checks what free() gets, its own report of a second free.
 */
void dmem_guest_complain_dead(void *ptr);

/* Report where a block's memory is, if the program has freed it behind our
 * back, with free(); false: the tool cannot tell, or it is there. */
bool dmem_guest_complain_lost(const void *ptr);

/* The program must not touch these bytes, or may again: contents unspecified. */
void dmem_guest_forbid(const void *ptr, size_t nbytes);
void dmem_guest_permit(const void *ptr, size_t nbytes);

/* Memory of the arena, where the tool is told of it: it leaves what was free, and
 * the library and the program may write and read it. */
void dmem_guest_open(const void *ptr, size_t nbytes);

/* Blocks of the arena, in the same way: made, about to be freed, resized where
 * they are. */
void dmem_guest_made(const void *ptr, size_t nbytes, bool zeroed);
void dmem_guest_gone(const void *ptr, size_t nbytes);
void dmem_guest_resized(const void *ptr, size_t old_nbytes, size_t nbytes);

/*
 * A block may move: before, when its memory is not another's yet, and after
 * that, from old, which may be ptr; or it is one that the tool is not told of
 * now. The library may read what is at the old place meanwhile.
 */
void dmem_guest_moving(const void *ptr, size_t nbytes);
void dmem_guest_moved(const void *old, size_t old_nbytes, const void *ptr,
		      size_t nbytes);
void dmem_guest_left(const void *old);

#endif /* DMEM_GUEST_H */

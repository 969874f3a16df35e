/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The observer: a shared object that `datamem-ctl record` preloads into a
 * program. It writes the program's allocations of `min` bytes and more as a
 * recording.
 *
 * Everything here runs inside malloc(3) of a stranger's program: no allocation,
 * no output, errno and the program's descriptors stay as they are, and whatever
 * fails ends the recording, not the program.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "spool.h"

/* Who made a block: what both see is recorded once. */
enum observer_source {
	OBSERVER_MALLOC,
	OBSERVER_DATAMEM,
};

/* A block between the two halves of a resize. */
struct observer_block {
	uint64_t name;
	size_t nbytes;
};

/* The smallest block that is recorded; SIZE_MAX while nothing is. */
extern size_t observer_min;

/* A new block, of malloc ('a') or calloc ('z'). Keeps errno. */
void observer_made(char op, const void *ptr, size_t nbytes,
		   enum observer_source source);

/* A block is about to be freed. Keeps errno. */
void observer_freed(const void *ptr, enum observer_source source);

/*
 * A block is about to be resized: takes it out of the table, since another
 * thread may be given its address before the resize returns. False: it is none
 * of ours. Then one of the two below.
 */
bool observer_take(const void *ptr, enum observer_source source,
		   struct observer_block *block);
/* The resize, of malloc(3)'s family, has failed. */
void observer_put_back(const void *ptr, const struct observer_block *block);
/* It has succeeded; below the smallest size the block is freed. */
void observer_resized(const void *ptr, size_t nbytes,
		      enum observer_source source,
		      const struct observer_block *block);

/* Write a comment; false: nothing is recorded. */
bool observer_note(const char *line, size_t length);

/* The constructor; the linker may initialise a library before it. */
void observer_begin(void);

/* The program itself asks for huge pages. */
void observer_advised(size_t nbytes);

#endif /* OBSERVER_H */

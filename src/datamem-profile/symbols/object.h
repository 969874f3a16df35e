/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A program or library as it lay in memory, and what its addresses are. */
#ifndef SYMBOLS_OBJECT_H
#define SYMBOLS_OBJECT_H

#include "sampled/sampled.h"

struct object;

/* Why no object can be opened, as a message; NULL: nothing is missing. */
const char *object_missing(void);

/* NULL where the file is not there, or not the one that was mapped. */
struct object *object_open(const struct sampled_mapping *mapping, pid_t pid);
void object_close(struct object *object);
/*
 * Visit the lines of the instruction at an address, innermost first; returns
 * how many there were. The texts are the visitor's for the call only.
 */
size_t object_lines(struct object *object, uint64_t address,
		    void (*visit)(void *arg, const struct sampled_line *line),
		    void *arg);

#endif /* SYMBOLS_OBJECT_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The file of a recording, written through a shared mapping: what was written
 * stays when the process is killed. Behind the last line are zeros.
 *
 * The caller holds the lock.
 */
#ifndef OBSERVER_SPOOL_H
#define OBSERVER_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line with its line break; longer ones are cut. */
#define SPOOL_LINE 1024

/* What a recording begins with. */
#define SPOOL_FIRST "# datamem-trace 1\n"

/* Create the file; false: nothing can be written. */
bool observer_spool_open(const char *path);

/*
 * Write a line, which ends with a line break. False: the file ends here, as
 * there is no more room, or too many events; the last line says why.
 */
bool observer_spool_line(const char *line, size_t length);

/* Write an event, likewise. */
bool observer_spool_event(char op, unsigned int thread, uint64_t block,
			  size_t nbytes, uint64_t ns);

/* In a forked child: the mapping has stayed with the parent. */
void observer_spool_forget(void);

#endif /* OBSERVER_SPOOL_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reads the lines that processes append at exit to the file of the setting
 * stats.exit. They come from a program that was run, so nothing in them is
 * trusted: a line is understood completely or counted as malformed.
 */
#ifndef CTL_EXIT_STATS_H
#define CTL_EXIT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "process/process.h"

/* The line of one process. */
struct ctl_exit_stats {
	uint64_t pid;
	char program[64];  /* any bytes, NUL-terminated */
	struct ctl_statistics statistics;
};

/* Whether the length bytes at line are a complete record; fills in *out. */
bool ctl_exit_stats_parse(const char *line, size_t length,
			  struct ctl_exit_stats *out);

/*
 * Call add(arg, stats) for each line of a file. Returns how many lines were
 * malformed (not a record, too long, or cut at the end of the file).
 */
size_t ctl_exit_stats_read(FILE *file,
			   void (*add)(void *arg,
				       const struct ctl_exit_stats *stats),
			   void *arg);

#endif /* CTL_EXIT_STATS_H */

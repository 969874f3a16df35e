/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Small files of /proc and /sys, whose names are put together. */
#ifndef CTL_FILES_H
#define CTL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The first size - 1 bytes of a file, and a NUL behind them; returns how many
 * there are, or -1 where it cannot be read.
 */
ssize_t ctl_files_read(char *out, size_t size, const char *format, ...)
	__attribute__((__format__(printf, 3, 4)));
/* A number at its beginning; false also for a word such as "max". */
bool ctl_files_number(uint64_t *out, const char *format, ...)
	__attribute__((__format__(printf, 2, 3)));
/*
 * The number behind a name at the beginning of a line: "VmSwap:    12 kB",
 * "oom_kill 3". A file is read as far as 64 KiB.
 */
bool ctl_files_field(uint64_t *out, const char *name, const char *format, ...)
	__attribute__((__format__(printf, 3, 4)));

#endif /* CTL_FILES_H */

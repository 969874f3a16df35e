/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reading small text files below a replaceable root: system calls only, no
 * stdio and no memory but the caller's. For the files of kernel/ only.
 *
 * Everything read is taken for hostile: a line or a file that is too long, cut
 * off or not of the expected form is left out.
 */
#ifndef DMEM_KERNEL_FILES_H
#define DMEM_KERNEL_FILES_H

#include "base.h"

/* Longest path, with its root and NUL (the kernel's own limit). */
#define DMEM_PATH_MAX 4096

/* The root in force, "" for /. */
const char *dmem_files_root(void);
/* Whether the root came from DATAMEM_SYSROOT. */
bool dmem_files_recorded(void);

bool dmem_files_exist(const char *path);
/* Read a whole file and terminate it. -EFBIG when it does not fit. */
int dmem_files_read(const char *path, char *out, size_t out_size);
/* Read a file that holds one decimal number and nothing else but a newline. */
bool dmem_files_number(const char *path, uint64_t *out);

/* Walks the lines of a file. Lines that do not fit are skipped whole. */
struct dmem_lines {
	int fd;
	bool at_end;
	bool skipping;     /* inside a line that is too long */
	size_t begin, end; /* of what is unread in buf */
	char buf[4096];
};

/* Below the root, or, with real set, below / whatever the root is. */
int dmem_lines_open(struct dmem_lines *lines, const char *path, bool real);
/* The next line without its newline, valid until the next call; NULL: end. */
char *dmem_lines_next(struct dmem_lines *lines);
void dmem_lines_close(struct dmem_lines *lines);

/*
 * Read digits at *text, in base 8, 10 or 16, and step behind them. False
 * without a digit or when the number does not fit; *text then stays.
 */
bool dmem_text_number(const char **text, unsigned int base, uint64_t *out);

/*
 * The directory of this process's cgroup with memory limits, below the root;
 * false: none is visible. In cgroup.c.
 */
bool dmem_cgroup_dir(bool v2, char *dir, size_t size);

/* Append to a terminated string in buf; false when it does not fit. */
bool dmem_text_append(char *buf, size_t size, const char *text);

#endif /* DMEM_KERNEL_FILES_H */

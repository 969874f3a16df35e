/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Reading small text files below a replaceable root: system calls only, no
 * stdio and no memory but the caller's. For the files of kernel/ only.
 *
 * Everything read is taken for hostile: a line or a file that is too long, cut
 * off or not of the expected form is left out. Threads of the host come here
 * from free() with little stack, perhaps cancelled: no large buffer lies on the
 * stack, and nothing here is a cancellation point. All keep errno.
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

/* A file by its full name, whatever the root is: its descriptor or -errno. */
int dmem_files_open_real(const char *path);
void dmem_files_close(int fd);

/*
 * Walks the lines of a file. Lines that do not fit are skipped whole. For
 * mapped memory, as in dmem_files_work_get().
 */
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

/* Buffers too large for a stack of 16 KiB; contents as they happen to be. */
struct dmem_files_work {
	struct dmem_lines lines;
	char dir[DMEM_PATH_MAX];
	/* Of a cgroup hierarchy. */
	char path[DMEM_PATH_MAX / 2];  /* in the hierarchy; "" unknown */
	char mount[DMEM_PATH_MAX / 2]; /* where root is mounted; "" nowhere */
	char root[DMEM_PATH_MAX / 2];
	char names[512] __attribute__((__aligned__(8))); /* of a directory */
};

/* A mapping of its own; NULL: no memory. */
struct dmem_files_work *dmem_files_work_get(void);
void dmem_files_work_put(struct dmem_files_work *work);

/*
 * Find the directory of this process's cgroup with memory limits, below the
 * root, for work->dir; false: none is visible. In cgroup.c.
 */
bool dmem_cgroup_dir(bool v2, struct dmem_files_work *work);

/* In facts.c: MemAvailable in bytes; UINT64_MAX unknown. */
uint64_t dmem_facts_available(struct dmem_files_work *work);

/*
 * Make work->dir, where a cgroup hierarchy is mounted, the directory of our
 * cgroup namespace's root, so many levels below. False: not found, and
 * unchanged. In groups.c.
 */
bool dmem_groups_find(struct dmem_files_work *work, unsigned int levels);

/* A descriptor of work->dir itself, or -errno; to be closed. */
int dmem_dir_open(struct dmem_files_work *work);
/* dmem_lines_open() and dmem_files_number() of a file in work->dir. */
int dmem_dir_lines_open(struct dmem_files_work *work, const char *file);
bool dmem_dir_number(struct dmem_files_work *work, const char *file,
		     uint64_t *out);

/* Append to a terminated string in buf; false when it does not fit. */
bool dmem_text_append(char *buf, size_t size, const char *text);

#endif /* DMEM_KERNEL_FILES_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ring of events of a process, among its descriptors. */
#ifndef RECORD_FIND_H
#define RECORD_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct record_found {
	void *bytes;            /* mapped, to be written as well */
	uint64_t size;
	uint64_t inode;
	char link[400];         /* in /proc */
};

/* The one with an inode, or with 0 the one made last. inner_pid: of the process
 * in its own namespace. */
bool record_find(pid_t pid, pid_t inner_pid, uint64_t inode,
		 struct record_found *out);

/* Whether the process has it yet: not after exec(3). */
bool record_find_again(pid_t pid, const struct record_found *found);

#endif /* RECORD_FIND_H */

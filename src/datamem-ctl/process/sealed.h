/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Opens memory that another process shares: a link of /proc/PID/fd, which can
 * lead to anything.
 */
#ifndef CTL_SEALED_H
#define CTL_SEALED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ctl_sealed {
	int fd;
	bool writable;
	uint64_t size;
};

/*
 * Open what a link leads to, if it is a memfd whose size is fixed. NULL, or why
 * not (a static text); *refused is the errno where the link itself cannot be
 * opened, else 0.
 */
const char *ctl_sealed_open(const char *link, struct ctl_sealed *out,
			    int *refused);
/* Whether a link leads to a memfd of this name. */
bool ctl_sealed_is(const char *link, const char *name);
/*
 * Open each memfd of this name that a process has, 16 at most. look() says
 * whether it keeps the descriptor. False: the process's cannot be listed.
 */
bool ctl_sealed_each(pid_t pid, const char *name,
		     bool (*look)(const char *link,
				  const struct ctl_sealed *memory, void *arg),
		     void *arg);

#endif /* CTL_SEALED_H */

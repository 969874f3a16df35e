/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Records a process that runs, and uses the library. */
#ifndef RECORD_ATTACH_H
#define RECORD_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct record_attach_job {
	const char *file;       /* of the recording; compressed if it ends .gz */
	uint64_t min;           /* bytes of the smallest block */
	pid_t pid;
	double seconds;         /* how long; 0: until it is interrupted */
};

/* Until the time is over, a signal comes (SIGINT, SIGTERM, SIGHUP), or the
 * process ends. The exit status; what is to be said is. */
int record_attach(const struct record_attach_job *job);

#endif /* RECORD_ATTACH_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Runs a program with the observer before its allocator. */
#ifndef RECORD_OBSERVE_H
#define RECORD_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_job {
	const char *file;       /* of the recording; compressed if it ends .gz */
	uint64_t min;           /* bytes of the smallest block */
	bool children;          /* also processes that it starts: FILE.PID */
	char *const *program;
};

struct record_result {
	int status;             /* of the program, as waitpid(2) */
	uint64_t events, blocks;
	bool cut;               /* the recording ends before the program */
};

/*
 * Ends the tool with a message when the program cannot be observed at all.
 * Returns 0 with *out filled in; 126 or 127 if the program could not be run.
 */
int record_observe(const struct record_job *job, struct record_result *out);

/* Take the observer out of the environment again. */
void record_forget(void);

#endif /* RECORD_OBSERVE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A recording handed to the processes that replay it: the program is executed
 * again with a memory file as its standard input.
 */
#ifndef REPLAY_JOB_H
#define REPLAY_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/measure.h"
#include "run.h"

/* The file of a recording; ends the tool where there is no memory for it. */
int replay_job_make(const struct recording *recording,
		    const struct replay_options *how);

/* Replay it once in a process of its own; as measure_spawn(). */
int replay_job_run(int job, const struct allocator *allocator, bool inspect,
		   size_t prime_bytes, struct replay_result *result);

/*
 * To be called first in main(): does not return in a process that
 * replay_job_run() made.
 */
void replay_job_child(int argc, char **argv);

#endif /* REPLAY_JOB_H */

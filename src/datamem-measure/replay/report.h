/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The results of the rounds of a replay, as rows of the output. */
#ifndef CTL_REPLAY_REPORT_H
#define CTL_REPLAY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/measure.h"
#include "output/output.h"
#include "run.h"

/* The first column: the name of the recording. */
#define REPLAY_COLUMN_RECORDING 0

/* Of one allocator. */
struct replay_samples {
	double *times, *cpus, *faults, *majors, *peaks, *ends;
	size_t n;
	struct replay_result last;      /* a timed round */
	struct replay_result inspected;
	bool broken;                    /* its process failed */
};

/* Empty samples of n allocators with room for so many rounds. */
struct replay_samples *replay_samples_make(size_t n, size_t rounds);
void replay_samples_take(struct replay_samples *samples,
			 const struct replay_result *result);
void replay_samples_free(struct replay_samples *samples, size_t n);

void replay_report_init(struct ctl_output *out);
/* Columns for a verification, unless the user has chosen others. */
void replay_report_verify(struct ctl_output *out);
/* The line above a table. */
void replay_report_title(const char *name, const struct recording *recording);
/*
 * A row for each allocator. Samples without timed rounds are those of a
 * verification. False, after a message, when an allocator refused memory.
 */
bool replay_report_add(struct ctl_output *out, const char *name,
		       const struct recording *recording,
		       const struct allocator_list *allocators,
		       struct replay_samples *samples);

#endif /* CTL_REPLAY_REPORT_H */

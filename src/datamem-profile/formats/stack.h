/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Stacks as those who draw them want them. */
#ifndef FORMATS_STACK_H
#define FORMATS_STACK_H

#include "sampled/sampled.h"

struct stack_frame {
	const struct sampled_line *line;
	bool python;
};

/* All frames of one site at most: 128 places with some lines each. */
#define STACK_MOST 1024

/* The frames, outermost first; at least one. Returns how many. */
size_t stack_frames(const struct sampled *profile,
		    const struct sampled_site *site,
		    struct stack_frame *frames);
/* "step (sim.py:31)"; the caller frees it. */
char *stack_name(const struct sampled_line *line);
/* A number of a file; what does not fit is the nearest that does. */
int64_t stack_round(double number);

#endif /* FORMATS_STACK_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The forms in which profiles are written. */
#ifndef FORMATS_H
#define FORMATS_H

#include <stdio.h>

#include "output/output.h"
#include "sampled/sampled.h"

/* What is written: one profile, or two of which one is subtracted. */
struct formats_input {
	const struct sampled *profiles;
	size_t n;
	bool compared;            /* two, with signs; else they add up */
	double older;             /* only blocks of this age, in seconds */
	const char *title;
};

/* profile.proto, compressed. */
void formats_pprof(FILE *stream, const struct formats_input *input);
/* A stack a line, outermost first, and its live bytes; of two profiles, both
 * numbers, as difffolded.pl makes them. */
void formats_collapsed(FILE *stream, const struct formats_input *input);
/* A flame graph of live bytes, of allocated ones where none live. */
void formats_flame(FILE *stream, const struct formats_input *input);
/* The text of gperftools, of one profile. */
void formats_heap(FILE *stream, const struct formats_input *input);

/* Columns of the table. */
enum {
	FORMATS_LIVE, FORMATS_PEAK, FORMATS_ALLOCATED, FORMATS_RESIDENT,
	FORMATS_HUGE, FORMATS_COUNT, FORMATS_ERROR, FORMATS_ALLOCS,
	FORMATS_LINE, FORMATS_FUNCTION, FORMATS_HANDLER, FORMATS_DOMAIN,
	FORMATS_AGE, FORMATS_STACK, FORMATS_COLUMNS
};
extern const struct ctl_column formats_columns[];
/* Show the column that rows of this kind are of, unless columns were chosen. */
void formats_table_select(struct ctl_output *out, enum sampled_by by);
/* Add a row for each line, handler ... */
void formats_table_fill(struct ctl_output *out,
			const struct formats_input *input, enum sampled_by by);

#endif /* FORMATS_H */

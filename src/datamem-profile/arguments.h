/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the user of `datamem-ctl profile` wants. */
#ifndef PROFILE_ARGUMENTS_H
#define PROFILE_ARGUMENTS_H

#include "tool.h"

#include "process/process.h"
#include "sampled/sampled.h"

enum format {
	FORMAT_TABLE, FORMAT_PPROF, FORMAT_COLLAPSED, FORMAT_SVG, FORMAT_HEAP,
	FORMAT_JSON, FORMAT_RAW, FORMATS
};

struct arguments {
	struct ctl_output out;
	struct ctl_targets targets;
	const char *names[2];     /* the file, or both of --diff */
	size_t n;
	const char *file;         /* of -o */
	enum format format;
	enum sampled_by by;
	bool grouped;             /* --by was given */
	bool diff;
	double older, watch;      /* seconds; 0: not given */
};

/* The word of each format. */
extern const char *const profile_formats[FORMATS];
/* Whether a format has rows, of tables; the others have whole stacks. */
bool profile_has_rows(enum format format);

/* Its input is struct arguments, whose output was begun. */
extern const struct argp profile_argp;

#endif /* PROFILE_ARGUMENTS_H */

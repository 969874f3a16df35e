/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Options that several commands take, read in one way. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>

#include "measure/allocator.h"

/* The argument of an option as a number; a wrong one ends the tool. */

/* From 1 to max; what: "rounds", for the message. */
unsigned int ctl_options_count(const char *text, unsigned int max,
			       const char *what, struct argp_state *state);
/* Seconds, from min to 1000000. */
double ctl_options_seconds(const char *text, double min,
			   struct argp_state *state);
/* The same with no message; false where it is none. */
bool ctl_seconds_parse(const char *text, double min, double *seconds);

/* What replay and bench compare, and how often. */
struct ctl_comparison {
	struct allocator_list allocators;
	bool chosen;            /* the user has named allocators */
	unsigned int rounds;
};

#define CTL_COMPARISON_ROUNDS 5

/* Rows of a struct argp_option; defaults are names of allocators. */
#define CTL_COMPARISON_OPTIONS(defaults)                                     \
	{ "allocators", 'a', "LIST", 0,                                      \
	  "Allocators, separated by commas: " ALLOCATOR_NAMES                \
	  " (default: " defaults ")", 0 },                                   \
	{ "with", 'w', "LIBRARY", 0,                                         \
	  "Also the malloc of this shared object; may be given again", 0 },  \
	{ "rounds", 'R', "N", 0, "Measure N times (default: 5)", 0 }

/* Takes one of these options; false: it is another. */
bool ctl_comparison_parse(struct ctl_comparison *comparison, int key,
			  const char *arg, struct argp_state *state);

#endif /* CTL_OPTIONS_H */

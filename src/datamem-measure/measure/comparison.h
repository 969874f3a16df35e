/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The options that bench and replay share: which allocators, how often. */
#ifndef MEASURE_COMPARISON_H
#define MEASURE_COMPARISON_H

#include <argp.h>
#include <stdbool.h>

#include "allocator.h"

/* The allocators to compare, and the rounds. */
struct measure_comparison {
	struct allocator_list allocators;
	bool chosen;            /* the user has named allocators */
	unsigned int rounds;
};

#define MEASURE_COMPARISON_ROUNDS 5

/* Rows of a struct argp_option; defaults are names of allocators. */
#define MEASURE_COMPARISON_OPTIONS(defaults)                                 \
	{ "allocators", 'a', "LIST", 0,                                      \
	  "Allocators, separated by commas: " ALLOCATOR_NAMES                \
	  " (default: " defaults ")", 0 },                                   \
	{ "with", 'w', "LIBRARY", 0,                                         \
	  "Also the malloc of this shared object; may be given again", 0 },  \
	{ "rounds", 'R', "N", 0, "Measure N times (default: 5)", 0 }

/* Takes one of these options; false: it is another. */
bool measure_comparison_parse(struct measure_comparison *comparison, int key,
			      const char *arg, struct argp_state *state);

#endif /* MEASURE_COMPARISON_H */

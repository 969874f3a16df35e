/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The options that bench and replay share. */
#include "tool.h"
#include "comparison.h"

#include "options.h"

#define MAX_ROUNDS 1000u

bool measure_comparison_parse(struct measure_comparison *comparison, int key,
			      const char *arg, struct argp_state *state)
{
	switch (key) {
	case 'a':
		comparison->chosen = true;
		allocator_list_names(&comparison->allocators, arg);
		return true;
	case 'w':
		allocator_list_library(&comparison->allocators, arg);
		return true;
	case 'R':
		comparison->rounds = ctl_options_count(arg, MAX_ROUNDS,
						       "rounds", state);
		return true;
	default:
		return false;
	}
}

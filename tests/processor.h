/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* For tests of what each processor has of its own; needs _GNU_SOURCE. */
#ifndef TESTS_PROCESSOR_H
#define TESTS_PROCESSOR_H

#include <sched.h>

#include "harness.h"

static inline void stay_on_this_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		harness_skip("threads may not be bound to a processor");
}

#endif /* TESTS_PROCESSOR_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How many processors there are for this process. */
#include "kernel.h"

#include <sched.h>

/* More of them than the kernel's mask fits into are as good as this many. */
#define MANY 1024

unsigned int dmem_kernel_processors(void)
{
	static unsigned int known;
	int saved = errno, n;
	cpu_set_t set;

	if (dmem_load(&known))
		return dmem_load(&known);
	n = sched_getaffinity(0, sizeof(set), &set) ? 0 : CPU_COUNT(&set);
	if (!n)
		n = errno == EINVAL ? MANY : 1;
	errno = saved;
	dmem_store(&known, (unsigned int)n);
	return (unsigned int)n;
}

unsigned int dmem_kernel_processor(void)
{
	int number = sched_getcpu();

	return number < 0 ? 0 : (unsigned int)number;
}

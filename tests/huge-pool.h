/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The machine's pool of explicit huge pages, which check_place makes and wants
 * for itself, and of which the other tests that set place.hugetlb would take.
 */
#ifndef TESTS_HUGE_POOL_H
#define TESTS_HUGE_POOL_H

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define HUGE_POOL "/proc/sys/vm/nr_hugepages"

/* Take of the pool what there is, and wait while check_place has it. */
static inline int huge_pool_enter(void)
{
	int lock = open(HUGE_POOL, O_RDONLY | O_CLOEXEC);

	if (lock >= 0)
		(void)flock(lock, LOCK_SH);
	return lock;
}

static inline void huge_pool_leave(int lock)
{
	if (lock >= 0)
		close(lock);
}

#endif /* TESTS_HUGE_POOL_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What tests of blocks share: sizes, statistics, settings. */
#ifndef TESTS_LIBRARY_H
#define TESTS_LIBRARY_H

#include <datamem.h>

#include "harness.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline struct datamem_stats stats_now(void)
{
	struct datamem_stats stats;

	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	return stats;
}

static inline void set(const char *name, const char *value)
{
	ck_assert_int_eq(datamem_setting_set(name, value), 0);
}

#endif /* TESTS_LIBRARY_H */

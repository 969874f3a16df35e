/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Conditions of steps that run where no assertion may fail. */
#ifndef TESTS_API_EVERY_CHECK_H
#define TESTS_API_EVERY_CHECK_H

#include <errno.h>

#include <check.h>

/* What no call may change that succeeds. */
#define EVERY_ERRNO 4711

/* The first that went wrong, and how many. */
static const char *every_wrong;
static unsigned int every_wrongs;

static inline void every_is_wrong(const char *what)
{
	if (!__atomic_fetch_add(&every_wrongs, 1, __ATOMIC_RELAXED))
		__atomic_store_n(&every_wrong, what, __ATOMIC_RELEASE);
}

#define EVERY_STRING(x) #x
#define EVERY_LINE(line) EVERY_STRING(line)

/* A call that succeeds, which the condition tells, and keeps errno. */
#define SUCCEEDS(condition)                                                  \
	do {                                                                 \
		errno = EVERY_ERRNO;                                         \
		if (!(condition))                                            \
			every_is_wrong(#condition ", line "                  \
				       EVERY_LINE(__LINE__));                \
		else if (errno != EVERY_ERRNO)                               \
			every_is_wrong("errno after " #condition ", line "   \
				       EVERY_LINE(__LINE__));                \
	} while (0)

/* The same of a call without a result. */
#define KEEPS(call) SUCCEEDS(((call), 1))

/* In a test, once the library is left. */
static inline void every_went_well(void)
{
	unsigned int wrongs = __atomic_load_n(&every_wrongs, __ATOMIC_ACQUIRE);

	ck_assert_msg(!wrongs, "%u times, first: %s", wrongs,
		      __atomic_load_n(&every_wrong, __ATOMIC_ACQUIRE));
}

#endif /* TESTS_API_EVERY_CHECK_H */

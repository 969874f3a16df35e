/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the tests of guard sampling share. */
#ifndef TESTS_API_GUARD_H
#define TESTS_API_GUARD_H

#include <datamem.h>

#include <signal.h>

#include "library.h"

#define ALL "1/1"

static const size_t sizes[] = {
	1, 16, 100, 1000, 1024, 5000, 65536, 131072, 200000, MIB, 5 * MIB,
};

/* The library's own view of an address, which the compiler does not see
 * through. */
static inline char *hidden(void *ptr)
{
	volatile uintptr_t address = (uintptr_t)ptr;

	return (char *)address;
}

/* A write that is made whatever the compiler knows of blocks. */
static inline void poke(volatile char *ptr)
{
	volatile char *volatile target = ptr;

	*target = 1;
}

static inline bool is_all(const void *block, size_t nbytes, char byte)
{
	const char *ptr = hidden((void *)(uintptr_t)block);

	for (size_t i = 0; i < nbytes; i++)
		if (ptr[i] != byte)
			return false;
	return true;
}

static inline void (*handler_now(void))(int, siginfo_t *, void *)
{
	struct sigaction action;

	sigaction(SIGSEGV, NULL, &action);
	return action.sa_sigaction;
}

#endif /* TESTS_API_GUARD_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the programs share, each of which makes one mistake. */
#ifndef TESTS_MISUSE_H
#define TESTS_MISUSE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <datamem.h>

/*
 * Print the address that the report must name, and hide from the compiler what
 * it is, or it warns of the very mistake.
 */
static inline void *culprit(void *ptr)
{
	if (!ptr)
		exit(99);
	printf("%p\n", ptr);
	fflush(stdout);
	__asm__ volatile("" : "+r"(ptr));
	return ptr;
}

/* A stray write. */
static inline void poke(void *ptr, ptrdiff_t at)
{
	((volatile char *)ptr)[at] = 0;
}

/* Whether the allocator goes on as if nothing had been. */
static inline int sound(void)
{
	unsigned char *blocks[64];
	size_t nbytes;
	int ok = 1;

	for (size_t i = 0; i < 64; i++) {
		nbytes = 50 + i * i * 20;
		blocks[i] = datamem_alloc(nbytes);
		if (!blocks[i])
			return EXIT_FAILURE;
		memset(blocks[i], (int)i, nbytes);
	}
	for (size_t i = 0; i < 64; i++) {
		nbytes = 50 + i * i * 20;
		if (blocks[i][0] != i || blocks[i][nbytes - 1] != i)
			ok = 0;
		datamem_free(blocks[i], nbytes);
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* TESTS_MISUSE_H */

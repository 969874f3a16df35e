/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Small and large blocks, made, resized and freed; says the most bytes in them
 * at once. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALL 20000
#define LARGE 50

static void *small[SMALL], *large[LARGE];
static size_t live, peak;

static void *made(void *ptr, size_t nbytes, size_t old)
{
	if (!ptr)
		exit(EXIT_FAILURE);
	live += nbytes - old;
	peak = live > peak ? live : peak;
	return ptr;
}

static void work(size_t nbytes)
{
	for (size_t i = 0; i < SMALL; i++)
		small[i] = made(datamem_alloc(500), 500, 0);
	for (size_t i = 0; i < LARGE; i++)
		large[i] = made(datamem_alloc(nbytes), nbytes, 0);
	for (size_t i = 0; i < LARGE; i += 2)
		large[i] = made(datamem_realloc(large[i], 2 * nbytes),
				2 * nbytes, nbytes);
	for (size_t i = 0; i < LARGE; i++) {
		datamem_free(large[i], 1);
		live -= i % 2 ? nbytes : 2 * nbytes;
	}
	for (size_t i = 0; i < SMALL; i++)
		datamem_free(small[i], 500);
	live -= (size_t)SMALL * 500;
}

int main(void)
{
	work(400000);
	work(1000000);
	printf("peak %zu\n", peak);
	return EXIT_SUCCESS;
}

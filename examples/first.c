/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A first program: allocate an array, use it, free it. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	size_t n = 1000000;
	double *x = datamem_alloc_zeroed(n, sizeof(*x));
	double sum = 0;

	if (!x) {
		perror("datamem_alloc_zeroed");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		x[i] += (double)i;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	printf("sum %.0f\n", sum);
	datamem_free(x, n * sizeof(*x));
	return EXIT_SUCCESS;
}

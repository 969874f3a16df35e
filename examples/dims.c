/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Keep the shape and the strides of an array in one small block. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	enum { NDIM = 3 };
	const intptr_t lengths[NDIM] = { 20, 30, 40 };
	intptr_t *dims = datamem_dims_alloc(2 * NDIM);
	intptr_t stride = sizeof(double);

	if (!dims) {
		perror("datamem_dims_alloc");
		return EXIT_FAILURE;
	}
	for (int i = NDIM - 1; i >= 0; i--) {
		dims[i] = lengths[i];
		dims[NDIM + i] = stride;
		stride *= lengths[i];
	}
	for (int i = 0; i < NDIM; i++)
		printf("axis %d: length %jd, stride %jd\n", i,
		       (intmax_t)dims[i], (intmax_t)dims[NDIM + i]);

	datamem_dims_free(dims, 2 * NDIM);
	return EXIT_SUCCESS;
}

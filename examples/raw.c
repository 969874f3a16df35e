/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Allocate memory of the C library, with checked sizes. */
#include <datamem.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	size_t n = 1000;
	int *numbers = datamem_raw_new_zeroed(n, sizeof(*numbers));
	volatile size_t huge = SIZE_MAX / 2;	/* hidden from the compiler */
	int *more;

	if (!numbers) {
		perror("datamem_raw_new_zeroed");
		return EXIT_FAILURE;
	}
	more = datamem_raw_renew(numbers, 2 * n * sizeof(*numbers));
	if (!more) {
		perror("datamem_raw_renew");
		datamem_raw_free(numbers);
		return EXIT_FAILURE;
	}
	printf("first of %zu numbers: %d\n", 2 * n, more[0]);
	datamem_raw_free(more);

	/* A product that overflows is refused; it does not wrap around. */
	more = datamem_raw_new_zeroed(huge, 4);
	if (!more && errno == ENOMEM)
		printf("too large: refused\n");
	datamem_raw_free(more);
	return EXIT_SUCCESS;
}

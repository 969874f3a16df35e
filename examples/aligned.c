/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Allocate a block with an alignment, which resizing keeps. */
#include <datamem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	const size_t alignment = 4096;
	size_t nbytes = 100000;
	void *block = datamem_alloc_aligned(nbytes, alignment);
	void *larger;

	if (!block) {
		perror("datamem_alloc_aligned");
		return EXIT_FAILURE;
	}
	printf("made: %zu bytes beyond a multiple of %zu\n",
	       (size_t)((uintptr_t)block % alignment), alignment);

	larger = datamem_realloc(block, 10 * nbytes);
	if (!larger) {
		perror("datamem_realloc");
		datamem_free(block, nbytes);
		return EXIT_FAILURE;
	}
	printf("grown: %zu bytes beyond a multiple of %zu\n",
	       (size_t)((uintptr_t)larger % alignment), alignment);

	datamem_free(larger, 10 * nbytes);
	return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free the middle of a large block. */
#include "misuse.h"

int main(void)
{
	char *ptr = datamem_alloc(8 << 20);

	memset(ptr, 7, 8 << 20);
	datamem_free(culprit(ptr + (4 << 20)), 4 << 20);
	if (ptr[4 << 20] != 7)
		return EXIT_FAILURE;
	datamem_free(ptr, 8 << 20);
	return sound();
}

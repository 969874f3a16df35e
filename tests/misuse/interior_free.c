/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free the middle of a block. */
#include "misuse.h"

int main(void)
{
	char *ptr = datamem_alloc(1000);

	memset(ptr, 7, 1000);
	datamem_free(culprit(ptr + 512), 488);
	if (ptr[512] != 7)
		return EXIT_FAILURE;
	datamem_free(ptr, 1000);
	return sound();
}

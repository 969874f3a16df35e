/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free the address that a block had before it was resized. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(100));
	void *moved = datamem_realloc(ptr, 3000000);

	datamem_free(ptr, 100);
	datamem_free(moved, 3000000);
	return sound();
}

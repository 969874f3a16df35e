/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Write behind a block, then resize it. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc_zeroed(10, 10));

	poke(ptr, 107);
	datamem_free(datamem_realloc(ptr, 200), 200);
	return sound();
}

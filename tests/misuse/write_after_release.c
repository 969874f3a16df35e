/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Write to a large freed block, long before exit. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(3000000));

	datamem_free(ptr, 3000000);
	poke(ptr, 1500000);
	/* Enough to push it out of quarantine. */
	for (int i = 0; i < 64; i++)
		datamem_free(datamem_alloc(3000000), 3000000);
	return sound();
}

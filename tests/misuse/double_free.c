/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free a block twice. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(100));

	datamem_free(ptr, 100);
	datamem_free(ptr, 100);
	return sound();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free a large block twice. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(3000000));

	datamem_free(ptr, 3000000);
	datamem_free(ptr, 3000000);
	return sound();
}

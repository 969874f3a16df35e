/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free with the hint of 1 that NumPy passes: no mistake. */
#include "misuse.h"

int main(void)
{
	datamem_free(culprit(datamem_alloc(100)), 1);
	datamem_free(datamem_alloc(100), 0);
	datamem_free(NULL, 100);
	return sound();
}

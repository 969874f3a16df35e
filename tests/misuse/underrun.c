/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Write one byte in front of a block. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(5000));

	poke(ptr, -1);
	datamem_free(ptr, 5000);
	return sound();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Write to a freed block: seen at exit. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(100));

	datamem_free(ptr, 100);
	poke(ptr, 50);
	return sound();
}

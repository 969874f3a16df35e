/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Give a block of the C library to the default handler. */
#include "misuse.h"

int main(void)
{
	void *ptr = datamem_raw_new(100);

	datamem_free(culprit(ptr), 100);
	datamem_raw_free(ptr);
	return sound();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Resize a block after it was freed. */
#include "misuse.h"

int main(void)
{
	void *ptr = culprit(datamem_alloc(3000000));

	datamem_free(ptr, 3000000);
	errno = 0;
	if (datamem_realloc(ptr, 4000000) || errno != EINVAL)
		return EXIT_FAILURE;
	return sound();
}

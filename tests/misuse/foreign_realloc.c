/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Resize memory that is not from the library. */
#include "misuse.h"

int main(void)
{
	char here[64];

	errno = 0;
	if (datamem_realloc(culprit(here), 100) || errno != EINVAL)
		return EXIT_FAILURE;
	return sound();
}

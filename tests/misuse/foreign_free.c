/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free memory that is not from the library. */
#include "misuse.h"

int main(void)
{
	char here[64];

	datamem_free(culprit(here), sizeof(here));
	return sound();
}

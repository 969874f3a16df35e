/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free a block with a far too large size hint. */
#include "misuse.h"

int main(void)
{
	datamem_free(culprit(datamem_alloc(100)), 5000);
	return sound();
}

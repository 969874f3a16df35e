/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free a block with another handler than the one that made it. */
#include "misuse.h"

int main(void)
{
	const struct datamem_handler *debug = datamem_handler_find("debug");
	void *ptr = datamem_handler_alloc(datamem_handler_default(), 100);

	datamem_handler_free(debug, culprit(ptr), 100);
	datamem_handler_free(datamem_handler_default(), ptr, 100);
	return sound();
}

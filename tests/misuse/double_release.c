/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Copy a buffer that owns its data, and release both. */
#include "misuse.h"

int main(void)
{
	struct datamem_buffer buffer, copy;

	if (datamem_buffer_init(&buffer, 100))
		return 99;
	culprit(buffer.data);
	copy = buffer;
	datamem_buffer_release(&buffer);
	datamem_buffer_release(&copy);
	return sound();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Kernel releases: what is understood begins with the numbers it gave. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int major = 0, minor = 0;
	char *text = malloc(size + 1), *end;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (dmem_kernel_release_parse(text, &major, &minor)) {
		if (strtoul(text, &end, 10) != major)
			abort();
		if (*end == '.' && strtoul(end + 1, NULL, 10) != minor)
			abort();
		if (*end != '.' && minor != 0)
			abort();
	}
	free(text);
	return 0;
}

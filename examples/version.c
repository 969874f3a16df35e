/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Show which library runs, and how it was built. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	struct datamem_build_info info;

	printf("header %s, library %s\n", DATAMEM_VERSION_STRING,
	       datamem_version_string());
	if (datamem_version_number() < DATAMEM_VERSION_NUMBER) {
		fprintf(stderr, "the library is older than the header\n");
		return EXIT_FAILURE;
	}
	if (datamem_build_info_get(&info, sizeof(info)) == 0)
		printf("compiler %s, kernel headers %s, built on Linux %s\n",
		       info.compiler, info.kernel_headers, info.kernel_build);
	return EXIT_SUCCESS;
}

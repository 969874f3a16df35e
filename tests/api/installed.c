/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A program of a user of the installed package; C99 and C++17 at once. */
#include <datamem.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
	struct datamem_build_info info;
	char *text = (char *)datamem_alloc_zeroed(16, 8);
	char *longer;

	if (!text || text[127] != 0) {
		puts("datamem_alloc_zeroed failed");
		return 1;
	}
	strcpy(text, "kept");
	longer = (char *)datamem_realloc(text, 3 << 20);
	if (!longer || strcmp(longer, "kept") != 0) {
		puts("datamem_realloc failed");
		return 1;
	}
	datamem_free(longer, 3 << 20);
	if (datamem_version_number() != DATAMEM_VERSION_NUMBER ||
	    strcmp(datamem_version_string(), DATAMEM_VERSION_STRING) != 0) {
		puts("header and library are of different versions");
		return 1;
	}
	if (datamem_build_info_get(&info, sizeof(info)) != 0 ||
	    strcmp(info.version, DATAMEM_VERSION_STRING) != 0) {
		puts("datamem_build_info_get failed");
		return 1;
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * copies LIBRARY...: a process with several copies of the library, each with a
 * live block of as many MiB as its place in the list. Prints "ready", and lives
 * until its standard input ends.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		void *symbol = library ? dlsym(library, "datamem_alloc") : NULL;
		void *(*alloc)(size_t);

		if (!symbol) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		memcpy(&alloc, &symbol, sizeof(alloc));
		if (!alloc((size_t)i << 20))
			return 1;
	}
	puts("ready");
	fflush(stdout);
	getchar();
	return 0;
}

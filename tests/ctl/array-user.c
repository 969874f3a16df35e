/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * array-user BLOCKS [children]: a program for the tests of `datamem-ctl run`.
 * Makes and frees blocks of 1000 bytes, leaves one of 3 MiB live; with a second
 * argument a forked child does the same first.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <datamem.h>

int main(int argc, char **argv)
{
	int blocks = argc > 1 ? atoi(argv[1]) : 0;
	int status;
	pid_t pid = argc > 2 ? fork() : -1;

	if (pid > 0 && (waitpid(pid, &status, 0) != pid || status != 0))
		return EXIT_FAILURE;
	for (int i = 0; i < blocks; i++) {
		void *block = datamem_alloc(1000);

		if (block == NULL)
			return EXIT_FAILURE;
		datamem_free(block, 1000);
	}
	return datamem_alloc((size_t)3 << 20) != NULL ? EXIT_SUCCESS
						       : EXIT_FAILURE;
}

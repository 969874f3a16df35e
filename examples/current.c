/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Use another handler in one part of a program. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>

static void use_memory(const char *where)
{
	struct datamem_buffer buffer;

	if (datamem_buffer_init(&buffer, 1000) != 0)
		return;
	printf("%s: %s\n", where, datamem_buffer_handler_name(&buffer));
	datamem_buffer_release(&buffer);
}

int main(void)
{
	const struct datamem_handler *debug = datamem_handler_find("debug");
	const struct datamem_handler *previous;

	if (!debug) {
		perror("datamem_handler_find");
		return EXIT_FAILURE;
	}
	use_memory("before");

	previous = datamem_handler_set(debug);
	if (!previous) {
		perror("datamem_handler_set");
		return EXIT_FAILURE;
	}
	use_memory("inside");
	datamem_handler_set(previous);

	use_memory("after");
	return EXIT_SUCCESS;
}

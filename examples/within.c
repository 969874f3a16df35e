/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Run code that knows nothing of handlers with a handler of one's choice. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void compute(void *arg)
{
	struct datamem_buffer *result = arg;

	if (datamem_buffer_init_zeroed(result, 1000, 8) != 0)
		result->handler = NULL;
}

int main(void)
{
	struct datamem_buffer result = { 0 };
	struct datamem_context *context =
		datamem_context_new(datamem_handler_aligned(4096));
	int err;

	if (!context) {
		perror("datamem_context_new");
		return EXIT_FAILURE;
	}
	err = datamem_context_run(context, compute, &result);
	if (err)
		fprintf(stderr, "datamem_context_run: %s\n", strerror(-err));
	else
		printf("result from %s\n",
		       datamem_buffer_handler_name(&result));
	datamem_buffer_release(&result);
	datamem_context_free(context);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

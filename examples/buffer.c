/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A buffer is freed by the handler that allocated it; a view owns nothing. */
#include <datamem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe(const char *what, const struct datamem_buffer *buffer)
{
	const char *name = datamem_buffer_handler_name(buffer);

	printf("%s: %zu bytes, %s, version %d\n", what, buffer->nbytes,
	       name ? name : "not its own",
	       datamem_buffer_handler_version(buffer));
}

int main(void)
{
	struct datamem_buffer buffer, view;
	int err = datamem_buffer_init_zeroed(&buffer, 100, sizeof(double));

	if (err) {
		fprintf(stderr, "buffer: %s\n", strerror(-err));
		return EXIT_FAILURE;
	}
	/* The second half, without a copy. */
	datamem_buffer_init_view(&view, (char *)buffer.data + 400, 400);
	describe("buffer", &buffer);
	describe("view", &view);

	/* Resizing may move the data, so the view ends here. */
	datamem_buffer_release(&view);
	err = datamem_buffer_resize(&buffer, 1600);
	if (err)		/* buffer is unchanged */
		fprintf(stderr, "resize: %s\n", strerror(-err));
	describe("resized", &buffer);
	datamem_buffer_release(&buffer);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

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
	struct datamem_buffer buffer, view, moved;
	int err = datamem_buffer_init_array(&buffer, 100, sizeof(double));

	if (err) {
		fprintf(stderr, "buffer: %s\n", strerror(-err));
		return EXIT_FAILURE;
	}
	memset(buffer.data, 1, buffer.nbytes);
	/* The second half, without a copy. */
	datamem_buffer_init_view(&view, (char *)buffer.data + 400, 400);
	describe("buffer", &buffer);
	describe("view", &view);

	/* Resizing may move the data, so the view ends here. */
	datamem_buffer_release(&view);
	err = datamem_buffer_resize_zeroed(&buffer, 1600);
	if (err)		/* buffer is unchanged */
		fprintf(stderr, "resize: %s\n", strerror(-err));
	datamem_buffer_move(&moved, &buffer);	/* buffer owns nothing now */
	describe("resized, moved", &moved);
	datamem_buffer_release(&moved);

	/* Another handler, at the start of a page whatever the size. */
	if (!err)
		err = datamem_buffer_init_with(&buffer,
					       datamem_handler_find("system"),
					       5000, 4096);
	if (!err) {
		describe("aligned", &buffer);
		datamem_buffer_release(&buffer);
	}
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

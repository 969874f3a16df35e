/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Register a handler that counts calls and passes them to the default one. */
#include <datamem.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int allocations;	/* any thread may allocate */

static void *count_malloc(void *ctx, size_t nbytes)
{
	atomic_fetch_add((atomic_int *)ctx, 1);
	return datamem_alloc(nbytes);
}

static void *count_calloc(void *ctx, size_t nelem, size_t elsize)
{
	atomic_fetch_add((atomic_int *)ctx, 1);
	return datamem_alloc_zeroed(nelem, elsize);
}

static void *count_realloc(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	return datamem_realloc(ptr, nbytes);
}

static void count_free(void *ctx, void *ptr, size_t nbytes)
{
	(void)ctx;
	datamem_free(ptr, nbytes);
}

/* Static: the registry and the buffers keep the pointer. */
static const struct datamem_handler counting = {
	.name = "counting",
	.version = DATAMEM_HANDLER_VERSION,
	.allocator = { &allocations, count_malloc, count_calloc,
		       count_realloc, count_free },
};

int main(void)
{
	struct datamem_buffer buffer;
	int err = datamem_handler_register(&counting);

	if (!err && !datamem_handler_set(&counting))
		err = -errno;
	if (!err)
		err = datamem_buffer_init(&buffer, 800);
	if (err) {
		fprintf(stderr, "handler: %s\n", strerror(-err));
		return EXIT_FAILURE;
	}
	datamem_handler_set(NULL);
	printf("made by %s, busy: %d\n", datamem_buffer_handler_name(&buffer),
	       datamem_handler_unregister(&counting) != 0);
	datamem_buffer_release(&buffer);
	printf("allocations: %d, unregister: %d\n",
	       atomic_load(&allocations), datamem_handler_unregister(&counting));
	return EXIT_SUCCESS;
}

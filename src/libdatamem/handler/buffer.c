/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Buffers: a block and the handler that made it. Only the public functions, and
 * only the public calls of a handler; `reserved` stays zero.
 */
#include <string.h>

#include "context.h"
#include "registry.h"

/* The size hint for the handler: a buffer of 0 bytes is a block of 1. */
static size_t hint_of(const struct datamem_buffer *buffer)
{
	return buffer->nbytes ? buffer->nbytes : 1;
}

static int init(struct datamem_buffer *buffer, size_t nelem, size_t elsize,
		bool zeroed)
{
	const struct datamem_handler *handler;
	void *data;

	dmem_library_init();
	if (!buffer)
		return -EINVAL;
	handler = dmem_context_current();
	if (dmem_registry_use(handler))
		return -ENOMEM;
	data = zeroed ? datamem_handler_alloc_zeroed(handler, nelem, elsize) :
			datamem_handler_alloc(handler, nelem);
	if (!data) {
		int error = errno;

		dmem_registry_unuse(handler);
		return -error;
	}
	*buffer = (struct datamem_buffer){
		.data = data,
		.nbytes = nelem * elsize,
		.handler = handler,
	};
	return 0;
}

int datamem_buffer_init(struct datamem_buffer *buffer, size_t nbytes)
{
	return init(buffer, nbytes, 1, false);
}

int datamem_buffer_init_zeroed(struct datamem_buffer *buffer, size_t nelem,
			       size_t elsize)
{
	return init(buffer, nelem, elsize, true);
}

int datamem_buffer_init_view(struct datamem_buffer *buffer, void *data,
			     size_t nbytes)
{
	if (!buffer || (!data && nbytes))
		return -EINVAL;
	*buffer = (struct datamem_buffer){ .data = data, .nbytes = nbytes };
	return 0;
}

int datamem_buffer_resize(struct datamem_buffer *buffer, size_t nbytes)
{
	void *data;

	if (!buffer || !buffer->handler)
		return -EINVAL;
	data = datamem_handler_realloc(buffer->handler, buffer->data, nbytes);
	if (!data)
		return -errno;
	buffer->data = data;
	buffer->nbytes = nbytes;
	return 0;
}

void datamem_buffer_release(struct datamem_buffer *buffer)
{
	if (!buffer)
		return;
	if (buffer->handler) {
		datamem_handler_free(buffer->handler, buffer->data,
				     hint_of(buffer));
		dmem_registry_unuse(buffer->handler);
	}
	memset(buffer, 0, sizeof(*buffer));
}

const char *datamem_buffer_handler_name(const struct datamem_buffer *buffer)
{
	const struct datamem_handler *handler =
		buffer ? buffer->handler : datamem_handler_get();

	/* A name that lost its end must not reach a caller. */
	if (!handler || !memchr(handler->name, '\0', sizeof(handler->name)))
		return NULL;
	return handler->name;
}

int datamem_buffer_handler_version(const struct datamem_buffer *buffer)
{
	const struct datamem_handler *handler =
		buffer ? buffer->handler : datamem_handler_get();

	return handler ? handler->version : 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Buffers: a block and the handler that made it, by the public calls of a
 * handler.
 *
 * Handlers that know no alignment get a larger block, in which the data begin
 * at a multiple: `reserved` then has the bytes before the data (LEAD) and the
 * alignment (ALIGN); else it is zero.
 */
#include <string.h>

#include "stats.h"
#include "builtins.h"
#include "context.h"
#include "registry.h"

enum { LEAD, ALIGN };

/* A buffer to be made. */
struct plan {
	size_t nelem, elsize;
	size_t align;   /* 0: nothing special */
	bool zeroed;
};

/* Bytes that a block has beyond those of its data. */
static size_t slack_of(size_t align)
{
	return align ? align - 1 : 0;
}

static size_t with_slack(size_t nbytes, size_t align)
{
	return dmem_add(nbytes ? nbytes : 1, slack_of(align), &nbytes) ?
		       nbytes : SIZE_MAX;
}

/* Bytes from a block's start to its first multiple of align. */
static size_t lead_of(const void *block, size_t align)
{
	return align ? -(uintptr_t)block & (align - 1) : 0;
}

static void *block_of(const struct datamem_buffer *buffer)
{
	return (char *)buffer->data - buffer->reserved[LEAD];
}

/* The size hint for the handler: a buffer of 0 bytes is a block of 1. */
static size_t hint_of(const struct datamem_buffer *buffer)
{
	return with_slack(buffer->nbytes, buffer->reserved[ALIGN]);
}

/* Whether `reserved` is as the library leaves it, or zero; what a caller who
 * fills in the struct forgets there would be taken for a block's start. */
static bool is_sound(const struct datamem_buffer *buffer)
{
	uintptr_t lead = buffer->reserved[LEAD], align = buffer->reserved[ALIGN];

	if (!align)
		return !lead;
	return !(align & (align - 1)) && align <= DMEM_ALIGN_MAX &&
	       lead < align && !((uintptr_t)buffer->data & (align - 1));
}

static void set_block(struct datamem_buffer *buffer, void *block,
		      size_t nbytes)
{
	size_t lead = lead_of(block, buffer->reserved[ALIGN]);

	buffer->data = (char *)block + lead;
	buffer->nbytes = nbytes;
	buffer->reserved[LEAD] = lead;
}

static void *make(const struct datamem_handler *handler,
		  const struct plan *plan, bool with_lead)
{
	size_t nbytes;

	if (plan->zeroed)
		return datamem_handler_alloc_zeroed(handler, plan->nelem,
						    plan->elsize);
	if (!dmem_mul(plan->nelem, plan->elsize, &nbytes))
		nbytes = SIZE_MAX;
	if (with_lead)
		return datamem_handler_alloc(handler,
					     with_slack(nbytes, plan->align));
	return dmem_builtins_make(handler, nbytes, plan->align);
}

static int init(struct datamem_buffer *buffer,
		const struct datamem_handler *handler, const struct plan *plan)
{
	struct datamem_buffer made = { .handler = handler };
	bool with_lead = !dmem_builtins_align(handler, plan->align);
	void *block;

	if (dmem_registry_use(handler))
		return -ENOMEM;
	if (with_lead)
		made.reserved[ALIGN] = plan->align;
	block = make(handler, plan, with_lead);
	if (!block) {
		int error = errno;

		dmem_registry_unuse(handler);
		return -error;
	}
	set_block(&made, block, plan->nelem * plan->elsize);
	*buffer = made;
	dmem_written(buffer, sizeof(*buffer));
	return 0;
}

/* With the current handler. */
static int init_array(struct datamem_buffer *buffer, size_t nelem,
		      size_t elsize, bool zeroed)
{
	struct plan plan = { nelem, elsize, 0, zeroed };

	dmem_library_init();
	if (!buffer)
		return -EINVAL;
	return init(buffer, dmem_context_current(), &plan);
}

int datamem_buffer_init(struct datamem_buffer *buffer, size_t nbytes)
{
	return init_array(buffer, nbytes, 1, false);
}

int datamem_buffer_init_array(struct datamem_buffer *buffer, size_t nelem,
			      size_t elsize)
{
	return init_array(buffer, nelem, elsize, false);
}

int datamem_buffer_init_zeroed(struct datamem_buffer *buffer, size_t nelem,
			       size_t elsize)
{
	return init_array(buffer, nelem, elsize, true);
}

int datamem_buffer_init_with(struct datamem_buffer *buffer,
			     const struct datamem_handler *handler,
			     size_t nbytes, size_t alignment)
{
	struct plan plan = { nbytes, 1, alignment, false };

	dmem_library_init();
	if (!buffer || alignment & (alignment - 1) ||
	    alignment > DMEM_ALIGN_MAX ||
	    (handler && !dmem_registry_valid(handler)))
		return -EINVAL;
	return init(buffer, handler ? handler : dmem_context_current(), &plan);
}

int datamem_buffer_init_view(struct datamem_buffer *buffer, void *data,
			     size_t nbytes)
{
	if (!buffer || (!data && nbytes) || nbytes > DMEM_SIZE_MAX)
		return -EINVAL;
	*buffer = (struct datamem_buffer){ .data = data, .nbytes = nbytes };
	dmem_written(buffer, sizeof(*buffer));
	return 0;
}

int datamem_buffer_resize(struct datamem_buffer *buffer, size_t nbytes)
{
	size_t old, lead;
	char *block;

	if (!buffer || !buffer->handler || !is_sound(buffer))
		return -EINVAL;
	block = datamem_handler_realloc(
		buffer->handler, block_of(buffer),
		with_slack(nbytes, buffer->reserved[ALIGN]));
	if (!block)
		return -errno;
	old = buffer->nbytes;
	lead = buffer->reserved[LEAD];
	set_block(buffer, block, nbytes);
	/* The slack holds for every lead: old and new data are in the block. */
	if (buffer->reserved[LEAD] != lead)
		memmove(buffer->data, block + lead, DMEM_MIN(old, nbytes));
	return 0;
}

int datamem_buffer_resize_zeroed(struct datamem_buffer *buffer, size_t nbytes)
{
	size_t old = buffer ? buffer->nbytes : 0;
	int ret = datamem_buffer_resize(buffer, nbytes);

	if (!ret && nbytes > old)
		memset((char *)buffer->data + old, 0, nbytes - old);
	return ret;
}

void datamem_buffer_move(struct datamem_buffer *to, struct datamem_buffer *from)
{
	if (!to || !from || to == from)
		return;
	*to = *from;
	memset(from, 0, sizeof(*from));
	dmem_written(to, sizeof(*to));
}

void datamem_buffer_release(struct datamem_buffer *buffer)
{
	if (!buffer)
		return;
	if (buffer->handler) {
		if (is_sound(buffer))
			datamem_handler_free(buffer->handler, block_of(buffer),
					     hint_of(buffer));
		else
			dmem_stats_count(DMEM_COUNT_LEAKED_BLOCKS);
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

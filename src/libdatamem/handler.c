/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Calls through handlers: checked, with their blocks in the accounts. */
#include "handler.h"

#include "aligned.h"
#include "alloc.h"
#include "context.h"
#include "debug.h"
#include "registry.h"
#include "stats.h"
#include "trace.h"

/* The handler to call; NULL: it cannot be called. */
static const struct datamem_handler *resolve(
	const struct datamem_handler *handler)
{
	dmem_library_init();
	if (!handler)
		handler = dmem_context_current();
	return dmem_registry_valid(handler) ? handler : NULL;
}

static bool same(const struct datamem_allocator *one,
		 const struct datamem_allocator *other)
{
	return one->malloc == other->malloc && one->calloc == other->calloc &&
	       one->realloc == other->realloc && one->free == other->free;
}

/* The default's functions enter their blocks into the accounts themselves. */
static bool tracks_itself(const struct datamem_handler *handler)
{
	const struct datamem_allocator *table = &handler->allocator;

	return same(table, &dmem_alloc_default) ||
	       same(table, &dmem_alloc_apart) || dmem_aligned_is(handler);
}

static bool tracked_here(const struct datamem_handler *handler)
{
	return dmem_trace_on() && !tracks_itself(handler);
}

static DMEM_COLD void *refuse(int error)
{
	if (error == ENOMEM)
		dmem_stats_count(DMEM_COUNT_FAILED_ALLOCS);
	errno = error;
	return NULL;
}

/*
 * What the caller is told after the handler ran with errno at 0: a handler that
 * gave no reason had no memory.
 */
static void *outcome(const struct datamem_handler *handler, void *ptr,
		     int saved_errno)
{
	if (dmem_likely(ptr)) {
		errno = saved_errno;
		return ptr;
	}
	/* The default's functions count their failures. */
	if (!tracks_itself(handler))
		dmem_stats_count(DMEM_COUNT_FAILED_ALLOCS);
	if (errno <= 0)
		errno = ENOMEM;
	return NULL;
}

static void settle(struct dmem_trace_ticket *ticket, const void *ptr,
		   size_t nbytes)
{
	int saved = errno;

	if (ptr)
		dmem_trace_commit(ticket, ptr, nbytes);
	else
		dmem_trace_cancel(ticket);
	errno = saved;
}

void *datamem_handler_alloc(const struct datamem_handler *handler,
			    size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	int saved = errno;
	bool tracked;
	void *ptr;

	handler = resolve(handler);
	if (dmem_unlikely(!handler))
		return refuse(EINVAL);
	if (dmem_unlikely(nbytes > DMEM_SIZE_MAX))
		return refuse(ENOMEM);
	if (!nbytes)
		nbytes = 1;
	tracked = tracked_here(handler);
	if (tracked && dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL))
		return refuse(ENOMEM);
	errno = 0;
	ptr = handler->allocator.malloc(handler->allocator.ctx, nbytes);
	if (tracked)
		settle(&ticket, ptr, nbytes);
	return outcome(handler, ptr, saved);
}

void *datamem_handler_alloc_zeroed(const struct datamem_handler *handler,
				   size_t nelem, size_t elsize)
{
	struct dmem_trace_ticket ticket;
	int saved = errno;
	size_t nbytes;
	bool tracked;
	void *ptr;

	handler = resolve(handler);
	if (dmem_unlikely(!handler))
		return refuse(EINVAL);
	if (dmem_unlikely(!dmem_mul(nelem, elsize, &nbytes) ||
			  nbytes > DMEM_SIZE_MAX))
		return refuse(ENOMEM);
	if (!nbytes)
		nbytes = nelem = elsize = 1;
	tracked = tracked_here(handler);
	if (tracked && dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL))
		return refuse(ENOMEM);
	errno = 0;
	ptr = handler->allocator.calloc(handler->allocator.ctx, nelem, elsize);
	if (tracked)
		settle(&ticket, ptr, nbytes);
	return outcome(handler, ptr, saved);
}

void *datamem_handler_realloc(const struct datamem_handler *handler, void *ptr,
			      size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	int saved = errno;
	bool tracked;

	if (!ptr)
		return datamem_handler_alloc(handler, nbytes);
	handler = resolve(handler);
	if (dmem_unlikely(!handler))
		return refuse(EINVAL);
	if (dmem_unlikely(nbytes > DMEM_SIZE_MAX))
		return refuse(ENOMEM);
	if (!nbytes)
		nbytes = 1;
	tracked = tracked_here(handler);
	if (tracked && dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr))
		return refuse(ENOMEM);
	errno = 0;
	ptr = handler->allocator.realloc(handler->allocator.ctx, ptr, nbytes);
	if (tracked)
		settle(&ticket, ptr, nbytes);
	return outcome(handler, ptr, saved);
}

void datamem_handler_free(const struct datamem_handler *handler, void *ptr,
			  size_t nbytes)
{
	int saved = errno;

	if (!ptr)
		return;
	handler = resolve(handler);
	if (dmem_likely(handler)) {
		if (tracked_here(handler))
			dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
		handler->allocator.free(handler->allocator.ctx, ptr, nbytes);
	} else {
		/* Its account stays: the memory is in use for ever. */
		dmem_stats_count(DMEM_COUNT_LEAKED_BLOCKS);
	}
	errno = saved;
}

static void collect(struct datamem_stats *stats)
{
	stats->meta_bytes += dmem_registry_meta_bytes() +
			     dmem_context_meta_bytes() +
			     dmem_debug_meta_bytes();
}

void dmem_handler_init(void)
{
	dmem_context_init();
	dmem_registry_init();
	dmem_stats_collect(collect);
}

void dmem_handler_fork_prepare(void)
{
	dmem_registry_fork_prepare();
	dmem_context_fork_prepare();
}

void dmem_handler_fork_parent(void)
{
	dmem_context_fork_parent();
	dmem_registry_fork_parent();
}

void dmem_handler_fork_child(void)
{
	dmem_context_fork_child();
	dmem_registry_fork_child();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Calls through handlers: checked, with their blocks in the accounts. */
#include "handler.h"

#include "alloc/alloc.h"
#include "cache/cache.h"
#include "profile/profile.h"
#include "stats.h"
#include "trace/trace.h"
#include "aligned.h"
#include "context.h"
#include "debug.h"
#include "registry.h"

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

/* Accounts or a profile want to know, and are not told by its functions. */
static bool watched_here(const struct datamem_handler *handler)
{
	return (dmem_trace_on() || dmem_profile_on()) &&
	       !tracks_itself(handler);
}

/* State of a call while the handler runs. */
struct call {
	const struct datamem_handler *handler;
	struct dmem_trace_ticket ticket;
	struct dmem_profile_ticket profile;
	int64_t left;      /* the thread's countdown */
	bool watched;
	bool profiled;
	int saved_errno;
};

static DMEM_COLD bool refuse(int error)
{
	if (error == ENOMEM)
		dmem_stats_count(DMEM_COUNT_FAILED);
	errno = error;
	return false;
}

/*
 * A handler may take its memory from the library: of that nothing is sampled
 * meanwhile, as the block is to be counted once.
 */
static void begin_profile(struct call *call, const void *ptr, size_t nbytes)
{
	int64_t *left;
	struct dmem_sampler *sampler = dmem_cache_sampler(&left);

	dmem_profile_begin(&call->profile, sampler, left, ptr, nbytes);
	if (left) {
		call->left = *left;
		*left = INT64_MAX;
	}
}

static bool watch(struct call *call, const void *ptr, size_t nbytes)
{
	if (dmem_trace_begin(&call->ticket, DATAMEM_TRACE_DOMAIN, ptr))
		return false;
	call->profiled = dmem_profile_on();
	if (call->profiled)
		begin_profile(call, ptr, nbytes);
	return true;
}

/*
 * Before the handler runs: true, with errno at 0, or false with what is wrong.
 * ptr is the block to be resized, if there is one.
 */
static inline bool begin(struct call *call,
			 const struct datamem_handler *handler,
			 const void *ptr, size_t *nbytes)
{
	call->saved_errno = errno;
	call->handler = resolve(handler);
	if (dmem_unlikely(!call->handler))
		return refuse(EINVAL);
	if (dmem_unlikely(*nbytes > DMEM_SIZE_MAX))
		return refuse(ENOMEM);
	if (!*nbytes)
		*nbytes = 1;
	call->watched = watched_here(call->handler);
	if (dmem_unlikely(call->watched) && !watch(call, ptr, *nbytes))
		return refuse(ENOMEM);
	dmem_host_call("a function of a handler");
	errno = 0;
	return true;
}

static void end_profile(struct call *call, const void *ptr)
{
	if (call->profile.left)
		*call->profile.left = call->left;
	if (ptr)
		dmem_profile_commit(&call->profile, ptr, call->handler->name,
				    __builtin_frame_address(0));
	else
		dmem_profile_cancel(&call->profile);
}

static DMEM_NOINLINE void settle(struct call *call, const void *ptr,
				 size_t nbytes)
{
	int saved = errno;

	if (ptr)
		dmem_trace_commit(&call->ticket, ptr, nbytes);
	else
		dmem_trace_cancel(&call->ticket);
	if (call->profiled)
		end_profile(call, ptr);
	errno = saved;
}

/* A handler that gave no reason had no memory. */
static inline void *end(struct call *call, void *ptr, size_t nbytes)
{
	if (dmem_unlikely(call->watched))
		settle(call, ptr, nbytes);
	if (dmem_likely(ptr)) {
		errno = call->saved_errno;
		return ptr;
	}
	/* The default's functions count their failures. */
	if (!tracks_itself(call->handler))
		dmem_stats_count(DMEM_COUNT_FAILED);
	if (errno <= 0)
		errno = ENOMEM;
	return NULL;
}

void *datamem_handler_alloc(const struct datamem_handler *handler,
			    size_t nbytes)
{
	const struct datamem_allocator *table;
	struct call call;

	if (!begin(&call, handler, NULL, &nbytes))
		return NULL;
	table = &call.handler->allocator;
	return end(&call, table->malloc(table->ctx, nbytes), nbytes);
}

void *datamem_handler_alloc_zeroed(const struct datamem_handler *handler,
				   size_t nelem, size_t elsize)
{
	const struct datamem_allocator *table;
	struct call call;
	size_t nbytes;

	if (!nelem || !elsize)
		nelem = elsize = 1;
	if (!dmem_mul(nelem, elsize, &nbytes))
		nbytes = SIZE_MAX;
	if (!begin(&call, handler, NULL, &nbytes))
		return NULL;
	table = &call.handler->allocator;
	return end(&call, table->calloc(table->ctx, nelem, elsize), nbytes);
}

void *datamem_handler_realloc(const struct datamem_handler *handler, void *ptr,
			      size_t nbytes)
{
	const struct datamem_allocator *table;
	struct call call;

	if (!ptr)
		return datamem_handler_alloc(handler, nbytes);
	if (!begin(&call, handler, ptr, &nbytes))
		return NULL;
	table = &call.handler->allocator;
	return end(&call, table->realloc(table->ctx, ptr, nbytes), nbytes);
}

void datamem_handler_free(const struct datamem_handler *handler, void *ptr,
			  size_t nbytes)
{
	int saved = errno;

	if (!ptr)
		return;
	handler = resolve(handler);
	if (dmem_likely(handler)) {
		if (watched_here(handler)) {
			dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
			dmem_profile_free(ptr);
		}
		dmem_host_call("a function of a handler");
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
			     dmem_context_meta_bytes();
	dmem_debug_collect(stats);
}

void dmem_handler_init(void)
{
	dmem_context_init();
	dmem_registry_init();
	dmem_alloc_on_shortage(dmem_debug_drain);
	dmem_stats_collect(collect);
}

size_t dmem_handler_trim(size_t keep)
{
	if (!keep)
		dmem_debug_drain();
	return dmem_alloc_trim(keep);
}

void dmem_handler_at_exit(void)
{
	dmem_debug_at_exit();
	dmem_registry_at_exit();
}

void dmem_handler_fork_prepare(void)
{
	dmem_registry_fork_prepare();
	dmem_context_fork_prepare();
	dmem_debug_fork_prepare();
}

void dmem_handler_fork_parent(void)
{
	dmem_debug_fork_parent();
	dmem_context_fork_parent();
	dmem_registry_fork_parent();
}

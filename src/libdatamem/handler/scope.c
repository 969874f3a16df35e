/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Handlers that count. */
#include "scope.h"

#include <string.h>

#include "alloc/alloc.h"
#include "records.h"
#include "builtins.h"
#include "debug.h"
#include "registry.h"
#include "shared.h"

/* One handler of a scope. */
struct counted {
	struct datamem_handler handler;        /* ctx: this struct */
	const struct datamem_handler *behind;
	size_t (*size)(const void *ptr);       /* of a live block */
	struct datamem_scope *scope;
	struct counted *next;
};

struct datamem_scope {
	struct datamem_scope *around;          /* constant */
	struct counted *handlers;              /* lock */
	/* Its owner, the blocks that are left, the scopes inside; the last one
	 * frees the record. */
	size_t refs;
	/* Relaxed; in the order of struct datamem_scope_counts. */
	uint64_t calls, allocated, failed;
	size_t live, blocks, peak;
};

static struct dmem_lock lock = DMEM_LOCK_INIT(SCOPES);
static struct dmem_records scopes =
	DMEM_RECORDS_INIT(struct datamem_scope, SCOPE_RECORDS);
static struct dmem_records counteds =
	DMEM_RECORDS_INIT(struct counted, SCOPE_HANDLERS);

static void take(struct datamem_scope *scope)
{
	dmem_fetch_add(&scope->refs, 1);
}

static void drop(struct datamem_scope *scope)
{
	struct datamem_scope *around;
	struct counted *counted, *next;

	while (scope && __atomic_fetch_sub(&scope->refs, 1,
					   __ATOMIC_ACQ_REL) == 1) {
		around = scope->around;
		for (counted = scope->handlers; counted; counted = next) {
			next = counted->next;
			dmem_records_put(&counteds, counted);
		}
		dmem_records_put(&scopes, scope);
		scope = around;
	}
}

static void raise_peak(size_t *peak, size_t live)
{
	size_t seen = dmem_load(peak);

	/* Blocks made elsewhere and freed here do not count, so that live is
	 * never below zero but for a caller's mistake. */
	while (live > seen && live <= DMEM_SIZE_MAX)
		if (__atomic_compare_exchange_n(peak, &seen, live, true,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return;
}

/* A call that made a block of nbytes out of one of before; 0: none. */
static void count_made(struct datamem_scope *scope, size_t before,
		       size_t nbytes)
{
	size_t more = nbytes > before ? nbytes - before : 0, live;

	for (; scope; scope = scope->around) {
		dmem_fetch_add(&scope->calls, 1);
		dmem_fetch_add(&scope->allocated, more);
		if (!before)
			dmem_fetch_add(&scope->blocks, 1);
		live = dmem_fetch_add(&scope->live, nbytes - before) +
		       (nbytes - before);
		if (more)
			raise_peak(&scope->peak, live);
	}
}

static void count_freed(struct datamem_scope *scope, size_t nbytes)
{
	for (; scope; scope = scope->around) {
		dmem_fetch_sub(&scope->live, nbytes);
		dmem_fetch_sub(&scope->blocks, 1);
	}
}

static void count_failed(struct datamem_scope *scope)
{
	for (; scope; scope = scope->around) {
		dmem_fetch_add(&scope->calls, 1);
		dmem_fetch_add(&scope->failed, 1);
	}
}

static void *made(struct counted *counted, void *ptr)
{
	int saved = errno;

	if (ptr) {
		take(counted->scope);
		count_made(counted->scope, 0, counted->size(ptr));
	} else {
		count_failed(counted->scope);
	}
	errno = saved;
	return ptr;
}

static void *scope_malloc(void *ctx, size_t nbytes)
{
	struct counted *counted = ctx;
	const struct datamem_allocator *table = &counted->behind->allocator;

	return made(counted, table->malloc(table->ctx, nbytes));
}

static void *scope_calloc(void *ctx, size_t nelem, size_t elsize)
{
	struct counted *counted = ctx;
	const struct datamem_allocator *table = &counted->behind->allocator;

	return made(counted, table->calloc(table->ctx, nelem, elsize));
}

static void *scope_realloc(void *ctx, void *ptr, size_t nbytes)
{
	struct counted *counted = ctx;
	const struct datamem_allocator *table = &counted->behind->allocator;
	size_t before;
	void *fresh;
	int saved;

	if (!ptr)
		return scope_malloc(ctx, nbytes);
	before = counted->size(ptr);
	fresh = table->realloc(table->ctx, ptr, nbytes);
	saved = errno;
	if (!fresh)
		count_failed(counted->scope);
	else if (before)
		count_made(counted->scope, before, counted->size(fresh));
	else
		made(counted, fresh);
	errno = saved;
	return fresh;
}

static void scope_free(void *ctx, void *ptr, size_t nbytes)
{
	struct counted *counted = ctx;
	const struct datamem_allocator *table = &counted->behind->allocator;
	struct datamem_scope *scope = counted->scope;
	size_t size = ptr ? counted->size(ptr) : 0;

	/* None, or a mistake that is reported behind. */
	if (size)
		count_freed(scope, size);
	table->free(table->ctx, ptr, nbytes);
	if (size)
		drop(scope);
}

const struct datamem_handler *dmem_scope_behind(
	const struct datamem_handler *handler)
{
	const struct counted *counted = handler->allocator.ctx;

	return handler->allocator.malloc == scope_malloc ? counted->behind
							 : NULL;
}

/*
 * How to tell the size of a block; NULL: it cannot be told. A host's own
 * default handler is the C library's, whatever it keeps (NumPy).
 */
static size_t (*size_of(const struct datamem_handler *handler))(const void *)
{
	if (handler->allocator.free == dmem_builtins_default()->allocator.free)
		return dmem_alloc_counted;
	if (handler == &dmem_builtins[DMEM_BUILTIN_SHARED])
		return dmem_shared_counted;
	if (handler == &dmem_builtins[DMEM_BUILTIN_DEBUG])
		return dmem_debug_usable_size;
	if (handler == &dmem_builtins[DMEM_BUILTIN_SYSTEM] ||
	    !strcmp(handler->name, dmem_builtins_default()->name))
		return dmem_alloc_system_usable;
	return NULL;
}

/* With the lock held. */
static struct counted *find(const struct datamem_scope *scope,
			    const struct datamem_handler *behind)
{
	struct counted *counted = scope->handlers;

	while (counted && counted->behind != behind)
		counted = counted->next;
	return counted;
}

/* With the lock held. */
static struct counted *add(struct datamem_scope *scope,
			   const struct datamem_handler *behind)
{
	struct counted *counted = dmem_records_get(&counteds);

	if (!counted)
		return NULL;
	memcpy(counted->handler.name, behind->name,
	       sizeof(counted->handler.name));
	counted->handler.version = DATAMEM_HANDLER_VERSION;
	counted->handler.allocator = (struct datamem_allocator){
		counted, scope_malloc, scope_calloc, scope_realloc, scope_free,
	};
	counted->behind = behind;
	counted->size = size_of(behind);
	counted->scope = scope;
	counted->next = scope->handlers;
	scope->handlers = counted;
	return counted;
}

const struct datamem_handler *datamem_scope_handler(
	struct datamem_scope *scope, const struct datamem_handler *handler)
{
	const struct datamem_handler *behind;
	struct counted *counted;

	dmem_library_init();
	if (!handler)
		handler = datamem_handler_get();
	if (!scope || !dmem_registry_valid(handler)) {
		errno = EINVAL;
		return NULL;
	}
	/* Scopes inside each other count for those around anyway. */
	behind = dmem_scope_behind(handler);
	if (!behind)
		behind = handler;
	if (!size_of(behind)) {
		errno = ENOTSUP;
		return NULL;
	}
	dmem_lock(&lock);
	counted = find(scope, behind);
	if (!counted)
		counted = add(scope, behind);
	dmem_unlock(&lock);
	if (!counted) {
		errno = ENOMEM;
		return NULL;
	}
	return &counted->handler;
}

struct datamem_scope *datamem_scope_new(struct datamem_scope *around)
{
	struct datamem_scope *scope;

	dmem_library_init();
	scope = dmem_records_get(&scopes);
	if (!scope) {
		errno = ENOMEM;
		return NULL;
	}
	scope->refs = 1;
	scope->around = around;
	if (around)
		take(around);
	return scope;
}

void datamem_scope_free(struct datamem_scope *scope)
{
	int saved = errno;

	if (scope)
		drop(scope);
	errno = saved;
}

int datamem_scope_get(const struct datamem_scope *scope,
		      struct datamem_scope_counts *out, size_t out_size)
{
	struct datamem_scope_counts counts;

	if (!scope || !out || !out_size)
		return -EINVAL;
	counts = (struct datamem_scope_counts){
		.calls = dmem_load(&scope->calls),
		.allocated_bytes = dmem_load(&scope->allocated),
		.failed_calls = dmem_load(&scope->failed),
		.live_bytes = dmem_load(&scope->live),
		.live_blocks = dmem_load(&scope->blocks),
		.peak_bytes = dmem_load(&scope->peak),
	};
	dmem_struct_copy(out, out_size, &counts, sizeof(counts));
	return 0;
}

size_t dmem_scope_meta_bytes(void)
{
	return dmem_load(&scopes.mapped) + dmem_load(&counteds.mapped);
}

void dmem_scope_fork_prepare(void)
{
	dmem_lock(&lock);
	dmem_lock(&counteds.lock);
	dmem_lock(&scopes.lock);
}

void dmem_scope_fork_parent(void)
{
	dmem_unlock(&scopes.lock);
	dmem_unlock(&counteds.lock);
	dmem_unlock(&lock);
}

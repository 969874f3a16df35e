/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* One handler for each alignment, each whose zeros are lazy, each node. */
#include "aligned.h"

#include <stdio.h>
#include <string.h>

#include "alloc/alloc.h"
#include "arena/arena.h"
#include "kernel/kernel.h"
#include "registry.h"

/* 1 byte to 2 MiB, as datamem_alloc_aligned() takes them. */
#define ALIGNMENTS 22
_Static_assert((size_t)1 << (ALIGNMENTS - 1) == DMEM_ALIGN_MAX,
	       "not all alignments have a handler");

/* In a context, beside the alignment. */
#define LAZY ((uintptr_t)1 << 31)

/* Filled when one is first asked for, under the lock of the registry, constant
 * afterwards; the lazy ones come last. */
static struct datamem_handler handlers[2 * ALIGNMENTS] DMEM_TABLE;
static const char aligned_prefix[] = "datamem_aligned_";
static const char lazy_prefix[] = "datamem_lazy_";

static size_t alignment_of(void *ctx)
{
	return (size_t)((uintptr_t)ctx & ~LAZY);
}

static void *aligned_malloc(void *ctx, size_t nbytes)
{
	return dmem_alloc_with(nbytes, alignment_of(ctx), 0);
}

static void *aligned_calloc(void *ctx, size_t nelem, size_t elsize)
{
	unsigned int lazy = (uintptr_t)ctx & LAZY ? DMEM_KIND_SPARSE : 0;
	size_t nbytes;

	if (!dmem_mul(nelem, elsize, &nbytes))
		nbytes = SIZE_MAX;
	return dmem_alloc_with(nbytes, alignment_of(ctx),
			       DMEM_KIND_ZERO | lazy);
}

static void *aligned_realloc(void *ctx, void *ptr, size_t nbytes)
{
	if (!ptr)
		return aligned_malloc(ctx, nbytes);
	/* Blocks remember what they asked for. */
	return dmem_alloc_apart.realloc(NULL, ptr, nbytes);
}

/* Made when they are asked for, under the lock of the registry. */
static struct datamem_handler nodes[DMEM_NODES_MAX] DMEM_TABLE;

static void *node_make(void *ctx, size_t nbytes, unsigned int kind)
{
	const struct datamem_handler *handler = ctx;

	return dmem_alloc_with(nbytes, DMEM_ALIGN_MAX,
			       kind | DMEM_KIND_NODE(handler - nodes));
}

static void *node_malloc(void *ctx, size_t nbytes)
{
	return node_make(ctx, nbytes, 0);
}

static void *node_calloc(void *ctx, size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (!dmem_mul(nelem, elsize, &nbytes))
		nbytes = SIZE_MAX;
	return node_make(ctx, nbytes, DMEM_KIND_ZERO);
}

static void *node_realloc(void *ctx, void *ptr, size_t nbytes)
{
	return ptr ? dmem_alloc_apart.realloc(NULL, ptr, nbytes)
		   : node_malloc(ctx, nbytes);
}

/* The handler of a node of this machine, or NULL. */
static const struct datamem_handler *node_find(const char *name)
{
	struct datamem_handler *handler;
	char text[32];

	if (strncmp(name, "datamem_node_", 13))
		return NULL;
	for (unsigned int i = 0; i < DMEM_NODES_MAX; i++) {
		snprintf(text, sizeof(text), "datamem_node_%u", i);
		if (strcmp(name, text) || !(dmem_kernel_nodes() >> i & 1))
			continue;
		handler = &nodes[i];
		if (handler->version)
			return handler;
		memcpy(handler->name, text, sizeof(text));
		handler->allocator = (struct datamem_allocator){
			handler, node_malloc, node_calloc, node_realloc,
			dmem_alloc_apart.free,
		};
		handler->version = DATAMEM_HANDLER_VERSION;
		return handler;
	}
	return NULL;
}

static void fill(void)
{
	struct datamem_handler *handler;

	if (handlers[0].version)
		return;
	for (unsigned int i = 0; i < 2 * ALIGNMENTS; i++) {
		uintptr_t lazy = i < ALIGNMENTS ? 0 : LAZY;
		uintptr_t align = (uintptr_t)1 << i % ALIGNMENTS;

		handler = &handlers[i];
		snprintf(handler->name, sizeof(handler->name), "%s%zu",
			 lazy ? lazy_prefix : aligned_prefix, (size_t)align);
		handler->version = DATAMEM_HANDLER_VERSION;
		handler->allocator = (struct datamem_allocator){
			.ctx = (void *)(align | lazy),
			.malloc = aligned_malloc,
			.calloc = aligned_calloc,
			.realloc = aligned_realloc,
			.free = dmem_alloc_apart.free,
		};
	}
}

const struct datamem_handler *dmem_aligned_find(const char *name)
{
	if (strncmp(name, aligned_prefix, sizeof(aligned_prefix) - 1) &&
	    strncmp(name, lazy_prefix, sizeof(lazy_prefix) - 1))
		return node_find(name);
	fill();
	for (unsigned int i = 0; i < 2 * ALIGNMENTS; i++)
		if (!strcmp(handlers[i].name, name))
			return &handlers[i];
	return NULL;
}

bool dmem_aligned_is(const struct datamem_handler *handler)
{
	return (handler >= handlers && handler < handlers + 2 * ALIGNMENTS) ||
	       (handler >= nodes && handler < nodes + DMEM_NODES_MAX);
}

size_t dmem_aligned_of(const struct datamem_handler *handler)
{
	if (!dmem_aligned_is(handler))
		return 0;
	return handler >= nodes && handler < nodes + DMEM_NODES_MAX ?
		       DMEM_ALIGN_MAX : alignment_of(handler->allocator.ctx);
}

const struct datamem_handler *datamem_handler_aligned(size_t alignment)
{
	char name[sizeof(aligned_prefix) + 24];

	if (!alignment || (alignment & (alignment - 1)) ||
	    alignment > DMEM_ALIGN_MAX) {
		errno = EINVAL;
		return NULL;
	}
	snprintf(name, sizeof(name), "%s%zu", aligned_prefix, alignment);
	return datamem_handler_find(name);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The blocks of soak.c, of every kind, each with its pattern; what is not as it
 * should be is said and counted.
 */
#ifndef TESTS_API_SOAK_H
#define TESTS_API_SOAK_H

#include <datamem.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_LOG 23

#define atomic_add(what, n) __atomic_fetch_add(&(what), n, __ATOMIC_RELAXED)
#define atomic_get(what) __atomic_load_n(&(what), __ATOMIC_RELAXED)

enum kind { FAMILY, DIMS, RAW, HANDLER, BUFFER, KINDS };

/* A block and what is known of it; handed over through the table. */
struct item {
	enum kind kind;
	unsigned char *ptr;
	size_t nbytes;
	size_t align;
	unsigned char seed;
	const struct datamem_handler *handler;
	struct datamem_buffer buffer;
};

static unsigned long findings, made, resized, refused, shared;

/* The scope that a thread's handlers count in, if any. */
static __thread struct datamem_scope *scope;

static void wrong(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	fputs("soak: ", stderr);
	vfprintf(stderr, what, args);
	fputc('\n', stderr);
	va_end(args);
	atomic_add(findings, 1);
}

static unsigned int next(unsigned int *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* As many small as large ones. */
static size_t some_size(unsigned int *state)
{
	size_t base = (size_t)1 << next(state) % LARGEST_LOG;

	return base + next(state) % base;
}

static size_t next_mark(size_t i)
{
	return i < 500 ? i + 1 : i + 1021;
}

static void fill(struct item *item, unsigned int *state)
{
	item->seed = (unsigned char)next(state);
	for (size_t i = 0; i < item->nbytes; i = next_mark(i))
		item->ptr[i] = (unsigned char)(item->seed + i * 7);
}

static void look(const struct item *item, size_t n, const char *when)
{
	for (size_t i = 0; i < n; i = next_mark(i))
		if (item->ptr[i] != (unsigned char)(item->seed + i * 7)) {
			wrong("%s: byte %zu of %zu, kind %d, is %d", when, i,
			      item->nbytes, (int)item->kind, item->ptr[i]);
			return;
		}
}

static void look_zero(const struct item *item, size_t from)
{
	for (size_t i = from; i < item->nbytes; i = next_mark(i))
		if (item->ptr[i]) {
			wrong("zeroed: byte %zu of %zu is %d", i, item->nbytes,
			      item->ptr[i]);
			return;
		}
}

static const struct datamem_handler *some_handler(unsigned int *state)
{
	static const char *const names[] = {
		"default_allocator", "datamem", "system", "debug", "shared",
		"datamem_aligned_64", "datamem_aligned_8192",
		"datamem_lazy_64",
	};
	const struct datamem_handler *handler =
		datamem_handler_find(names[next(state) % 8]), *counting;

	if (!scope || next(state) % 3)
		return handler;
	counting = datamem_scope_handler(scope, handler);
	if (!counting && errno != ENOMEM)
		wrong("handler of a scope: %s", strerror(errno));
	return counting ? counting : handler;
}

static void *make_family(struct item *item, unsigned int *state)
{
	size_t n = item->nbytes;
	void *ptr;

	switch (next(state) % 5) {
	case 0:
		ptr = datamem_alloc_array(n, 1);
		break;
	case 1:
		item->align = (size_t)1 << next(state) % 22;
		ptr = datamem_alloc_aligned(n, item->align);
		break;
	case 2:
		ptr = datamem_alloc_zeroed(1, n);
		item->ptr = ptr;
		if (ptr)
			look_zero(item, 0);
		break;
	case 3:
		ptr = datamem_alloc_lazy(n, 1);
		item->ptr = ptr;
		if (ptr)
			look_zero(item, 0);
		break;
	default:
		ptr = datamem_alloc(n);
		break;
	}
	return ptr;
}

static void *make_buffer(struct item *item, unsigned int *state)
{
	int ret;

	if (next(state) & 1) {
		item->align = (size_t)1 << next(state) % 14;
		ret = datamem_buffer_init_with(&item->buffer,
					       some_handler(state),
					       item->nbytes, item->align);
	} else {
		ret = datamem_buffer_init_zeroed(&item->buffer, item->nbytes,
						 1);
		item->ptr = item->buffer.data;
		if (!ret)
			look_zero(item, 0);
	}
	if (ret)
		errno = -ret;
	return ret ? NULL : item->buffer.data;
}

static struct item *make(unsigned int *state)
{
	struct item *item = calloc(1, sizeof(*item));
	void *ptr = NULL;

	if (!item)
		return NULL;
	item->kind = (enum kind)(next(state) % KINDS);
	item->nbytes = some_size(state);
	item->align = 1;
	switch (item->kind) {
	case FAMILY:
		ptr = make_family(item, state);
		break;
	case DIMS:
		item->nbytes = 8 * (2 + next(state) % 30);
		ptr = datamem_dims_alloc(item->nbytes / 8);
		break;
	case RAW:
		ptr = datamem_raw_new(item->nbytes);
		break;
	case HANDLER:
		item->handler = some_handler(state);
		ptr = datamem_handler_alloc(item->handler, item->nbytes);
		break;
	default:
		ptr = make_buffer(item, state);
		break;
	}
	if (!ptr) {
		if (errno != ENOMEM)
			wrong("kind %d: %s", (int)item->kind, strerror(errno));
		atomic_add(refused, 1);
		free(item);
		return NULL;
	}
	item->ptr = ptr;
	if ((uintptr_t)ptr % item->align)
		wrong("%zu bytes not at a multiple of %zu", item->nbytes,
		      item->align);
	fill(item, state);
	atomic_add(made, 1);
	return item;
}

static void give_back(struct item *item)
{
	switch (item->kind) {
	case FAMILY:
		datamem_free(item->ptr, item->nbytes);
		break;
	case DIMS:
		datamem_dims_free(item->ptr, item->nbytes / 8);
		break;
	case RAW:
		datamem_raw_free(item->ptr);
		break;
	case HANDLER:
		datamem_handler_free(item->handler, item->ptr, item->nbytes);
		break;
	default:
		datamem_buffer_release(&item->buffer);
		break;
	}
	free(item);
}

static void release(struct item *item)
{
	look(item, item->nbytes, "freed");
	give_back(item);
}

static bool is_of(const struct item *item, const char *name)
{
	const struct datamem_handler *handler =
		item->kind == BUFFER ? item->buffer.handler : item->handler;

	return handler && !strcmp(handler->name, name);
}

/* The same block by way of a reference; freed before or after the original. */
static void share(const struct item *item)
{
	const struct datamem_handler *handler = datamem_handler_find("shared");
	struct datamem_shared_ref ref;
	struct item copy = *item;
	void *ptr;
	int ret;

	if (datamem_shared_send(item->ptr, &ref, sizeof(ref)))
		return;
	ret = datamem_shared_receive(&ref, sizeof(ref), false, &ptr);
	if (ret) {
		/* EACCES: a call that was made to fail so. */
		if (ret != -EMFILE && ret != -ENFILE && ret != -ENOMEM &&
		    ret != -EACCES)
			wrong("a reference: %s", strerror(-ret));
		return;
	}
	copy.ptr = ptr;
	look(&copy, copy.nbytes, "received");
	datamem_handler_free(handler, (char *)ptr - ref.offset, 0);
	atomic_add(shared, 1);
}

/* What may be done to a block at any time without a change of its content. */
static void handle(const struct item *item, unsigned int *state)
{
	struct datamem_hugepage_receipt receipt;

	switch (next(state) % 8) {
	case 0:
		datamem_promote(item->ptr, item->nbytes);
		break;
	case 1:
		datamem_hugepage_receipt_get(item->ptr, item->nbytes, &receipt,
					     sizeof(receipt));
		break;
	default:
		if (is_of(item, "shared"))
			share(item);
		break;
	}
	look(item, item->nbytes, "taken");
}

static void *resize_buffer(struct item *item, size_t nbytes)
{
	size_t had = item->nbytes;

	if (datamem_buffer_resize_zeroed(&item->buffer, nbytes))
		return NULL;
	item->ptr = item->buffer.data;
	item->nbytes = nbytes;
	look_zero(item, had);
	item->nbytes = had;
	return item->ptr;
}

static void resize(struct item *item, unsigned int *state)
{
	size_t had = item->nbytes, nbytes = some_size(state);
	void *ptr = NULL;

	look(item, had, "before a resize");
	switch (item->kind) {
	case FAMILY:
		if (next(state) % 4)
			ptr = datamem_realloc_array(item->ptr, nbytes, 1);
		else if (!datamem_try_resize(item->ptr, nbytes))
			ptr = item->ptr;
		break;
	case RAW:
		ptr = datamem_raw_renew(item->ptr, nbytes);
		break;
	case HANDLER:
		ptr = datamem_handler_realloc(item->handler, item->ptr,
					      nbytes);
		break;
	case BUFFER:
		ptr = resize_buffer(item, nbytes);
		break;
	default:
		return;
	}
	if (!ptr) {
		look(item, had, "after a refusal");
		return;
	}
	item->ptr = ptr;
	item->nbytes = nbytes;
	if ((uintptr_t)ptr % item->align)
		wrong("resized: not at a multiple of %zu", item->align);
	look(item, had < nbytes ? had : nbytes, "after a resize");
	fill(item, state);
	atomic_add(resized, 1);
}

#endif /* TESTS_API_SOAK_H */

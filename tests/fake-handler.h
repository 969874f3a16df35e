/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A handler for tests. It hands out an address 64 bytes into its block of
 * malloc(3) and writes a mark in front, so that a block which reaches the wrong
 * functions is found out; it counts, and fails when told to. Thread-safe as
 * long as nobody changes fail_at meanwhile.
 */
#ifndef TESTS_FAKE_HANDLER_H
#define TESTS_FAKE_HANDLER_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <datamem.h>

#define FAKE_MARK UINT64_C(0x6661206b65206d61)
#define FAKE_PREFIX 64

struct fake {
	size_t calls;    /* malloc, calloc and realloc */
	size_t frees;
	size_t live;     /* blocks */
	size_t strays;   /* blocks that are not from here */
	size_t fail_at;  /* the call that fails, from 1; SIZE_MAX: all */
	int error;       /* its errno; 0: leaves errno alone */
	size_t nbytes;   /* of the last call; product for calloc */
	size_t hint;     /* of the last free */
};

#define fake_add(member, n) __atomic_fetch_add(&(member), n, __ATOMIC_RELAXED)
#define fake_set(member, n) __atomic_store_n(&(member), n, __ATOMIC_RELAXED)

static inline int fake_fails(struct fake *fake, size_t nbytes)
{
	size_t call = fake_add(fake->calls, 1) + 1;

	fake_set(fake->nbytes, nbytes);
	if (call != fake->fail_at && fake->fail_at != SIZE_MAX)
		return 0;
	if (fake->error)
		errno = fake->error;
	return 1;
}

static inline void *fake_mark(struct fake *fake, char *base)
{
	if (!base)
		return NULL;
	*(uint64_t *)base = FAKE_MARK;
	fake_add(fake->live, 1);
	return base + FAKE_PREFIX;
}

/* The block's own start, its mark wiped; NULL: not from here. */
static inline char *fake_unmark(struct fake *fake, void *ptr)
{
	char *base = (char *)ptr - FAKE_PREFIX;

	if (*(uint64_t *)base != FAKE_MARK) {
		fake_add(fake->strays, 1);
		return NULL;
	}
	*(uint64_t *)base = 0;
	fake_add(fake->live, (size_t)-1);
	return base;
}

static inline void *fake_malloc(void *ctx, size_t nbytes)
{
	struct fake *fake = ctx;

	if (fake_fails(fake, nbytes))
		return NULL;
	return fake_mark(fake, malloc(nbytes + FAKE_PREFIX));
}

static inline void *fake_calloc(void *ctx, size_t nelem, size_t elsize)
{
	struct fake *fake = ctx;

	if (fake_fails(fake, nelem * elsize))
		return NULL;
	return fake_mark(fake, calloc(1, nelem * elsize + FAKE_PREFIX));
}

static inline void *fake_realloc(void *ctx, void *ptr, size_t nbytes)
{
	struct fake *fake = ctx;
	char *base;

	if (fake_fails(fake, nbytes))
		return NULL;
	base = ptr ? fake_unmark(fake, ptr) : NULL;
	if (ptr && !base)
		return NULL;
	return fake_mark(fake, realloc(base, nbytes + FAKE_PREFIX));
}

static inline void fake_free(void *ctx, void *ptr, size_t nbytes)
{
	struct fake *fake = ctx;

	fake_add(fake->frees, 1);
	fake_set(fake->hint, nbytes);
	if (ptr)
		free(fake_unmark(fake, ptr));
}

/* Set up both structs; name as in struct datamem_handler. */
static inline void fake_init(struct datamem_handler *handler,
			     struct fake *fake, const char *name)
{
	memset(fake, 0, sizeof(*fake));
	memset(handler, 0, sizeof(*handler));
	strncpy(handler->name, name, sizeof(handler->name) - 1);
	handler->version = DATAMEM_HANDLER_VERSION;
	handler->allocator = (struct datamem_allocator){
		.ctx = fake,
		.malloc = fake_malloc,
		.calloc = fake_calloc,
		.realloc = fake_realloc,
		.free = fake_free,
	};
}

#endif /* TESTS_FAKE_HANDLER_H */

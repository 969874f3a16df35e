/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The allocators that replay and bench set side by side.
 *
 * Each is measured in a process of its own. The functions here are inline, so
 * that a loop compiled for one of them calls it as a program would: libdatamem
 * through the entry points of the shared library with the sized free, the
 * others through malloc(3) and its family.
 */
#ifndef CTL_ALLOCATOR_H
#define CTL_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <datamem.h>

enum allocator_kind {
	ALLOCATOR_DATAMEM,      /* libdatamem */
	ALLOCATOR_MALLOC,       /* whatever malloc(3) is in the process */
	ALLOCATOR_NUMPY,        /* NumPy's way over malloc(3) */
	ALLOCATOR_KINDS,
};

struct allocator {
	const char *name;
	const char *base;       /* NULL, or the built-in one of this variant */
	enum allocator_kind kind;
	const char *preload;    /* the library to measure, or NULL */
	const char *tunables;   /* GLIBC_TUNABLES, or NULL */
	const char *const *environment; /* "NAME=VALUE", then NULL; or NULL */
	bool keep;              /* mallopt(3): no mmap(2), no trim */
};

#define ALLOCATOR_MAX 32

struct allocator_list {
	struct allocator items[ALLOCATOR_MAX];
	size_t n;
};

/* The names that allocator_list_names() takes. */
#define ALLOCATOR_NAMES                                                      \
	"datamem, glibc, glibc-mallopt, glibc-hugetlb, numpy"

/*
 * Append built-in allocators, by a comma-separated list of names, or a shared
 * object that provides malloc(3), by its path or by a name for the dynamic
 * linker. Both end the tool with a message when that cannot be done.
 */
void allocator_list_names(struct allocator_list *list, const char *names);
void allocator_list_library(struct allocator_list *list, const char *path);

/* Put these before the ones that are there. */
void allocator_list_defaults(struct allocator_list *list, const char *names);

/* The index of the allocator that others are compared with; n: not there. */
size_t allocator_list_find(const struct allocator_list *list,
			   const char *name);

/*
 * In the measured process: make this one the allocator. Ends the process with
 * a message when malloc(3) is not the one that was asked for.
 */
void allocator_enter(const struct allocator *allocator);

/* An allocator of allocator_list_names(), or one by its library. */
struct allocator allocator_by_name(const char *name, const char *preload);

/*
 * NumPy's way (alloc.c of NumPy 2.1): 1024 byte-exact buckets of up to 7
 * freed blocks; advice on the inner pages of blocks from 4 MiB on. Its own
 * lock is the interpreter's; allocator_numpy_lock() is for several threads.
 */
void allocator_numpy_lock(bool on);
void *allocator_numpy_alloc(size_t nbytes);
void *allocator_numpy_zeroed(size_t nbytes);
void *allocator_numpy_resize(void *ptr, size_t nbytes);
void allocator_numpy_free(void *ptr, size_t nbytes);

/* Have all free memory given back, by whatever call the allocator has. */
void allocator_give_back(enum allocator_kind kind);

/* Have the memory in use counted, by whatever call the allocator has. */
void allocator_count(enum allocator_kind kind);

/* kind is a constant wherever these are worth their inlining. */
#define ALLOCATOR_INLINE static inline __attribute__((__always_inline__))

ALLOCATOR_INLINE void *allocator_alloc(enum allocator_kind kind, size_t nbytes)
{
	if (kind == ALLOCATOR_DATAMEM)
		return datamem_alloc(nbytes);
	if (kind == ALLOCATOR_NUMPY)
		return allocator_numpy_alloc(nbytes);
	return malloc(nbytes);
}

ALLOCATOR_INLINE void *allocator_zeroed(enum allocator_kind kind,
					size_t nbytes)
{
	if (kind == ALLOCATOR_DATAMEM)
		return datamem_alloc_zeroed(nbytes, 1);
	if (kind == ALLOCATOR_NUMPY)
		return allocator_numpy_zeroed(nbytes);
	return calloc(nbytes, 1);
}

/* alignment: a power of two above that of malloc(3). */
ALLOCATOR_INLINE void *allocator_aligned(enum allocator_kind kind,
					 size_t nbytes, size_t alignment)
{
	void *ptr;

	if (kind == ALLOCATOR_DATAMEM)
		return datamem_alloc_aligned(nbytes, alignment);
	return posix_memalign(&ptr, alignment, nbytes) ? NULL : ptr;
}

ALLOCATOR_INLINE void *allocator_resize(enum allocator_kind kind, void *ptr,
					size_t nbytes)
{
	if (kind == ALLOCATOR_DATAMEM)
		return datamem_realloc(ptr, nbytes);
	if (kind == ALLOCATOR_NUMPY)
		return allocator_numpy_resize(ptr, nbytes);
	return realloc(ptr, nbytes);
}

ALLOCATOR_INLINE void allocator_free(enum allocator_kind kind, void *ptr,
				     size_t nbytes)
{
	if (kind == ALLOCATOR_DATAMEM)
		datamem_free(ptr, nbytes);
	else if (kind == ALLOCATOR_NUMPY)
		allocator_numpy_free(ptr, nbytes);
	else
		free(ptr);
}

#endif /* CTL_ALLOCATOR_H */

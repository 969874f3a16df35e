/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * malloc(3) and its family, in front of the program's allocator. Each call goes
 * to the next in the linker's order, never to the C library by name: a program
 * that brings an allocator of its own would be handed blocks of two.
 */
#include "observer.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"

static struct {
	void *(*malloc)(size_t nbytes);
	void *(*calloc)(size_t nelem, size_t elsize);
	void *(*realloc)(void *ptr, size_t nbytes);
	void (*free)(void *ptr);
	void *(*memalign)(size_t alignment, size_t nbytes);
	int (*posix_memalign)(void **out, size_t alignment, size_t nbytes);
	void *(*aligned_alloc)(size_t alignment, size_t nbytes);
	void *(*valloc)(size_t nbytes);
	void *(*pvalloc)(size_t nbytes);
	size_t (*usable_size)(void *ptr);
	void (*free_sized)(void *ptr, size_t nbytes);
	void (*free_aligned_sized)(void *ptr, size_t alignment, size_t nbytes);
	int (*madvise)(void *ptr, size_t nbytes, int advice);
} next;

/* --- Before the next allocator is known ----------------------------------- */

/* What the dynamic linker asks for while it looks for the functions. */
static _Alignas(16) char early[16384];
static size_t early_used;
static bool resolving, resolved;

static bool is_early(const void *ptr)
{
	return (uintptr_t)ptr - (uintptr_t)early < sizeof(early);
}

/* Zeros; never used again. Its size stands before it. */
static void *early_alloc(size_t nbytes)
{
	size_t need, at;

	if (nbytes > sizeof(early))
		return NULL;
	need = ((nbytes + 15) & ~(size_t)15) + 16;
	at = __atomic_fetch_add(&early_used, need, __ATOMIC_RELAXED);
	if (at + need > sizeof(early)) {
		errno = ENOMEM;
		return NULL;
	}
	memcpy(early + at, &nbytes, sizeof(nbytes));
	return early + at + 16;
}

static size_t early_size(const void *ptr)
{
	size_t nbytes;

	memcpy(&nbytes, (const char *)ptr - 16, sizeof(nbytes));
	return nbytes;
}

/* ISO C has no cast from an object's address to a function's. */
static void find(void *function, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
}

OBSERVER_COLD void observer_family_resolve(void)
{
	if (resolved || resolving)
		return;
	resolving = true;
	find(&next.malloc, "malloc");
	find(&next.calloc, "calloc");
	find(&next.realloc, "realloc");
	find(&next.free, "free");
	find(&next.memalign, "memalign");
	find(&next.posix_memalign, "posix_memalign");
	find(&next.aligned_alloc, "aligned_alloc");
	find(&next.valloc, "valloc");
	find(&next.pvalloc, "pvalloc");
	find(&next.usable_size, "malloc_usable_size");
	find(&next.free_sized, "free_sized");
	find(&next.free_aligned_sized, "free_aligned_sized");
	find(&next.madvise, "madvise");
	__atomic_store_n(&resolved, true, __ATOMIC_RELEASE);
	resolving = false;
}

/* False: only the early memory can serve. */
static inline bool ready(void)
{
	if (observer_likely(__atomic_load_n(&resolved, __ATOMIC_ACQUIRE)))
		return true;
	observer_family_resolve();
	return resolved;
}

const char *observer_family_library(void)
{
	Dl_info info;
	void *function;

	memcpy(&function, &next.malloc, sizeof(function));
	return function && dladdr(function, &info) && info.dli_fname ?
		       info.dli_fname : "";
}

/* --- The family ----------------------------------------------------------- */

/*
 * While the next allocator works for a large block: what it calls of the family
 * itself is no block of the program.
 */
OBSERVER_TLS bool forwarding;

static inline bool wanted(size_t nbytes)
{
	return observer_unlikely(nbytes >= observer_min) && !forwarding;
}

/*
 * Small blocks, which are most, are told by the size that the allocator knows;
 * it is never less than what was asked for.
 */
static inline bool may_be_ours(void *ptr)
{
	return observer_min != SIZE_MAX && !forwarding &&
	       (!next.usable_size || next.usable_size(ptr) >= observer_min);
}

static void *made(char op, void *ptr, size_t nbytes)
{
	forwarding = false;
	if (ptr)
		observer_made(op, ptr, nbytes, OBSERVER_MALLOC);
	return ptr;
}

OBSERVER_API void *malloc(size_t nbytes)
{
	if (observer_unlikely(!ready()))
		return early_alloc(nbytes);
	if (!wanted(nbytes))
		return next.malloc(nbytes);
	forwarding = true;
	return made('a', next.malloc(nbytes), nbytes);
}

OBSERVER_API void *calloc(size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (__builtin_mul_overflow(nelem, elsize, &nbytes))
		nbytes = 0;
	if (observer_unlikely(!ready())) {
		if (!nbytes && nelem && elsize) {
			errno = ENOMEM;
			return NULL;
		}
		return early_alloc(nbytes);
	}
	if (!wanted(nbytes))
		return next.calloc(nelem, elsize);
	forwarding = true;
	return made('z', next.calloc(nelem, elsize), nbytes);
}

OBSERVER_API void free(void *ptr)
{
	if (!ptr || observer_unlikely(is_early(ptr)) ||
	    observer_unlikely(!ready()))
		return;
	if (may_be_ours(ptr))
		observer_freed(ptr, OBSERVER_MALLOC);
	next.free(ptr);
}

OBSERVER_COLD static void *grow_early(void *ptr, size_t nbytes)
{
	size_t size = early_size(ptr);
	void *bigger = malloc(nbytes);

	if (bigger)
		memcpy(bigger, ptr, size < nbytes ? size : nbytes);
	return bigger;
}

static void *resize_ours(void *ptr, size_t nbytes,
			 const struct observer_block *block)
{
	void *resized;

	forwarding = true;
	resized = next.realloc(ptr, nbytes);
	forwarding = false;
	/* 0 bytes free the block, for most allocators. */
	if (resized)
		observer_resized(resized, nbytes, OBSERVER_MALLOC, block);
	else if (!nbytes)
		observer_resized(ptr, 0, OBSERVER_MALLOC, block);
	else
		observer_put_back(ptr, block);
	return resized;
}

OBSERVER_API void *realloc(void *ptr, size_t nbytes)
{
	struct observer_block block;

	if (!ptr)
		return malloc(nbytes);
	if (observer_unlikely(is_early(ptr)) || observer_unlikely(!ready()))
		return grow_early(ptr, nbytes);
	if (may_be_ours(ptr) && observer_take(ptr, OBSERVER_MALLOC, &block))
		return resize_ours(ptr, nbytes, &block);
	if (!wanted(nbytes))
		return next.realloc(ptr, nbytes);
	forwarding = true;
	return made('a', next.realloc(ptr, nbytes), nbytes);
}

OBSERVER_API void *reallocarray(void *ptr, size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (__builtin_mul_overflow(nelem, elsize, &nbytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(ptr, nbytes);
}

OBSERVER_API void *memalign(size_t alignment, size_t nbytes)
{
	if (!ready() || !next.memalign) {
		errno = ENOMEM;
		return NULL;
	}
	if (!wanted(nbytes))
		return next.memalign(alignment, nbytes);
	forwarding = true;
	return made('a', next.memalign(alignment, nbytes), nbytes);
}

OBSERVER_API int posix_memalign(void **out, size_t alignment, size_t nbytes)
{
	int err;

	if (!ready() || !next.posix_memalign)
		return ENOMEM;
	if (!wanted(nbytes))
		return next.posix_memalign(out, alignment, nbytes);
	forwarding = true;
	err = next.posix_memalign(out, alignment, nbytes);
	made('a', err ? NULL : *out, nbytes);
	return err;
}

OBSERVER_API void *aligned_alloc(size_t alignment, size_t nbytes)
{
	if (!ready() || !next.aligned_alloc) {
		errno = ENOMEM;
		return NULL;
	}
	if (!wanted(nbytes))
		return next.aligned_alloc(alignment, nbytes);
	forwarding = true;
	return made('a', next.aligned_alloc(alignment, nbytes), nbytes);
}

OBSERVER_API void *valloc(size_t nbytes)
{
	if (!ready() || !next.valloc) {
		errno = ENOMEM;
		return NULL;
	}
	if (!wanted(nbytes))
		return next.valloc(nbytes);
	forwarding = true;
	return made('a', next.valloc(nbytes), nbytes);
}

OBSERVER_API void *pvalloc(size_t nbytes)
{
	if (!ready() || !next.pvalloc) {
		errno = ENOMEM;
		return NULL;
	}
	if (!wanted(nbytes))
		return next.pvalloc(nbytes);
	forwarding = true;
	return made('a', next.pvalloc(nbytes), nbytes);
}

OBSERVER_API size_t malloc_usable_size(void *ptr)
{
	if (!ptr)
		return 0;
	if (observer_unlikely(is_early(ptr)))
		return early_size(ptr);
	return ready() && next.usable_size ? next.usable_size(ptr) : 0;
}

/* C23; a C library before 2.43 does not have them, but a program may. */
void free_sized(void *ptr, size_t nbytes);
void free_aligned_sized(void *ptr, size_t alignment, size_t nbytes);

OBSERVER_API void free_sized(void *ptr, size_t nbytes)
{
	if (!ptr || is_early(ptr) || !ready() || !next.free_sized) {
		free(ptr);
		return;
	}
	if (may_be_ours(ptr))
		observer_freed(ptr, OBSERVER_MALLOC);
	next.free_sized(ptr, nbytes);
}

OBSERVER_API void free_aligned_sized(void *ptr, size_t alignment, size_t nbytes)
{
	if (!ptr || is_early(ptr) || !ready() || !next.free_aligned_sized) {
		free(ptr);
		return;
	}
	if (may_be_ours(ptr))
		observer_freed(ptr, OBSERVER_MALLOC);
	next.free_aligned_sized(ptr, alignment, nbytes);
}

/* NumPy advises its blocks itself: a replay has to know. */
OBSERVER_API int madvise(void *ptr, size_t nbytes, int advice)
{
	int result;

	if (!ready() || !next.madvise)
		return (int)syscall(SYS_madvise, ptr, nbytes, advice);
	result = next.madvise(ptr, nbytes, advice);
	if (advice == MADV_HUGEPAGE && observer_min != SIZE_MAX)
		observer_advised(nbytes);
	return result;
}

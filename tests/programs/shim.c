/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * malloc(3) and its family on libdatamem, to be preloaded into programs that
 * are to be measured. Not installed, and not meant for use. Blocks smaller than
 * SHIM_MIN bytes (0) stay with the C library, as `datamem-ctl record` leaves
 * them out; so do those that it made before this was there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <datamem.h>

#define ALIGNMENT_MAX ((size_t)2 << 20)

/* What the C library calls its own. */
void *__libc_malloc(size_t nbytes);
void *__libc_calloc(size_t nelem, size_t elsize);
void *__libc_realloc(void *ptr, size_t nbytes);
void __libc_free(void *ptr);

/* Not known before the constructor: until then all is the C library's. */
static size_t min = SIZE_MAX;
static size_t (*libc_usable_size)(void *ptr);

__attribute__((__constructor__)) static void begin(void)
{
	const char *text = getenv("SHIM_MIN");
	void *found = dlsym(RTLD_NEXT, "malloc_usable_size");

	/* ISO C has no cast from an object's address to a function's. */
	memcpy(&libc_usable_size, &found, sizeof(found));
	min = text ? strtoul(text, NULL, 10) : 0;
}

/* datamem_usable_size() knows its own blocks. */
static int is_ours(void *ptr)
{
	return datamem_usable_size(ptr) > 0;
}

/* The product hides what is not in its map. */
#pragma GCC visibility push(default)

void *malloc(size_t nbytes)
{
	return nbytes < min ? __libc_malloc(nbytes) : datamem_alloc(nbytes);
}

void *calloc(size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (!__builtin_mul_overflow(nelem, elsize, &nbytes) && nbytes < min)
		return __libc_calloc(nelem, elsize);
	return datamem_alloc_zeroed(nelem, elsize);
}

void free(void *ptr)
{
	if (ptr && is_ours(ptr))
		datamem_free(ptr, 1);
	else
		__libc_free(ptr);
}

/* From the C library's blocks to ours as they grow; never back. */
static void *leave_libc(void *ptr, size_t nbytes)
{
	size_t before = libc_usable_size ? libc_usable_size(ptr) : 0;
	void *bigger;

	if (nbytes < min || !before)
		return __libc_realloc(ptr, nbytes);
	bigger = datamem_alloc(nbytes);
	if (bigger) {
		memcpy(bigger, ptr, before < nbytes ? before : nbytes);
		__libc_free(ptr);
	}
	return bigger;
}

void *realloc(void *ptr, size_t nbytes)
{
	if (!ptr)
		return malloc(nbytes);
	if (!nbytes) {
		free(ptr);
		return NULL;
	}
	return is_ours(ptr) ? datamem_realloc(ptr, nbytes) :
			      leave_libc(ptr, nbytes);
}

void *reallocarray(void *ptr, size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (__builtin_mul_overflow(nelem, elsize, &nbytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(ptr, nbytes);
}

void *memalign(size_t alignment, size_t nbytes)
{
	if (alignment > ALIGNMENT_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	return datamem_alloc_aligned(nbytes, alignment < 16 ? 16 : alignment);
}

void *aligned_alloc(size_t alignment, size_t nbytes)
{
	return memalign(alignment, nbytes);
}

int posix_memalign(void **out, size_t alignment, size_t nbytes)
{
	int saved = errno;
	void *ptr;

	if (alignment % sizeof(void *) || alignment & (alignment - 1) ||
	    !alignment)
		return EINVAL;
	ptr = memalign(alignment, nbytes);
	errno = saved;
	if (!ptr)
		return ENOMEM;
	*out = ptr;
	return 0;
}

void *valloc(size_t nbytes)
{
	return memalign((size_t)sysconf(_SC_PAGESIZE), nbytes);
}

void *pvalloc(size_t nbytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return memalign(page, (nbytes + page - 1) & ~(page - 1));
}

size_t malloc_usable_size(void *ptr)
{
	size_t nbytes = ptr ? datamem_usable_size(ptr) : 0;

	return nbytes || !ptr || !libc_usable_size ? nbytes :
						     libc_usable_size(ptr);
}

int malloc_trim(size_t pad)
{
	return datamem_trim(pad) > 0;
}

#pragma GCC visibility pop

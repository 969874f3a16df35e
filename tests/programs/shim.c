/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * malloc(3) and its family on libdatamem, to be preloaded into programs that
 * are to be measured. Not installed, and not meant for use: an address that
 * the C library made before this was there is left alone when it is freed.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <datamem.h>

#define ALIGNMENT_MAX ((size_t)2 << 20)

/* The product hides what is not in its map. */
#pragma GCC visibility push(default)

void *malloc(size_t nbytes)
{
	return datamem_alloc(nbytes);
}

void *calloc(size_t nelem, size_t elsize)
{
	return datamem_alloc_zeroed(nelem, elsize);
}

void free(void *ptr)
{
	datamem_free(ptr, 1);
}

void *realloc(void *ptr, size_t nbytes)
{
	if (ptr && !nbytes) {
		datamem_free(ptr, 1);
		return NULL;
	}
	return datamem_realloc(ptr, nbytes);
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
	return ptr ? datamem_usable_size(ptr) : 0;
}

int malloc_trim(size_t pad)
{
	return datamem_trim(pad) > 0;
}

#pragma GCC visibility pop

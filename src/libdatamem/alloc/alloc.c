/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* datamem_alloc() and its family. */

#include "alloc.h"

#include "fast.h"

/* Entry points at the start of a cache line: worth up to a tenth in a loop. */
#define HOT __attribute__((__hot__, __aligned__(64)))

HOT void *datamem_alloc(size_t nbytes)
{
	return dmem_fast_alloc(nbytes, DMEM_DOOR_CALLS);
}

HOT void *datamem_alloc_zeroed(size_t nelem, size_t elsize)
{
	return dmem_fast_zeroed(nelem, elsize, DMEM_DOOR_CALLS);
}

/* What overflows stays so: SIZE_MAX is refused by every path. */
DMEM_INLINE size_t product(size_t nelem, size_t elsize)
{
	size_t nbytes;

	return dmem_likely(dmem_mul(nelem, elsize, &nbytes)) ? nbytes
							     : SIZE_MAX;
}

HOT void *datamem_alloc_array(size_t nelem, size_t elsize)
{
	return dmem_fast_alloc(product(nelem, elsize), DMEM_DOOR_CALLS);
}

void *datamem_alloc_lazy(size_t nelem, size_t elsize)
{
	size_t nbytes = product(nelem, elsize);

	if (nbytes <= DMEM_SMALL_MAX)
		return dmem_fast_zeroed(nbytes, 1, DMEM_DOOR_CALLS);
	return dmem_slow_make(nbytes, 0, DMEM_KIND_ZERO | DMEM_KIND_SPARSE,
			      DMEM_DOOR_CALLS);
}

void *datamem_alloc_aligned(size_t nbytes, size_t alignment)
{
	if (!alignment || alignment & (alignment - 1) ||
	    alignment > DMEM_ALIGN_MAX) {
		errno = EINVAL;
		return NULL;
	}
	/* 16 is what every block has. */
	if (alignment <= 16)
		return dmem_fast_alloc(nbytes, DMEM_DOOR_CALLS);
	return dmem_slow_make(nbytes, alignment, 0, DMEM_DOOR_CALLS);
}

void *datamem_realloc(void *ptr, size_t nbytes)
{
	return dmem_slow_resize(DMEM_DOOR_CALLS, ptr, nbytes);
}

void *datamem_realloc_array(void *ptr, size_t nelem, size_t elsize)
{
	return dmem_slow_resize(DMEM_DOOR_CALLS, ptr, product(nelem, elsize));
}

int datamem_try_resize(void *ptr, size_t nbytes)
{
	return dmem_slow_fit(ptr, nbytes);
}

HOT void datamem_free(void *ptr, size_t nbytes)
{
	dmem_fast_free(ptr, nbytes, DMEM_DOOR_CALLS);
}

size_t datamem_usable_size(const void *ptr)
{
	return dmem_slow_usable(ptr);
}

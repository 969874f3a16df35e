/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The C library's memory: as the handler `system`, without accounts, and as the
 * raw functions, with them.
 */

#include "alloc.h"

#include <malloc.h>
#include <stdlib.h>

#include "stats.h"
#include "trace/trace.h"

static void *fail(void)
{
	dmem_stats_count(DMEM_COUNT_FAILED);
	errno = ENOMEM;
	return NULL;
}

/*
 * A result of the C library, which may have set errno on the way: malloc(3)
 * that finds no room in the heap and then takes a mapping leaves ENOMEM.
 */
static void *given(void *ptr, int saved_errno)
{
	if (!ptr)
		return fail();
	errno = saved_errno;
	return ptr;
}

static void *system_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	int saved = errno;

	if (nbytes > DMEM_SIZE_MAX)
		return fail();
	return given(malloc(nbytes ? nbytes : 1), saved);
}

static void *system_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	int saved = errno;
	size_t nbytes;

	if (!dmem_mul(nelem, elsize, &nbytes) || nbytes > DMEM_SIZE_MAX)
		return fail();
	return given(calloc(nbytes ? nbytes : 1, 1), saved);
}

static void *system_realloc(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	int saved = errno;

	if (nbytes > DMEM_SIZE_MAX)
		return fail();
	return given(realloc(ptr, nbytes ? nbytes : 1), saved);
}

static void system_free(void *ctx DMEM_UNUSED, void *ptr,
			size_t nbytes DMEM_UNUSED)
{
	int saved = errno;

	/* glibc keeps errno from 2.33 on. */
	free(ptr);
	errno = saved;
}

const struct datamem_allocator dmem_alloc_system = {
	NULL, system_malloc, system_calloc, system_realloc, system_free,
};

size_t dmem_alloc_system_usable(const void *ptr)
{
	return malloc_usable_size((void *)(uintptr_t)ptr);
}

/* It goes by what it gave, so all of that may be used (malloc_usable_size(3)). */
int dmem_alloc_system_fit(void *ptr, size_t nbytes)
{
	return nbytes <= malloc_usable_size(ptr) ? 0 : -ENOSPC;
}

static void *track(struct dmem_trace_ticket *ticket, void *ptr, size_t nbytes)
{
	if (ptr)
		dmem_trace_commit(ticket, ptr, nbytes ? nbytes : 1);
	else
		dmem_trace_cancel(ticket);
	return ptr;
}

void *datamem_raw_new(size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL))
		return fail();
	return track(&ticket, system_malloc(NULL, nbytes), nbytes);
}

void *datamem_raw_new_zeroed(size_t nelem, size_t elsize)
{
	struct dmem_trace_ticket ticket;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, NULL))
		return fail();
	return track(&ticket, system_calloc(NULL, nelem, elsize),
		     nelem * elsize);
}

void *datamem_raw_renew(void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	if (dmem_trace_begin(&ticket, DATAMEM_TRACE_DOMAIN, ptr))
		return fail();
	return track(&ticket, system_realloc(NULL, ptr, nbytes), nbytes);
}

void datamem_raw_free(void *ptr)
{
	if (dmem_trace_on())
		dmem_trace_free(DATAMEM_TRACE_DOMAIN, ptr);
	system_free(NULL, ptr, 0);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Requests to valgrind: instructions that do nothing outside of it. */
#include "valgrind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H

#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>

/*
 * valgrind preloads a library for each tool that replaces malloc (memcheck,
 * massif, dhat, helgrind, drd); those that count instructions have none.
 */
DMEM_START const char *dmem_valgrind_find(bool *watches)
{
	static const char mark[] = "/vgpreload_";
	static char name[64];
	const char *at;

	*watches = false;
	if (!RUNNING_ON_VALGRIND)
		return NULL;
	at = getenv("LD_PRELOAD");
	while (at && (at = strstr(at, mark))) {
		at += sizeof(mark) - 1;
		if (!strncmp(at, "core-", 5))
			continue;
		*watches = true;
		snprintf(name, sizeof(name), "valgrind %.*s",
			 (int)DMEM_MIN(strcspn(at, "-:"), (size_t)32), at);
		return name;
	}
	return "valgrind";
}

/* Only memcheck answers; it knows what may be accessed, not where blocks
 * begin. */
bool dmem_valgrind_alive(const void *ptr)
{
	unsigned char bits;

	return VALGRIND_GET_VBITS(ptr, &bits, 1) != 3;
}

/* Never accessible: its name is in memcheck's report. */
static char pointer_is_no_block_of_libdatamem;

void dmem_valgrind_complain(const void *ptr DMEM_UNUSED)
{
	(void)VALGRIND_MAKE_MEM_NOACCESS(&pointer_is_no_block_of_libdatamem,
					 1);
	(void)VALGRIND_CHECK_MEM_IS_ADDRESSABLE(
		&pointer_is_no_block_of_libdatamem, 1);
}

bool dmem_valgrind_complain_lost(const void *ptr)
{
	if (dmem_valgrind_alive(ptr))
		return false;
	(void)VALGRIND_CHECK_MEM_IS_ADDRESSABLE(ptr, 1);
	return true;
}

void dmem_valgrind_forbid(const void *ptr, size_t nbytes)
{
	(void)VALGRIND_MAKE_MEM_NOACCESS(ptr, nbytes);
}

void dmem_valgrind_permit(const void *ptr, size_t nbytes)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, nbytes);
}

void dmem_valgrind_open(const void *ptr, size_t nbytes)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(ptr, nbytes);
}

void dmem_valgrind_made(const void *ptr, size_t nbytes, bool zeroed)
{
	VALGRIND_MALLOCLIKE_BLOCK(ptr, nbytes, 0, zeroed);
}

void dmem_valgrind_gone(const void *ptr)
{
	VALGRIND_FREELIKE_BLOCK(ptr, 0);
}

void dmem_valgrind_resized(const void *ptr, size_t old_nbytes, size_t nbytes)
{
	VALGRIND_RESIZEINPLACE_BLOCK(ptr, old_nbytes, nbytes, 0);
}

/* What was undefined in a block that may move is taken for defined. */
void dmem_valgrind_moved(size_t old_nbytes, const void *ptr, size_t nbytes)
{
	VALGRIND_MALLOCLIKE_BLOCK(ptr, nbytes, 0, 1);
	if (nbytes > old_nbytes)
		(void)VALGRIND_MAKE_MEM_UNDEFINED((const char *)ptr +
						  old_nbytes,
						  nbytes - old_nbytes);
}

#else /* no headers */

const char *dmem_valgrind_find(bool *watches)
{
	*watches = false;
	return NULL;
}

bool dmem_valgrind_alive(const void *ptr DMEM_UNUSED)
{
	return true;
}

void dmem_valgrind_complain(const void *ptr DMEM_UNUSED)
{
}

bool dmem_valgrind_complain_lost(const void *ptr DMEM_UNUSED)
{
	return false;
}

void dmem_valgrind_forbid(const void *ptr DMEM_UNUSED,
			  size_t nbytes DMEM_UNUSED)
{
}

void dmem_valgrind_permit(const void *ptr DMEM_UNUSED,
			  size_t nbytes DMEM_UNUSED)
{
}

void dmem_valgrind_open(const void *ptr DMEM_UNUSED, size_t nbytes DMEM_UNUSED)
{
}

void dmem_valgrind_made(const void *ptr DMEM_UNUSED, size_t nbytes DMEM_UNUSED,
			bool zeroed DMEM_UNUSED)
{
}

void dmem_valgrind_gone(const void *ptr DMEM_UNUSED)
{
}

void dmem_valgrind_resized(const void *ptr DMEM_UNUSED,
			   size_t old_nbytes DMEM_UNUSED,
			   size_t nbytes DMEM_UNUSED)
{
}

void dmem_valgrind_moved(size_t old_nbytes DMEM_UNUSED,
			 const void *ptr DMEM_UNUSED,
			 size_t nbytes DMEM_UNUSED)
{
}

#endif

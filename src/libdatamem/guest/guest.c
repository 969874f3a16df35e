/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which tool watches the process, and what is done for it. */
#include "guest.h"

#include <stdlib.h>

#include "sanitizer.h"
#include "valgrind.h"

#define WEAK __attribute__((__weak__))

/* heaptrack_api.h: there while heaptrack runs the program. */
WEAK void heaptrack_malloc(void *ptr, size_t size);
WEAK void heaptrack_realloc(void *old, size_t size, void *ptr);
WEAK void heaptrack_free(void *ptr);

unsigned int dmem_guest_ways;

static enum {
	NONE,
	SANITIZER,
	VALGRIND,
	HEAPTRACK,
} kind;
static const char *name;

/*
 * A build with sanitizers is for tests of the library: of its arena, as it is
 * where no tool is told of anything, unless that is asked for.
 */
#ifdef DMEM_SANITIZED
#define UNASKED 0
#else
#define UNASKED DMEM_GUEST_HOSTED
#endif

static bool replaces_malloc(void)
{
	bool watches = false;

	name = dmem_sanitizer_find();
	if (name) {
		kind = SANITIZER;
		return true;
	}
	name = dmem_valgrind_find(&watches);
	if (name)
		kind = VALGRIND;
	return watches;
}

void dmem_guest_init(bool arena)
{
	if (replaces_malloc()) {
		dmem_guest_ways = arena ? DMEM_GUEST_DESCRIBED : UNASKED;
		return;
	}
	if (kind == NONE && heaptrack_malloc && heaptrack_realloc &&
	    heaptrack_free) {
		kind = HEAPTRACK;
		name = "heaptrack";
		dmem_guest_ways = DMEM_GUEST_COUNTED;
	}
}

const char *dmem_guest_name(void)
{
	return name;
}

bool dmem_guest_takes_for_fork(void)
{
	return kind == SANITIZER && dmem_sanitizer_is_of_threads();
}

void dmem_guest_on_free(void (*gone)(const void *ptr))
{
	if (kind == SANITIZER)
		dmem_sanitizer_on_free(gone);
}

bool dmem_guest_alive(const void *ptr)
{
	return kind == SANITIZER ? dmem_sanitizer_alive(ptr)
				 : dmem_valgrind_alive(ptr);
}

DMEM_FRAMED void dmem_guest_complain(const void *ptr)
{
	if (kind == SANITIZER)
		dmem_sanitizer_complain(ptr);
	else
		dmem_valgrind_complain(ptr);
}

DMEM_FRAMED void dmem_guest_complain_dead(void *ptr)
{
	if (kind == SANITIZER)
		dmem_sanitizer_complain_dead(ptr);
	else
		free(ptr);
}

bool dmem_guest_complain_lost(const void *ptr)
{
	return kind == VALGRIND && dmem_valgrind_complain_lost(ptr);
}

void dmem_guest_forbid(const void *ptr, size_t nbytes)
{
	if (kind == SANITIZER)
		dmem_sanitizer_forbid(ptr, nbytes);
	else
		dmem_valgrind_forbid(ptr, nbytes);
}

void dmem_guest_permit(const void *ptr, size_t nbytes)
{
	if (kind == SANITIZER)
		dmem_sanitizer_permit(ptr, nbytes, false);
	else
		dmem_valgrind_permit(ptr, nbytes);
}

void dmem_guest_open(const void *ptr, size_t nbytes)
{
	if (kind == SANITIZER)
		dmem_sanitizer_permit(ptr, nbytes, true);
	else if (kind == VALGRIND)
		dmem_valgrind_open(ptr, nbytes);
}

void dmem_guest_made(const void *ptr, size_t nbytes, bool zeroed)
{
	if (kind == HEAPTRACK)
		heaptrack_malloc((void *)(uintptr_t)ptr, nbytes);
	else if (kind == VALGRIND)
		dmem_valgrind_made(ptr, nbytes, zeroed);
	else
		dmem_sanitizer_permit(ptr, nbytes, zeroed);
}

void dmem_guest_gone(const void *ptr, size_t nbytes)
{
	if (kind == HEAPTRACK)
		heaptrack_free((void *)(uintptr_t)ptr);
	else if (kind == VALGRIND)
		dmem_valgrind_gone(ptr);
	else
		dmem_sanitizer_forbid(ptr, nbytes);
}

void dmem_guest_resized(const void *ptr, size_t old_nbytes, size_t nbytes)
{
	if (kind == VALGRIND)
		dmem_valgrind_resized(ptr, old_nbytes, nbytes);
	else
		dmem_guest_moved(ptr, old_nbytes, ptr, nbytes);
}

/* Another thread may be given the old memory before this one says that it has
 * moved: valgrind would take its block for the one that is gone. heaptrack has
 * but one call for both, and counts a resize by that. */
void dmem_guest_moving(const void *ptr, size_t nbytes)
{
	if (kind != VALGRIND)
		return;
	dmem_valgrind_gone(ptr);
	dmem_valgrind_open(ptr, nbytes);
}

void dmem_guest_left(const void *old)
{
	if (kind == HEAPTRACK)
		heaptrack_free((void *)(uintptr_t)old);
}

void dmem_guest_moved(const void *old, size_t old_nbytes, const void *ptr,
		      size_t nbytes)
{
	/* What was refused is no resize. */
	if (kind == HEAPTRACK && (old != ptr || old_nbytes != nbytes))
		heaptrack_realloc((void *)(uintptr_t)old, nbytes,
				  (void *)(uintptr_t)ptr);
	else if (kind == VALGRIND)
		dmem_valgrind_moved(old_nbytes, ptr, nbytes);
	else if (nbytes > old_nbytes)
		dmem_sanitizer_permit((const char *)ptr + old_nbytes,
				      nbytes - old_nbytes, false);
}

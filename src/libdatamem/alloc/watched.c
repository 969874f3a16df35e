/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Routes blocks where a tool watches: to malloc, or to the arena, of which the
 * tool is told. */

#include "watched.h"

#include <string.h>

#include "arena/arena.h"
#include "guard/guard.h"
#include "guest/guest.h"
#include "limit.h"
#include "misuse.h"
#include "find.h"
#include "hosted.h"
#include "route.h"

#define NAME "default_allocator"

/* On malloc, for a tool that watches it. */
static DMEM_FRAMED void *make_hosted(size_t nbytes, size_t align,
				     unsigned int kind)
{
	size_t asked = dmem_route_size(nbytes ? nbytes : 1, kind);
	int saved = errno;
	void *ptr;

	if (nbytes > DMEM_SIZE_MAX)
		return dmem_route_fail(nbytes);
	ptr = dmem_hosted_make(asked, align, kind);
	if (!ptr) {
		dmem_route_make_room();
		ptr = dmem_hosted_make(asked, align, kind);
		if (!ptr)
			return dmem_route_fail(nbytes);
	}
	errno = saved;
	return ptr;
}

/* Whether a tool is told of a block of the arena. Small blocks come and go on
 * the fast path, unless the tool counts all; guarded ones are made there, too,
 * and have guards of their own. */
static bool is_told(const void *ptr)
{
	return dmem_guest_ways & DMEM_GUEST_COUNTED ||
	       (dmem_guest_ways & DMEM_GUEST_DESCRIBED &&
		!dmem_find_class(ptr) && !dmem_guard_may_hold(ptr));
}

DMEM_FRAMED void *dmem_watched_make(size_t nbytes, size_t align,
				    unsigned int kind)
{
	void *ptr;

	if (dmem_guest_hosted())
		return make_hosted(nbytes, align, kind);
	ptr = dmem_route_make_plain(nbytes, align, kind);
	if (ptr && is_told(ptr))
		dmem_guest_made(ptr, dmem_route_size(nbytes ? nbytes : 1, kind),
				kind & DMEM_KIND_ZERO);
	return ptr;
}

/*
 * A wrong pointer where a tool watches, which reports it as well, where it has a
 * report for that. What may be a live block of malloc never reaches the C
 * library.
 */
DMEM_FRAMED void dmem_watched_complain(void *ptr, size_t nbytes)
{
	dmem_misuse_report(dmem_hosted_was_freed(ptr) ?
				   DMEM_MISUSE_DOUBLE_FREE :
				   DMEM_MISUSE_FOREIGN_POINTER,
			   NAME, ptr, nbytes, true);
	if (dmem_guest_alive(ptr))
		dmem_guest_complain(ptr);
	else
		dmem_guest_complain_dead(ptr);
}

/* The tool that watches knows of a hint nothing. */
static DMEM_FRAMED void unmake_hosted(void *ptr, size_t hint)
{
	int saved = errno;
	size_t nbytes;

	if (!dmem_hosted_free(ptr, &nbytes))
		dmem_watched_complain(ptr, 0);
	else if (hint > nbytes)
		dmem_misuse_report(DMEM_MISUSE_LARGE_HINT, NAME, ptr, hint,
				   true);
	errno = saved;
}

DMEM_FRAMED void dmem_watched_unmake(void *ptr, size_t hint)
{
	struct dmem_block block;

	if (dmem_guest_hosted()) {
		unmake_hosted(ptr, hint);
		return;
	}
	/* Before it can be anybody else's. */
	if (is_told(ptr) && dmem_find_start(ptr, &block))
		dmem_guest_gone(ptr, block.nbytes);
	dmem_route_unmake_plain(ptr, hint);
}

/* Always another block, so that stale pointers show. */
DMEM_FRAMED void *dmem_watched_remake(void *ptr, const struct dmem_block *block,
				      size_t nbytes, unsigned int kind)
{
	size_t asked = dmem_route_size(nbytes ? nbytes : 1, kind);
	int saved = errno;
	void *fresh;

	if (!block) {
		dmem_watched_complain(ptr, nbytes);
		errno = EINVAL;
		return NULL;
	}
	fresh = make_hosted(asked, block->align, 0);
	if (fresh) {
		memcpy(fresh, ptr, DMEM_MIN(asked, block->usable));
		unmake_hosted(ptr, 0);
	} else if (asked <= block->usable && dmem_hosted_fit(ptr, asked)) {
		/* A shrink must not fail. */
		dmem_limit_release(block->nbytes - asked);
		errno = saved;
		fresh = ptr;
	}
	return fresh;
}

DMEM_COLD bool dmem_watched_resizing(void *ptr, size_t usable)
{
	bool told = is_told(ptr);

	if (told)
		dmem_guest_moving(ptr, usable);
	return told;
}

/* Small and large ones change into each other. */
DMEM_COLD void dmem_watched_resized(bool was, void *old, size_t old_nbytes,
				    void *ptr, size_t nbytes)
{
	bool is = is_told(ptr);

	if (was && is)
		dmem_guest_moved(old, old_nbytes, ptr, nbytes);
	else if (was)
		dmem_guest_left(old);
	else if (is)
		dmem_guest_made(ptr, nbytes, true);
}

DMEM_COLD void dmem_watched_fitted(void *ptr, size_t old_nbytes, size_t nbytes)
{
	if (is_told(ptr))
		dmem_guest_resized(ptr, old_nbytes, nbytes);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Resizes blocks of slabs and arena. */

#include "route.h"

#include <string.h>

#include "arena/arena.h"
#include "cache/cache.h"
#include "guard/guard.h"
#include "guest/guest.h"
#include "limit.h"
#include "probes.h"
#include "alloc.h"
#include "find.h"
#include "hosted.h"
#include "watched.h"

/* Another block with the contents; the old one is freed. */
static void *copy(void *ptr, const struct dmem_block *block, size_t nbytes,
		  unsigned int kind)
{
	void *fresh = nbytes <= block->usable ?
			      dmem_route_attempt(nbytes, block->align, kind) :
			      dmem_route_make_plain(nbytes, block->align, kind);

	if (!fresh)
		return NULL;
	dmem_probe3(DATAMEM, copy, ptr, fresh, nbytes);
	memcpy(fresh, ptr, DMEM_MIN(nbytes, block->usable));
	dmem_route_unmake_plain(ptr, 0);
	return fresh;
}

static void *remake_small(void *ptr, const struct dmem_block *block,
			  size_t nbytes, unsigned int kind)
{
	void *fresh;

	/* The block stays unless more than half of it would lie idle. */
	if (nbytes <= block->usable &&
	    (nbytes > block->usable / 2 || block->usable <= 64))
		return ptr;
	fresh = copy(ptr, block, nbytes, kind);
	return !fresh && nbytes <= block->usable ? ptr : fresh;
}

/* A guarded block ends where it ends: it becomes another one. */
static void *remake_guarded(void *ptr, const struct dmem_block *block,
			    size_t nbytes, unsigned int kind)
{
	size_t asked = dmem_route_size(nbytes, kind);
	void *fresh = NULL;

	if (dmem_cache_counts(DMEM_COUNT_BLOCKS) && dmem_guard_turn())
		fresh = dmem_route_make_guarded(asked, block->align);
	if (!fresh) {
		fresh = copy(ptr, block, nbytes, kind);
		return !fresh && asked <= block->usable ? ptr : fresh;
	}
	dmem_probe3(DATAMEM, copy, ptr, fresh, asked);
	memcpy(fresh, ptr, DMEM_MIN(asked, block->usable));
	dmem_route_unmake(ptr, 0);
	return fresh;
}

/* Bytes that a block has more with its new size. */
static size_t growth(const struct dmem_block *block, size_t nbytes)
{
	return nbytes > block->nbytes ? nbytes - block->nbytes : 0;
}

static bool charge_growth(size_t more)
{
	if (!more || dmem_route_charge(more))
		return true;
	dmem_route_ask_above();
	dmem_cache_trim();
	return dmem_limit_charge(more, 1);
}

static void resized(const struct dmem_block *block, size_t nbytes)
{
	if (nbytes < block->nbytes)
		dmem_limit_release(block->nbytes - nbytes);
	else
		dmem_limit_served();
}

static void *remake_large(void *ptr, const struct dmem_block *block,
			  size_t nbytes)
{
	size_t more = growth(block, nbytes);
	void *fresh;

	if (!charge_growth(more))
		return dmem_route_fail(more);
	fresh = dmem_arena_resize(ptr, nbytes);
	if (!fresh) {
		dmem_route_make_room();
		fresh = dmem_arena_resize(ptr, nbytes);
	}
	if (!fresh) {
		dmem_limit_release(more);
		return dmem_route_fail(nbytes);
	}
	resized(block, nbytes);
	return fresh;
}

static void *remake(void *ptr, const struct dmem_block *block, size_t nbytes,
		    unsigned int kind)
{
	void *fresh;

	if (dmem_find_class(ptr)) {
		if (dmem_likely(!(kind & DMEM_KIND_SAMPLED)))
			return remake_small(ptr, block, nbytes, kind);
		fresh = copy(ptr, block, nbytes, kind);
		return fresh ? fresh : remake_small(ptr, block, nbytes,
				kind & ~(unsigned int)DMEM_KIND_SAMPLED);
	}
	if (dmem_unlikely(block->guarded))
		return remake_guarded(ptr, block, nbytes, kind);
	/* A large block that becomes small leaves its chunk to others. */
	if (nbytes <= DMEM_SMALL_MAX && block->usable > DMEM_SMALL_MAX &&
	    !block->node) {
		fresh = copy(ptr, block, nbytes, kind);
		if (fresh)
			return fresh;
	}
	return remake_large(ptr, block, dmem_route_size(nbytes, kind));
}

void *dmem_route_remake(void *ptr, const struct dmem_block *block,
			size_t nbytes, unsigned int kind)
{
	int saved = errno;
	bool told = false;
	void *fresh;

	if (dmem_unlikely(nbytes > DMEM_SIZE_MAX))
		return dmem_route_fail(nbytes);
	if (dmem_guest_hosted())
		return dmem_watched_remake(ptr, block, nbytes, kind);
	nbytes = nbytes ? nbytes : 1;
	if (!block) {
		dmem_route_report(DMEM_MISUSE_FOREIGN_POINTER, ptr, nbytes);
		errno = EINVAL;
		return NULL;
	}
	if (dmem_unlikely(dmem_guest_ways))
		told = dmem_watched_resizing(ptr, block->usable);
	fresh = remake(ptr, block, nbytes, kind);
	if (fresh)
		errno = saved;
	if (dmem_unlikely(dmem_guest_ways))
		dmem_watched_resized(told, ptr, block->nbytes,
				     fresh ? fresh : ptr,
				     fresh ? dmem_route_size(nbytes, kind) :
					     block->nbytes);
	return fresh;
}

int dmem_route_fit(void *ptr, const struct dmem_block *block, size_t nbytes)
{
	size_t old = block ? block->nbytes : 0, more;

	if (!block && dmem_guest_hosted()) {
		dmem_watched_complain(ptr, nbytes);
		return -EINVAL;
	}
	if (!block) {
		dmem_route_report(DMEM_MISUSE_FOREIGN_POINTER, ptr, nbytes);
		return -EINVAL;
	}
	if (dmem_find_class(ptr) || block->guarded)
		return nbytes <= block->usable ? 0 : -ENOSPC;
	more = growth(block, nbytes);
	if (!charge_growth(more))
		return -ENOMEM;
	/* Before what is cut off can be anybody else's. */
	if (dmem_unlikely(dmem_guest_ways) && nbytes < old)
		dmem_watched_fitted(ptr, old, nbytes);
	if (dmem_guest_hosted() ? !dmem_hosted_fit(ptr, nbytes) :
				  !dmem_arena_fit(ptr, nbytes)) {
		dmem_limit_release(more);
		if (dmem_unlikely(dmem_guest_ways) && nbytes < old)
			dmem_watched_fitted(ptr, nbytes, old);
		return -ENOSPC;
	}
	resized(block, nbytes);
	if (dmem_unlikely(dmem_guest_ways) && nbytes > old)
		dmem_watched_fitted(ptr, old, nbytes);
	return 0;
}

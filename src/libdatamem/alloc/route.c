/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Routes sizes to slabs and arena. */

#include "route.h"

#include <string.h>

#include "arena/arena.h"
#include "cache/cache.h"
#include "guard/guard.h"
#include "guest/guest.h"
#include "limit.h"
#include "misuse.h"
#include "probes.h"
#include "settings/settings.h"
#include "stats.h"
#include "alloc.h"
#include "find.h"
#include "hosted.h"
#include "watched.h"

#define NAME "default_allocator"

/* Above this an alignment is the arena's: slabs begin on 64 KiB, but classes
 * that are multiples of more than a granule waste too much. */
#define SLAB_ALIGN_MAX DMEM_GRANULE

/* The smallest class whose blocks all lie at multiples of align; 0: none. */
static unsigned int aligned_class(size_t nbytes, size_t align)
{
	if (nbytes > DMEM_SMALL_MAX || align > SLAB_ALIGN_MAX)
		return 0;
	for (unsigned int cls = dmem_class_of(nbytes); cls < DMEM_CLASSES;
	     cls++)
		if (DMEM_IS_ALIGNED(dmem_classes[cls].size, align))
			return cls;
	return 0;
}

static void *make_small(size_t nbytes, size_t align)
{
	unsigned int cls;

	if (align <= 16) {
		cls = dmem_class_of(nbytes);
		return dmem_cache_refill(cls);
	}
	cls = aligned_class(nbytes, align);
	return cls ? dmem_cache_take_aligned(cls, align) : NULL;
}

/* Near the limit nothing stays charged for that is no block. */
static bool charge(size_t nbytes)
{
	if (dmem_likely(dmem_limit_charge(nbytes, 1)))
		return true;
	dmem_arena_unshelve();
	return dmem_limit_charge(nbytes, 1);
}

static void *make_large(size_t nbytes, size_t align, unsigned int kind)
{
	void *ptr = dmem_arena_again(nbytes, align, kind);

	if (ptr)
		return ptr;
	if (!charge(nbytes))
		return NULL;
	ptr = dmem_arena_alloc(nbytes, align, kind);
	if (ptr)
		dmem_limit_served();
	else
		dmem_limit_release(nbytes);
	return ptr;
}

size_t dmem_route_size(size_t nbytes, unsigned int kind)
{
	return kind & DMEM_KIND_APART && nbytes > 1 ? nbytes - 1 : nbytes;
}

static void *attempt(size_t nbytes, size_t align, unsigned int kind)
{
	void *ptr = NULL;

	if (dmem_unlikely(kind & DMEM_KIND_SAMPLED)) {
		kind &= ~(unsigned int)DMEM_KIND_SAMPLED;
		ptr = make_large(dmem_route_size(nbytes, kind), align, kind);
		if (ptr)
			return ptr;
	}
	if (nbytes <= DMEM_SMALL_MAX && dmem_kind_node(kind) < 0) {
		ptr = make_small(nbytes, align);
		if (ptr && kind & DMEM_KIND_ZERO)
			memset(ptr, 0, nbytes);
	}
	/* A small one, too, where the window has no room for a slab. */
	return ptr ? ptr :
		     make_large(dmem_route_size(nbytes, kind), align, kind);
}

static void (*shortage)(void);

void dmem_alloc_on_shortage(void (*give)(void))
{
	dmem_store(&shortage, give);
}

static void ask_above(void)
{
	void (*give)(void) = dmem_load(&shortage);

	if (give)
		give();
}

void dmem_route_make_room(void)
{
	ask_above();
	dmem_cache_trim();
	dmem_arena_trim(0);
}

size_t dmem_alloc_trim(size_t keep)
{
	size_t done = 0;

	dmem_cache_trim();
	/* First, as chunks of slabs may become free. */
	if (!keep)
		done = dmem_slab_reclaim();
	done += dmem_arena_trim(keep);
	done += dmem_arena_open_loose(keep);
	dmem_probe2(DATAMEM, trim, keep, done);
	return done;
}

void *dmem_route_fail(size_t nbytes)
{
	dmem_stats_count(DMEM_COUNT_FAILED);
	if (dmem_limit_refuses(nbytes)) {
		dmem_stats_count(DMEM_COUNT_LIMIT_FAILURES);
		dmem_probe2(DATAMEM, limit, nbytes,
			    dmem_setting_value(DMEM_SETTING_LIMIT_MAX));
	}
	errno = ENOMEM;
	return NULL;
}

void *dmem_route_make_plain(size_t nbytes, size_t align, unsigned int kind)
{
	int saved = errno;
	void *ptr;

	if (dmem_unlikely(nbytes > DMEM_SIZE_MAX))
		return dmem_route_fail(nbytes);
	nbytes = nbytes ? nbytes : 1;
	ptr = attempt(nbytes, align, kind);
	if (dmem_unlikely(!ptr)) {
		dmem_route_make_room();
		ptr = attempt(nbytes, align, kind);
		if (!ptr)
			return dmem_route_fail(nbytes);
	}
	errno = saved;
	return ptr;
}

void *dmem_route_make_guarded(size_t nbytes, size_t align)
{
	int saved = errno;
	void *ptr;

	if (nbytes > DMEM_SIZE_MAX || !dmem_limit_charge(nbytes, 1))
		return NULL;
	ptr = dmem_guard_make(nbytes, align);
	if (ptr)
		dmem_limit_served();
	else
		dmem_limit_release(nbytes);
	errno = saved;
	return ptr;
}

void *dmem_route_make(size_t nbytes, size_t align, unsigned int kind)
{
	if (dmem_unlikely(dmem_guest_ways))
		return dmem_watched_make(nbytes, align, kind);
	return dmem_route_make_plain(nbytes, align, kind);
}

static void report(enum dmem_misuse misuse, const void *ptr, size_t size)
{
	dmem_misuse_report(misuse, NAME, ptr, size, false);
}

/*
 * A pointer that begins no live block. In the window, and not inside a live
 * block, it can only have been one before.
 */
static void report_unknown(const void *ptr)
{
	struct dmem_block block;

	if (dmem_window_holds(ptr) && !dmem_arena_find(ptr, &block))
		report(DMEM_MISUSE_DOUBLE_FREE, ptr, 0);
	else
		report(DMEM_MISUSE_FOREIGN_POINTER, ptr, 0);
}

void dmem_route_unmake_plain(void *ptr, size_t hint)
{
	unsigned int cls = dmem_find_class(ptr);
	int saved = errno;
	size_t nbytes;

	if (cls) {
		nbytes = dmem_classes[cls].size;
		dmem_cache_flush(cls, ptr);
	} else if (dmem_unlikely(dmem_guard_may_hold(ptr)) &&
		   dmem_guard_free(ptr, &nbytes)) {
		dmem_limit_release(nbytes);
	} else if (!dmem_arena_keep(ptr, &nbytes)) {
		nbytes = dmem_arena_free(ptr);
		if (nbytes)
			dmem_limit_release(nbytes);
		else
			report_unknown(ptr);
	}
	if (nbytes && hint > nbytes)
		report(DMEM_MISUSE_LARGE_HINT, ptr, hint);
	errno = saved;
}

void dmem_route_unmake(void *ptr, size_t hint)
{
	if (dmem_unlikely(dmem_guest_ways))
		dmem_watched_unmake(ptr, hint);
	else
		dmem_route_unmake_plain(ptr, hint);
}

/* Another block with the contents; the old one is freed. */
static void *copy(void *ptr, const struct dmem_block *block, size_t nbytes,
		  unsigned int kind)
{
	void *fresh = nbytes <= block->usable ?
			      attempt(nbytes, block->align, kind) :
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
	if (!more || charge(more))
		return true;
	ask_above();
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
		report(DMEM_MISUSE_FOREIGN_POINTER, ptr, nbytes);
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
		report(DMEM_MISUSE_FOREIGN_POINTER, ptr, nbytes);
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

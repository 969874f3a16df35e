/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The handler `debug`: canaries, poison, quarantine. */
#include "debug.h"

#include <string.h>

#include "alloc/alloc.h"
#include "kernel/kernel.h"
#include "live.h"
#include "profile/profile.h"
#include "slab/slab.h"
#include "debug-fill.h"
#include "debug-finding.h"

/*
 * The default aligns blocks to 64 from 1 KiB on. Its block is larger than ours,
 * so it is aligned at least as we must be, and a canary in front of the size of
 * the alignment keeps it.
 */
#define ALIGN_LARGE_FROM DMEM_KIB
#define PAD_SMALL DMEM_DEBUG_FILL_BEHIND
#define PAD_LARGE ((size_t)64)

static const struct datamem_allocator *const below = &dmem_alloc_untracked;

static size_t pad_of(size_t nbytes)
{
	return nbytes < ALIGN_LARGE_FROM ? PAD_SMALL : PAD_LARGE;
}

static void report(enum dmem_misuse misuse, const void *ptr, size_t nbytes)
{
	dmem_misuse_report(misuse, DMEM_DEBUG_NAME, ptr, nbytes, true);
}

/* Blocks in the quarantine, as the allocator below counts them. */
static size_t kept_small[DMEM_CLASSES] DMEM_TABLE;
static size_t kept_large, kept_large_bytes;
static size_t kept_bytes;

/* With a block's padding. */
static void count_kept(const struct dmem_debug_block *block, bool enters)
{
	size_t total = block->held + block->pad + PAD_SMALL;
	size_t one = enters ? 1 : (size_t)-1;

	if (total <= DMEM_SMALL_MAX) {
		unsigned int cls = dmem_class_of(total);

		dmem_fetch_add(&kept_small[cls], one);
		total = dmem_classes[cls].size;
	} else {
		dmem_fetch_add(&kept_large, one);
		dmem_fetch_add(&kept_large_bytes, enters ? total : -total);
	}
	dmem_fetch_add(&kept_bytes, enters ? total : -total);
	dmem_live_follow(&dmem_live->numbers.quarantined_bytes, &kept_bytes);
}

static void take_off(size_t *from, size_t n)
{
	*from -= DMEM_MIN(*from, n);
}

void dmem_debug_collect(struct datamem_stats *stats)
{
	size_t n = dmem_load(&kept_large), blocks = n;

	take_off(&stats->live_bytes, dmem_load(&kept_large_bytes));
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		n = dmem_load(&kept_small[cls]);
		blocks += n;
		take_off(&stats->classes[cls - 1].live_blocks, n);
		take_off(&stats->live_bytes, n * dmem_classes[cls].size);
		take_off(&stats->small_bytes, n * dmem_classes[cls].size);
	}
	take_off(&stats->live_blocks, blocks);
	stats->frees += blocks;
	stats->meta_bytes += dmem_debug_meta_bytes();
}

static void release(char *ptr, size_t pad, size_t nbytes)
{
	below->free(below->ctx, ptr - pad, nbytes + pad + PAD_SMALL);
}

/* The oldest freed blocks beyond the bounds, linked by their chain. */
static struct dmem_debug_block *expel(struct dmem_debug_shard *shard,
				      bool in_any_case)
{
	struct dmem_debug_block *list = NULL, *block;

	while ((block = dmem_debug_roster_expel(shard, in_any_case))) {
		block->chain = list;
		list = block;
	}
	return list;
}

static void inspect_and_release(struct dmem_debug_block *list)
{
	struct dmem_debug_block *block;
	struct dmem_debug_finding finding;

	while ((block = list)) {
		list = block->chain;
		if (block->state != DMEM_DEBUG_ROSTER_GONE) {
			if (!dmem_debug_fill_untouched(block)) {
				finding = dmem_debug_find(DMEM_MISUSE_USE_AFTER_FREE,
						  block);
				dmem_debug_tell(&finding);
			}
			count_kept(block, false);
			release(block->ptr, block->pad, block->nbytes);
		}
		dmem_debug_roster_forget(block);
	}
}

void dmem_debug_drain(void)
{
	struct dmem_debug_shard *shard;
	struct dmem_debug_block *list;

	for (size_t i = 0; (shard = dmem_debug_roster_lock_number(i)); i++) {
		list = expel(shard, true);
		dmem_debug_roster_unlock(shard);
		inspect_and_release(list);
	}
}

static char *make_base(size_t total, bool zeroed)
{
	return zeroed ? below->calloc(below->ctx, total, 1)
		      : below->malloc(below->ctx, total);
}

static void *make(size_t nbytes, bool zeroed)
{
	struct dmem_debug_shard *shard;
	size_t pad = pad_of(nbytes), total;
	struct dmem_stack stack;
	bool profiled = dmem_profile_on();
	char *base, *ptr;
	int ret;

	if (!dmem_add(nbytes, pad + PAD_SMALL, &total) ||
	    total > DMEM_SIZE_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	/* Drains the quarantine if it must: dmem_alloc_on_shortage(). */
	base = make_base(total, zeroed);
	if (!base)
		return NULL;
	ptr = base + pad;
	dmem_debug_fill_canaries(ptr, nbytes, pad);
	if (!zeroed)
		dmem_debug_fill_new(ptr, nbytes);

	if (profiled)
		dmem_stack_take(&stack, 0);
	shard = dmem_debug_roster_lock(ptr);
	ret = dmem_debug_roster_add(shard, ptr, nbytes, pad,
				    profiled ? &stack : NULL);
	dmem_debug_roster_unlock(shard);
	if (!ret)
		return ptr;
	below->free(below->ctx, base, total);
	errno = ENOMEM;
	return NULL;
}

static void *debug_malloc(void *ctx DMEM_UNUSED, size_t nbytes)
{
	return make(nbytes ? nbytes : 1, false);
}

static void *debug_calloc(void *ctx DMEM_UNUSED, size_t nelem, size_t elsize)
{
	size_t nbytes;

	if (!dmem_mul(nelem, elsize, &nbytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return make(nbytes ? nbytes : 1, true);
}

/*
 * Unlock the shard, and report a pointer whose block, NULL: there is none, is
 * not live.
 */
static void unlock_and_report(struct dmem_debug_shard *shard,
			      const struct dmem_debug_block *block,
			      const void *ptr)
{
	struct dmem_debug_finding finding;

	if (block)
		finding = dmem_debug_find(DMEM_MISUSE_DOUBLE_FREE, block);
	dmem_debug_roster_unlock(shard);
	if (block)
		dmem_debug_tell(&finding);
	else
		report(DMEM_MISUSE_FOREIGN_POINTER, ptr, 0);
}

/*
 * Without the lock, as it takes time; the block is neither live nor in the
 * queue. Returns whether its surroundings were intact, else what was found.
 */
static bool treat(struct dmem_debug_block *block,
		  enum dmem_debug_roster_state *state, struct dmem_debug_finding *finding)
{
	bool intact = dmem_debug_fill_canaries_intact(block);

	if (!intact) {
		*finding = dmem_debug_find(DMEM_MISUSE_OVERRUN, block);
		/* Mended, or the same damage would count as a write after
		 * free. */
		dmem_debug_fill_canaries(block->ptr, block->nbytes, block->pad);
	}
	*state = dmem_debug_fill_freed(block->ptr, block->nbytes);
	return intact;
}

static void free_block(void *ptr, size_t hint)
{
	struct dmem_debug_shard *shard = dmem_debug_roster_lock(ptr);
	struct dmem_debug_block *block = dmem_debug_roster_find(shard, ptr);
	struct dmem_debug_block *expelled;
	size_t nbytes = block ? block->nbytes : 0, pad;
	enum dmem_debug_roster_state state;
	struct dmem_debug_finding finding;
	bool intact;

	if (!block || block->state != DMEM_DEBUG_ROSTER_LIVE) {
		unlock_and_report(shard, block, ptr);
		return;
	}
	pad = block->pad;
	block->state = DMEM_DEBUG_ROSTER_GOING;
	/* With the lock: another thread that frees it tells of this one. */
	block->freed_by = dmem_kernel_thread_id();
	dmem_debug_roster_unlock(shard);
	intact = treat(block, &state, &finding);
	shard = dmem_debug_roster_lock(ptr);
	dmem_debug_roster_retire(shard, block, state);
	if (state != DMEM_DEBUG_ROSTER_GONE)
		count_kept(block, true);
	expelled = expel(shard, false);
	dmem_debug_roster_unlock(shard);

	if (!intact)
		dmem_debug_tell(&finding);
	if (hint > nbytes)
		report(DMEM_MISUSE_LARGE_HINT, ptr, hint);
	if (state == DMEM_DEBUG_ROSTER_GONE)
		release(ptr, pad, nbytes);
	inspect_and_release(expelled);
}

static void debug_free(void *ctx DMEM_UNUSED, void *ptr, size_t nbytes)
{
	int saved = errno;

	if (ptr)
		free_block(ptr, nbytes);
	errno = saved;
}

/* Returns 0, or -errno: another thread has freed the block, which is reported, or
 * it is another one by now. */
static int shrink_in_place(char *ptr, size_t nbytes)
{
	struct dmem_debug_shard *shard = dmem_debug_roster_lock(ptr);
	struct dmem_debug_block *block = dmem_debug_roster_find(shard, ptr);
	struct dmem_debug_finding finding;
	bool intact;

	if (!block || block->state != DMEM_DEBUG_ROSTER_LIVE) {
		unlock_and_report(shard, block, ptr);
		return -EINVAL;
	}
	if (nbytes > block->nbytes) {
		dmem_debug_roster_unlock(shard);
		return -ENOSPC;
	}
	intact = dmem_debug_fill_canaries_intact(block);
	if (!intact)
		finding = dmem_debug_find(DMEM_MISUSE_OVERRUN, block);
	block->nbytes = nbytes;
	dmem_debug_fill_canaries(ptr, nbytes, block->pad);
	dmem_debug_roster_unlock(shard);
	if (!intact)
		dmem_debug_tell(&finding);
	return 0;
}

/* The size of a live block; 0: it is none, which is reported. */
static size_t live_size(void *ptr)
{
	struct dmem_debug_shard *shard = dmem_debug_roster_lock(ptr);
	struct dmem_debug_block *block = dmem_debug_roster_find(shard, ptr);
	size_t nbytes = block ? block->nbytes : 0;

	if (block && block->state == DMEM_DEBUG_ROSTER_LIVE) {
		dmem_debug_roster_unlock(shard);
		return nbytes;
	}
	unlock_and_report(shard, block, ptr);
	return 0;
}

static void *debug_realloc(void *ctx, void *ptr, size_t nbytes)
{
	size_t old;
	void *moved;

	if (!nbytes)
		nbytes = 1;
	if (!ptr)
		return debug_malloc(ctx, nbytes);
	old = live_size(ptr);
	if (!old) {
		errno = EINVAL;
		return NULL;
	}
	moved = make(nbytes, false);
	/* A shrink must not fail, so the block stays. */
	if (!moved) {
		if (nbytes <= old && !shrink_in_place(ptr, nbytes))
			return ptr;
		return NULL;
	}
	memcpy(moved, ptr, DMEM_MIN(old, nbytes));
	free_block(ptr, 1);
	return moved;
}

const struct datamem_allocator dmem_debug = {
	.malloc = debug_malloc,
	.calloc = debug_calloc,
	.realloc = debug_realloc,
	.free = debug_free,
};

int dmem_debug_fit(void *ptr, size_t nbytes)
{
	size_t old = live_size(ptr);

	if (!old)
		return -EINVAL;
	return nbytes > old ? -ENOSPC : shrink_in_place(ptr, nbytes);
}

size_t dmem_debug_usable_size(const void *ptr)
{
	struct dmem_debug_shard *shard = dmem_debug_roster_lock(ptr);
	struct dmem_debug_block *block = dmem_debug_roster_find(shard, ptr);
	size_t nbytes = 0;

	if (block && block->state == DMEM_DEBUG_ROSTER_LIVE)
		nbytes = block->nbytes;
	dmem_debug_roster_unlock(shard);
	return nbytes;
}

size_t dmem_debug_meta_bytes(void)
{
	return dmem_debug_roster_meta_bytes();
}

/* Mistakes found at exit, reported once no lock is held. */
static struct dmem_debug_finding findings[16] DMEM_TABLE;
static size_t nfindings;

static void inspect(struct dmem_debug_block *block)
{
	bool live = block->state == DMEM_DEBUG_ROSTER_LIVE;

	if (nfindings == DMEM_ARRAY_SIZE(findings) ||
	    block->state == DMEM_DEBUG_ROSTER_GOING ||
	    block->state == DMEM_DEBUG_ROSTER_GONE ||
	    (live ? dmem_debug_fill_canaries_intact(block) :
		    dmem_debug_fill_untouched(block)))
		return;
	findings[nfindings++] = dmem_debug_find(live ? DMEM_MISUSE_OVERRUN :
					       DMEM_MISUSE_USE_AFTER_FREE,
					block);
}

void dmem_debug_at_exit(void)
{
	dmem_debug_roster_walk(inspect);
	for (size_t i = 0; i < nfindings; i++)
		dmem_debug_tell(&findings[i]);
}

void dmem_debug_fork_prepare(void)
{
	dmem_debug_roster_fork_prepare();
}

void dmem_debug_fork_parent(void)
{
	dmem_debug_roster_fork_parent();
}

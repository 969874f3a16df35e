/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The setting `guard`, and blocks from their making to their end. */
#include "guard.h"

#include <stdio.h>

#include "arena/arena.h"
#include "cache/cache.h"
#include "kernel/kernel.h"
#include "live.h"
#include "misuse.h"
#include "settings/settings.h"
#include "stats.h"
#include "blocks.h"
#include "report.h"
#include "trap.h"

/* What every block has: 64 bytes from 1 KiB on. */
#define ALIGN_SMALL 16u
#define ALIGN_LARGE 64u

/* One block in so many; 0: none. */
static uint32_t rate;
static bool cannot;    /* no addresses, no handler: nothing is guarded */

static struct dmem_lock switch_lock = DMEM_LOCK_INIT(GUARD_SWITCH);

/* Of live ones, and of all. */
static size_t live_bytes, live_blocks, made_blocks;

static void show(void)
{
	dmem_live_follow(&dmem_live->numbers.guarded_bytes, &live_bytes);
	dmem_live_follow(&dmem_live->numbers.guarded_blocks, &live_blocks);
	dmem_live_follow(&dmem_live->numbers.guarded_allocs, &made_blocks);
}

static uint32_t draw(uint32_t most)
{
	static uint64_t turn;
	uint64_t number = dmem_fetch_add(&turn, 1) + 1;

	/* Twice: the product of a small number has little in its upper bits. */
	number = dmem_hash(dmem_hash(number) ^ (uintptr_t)&turn ^
			   dmem_kernel_clock_ms());
	return 1 + (uint32_t)((number >> 32) % most);
}

/*
 * The distance is uniform from 1 to 2N - 1, so N in the mean, and a pattern of
 * sizes that repeats is met at all of its places.
 */
bool dmem_guard_turn(void)
{
	uint32_t n = dmem_load_acquire(&rate), until = dmem_cache_tick();

	if (!n || until > 1)
		return false;
	/* Where the thread begins, it may be anywhere in its first N. */
	if (!until) {
		until = draw(n);
		if (until > 1) {
			dmem_cache_count_to(until - 1);
			return false;
		}
	}
	dmem_cache_count_to(n == 1 ? 1 : draw(2 * n - 1));
	return true;
}

void *dmem_guard_make(size_t nbytes, size_t align)
{
	size_t least = nbytes < DMEM_KIB ? ALIGN_SMALL : ALIGN_LARGE;
	struct dmem_guarded *block;

	block = dmem_blocks_take(nbytes, DMEM_MAX(align, least));
	if (!block)
		return NULL;
	dmem_stack_take(&block->made, 0);
	dmem_blocks_pad(block);
	dmem_store_release(&block->state, DMEM_GUARDED_LIVE);
	dmem_fetch_add(&live_bytes, nbytes);
	dmem_fetch_add(&live_blocks, 1);
	dmem_fetch_add(&made_blocks, 1);
	show();
	return block->start;
}

static void report_freed_again(const struct dmem_guarded *block)
{
	struct dmem_stack stack;

	dmem_stack_take(&stack, 0);
	dmem_guard_report(&(struct dmem_guard_finding) {
			    .what = "free of",
			    .by = "freed again",
			    .block = block,
			    .freed = true,
			    .stack = &stack,
		    }, false);
	dmem_misuse_report(DMEM_MISUSE_DOUBLE_FREE, "default_allocator",
			   block->start, block->nbytes, false);
}

/* Writes that no page without access has met. */
static void look_at_padding(const struct dmem_guarded *block)
{
	const char *changed = dmem_blocks_look(block);

	if (!changed)
		return;
	dmem_guard_report(&(struct dmem_guard_finding) {
			    .what = "write beside",
			    .by = "found when it was freed",
			    .block = block,
			    .where = changed,
			    .stack = &block->freed,
		    }, false);
	dmem_misuse_report(DMEM_MISUSE_OVERRUN, "default_allocator",
			   block->start, block->nbytes, false);
}

bool dmem_guard_free(void *ptr, size_t *nbytes)
{
	struct dmem_guarded *block, seen;

	*nbytes = 0;
	block = dmem_blocks_seize(ptr, &seen);
	if (!block) {
		if (seen.state != DMEM_GUARDED_NONE && seen.start == ptr)
			report_freed_again(&seen);
		else if (seen.state != DMEM_GUARDED_NONE)
			dmem_misuse_report(DMEM_MISUSE_FOREIGN_POINTER,
					   "default_allocator", ptr, 0, false);
		return seen.state != DMEM_GUARDED_NONE;
	}
	dmem_stack_take(&block->freed, 0);
	look_at_padding(block);
	*nbytes = block->nbytes;
	dmem_fetch_sub(&live_bytes, block->nbytes);
	dmem_fetch_sub(&live_blocks, 1);
	show();
	dmem_blocks_retire(block);
	if (!dmem_load(&rate))
		dmem_blocks_forget();
	return true;
}

bool dmem_guard_find(const void *ptr, struct dmem_block *out)
{
	struct dmem_guarded block;

	if (!dmem_blocks_copy(ptr, &block) ||
	    block.state != DMEM_GUARDED_LIVE ||
	    (size_t)((const char *)ptr - block.start) >= block.nbytes)
		return false;
	*out = (struct dmem_block){
		.start = block.start,
		.nbytes = block.nbytes,
		.usable = block.nbytes,
		.align = block.align,
		.lazy = true,
		.guarded = true,
	};
	return true;
}

bool dmem_guard_each_live(bool (*wait)(uint32_t n),
			  void (*visit)(const void *ptr, size_t nbytes,
					size_t align))
{
	if (!wait(DMEM_GUARD_BLOCKS))
		return false;
	dmem_blocks_each_live(visit);
	return true;
}

static void turn_on(uint32_t n)
{
	bool fails = !dmem_blocks_open() || dmem_trap_set();

	dmem_store(&cannot, fails);
	if (fails)
		return;
	/* Behind what was opened, for those who count blocks already. */
	dmem_store_release(&rate, n);
	dmem_cache_count_blocks(true);
}

static void turn_off(void)
{
	if (!dmem_load(&rate))
		return;
	dmem_store(&rate, 0);
	dmem_cache_count_blocks(false);
	dmem_trap_clear();
	dmem_blocks_forget();
}

/* The value is read under the lock: of two changes the later one holds. */
static void changed(enum dmem_setting_id id)
{
	uint32_t n;

	if (dmem_setting_value(id))
		dmem_stack_prepare();
	dmem_lock(&switch_lock);
	n = (uint32_t)dmem_setting_value(id);
	if (n)
		turn_on(n);
	else
		turn_off();
	dmem_unlock(&switch_lock);
	dmem_slab_settle();
}

DMEM_START static void note(enum dmem_setting_id id, bool look DMEM_UNUSED,
			    char *out, size_t out_size)
{
	const char *why = "";

	if (!dmem_setting_value(id))
		;
	else if (dmem_load(&cannot))
		why = "no effect: no address space for guarded blocks";
	else if (!dmem_trap_is_first())
		why = "the program has a handler of SIGSEGV of its own, which must pass on";
	snprintf(out, out_size, "%s", why);
}

static void collect(struct datamem_stats *stats)
{
	size_t nbytes = dmem_load(&live_bytes), n = dmem_load(&live_blocks);
	size_t made = dmem_load(&made_blocks);

	stats->guarded_bytes = nbytes;
	stats->guarded_blocks = n;
	stats->guarded_allocs = made;
	stats->live_bytes += nbytes;
	stats->live_blocks += n;
	stats->held_bytes += nbytes;
	stats->allocs += made;
	stats->frees += made - DMEM_MIN(made, n);
}

DMEM_START void dmem_guard_init(void)
{
	dmem_stats_collect(collect);
	dmem_setting_guard(DMEM_SETTING_GUARD, NULL, note);
	dmem_setting_watch(DMEM_SETTING_GUARD, changed);
	if (dmem_setting_value(DMEM_SETTING_GUARD))
		changed(DMEM_SETTING_GUARD);
}

void dmem_guard_fork_prepare(void)
{
	dmem_lock(&switch_lock);
}

void dmem_guard_fork_parent(void)
{
	dmem_unlock(&switch_lock);
}

void dmem_guard_fork_child(void)
{
	show();
	dmem_unlock(&switch_lock);
}

void dmem_guard_blocks_fork_prepare(void)
{
	dmem_blocks_fork_prepare();
}

void dmem_guard_blocks_fork_parent(void)
{
	dmem_blocks_fork_parent();
}

bool dmem_guard_idle(unsigned int *patience)
{
	return dmem_blocks_idle(patience);
}

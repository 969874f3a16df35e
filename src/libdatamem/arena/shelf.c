/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Shelves: which one, what is on it, and its end. */

#include "shelves.h"

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "arena.h"
#include "limit.h"

/* The most bytes on a shelf; under a bound of memory all of them hold this
 * part of it. */
#define SHELF_MAX ((size_t)12 << 20)
#define BOUND_PART 8

static struct dmem_shelf shelves[LIVE_SHELVES] DMEM_TABLE;
static unsigned int nshelves = 1;  /* a power of two */

void dmem_shelf_init(void)
{
	unsigned int n = dmem_kernel_processors();

	while (nshelves < n && nshelves < LIVE_SHELVES)
		nshelves *= 2;
	for (unsigned int i = 0; i < nshelves; i++)
		dmem_brief_init(&shelves[i].lock, SHELF);
}

size_t dmem_shelf_most(void)
{
	uint64_t max = dmem_setting_value(DMEM_SETTING_RETAIN_MAX);
	uint64_t part = dmem_retain_bound() / BOUND_PART;

	return DMEM_MIN(SHELF_MAX, DMEM_MIN(part, max) >> dmem_log2(nshelves));
}

struct dmem_shelf *dmem_shelf_lock(void)
{
	unsigned int hint = nshelves > 1 ? dmem_kernel_processor() : 0;
	struct dmem_shelf *shelf;

	for (unsigned int i = 0; i < nshelves; i++) {
		shelf = &shelves[(hint + i) & (nshelves - 1)];
		if (dmem_brief_trylock(&shelf->lock))
			return shelf;
	}
	shelf = &shelves[hint & (nshelves - 1)];
	dmem_brief_lock(&shelf->lock);
	return shelf;
}

void dmem_shelf_unlock(struct dmem_shelf *shelf)
{
	struct live_shelf *to = &dmem_live->shelves[shelf - shelves];

	dmem_store(&to->nbytes, shelf->nbytes);
	dmem_store(&to->kept, shelf->bytes);
	dmem_store(&to->charged, shelf->surplus);
	dmem_store(&to->faults_avoided, shelf->faults_avoided);
	dmem_store(&to->allocs, shelf->allocs);
	dmem_store(&to->frees, shelf->frees);
	dmem_brief_unlock(&shelf->lock);
}

void dmem_shelf_take_out(struct dmem_shelf *shelf, unsigned int slot)
{
	size_t nbytes = dmem_shelf_slot_bytes(&shelf->slots[slot]);

	shelf->filled--;
	for (; slot < shelf->filled; slot++)
		shelf->slots[slot] = shelf->slots[slot + 1];
	dmem_store(&shelf->bytes, shelf->bytes - nbytes);
}

void dmem_shelf_settle(struct dmem_shelf *shelf, size_t keep)
{
	if (shelf->surplus <= keep)
		return;
	dmem_limit_release(shelf->surplus - keep);
	dmem_store(&shelf->surplus, keep);
}

void dmem_shelf_tell(struct dmem_shelf *shelf)
{
	dmem_arena.shelved += shelf->bytes - shelf->told;
	shelf->told = shelf->bytes;
}

void dmem_shelf_end_oldest(struct dmem_shelf *shelf)
{
	uint32_t at = shelf->slots[0].at;

	dmem_shelf_take_out(shelf, 0);
	dmem_retire_free(at);
	dmem_shelf_settle(shelf, shelf->bytes);
	dmem_shelf_tell(shelf);
}

static void end_all(struct dmem_shelf *shelf)
{
	while (shelf->filled)
		dmem_shelf_end_oldest(shelf);
	dmem_shelf_settle(shelf, 0);
	dmem_shelf_tell(shelf);
	shelf->misses = 0;
	shelf->noted = 0;
}

void dmem_shelf_clear(void)
{
	for (unsigned int i = 0; i < nshelves; i++) {
		if (!dmem_load(&shelves[i].bytes) &&
		    !dmem_load(&shelves[i].surplus))
			continue;
		dmem_brief_lock(&shelves[i].lock);
		end_all(&shelves[i]);
		dmem_shelf_unlock(&shelves[i]);
	}
}

size_t dmem_shelf_bytes(void)
{
	size_t sum = 0;

	for (unsigned int i = 0; i < nshelves; i++)
		sum += dmem_load(&shelves[i].bytes);
	return sum;
}

bool dmem_shelf_in_the_way(uint32_t len)
{
	if (!dmem_shelf_bytes())
		return false;
	if (len > DMEM_SHELF_BLOCK_MAX >> DMEM_GRANULE_SHIFT)
		return true;
	/* Where pairs are made such blocks get fresh memory: threads whose sizes
	 * alternate would clear one another's shelves for ever. */
	for (unsigned int i = 0; i < nshelves; i++)
		if (dmem_load(&shelves[i].pairs) >= DMEM_SHELF_PAIRS_MIN)
			return false;
	return true;
}

static void lock_all(void)
{
	for (unsigned int i = 0; i < nshelves; i++)
		dmem_brief_lock(&shelves[i].lock);
}

/* All at one time: a block that is made from one shelf and freed to another
 * would be counted as freed alone, and sums be below zero. */
void dmem_shelf_count(struct live_shelf *out)
{
	*out = (struct live_shelf){ 0 };
	lock_all();
	for (unsigned int i = 0; i < nshelves; i++) {
		const struct dmem_shelf *shelf = &shelves[i];

		out->allocs += shelf->allocs;
		out->frees += shelf->frees;
		out->nbytes += shelf->nbytes;
		out->kept += shelf->bytes;
		out->faults_avoided += shelf->faults_avoided;
	}
	for (unsigned int i = 0; i < nshelves; i++)
		dmem_brief_unlock(&shelves[i].lock);
}

void dmem_shelf_clear_one(struct dmem_shelf *shelf)
{
	dmem_arena_lock();
	dmem_brief_lock(&shelf->lock);
	end_all(shelf);
	dmem_shelf_unlock(shelf);
	dmem_arena_unlock();
}

void dmem_arena_unshelve(void)
{
	dmem_arena_lock();
	dmem_shelf_clear();
	dmem_arena_unlock();
}

void dmem_shelf_fork_prepare(void)
{
	lock_all();
	for (unsigned int i = 0; i < nshelves; i++)
		end_all(&shelves[i]);
}

void dmem_shelf_fork_parent(void)
{
	for (unsigned int i = 0; i < nshelves; i++)
		dmem_shelf_unlock(&shelves[i]);
}

bool dmem_shelf_idle(unsigned int *patience)
{
	for (unsigned int i = 0; i < nshelves; i++)
		if (!dmem_brief_idle(&shelves[i].lock, patience))
			return false;
	return true;
}

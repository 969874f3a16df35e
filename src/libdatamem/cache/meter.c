/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Counting blocks and bytes off the fast path, for profile and guard sampling. */

#include "meter.h"

#include "drain.h"

unsigned int dmem_cache_counting;
/* Of counts of blocks: each begins when they are counted again. */
static unsigned int epoch;

void dmem_meter_begin(struct dmem_thread *thread, unsigned int counting)
{
	struct dmem_cache *cache = &thread->cache;

	if (!(counting & DMEM_COUNT_BYTES))
		cache->left = INT64_MAX;
	else if (dmem_profile_stale(&thread->bounds->sampler))
		cache->left = -1;
	if (!(counting & DMEM_COUNT_BLOCKS))
		dmem_store(&cache->until, UINT32_MAX);
	else if (thread->counted_since != dmem_load(&epoch))
		dmem_store(&cache->until, 0);
}

static void set_counting(enum dmem_count_mode mode, bool on)
{
	if (on)
		__atomic_or_fetch(&dmem_cache_counting, mode, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&dmem_cache_counting, ~mode,
				   __ATOMIC_SEQ_CST);
	dmem_drain_all();
}

void dmem_cache_count(bool on)
{
	set_counting(DMEM_COUNT_BYTES, on);
}

void dmem_cache_count_blocks(bool on)
{
	dmem_store(&epoch, dmem_load(&epoch) + 1);
	set_counting(DMEM_COUNT_BLOCKS, on);
}

void dmem_cache_count_events(bool on)
{
	set_counting(DMEM_COUNT_EVENTS, on);
}

void dmem_cache_count_no_events(void)
{
	__atomic_and_fetch(&dmem_cache_counting, ~DMEM_COUNT_EVENTS,
			   __ATOMIC_SEQ_CST);
}

uint32_t dmem_cache_tick(void)
{
	struct dmem_cache *cache = dmem_cache_self;
	uint32_t until = dmem_load(&cache->until);

	/* Of the caches of nobody, which threads share, it is 0. */
	if (!until || ((struct dmem_thread *)cache)->counted_since !=
			      dmem_load(&epoch))
		return 0;
	dmem_store(&cache->until, until - 1);
	return until;
}

void dmem_cache_count_to(uint32_t n)
{
	struct dmem_thread *thread = dmem_threads_attach();

	if (!thread)
		return;
	thread->counted_since = dmem_load(&epoch);
	dmem_store(&thread->cache.until, n);
}

struct dmem_sampler *dmem_cache_sampler(int64_t **left)
{
	struct dmem_thread *thread = dmem_threads_attach();

	*left = thread ? &thread->cache.left : NULL;
	return thread ? &thread->bounds->sampler : NULL;
}

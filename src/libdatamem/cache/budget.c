/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The budgets of caches: a floor for each, the rest shared. */

#include "budget.h"

#include "kernel/kernel.h"
#include "settings/settings.h"

/* The value of cache.total=auto: for each processor, and at least; where many
 * threads work, this part of RAM or of the cgroup's limit. */
#define TOTAL_PROCESSOR ((size_t)4 << 20)
#define TOTAL_MIN ((size_t)64 << 20)
#define TOTAL_PART 32

/* A thread's own: this part of cache.total, and not more than it needs for two
 * blocks of most classes. */
#define FLOOR_PART 1024
#define FLOOR_MAX ((size_t)64 << 10)

/* Written by many processors, though not often. */
static struct {
	size_t reserved;     /* by the bins of all threads */
	size_t holders;      /* threads with more than FLOOR_MAX */
} DMEM_OWN_LINES all;

static size_t automatic = TOTAL_MIN;

void dmem_budget_init(void)
{
	automatic = DMEM_MAX(TOTAL_MIN,
			     dmem_kernel_processors() * TOTAL_PROCESSOR);
}

void dmem_budget_scale(void)
{
	static bool scaled;
	uint64_t ram;

	if (dmem_load(&scaled))
		return;
	dmem_store(&scaled, true);
	ram = DMEM_MIN(dmem_kernel_ram(), dmem_kernel_cgroup_limit());
	if (ram / TOTAL_PART > dmem_load(&automatic))
		dmem_store(&automatic, ram / TOTAL_PART);
}

static size_t total(void)
{
	uint64_t set = dmem_setting_value(DMEM_SETTING_CACHE_TOTAL);

	return set == DMEM_SIZE_AUTO ? dmem_load(&automatic) : set;
}

static size_t most(void)
{
	return dmem_setting_value(DMEM_SETTING_CACHE_MAX);
}

/* Of a value of cache.total. */
static size_t floor_of(size_t whole)
{
	return DMEM_MIN(whole / FLOOR_PART, FLOOR_MAX);
}

static bool holds(const struct dmem_thread *thread)
{
	return thread->reserved > FLOOR_MAX;
}

size_t dmem_budget_share(const struct dmem_thread *thread)
{
	size_t holders = dmem_load(&all.holders) + !holds(thread);
	size_t whole = total(), share = whole / holders;

	share = DMEM_MAX(share, floor_of(whole));
	return DMEM_MIN(share, most());
}

static void set_reserved(struct dmem_thread *thread, size_t nbytes)
{
	bool held = holds(thread);

	thread->reserved = nbytes;
	if (held && !holds(thread))
		dmem_fetch_sub(&all.holders, 1);
	else if (!held && holds(thread))
		dmem_fetch_add(&all.holders, 1);
}

bool dmem_budget_reserve(struct dmem_thread *thread, size_t nbytes)
{
	size_t wanted = thread->reserved + nbytes;

	if (wanted > dmem_budget_share(thread)) {
		thread->starved |= wanted <= most();
		return false;
	}
	if (dmem_fetch_add(&all.reserved, nbytes) + nbytes > total() &&
	    wanted > floor_of(total())) {
		dmem_fetch_sub(&all.reserved, nbytes);
		thread->starved = true;
		return false;
	}
	set_reserved(thread, wanted);
	return true;
}

void dmem_budget_release(struct dmem_thread *thread, size_t nbytes)
{
	if (!nbytes)
		return;
	set_reserved(thread, thread->reserved - nbytes);
	dmem_fetch_sub(&all.reserved, nbytes);
}

size_t dmem_budget_reserved(void)
{
	return dmem_load(&all.reserved);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The service thread's look around. */
#include "upkeep.h"

#include "alloc/alloc.h"
#include "arena/arena.h"
#include "cache/cache.h"
#include "events/events.h"
#include "live.h"
#include "probes.h"
#include "settings/settings.h"
#include "slab/slab.h"

/* Caches of a program that made and freed nothing for this many times
 * retain.age are emptied: its memory has aged by then. */
#define QUIET_AGES 10

/* And none was used in a whole round of looks, which begins within another. */
#define QUIET_ROUNDS 2

/* Part of the time that all tasks stood still for memory: 1/20. */
#define STALL_PART 20

static bool stalls(uint64_t before, uint64_t now, uint64_t ms)
{
	return now > before && now - before > ms * 1000 / STALL_PART;
}

/* Not read at every tick: the sample before may be many of them old. */
static void look_for_pressure(struct dmem_upkeep *upkeep, uint64_t now)
{
	static uint64_t trims;
	struct dmem_pressure before = upkeep->pressure;
	uint64_t elapsed = now - upkeep->pressure_at;
	bool first = !upkeep->pressure_at;
	size_t gone;

	dmem_kernel_pressure(&upkeep->pressure);
	upkeep->pressure_at = now;
	/* A file that comes (back) brings all that it has ever counted. */
	if (first || upkeep->pressure.sources != before.sources)
		return;
	if (upkeep->pressure.events > before.events ||
	    stalls(before.stalled_us, upkeep->pressure.stalled_us, elapsed) ||
	    stalls(before.group_stalled_us, upkeep->pressure.group_stalled_us,
		   elapsed)) {
		gone = dmem_alloc_trim(0);
		dmem_live_store(pressure_trims, ++trims);
		dmem_probe1(DATAMEM, pressure, gone);
	}
}

/* Whether blocks were made or freed since the last tick, as far as was looked:
 * of thousands of threads at some at each. */
static bool was_used(struct dmem_upkeep *upkeep)
{
	uint64_t large = dmem_arena_calls();
	bool used = dmem_cache_watch(&upkeep->rounds);

	used |= large != upkeep->large;
	upkeep->large = large;
	return used;
}

static void look_for_quiet(struct dmem_upkeep *upkeep, uint64_t now)
{
	uint64_t age = dmem_setting_value(DMEM_SETTING_RETAIN_AGE);
	static uint64_t trims;

	if (was_used(upkeep)) {
		upkeep->quiet_since = now;
		upkeep->quiet_round = upkeep->rounds;
		upkeep->emptied = false;
		/* Nobody else empties them once they are used no more. */
		upkeep->has_work |= dmem_cache_holds();
		return;
	}
	if (upkeep->emptied)
		return;
	if (!dmem_cache_holds()) {
		upkeep->emptied = true;
		return;
	}
	upkeep->has_work = true;
	if (now - upkeep->quiet_since < age * QUIET_AGES ||
	    upkeep->rounds - upkeep->quiet_round < QUIET_ROUNDS)
		return;
	upkeep->emptied = true;
	dmem_alloc_trim(0);
	dmem_live_store(idle_trims, ++trims);
}

/* Somebody must see that the reader of events is gone. */
static void look_for_reader(struct dmem_upkeep *upkeep)
{
	if (dmem_events_look())
		dmem_alloc_record_end(true);
	upkeep->has_work |= dmem_load(&dmem_events_there);
}

void dmem_upkeep_tick(struct dmem_upkeep *upkeep, uint64_t now)
{
	uint64_t age = dmem_setting_value(DMEM_SETTING_RETAIN_AGE);

	upkeep->has_work = dmem_arena_age() != 0;
	upkeep->has_work |= dmem_slab_age((uint32_t)age);
	if (upkeep->has_work || !upkeep->emptied)
		look_for_pressure(upkeep, now);
	look_for_quiet(upkeep, now);
	look_for_reader(upkeep);
	upkeep->last_tick = now;
}

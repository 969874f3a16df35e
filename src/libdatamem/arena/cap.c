/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The cap in a curve. A step is retain.age long; what the present step or the
 * one before it used, may be kept whole. What only earlier ones used is needed
 * the less the longer ago that was: half of it stays after each step.
 */

#include "cap.h"

#include "kernel/kernel.h"
#include "settings/settings.h"
#include "state.h"

/* Limits are read again after so long. */
#define LIMITS_MS 10000

/* A fragmented quarter more is kept than the peak, and up to this much for
 * small programs; at most this part of RAM or of the cgroup's limit. */
#define SPARE ((size_t)32 << 20)
#define BOUND_PART 8

/* After so many steps nothing is left of a GiB. */
#define STEPS_MAX 40

static uint64_t bound = UINT64_MAX; /* by RAM and cgroups */
static bool limited;                /* a cgroup limits memory */
static uint32_t limits_read, step_begun;
static size_t need;                 /* of used and kept memory, by the curve */

bool dmem_retain_limited(void)
{
	return dmem_load(&limited);
}

uint64_t dmem_retain_bound(void)
{
	return dmem_load(&bound);
}

void dmem_cap_init(uint32_t now)
{
	/* Limits are read at the first tick, so that a program which makes no
	 * large block does not pay for it. */
	limits_read = now - LIMITS_MS;
	step_begun = now;
}

/* Limits may change while the program runs: read again now and then. */
static void read_limits(void)
{
	uint64_t ram = dmem_kernel_ram(), cgroup = dmem_kernel_cgroup_limit();
	uint64_t least = DMEM_MIN(ram ? ram : UINT64_MAX, cgroup);

	dmem_store(&limited, cgroup < (ram ? ram : UINT64_MAX));
	dmem_store(&bound, least == UINT64_MAX ? least : least / BOUND_PART);
}

static size_t by_peak(void)
{
	size_t peak = DMEM_MAX(dmem_arena.peak, dmem_arena.last_peak);

	return peak + peak / 4 + DMEM_MIN(peak, SPARE);
}

/*
 * Kept memory is counted in whole chunks, and so is what blocks have taken of
 * late: those that leave most of their chunks free, as of 4 KiB at a multiple of
 * 2 MiB, would find none of them again. No more than the process had then.
 */
static size_t by_chunks(void)
{
	size_t peak = DMEM_MAX(dmem_arena.held_peak, dmem_arena.last_held_peak);
	size_t held = dmem_arena_held();

	return peak - DMEM_MIN(held, peak);
}

size_t dmem_cap(void)
{
	uint64_t max = dmem_setting_value(DMEM_SETTING_RETAIN_MAX);
	size_t most = DMEM_MAX(by_peak(), need);
	/* What shelves keep counts as used, and is not. */
	size_t used = dmem_arena.used -
		      DMEM_MIN(dmem_arena.used, dmem_arena.shelved);

	if (max != DMEM_SIZE_AUTO)
		return max;
	most -= DMEM_MIN(used, most);
	return DMEM_MIN(DMEM_MAX(most, by_chunks()), dmem_load(&bound));
}

static void step(uint32_t steps)
{
	size_t used = dmem_arena.used;
	size_t most = DMEM_MAX(dmem_arena.peak, need);

	for (; steps > 0 && most > used; steps--)
		most = used + (most - used) / 2;
	need = DMEM_MAX(most, used);
	dmem_arena.last_peak = dmem_arena.peak;
	dmem_arena.peak = used;
	dmem_arena.last_held_peak = dmem_arena.held_peak;
	dmem_arena.held_peak = dmem_arena_held();
}

/* 0: another thread, which read the clock later, had the lock before. */
static uint32_t time_since(uint32_t now, uint32_t then)
{
	return now - then > INT32_MAX ? 0 : now - then;
}

void dmem_cap_age(uint32_t now, uint32_t age)
{
	/* Ticks are as long as a step, and come a little early or late. */
	uint32_t steps = (time_since(now, step_begun) + age / 4) /
			 DMEM_MAX(age, 1u);

	if (steps) {
		step_begun = now;
		step(DMEM_MIN(steps, STEPS_MAX));
	}
	if (time_since(now, limits_read) < LIMITS_MS)
		return;
	limits_read = now;
	dmem_arena_unlock();
	read_limits();
	dmem_arena_lock();
}

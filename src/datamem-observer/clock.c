/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The kernel's clock at first, then the processor's counter. */
#include "clock.h"

#include <stdbool.h>
#include <time.h>

#include "base.h"

/* What the pace is measured by. */
#define PACE_NS ((uint64_t)50000000)
/* Longer than that between the two clocks, and the thread was interrupted. */
#define TICKS_BETWEEN 10000

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

#if defined(__x86_64__)
static inline uint64_t read_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* Of paces between 0.1 and 10 GHz. */
static void measure_pace(struct observer_clock *clock, uint64_t ticks,
			 uint64_t ns)
{
	uint64_t all = ticks - clock->first_ticks, passed = ns - clock->first_ns;

	if (!clock->first_ns) {
		clock->first_ticks = ticks;
		clock->first_ns = ns;
	} else if (passed >= PACE_NS && passed < 20 * PACE_NS &&
		   all > passed / 10 && all < passed * 10) {
		clock->pace = (passed << 32) / all;
	} else if (passed >= PACE_NS) {
		clock->first_ns = 0;
	}
}

/* Both clocks at the same moment; false: something came in between. */
static bool read_both(uint64_t *ticks, uint64_t *ns)
{
	*ticks = read_ticks();
	*ns = now();
	return read_ticks() - *ticks < TICKS_BETWEEN;
}

OBSERVER_COLD static uint64_t since_by_clock(struct observer_clock *clock)
{
	uint64_t ticks, ns, since;
	bool both = read_both(&ticks, &ns);

	since = clock->ns ? ns - clock->ns : 0;
	if (both)
		measure_pace(clock, ticks, ns);
	clock->ticks = ticks;
	clock->ns = ns;
	return since;
}

uint64_t observer_clock_since(struct observer_clock *clock)
{
	uint64_t ticks, passed;

	if (observer_unlikely(!clock->pace))
		return since_by_clock(clock);
	ticks = read_ticks();
	passed = ticks - clock->ticks;
	/* Another processor's may be behind. */
	if (observer_unlikely(passed >> 63))
		return 0;
	clock->ticks = ticks;
	if (observer_likely(passed < UINT64_C(1) << 28))
		return passed * clock->pace >> 32;
	return (passed >> 16) * (clock->pace >> 16);
}
#else
uint64_t observer_clock_since(struct observer_clock *clock)
{
	uint64_t ns = now(), since = clock->ns ? ns - clock->ns : 0;

	clock->ns = ns;
	return since;
}
#endif

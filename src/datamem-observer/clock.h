/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Time from one event to the next. Where the processor counts time by itself, its
 * counter is read, which takes half as long as the kernel's clock; its pace is
 * measured by that clock on the way.
 *
 * The caller holds the lock.
 */
#ifndef OBSERVER_CLOCK_H
#define OBSERVER_CLOCK_H

#include <stdint.h>

/* All zero: it begins. */
struct observer_clock {
	uint64_t ticks;         /* at the last event; of the counter */
	uint64_t ns;            /* or of the clock: 0 while the counter is read */
	uint64_t pace;          /* ns a tick, times 2^32; 0: not known yet */
	uint64_t first_ticks, first_ns;
};

/* Nanoseconds since the last call; of the first one 0. */
uint64_t observer_clock_since(struct observer_clock *clock);

#endif /* OBSERVER_CLOCK_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Waits between two looks. */
#include "beat.h"

#include <math.h>

void ctl_beat_wait(struct timespec *next, double seconds)
{
	double whole = floor(seconds);
	struct timespec now;

	next->tv_sec += (time_t)whole;
	next->tv_nsec += (long)((seconds - whole) * 1e9);
	if (next->tv_nsec >= 1000000000) {
		next->tv_nsec -= 1000000000;
		next->tv_sec++;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > next->tv_sec ||
	    (now.tv_sec == next->tv_sec && now.tv_nsec > next->tv_nsec))
		*next = now;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

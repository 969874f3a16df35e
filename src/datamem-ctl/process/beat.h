/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Waits between two looks. */
#ifndef CTL_BEAT_H
#define CTL_BEAT_H

#include <time.h>

/*
 * Sleep until `seconds` after *next, a time of CLOCK_MONOTONIC, and move it
 * there: looking takes a while too, and is to be as often as was asked for. A
 * late caller does not catch up.
 */
void ctl_beat_wait(struct timespec *next, double seconds);

#endif /* CTL_BEAT_H */

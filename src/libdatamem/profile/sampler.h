/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Whose turn it is. For profile/ only; no lock. */
#ifndef DMEM_PROFILE_SAMPLER_H
#define DMEM_PROFILE_SAMPLER_H

#include "profile.h"

/* Bytes between samples; written by profile.c. */
extern uint64_t dmem_sampler_interval;

/* The profile that is taken; written by profile.c. */
extern unsigned int dmem_sampler_epoch;

/* Not 0: what random numbers begin with, in all threads. For tests. */
extern uint64_t dmem_sampler_seed;

/*
 * A trial for a block: the interval that it is sampled with, or 0. sampler NULL:
 * of a thread without one.
 */
uint64_t dmem_sampler_try(struct dmem_sampler *sampler, int64_t *left,
			  size_t nbytes);

/*
 * Around the taking of a sample: begin gives the thread's time, end judges what
 * it took, and returns whether the thread's interval is longer from now on.
 */
uint64_t dmem_sampler_begin(struct dmem_sampler *sampler);
bool dmem_sampler_end(struct dmem_sampler *sampler, uint64_t began);
/* The same at a given time. */
bool dmem_sampler_judge(struct dmem_sampler *sampler, uint64_t began,
			uint64_t ended);

#endif /* DMEM_PROFILE_SAMPLER_H */

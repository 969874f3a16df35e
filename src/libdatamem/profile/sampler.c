/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A countdown of bytes for each thread, and its length. */
#include "sampler.h"

#include "kernel/kernel.h"
#include "kernel/shared.h"
#include "weight.h"

/* Samples may take this part of a thread's time, and so many nanoseconds before
 * that is looked at. */
#define PART 50
#define CREDIT_MAX INT64_C(4000000)

/* Intervals are doubled up to so many times: from 1 TiB on to 2^60. */
#define RAISED_MAX 20

uint64_t dmem_sampler_interval = 512 * DMEM_KIB;
unsigned int dmem_sampler_epoch;
uint64_t dmem_sampler_seed;

static uint64_t seed(const void *salt)
{
	if (dmem_sampler_seed)
		return dmem_sampler_seed;
	return (dmem_hash((uintptr_t)salt) ^ dmem_hash(dmem_kernel_boot_ns()))
	       | 1;
}

/* A fresh countdown. It may be drawn any time: weight.h says why. */
static void draw(struct dmem_sampler *sampler, int64_t *left)
{
	uint64_t interval = dmem_load(&dmem_sampler_interval);

	if (!sampler->random)
		sampler->random = seed(sampler);
	sampler->interval = interval << sampler->raised;
	*left = (int64_t)dmem_weight_draw(dmem_weight_random(&sampler->random),
					  sampler->interval);
}

/* A thread without a countdown tosses for each block. */
static uint64_t toss(size_t nbytes)
{
	static uint64_t state;
	uint64_t interval = dmem_load(&dmem_sampler_interval), turn;
	double u;

	if (!dmem_load(&state))
		dmem_store(&state, seed(&state));
	turn = dmem_fetch_add(&state, UINT64_C(0x9e3779b97f4a7c15));
	u = (double)(dmem_weight_random(&turn) >> 11) / (double)(1ull << 53);
	return u < dmem_weight_probability((double)nbytes / (double)interval) ?
		       interval : 0;
}

bool dmem_profile_stale(const struct dmem_sampler *sampler)
{
	return sampler->epoch != dmem_load(&dmem_sampler_epoch);
}

void dmem_profile_forked(struct dmem_sampler *sampler)
{
	sampler->tid = 0;
	sampler->random = 0;
}

uint64_t dmem_sampler_try(struct dmem_sampler *sampler, int64_t *left,
			  size_t nbytes)
{
	uint64_t interval;

	if (!sampler)
		return toss(nbytes);
	/* What no block can have is no part of the countdown. */
	if (sampler->inside || nbytes > DMEM_SIZE_MAX)
		return 0;
	if (dmem_profile_stale(sampler)) {
		sampler->epoch = dmem_load(&dmem_sampler_epoch);
		sampler->raised = 0;
		draw(sampler, left);
	}
	*left -= (int64_t)nbytes;
	if (*left >= 0)
		return 0;
	interval = sampler->interval;
	draw(sampler, left);
	return interval;
}

uint64_t dmem_sampler_begin(struct dmem_sampler *sampler)
{
	if (!sampler->tid)
		sampler->tid = dmem_kernel_thread_id();
	return dmem_kernel_thread_ns();
}

/*
 * A thread has a credit of time, which grows by a part of what it computes. So
 * a burst of samples, as at the start of a program, is taken as it is, and what
 * goes on for long is taken less often.
 */
bool dmem_sampler_judge(struct dmem_sampler *sampler, uint64_t began,
			uint64_t ended)
{
	/* All blocks are wanted, whatever it costs. */
	if (dmem_load(&dmem_sampler_interval) == 1)
		return false;
	if (!sampler->ended) {
		sampler->credit = CREDIT_MAX;
		sampler->ended = began;
	}
	sampler->credit += (int64_t)((ended - sampler->ended) / PART) -
			   (int64_t)(ended - began);
	sampler->ended = ended;
	if (sampler->credit < 0) {
		sampler->credit = CREDIT_MAX / 2;
		if (sampler->raised < RAISED_MAX) {
			sampler->raised++;
			return true;
		}
	} else if (sampler->credit > CREDIT_MAX) {
		sampler->credit = CREDIT_MAX;
		if (sampler->raised) {
			sampler->credit = CREDIT_MAX / 2;
			sampler->raised--;
		}
	}
	return false;
}

bool dmem_sampler_end(struct dmem_sampler *sampler, uint64_t began)
{
	return dmem_sampler_judge(sampler, began, dmem_kernel_thread_ns());
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The mathematics of sampling by bytes.
 *
 * Think of a trial for each byte that is allocated, each of which succeeds with
 * probability 1 - exp(-1/R), about 1/R; a block is sampled when one of its
 * bytes succeeds. The Z bytes of a block fail all with exp(-Z/R), so the block
 * is sampled with
 *
 *	p = 1 - exp(-Z/R),
 *
 * whatever was allocated before. Instead of a trial a byte, the number of
 * failures until the next success is drawn: geometric, which is the integer
 * part of an exponential variable of mean R. What is left of it after a block
 * that was not sampled is distributed as a fresh one (it has no memory), so one
 * countdown serves blocks of all sizes, and a thread may draw again whenever it
 * likes, as long as that does not depend on the present draw.
 *
 * The sum over all blocks of any f (the size, or 1) is estimated by the sum of
 * f/p over those that were sampled: each block enters with f/p in p of all
 * cases, so with f on average. This holds whatever R each block's trial was made
 * with, if R was fixed before: so R may follow the load. With
 * R = 512 KiB a block of 4 MiB is sampled with 99.97 %. The variance of the
 * estimate is the sum of f^2 (1-p)/p over all blocks; it is estimated without
 * bias by that of f^2 (1-p)/p^2 over the samples. For blocks that are small
 * against R the relative error of a sum of B bytes is about sqrt(R/B).
 */
#ifndef DMEM_PROFILE_WEIGHT_H
#define DMEM_PROFILE_WEIGHT_H

#include "profile.h"

/* 1 - exp(-x), x >= 0, and -log(x), 0 < x <= 1; without libm, which the library
 * does not depend on. Relative errors below 1e-14 and 1e-12. */
double dmem_weight_probability(double x);
double dmem_weight_minus_log(double x);

void dmem_weight_of(struct dmem_weight *out, uint64_t nbytes,
		    uint64_t interval);

/* Random numbers: a state, any number, gives the next one. */
uint64_t dmem_weight_random(uint64_t *state);

/* Bytes that fail before the next that succeeds; random: 64 random bits. */
uint64_t dmem_weight_draw(uint64_t random, uint64_t interval);

#endif /* DMEM_PROFILE_WEIGHT_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Probabilities, weights and intervals. */
#include "weight.h"

#include <string.h>

#include "../../profile-page.h"

#define LN2 0.693147180559945309417232121458

/* Beyond this 1 - exp(-x) is 1 in a double. */
#define CERTAIN 40.0

/* 2^n, -1022 <= n <= 1023. */
static double power_of_two(int n)
{
	uint64_t bits = (uint64_t)(n + 1023) << 52;
	double result;

	memcpy(&result, &bits, sizeof(result));
	return result;
}

/*
 * With x = n log 2 + r and E = exp(-r) - 1, by its series as |r| < 0.35:
 * 1 - exp(-x) = (1 - 2^-n) - 2^-n E. For small x, n = 0: no digit is lost.
 */
double dmem_weight_probability(double x)
{
	double r, sum = 0, scale;
	int n;

	if (x >= CERTAIN)
		return 1;
	n = (int)(x / LN2 + 0.5);
	r = x - n * LN2;
	for (int k = 16; k >= 1; k--)
		sum = -r / k * (1 + sum);
	scale = power_of_two(-n);
	return (1 - scale) - scale * sum;
}

/*
 * With x = 2^n m, 0.7 < m < 1.42, and t = (m-1)/(m+1), |t| < 0.18:
 * log m = 2 (t + t^3/3 + t^5/5 + ...).
 */
double dmem_weight_minus_log(double x)
{
	uint64_t bits;
	double m, t, sum = 0;
	int n;

	memcpy(&bits, &x, sizeof(bits));
	n = (int)(bits >> 52) - 1023;
	bits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
	memcpy(&m, &bits, sizeof(m));
	if (m > 1.41421356237309505) {
		m /= 2;
		n++;
	}
	t = (m - 1) / (m + 1);
	for (int k = 21; k >= 1; k -= 2)
		sum = sum * t * t + 1.0 / k;
	return -(n * LN2 + 2 * t * sum);
}

static uint64_t rounded(double x)
{
	return x < 9e18 ? (uint64_t)(x + 0.5) : (uint64_t)9e18;
}

void dmem_weight_of(struct dmem_weight *out, uint64_t nbytes,
		    uint64_t interval)
{
	double p = dmem_weight_probability((double)nbytes / (double)interval);
	double bytes = (double)nbytes / p;

	out->count = rounded(PROFILE_COUNT_UNIT / p);
	out->bytes = rounded(bytes);
	bytes /= 1024;
	out->variance = rounded(bytes * bytes * (1 - p));
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t dmem_weight_random(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t dmem_weight_draw(uint64_t random, uint64_t interval)
{
	/* 53 bits: in (0, 1], so that the logarithm is finite. */
	double u = ((double)(random >> 11) + 1) * power_of_two(-53);
	double left = dmem_weight_minus_log(u) * (double)interval;

	return left < 9e18 ? (uint64_t)left : (uint64_t)9e18;
}

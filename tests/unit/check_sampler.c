/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The mathematics of a profile: probabilities, weights, trials. */
#include "profile/sampler.h"

#include <math.h>

#include <harness.h>

#include "../../src/profile-page.h"
#include "profile/weight.h"
#include "alone.h"

#define INTERVAL UINT64_C(524288)

static struct dmem_sampler sampler;
static int64_t left;

static void setup(void)
{
	sampler = (struct dmem_sampler) { 0 };
	dmem_sampler_seed = 20261129;
	dmem_sampler_interval = INTERVAL;
	dmem_sampler_epoch++;
}

START_TEST(probability_is_that_of_libm)
{
	for (double x = 1e-12; x < 100; x *= 1.07) {
		double expected = -expm1(-x);

		ck_assert_double_le(fabs(dmem_weight_probability(x) - expected),
				    1e-14 * expected);
	}
	ck_assert_double_eq(dmem_weight_probability(0), 0);
	ck_assert_double_eq(dmem_weight_probability(1e9), 1);
}
END_TEST

START_TEST(logarithm_is_that_of_libm)
{
	for (double x = 1; x > 1e-16; x *= 0.97)
		ck_assert_double_le(fabs(dmem_weight_minus_log(x) + log(x)),
				    1e-12 * fabs(log(x)) + 1e-16);
	ck_assert_double_eq(dmem_weight_minus_log(1), 0);
}
END_TEST

START_TEST(weight_is_one_by_the_probability)
{
	struct dmem_weight weight;

	/* Surely sampled: itself. */
	dmem_weight_of(&weight, 64 << 20, INTERVAL);
	ck_assert_uint_eq(weight.count, PROFILE_COUNT_UNIT);
	ck_assert_uint_eq(weight.bytes, 64 << 20);
	ck_assert_uint_eq(weight.variance, 0);
	/* A small one stands for about an interval. */
	dmem_weight_of(&weight, 16, INTERVAL);
	ck_assert_uint_eq(weight.bytes, INTERVAL + 8);
	ck_assert_uint_eq(weight.count / PROFILE_COUNT_UNIT, INTERVAL / 16);
	dmem_weight_of(&weight, 1, 1);
	ck_assert_uint_eq(weight.bytes, 2);
	dmem_weight_of(&weight, UINT64_C(1) << 62, INTERVAL);
	ck_assert_uint_eq(weight.bytes, UINT64_C(1) << 62);
}
END_TEST

/* Of n blocks of a size: the estimate, by how many standard errors it is off. */
static double deviation(size_t nbytes, unsigned int n)
{
	double p = -expm1(-(double)nbytes / (double)INTERVAL);
	double sum = 0, error = (double)nbytes * sqrt(n * (1 - p) / p);
	struct dmem_weight weight;

	for (unsigned int i = 0; i < n; i++) {
		uint64_t interval = dmem_sampler_try(&sampler, &left, nbytes);

		if (!interval)
			continue;
		ck_assert_uint_eq(interval, INTERVAL);
		dmem_weight_of(&weight, nbytes, interval);
		sum += (double)weight.bytes;
	}
	return (sum - (double)nbytes * n) / error;
}

START_TEST(estimates_are_unbiased)
{
	static const size_t sizes[] = {
		1, 16, 80, 1000, 4096, 65536, 131072, 524288, 1 << 20, 4 << 20,
	};
	double squares = 0;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes); i++) {
		unsigned int n = sizes[i] < 65536 ? 4000000 : 40000;
		double off = deviation(sizes[i], n);

		ck_assert_msg(fabs(off) < 3, "%zu bytes: %.2f standard errors",
			      sizes[i], off);
		squares += off * off;
	}
	/* As scattered as they should be: chi square of 10, 0.1 and 99.9 %. */
	ck_assert_double_ge(squares, 1.5);
	ck_assert_double_le(squares, 29.6);
}
END_TEST

/* Large blocks among small ones have their own share: nothing is carried. */
START_TEST(mixed_sizes_are_unbiased_each)
{
	double small = 0, large = 0, truth = 0;
	struct dmem_weight weight;

	for (unsigned int i = 0; i < 4000000; i++) {
		size_t nbytes = i % 500 ? 64 + i % 7 * 100 : 300000;
		uint64_t interval = dmem_sampler_try(&sampler, &left, nbytes);

		truth += i % 500 ? (double)nbytes : 0;
		if (!interval)
			continue;
		dmem_weight_of(&weight, nbytes, interval);
		*(i % 500 ? &small : &large) += (double)weight.bytes;
	}
	ck_assert_double_le(fabs(small - truth), 3 * sqrt(INTERVAL * truth));
	ck_assert_double_le(fabs(large - 8000 * 300000.0),
			    3 * sqrt(INTERVAL * 8000 * 300000.0));
}
END_TEST

/* An interval that changes on the way biases nothing: each sample has its own. */
START_TEST(interval_may_change)
{
	double sum = 0, variance = 0;
	struct dmem_weight weight;

	for (unsigned int i = 0; i < 2000000; i++) {
		uint64_t interval = dmem_sampler_try(&sampler, &left, 1000);

		if (i % 1000 == 0)
			dmem_sampler_interval = INTERVAL >> i / 1000 % 5;
		sampler.raised = i / 7777 % 3;
		if (!interval)
			continue;
		dmem_weight_of(&weight, 1000, interval);
		sum += (double)weight.bytes;
		variance += (double)weight.variance * 1048576;
	}
	ck_assert_double_le(fabs(sum - 2e9), 3 * sqrt(variance));
	ck_assert_double_ge(sqrt(variance), 1e6);
}
END_TEST

START_TEST(threads_without_a_countdown_are_unbiased)
{
	double sum = 0;
	struct dmem_weight weight;

	for (unsigned int i = 0; i < 200000; i++) {
		uint64_t interval = dmem_sampler_try(NULL, NULL, 50000);

		if (!interval)
			continue;
		dmem_weight_of(&weight, 50000, interval);
		sum += (double)weight.bytes;
	}
	ck_assert_double_le(fabs(sum - 1e10), 3 * sqrt(INTERVAL * 1e10));
}
END_TEST

START_TEST(no_sample_inside_of_a_sample)
{
	sampler.inside = true;
	for (unsigned int i = 0; i < 1000; i++)
		ck_assert_uint_eq(dmem_sampler_try(&sampler, &left, 1 << 30),
				  0);
}
END_TEST

/* Fake clock: what samples took, and the time between them. */
static void sample_for(uint64_t cost, uint64_t gap)
{
	uint64_t began = sampler.ended + gap;

	dmem_sampler_judge(&sampler, began, began + cost);
}

START_TEST(dear_samples_get_rarer)
{
	sampler.ended = 1000000000;
	sampler.credit = 0;
	/* 1 %: for ever. */
	for (unsigned int i = 0; i < 100000; i++)
		sample_for(10000, 990000);
	ck_assert_uint_eq(sampler.raised, 0);
	/* 10 %: not for long. */
	for (unsigned int i = 0; i < 1000; i++)
		sample_for(10000, 90000);
	ck_assert_uint_ge(sampler.raised, 1);
	/* Cheap again. */
	for (unsigned int i = 0; i < 100000; i++)
		sample_for(10000, 9990000);
	ck_assert_uint_eq(sampler.raised, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sampler");
	TCase *tc = tcase_create("mathematics");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, probability_is_that_of_libm);
	tcase_add_test(tc, logarithm_is_that_of_libm);
	tcase_add_test(tc, weight_is_one_by_the_probability);
	tcase_add_test(tc, estimates_are_unbiased);
	tcase_add_test(tc, mixed_sizes_are_unbiased_each);
	tcase_add_test(tc, interval_may_change);
	tcase_add_test(tc, threads_without_a_countdown_are_unbiased);
	tcase_add_test(tc, no_sample_inside_of_a_sample);
	tcase_add_test(tc, dear_samples_get_rarer);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

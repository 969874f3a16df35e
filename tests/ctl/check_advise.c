/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* From replays to the program: the arithmetic of advise. */

#include "config.h"

#include "harness.h"

#include "../../src/datamem-measure/advise/model.h"

static const struct advise_cost present = { 400, 100, 1000, 300, 100, 100 };
static const struct advise_cost better = { 100, 20, 10, 350, 10, 40 };

START_TEST(differences_of_replays_are_added_to_the_program)
{
	const struct advise_program program = { 2000, 500, 5000, 900 };
	struct advise_cost p = advise_predict(&program, &present, &better);

	ck_assert_double_eq(p.cpu_ns, 1700);
	ck_assert_double_eq(p.faults, 4010);
	ck_assert_double_eq(p.peak, 950);
}
END_TEST

START_TEST(the_present_allocator_is_what_was_recorded)
{
	const struct advise_program program = { 2000, 500, 5000, 900 };
	struct advise_cost p = advise_predict(&program, &present, &present);

	ck_assert_double_eq(p.cpu_ns, 2000);
	ck_assert_double_eq(p.peak, 900);
}
END_TEST

START_TEST(a_program_with_fewer_faults_gains_in_proportion)
{
	const struct advise_program program = { 2000, 50, 500, 900 };
	struct advise_cost p = advise_predict(&program, &present, &better);

	ck_assert_double_eq(advise_share(&program, &present), 0.5);
	ck_assert_double_eq(p.cpu_ns, 1850);
	ck_assert_double_eq(p.peak, 925);
}
END_TEST

/* 110 of system time for 1000 faults, where the replay needed 100. */
START_TEST(faults_cost_what_they_cost_the_program)
{
	const struct advise_program program = { 2000, 110, 1000, 900 };
	const struct advise_program slow = { 2000, 900, 1000, 900 };
	struct advise_cost p = advise_predict(&program, &present, &better);

	ck_assert_double_eq_tol(advise_kernel(&program, &present), 1.1, 1e-9);
	ck_assert_double_eq_tol(p.cpu_ns, 2000 - 220 - 1.1 * 80, 1e-6);
	ck_assert_double_eq(advise_kernel(&slow, &present), ADVISE_KERNEL_MAX);
}
END_TEST

START_TEST(a_prediction_is_within_its_range)
{
	const struct advise_program programs[] = {
		{ 2000, 110, 1000, 900 },
		{ 2000, 50, 500, 900 },
		{ 2000, 900, 1000, 900 },
		{ 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < 4; i++) {
		struct advise_cost p = advise_predict(&programs[i], &present,
						      &better);
		struct advise_range range = advise_range(&programs[i], &present,
							 &better);

		ck_assert_double_le(range.least_ns, p.cpu_ns + 1e-6);
		ck_assert_double_ge(range.most_ns, p.cpu_ns - 1e-6);
		range = advise_range(&programs[i], &present, &present);
		ck_assert_double_eq(range.least_ns, range.most_ns);
	}
}
END_TEST

/* All that the program paid is the price of faults, or the replay's price is. */
START_TEST(a_range_is_as_wide_as_the_price_of_faults)
{
	const struct advise_program program = { 2000, 150, 1000, 900 };
	struct advise_range range = advise_range(&program, &present, &better);

	ck_assert_double_eq_tol(range.least_ns, 2000 - 220 - 1.5 * 90, 1e-6);
	ck_assert_double_eq_tol(range.most_ns, 2000 - 220 - 1.0 * 60, 1e-6);
}
END_TEST

START_TEST(without_facts_there_are_the_replays)
{
	const struct advise_program program = { 0, 0, 0, 0 };
	struct advise_cost p = advise_predict(&program, &present, &better);

	ck_assert_double_eq(advise_share(&program, &present), 1);
	ck_assert_double_eq(p.cpu_ns, 100);
	ck_assert_double_eq(p.peak, 350);
}
END_TEST

START_TEST(nothing_is_promised_below_the_replay)
{
	/* Slower to replay than to run: the replay was disturbed. */
	const struct advise_program program = { 250, 10, 5000, 200 };
	struct advise_cost p = advise_predict(&program, &present, &better);

	ck_assert_double_eq(p.cpu_ns, 100);
	ck_assert_double_eq(p.peak, 250);
}
END_TEST

START_TEST(a_replay_that_takes_longer_adds_nothing_to_the_present)
{
	const struct advise_program program = { 250, 0, 5000, 200 };
	struct advise_cost p = advise_predict(&program, &present, &present);

	ck_assert_double_eq(p.cpu_ns, 250);
	ck_assert_double_eq(p.peak, 200);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("advise");
	TCase *tcase = tcase_create("model");

	tcase_add_test(tcase, differences_of_replays_are_added_to_the_program);
	tcase_add_test(tcase, the_present_allocator_is_what_was_recorded);
	tcase_add_test(tcase, a_program_with_fewer_faults_gains_in_proportion);
	tcase_add_test(tcase, faults_cost_what_they_cost_the_program);
	tcase_add_test(tcase, a_prediction_is_within_its_range);
	tcase_add_test(tcase, a_range_is_as_wide_as_the_price_of_faults);
	tcase_add_test(tcase, without_facts_there_are_the_replays);
	tcase_add_test(tcase, nothing_is_promised_below_the_replay);
	tcase_add_test(tcase,
		       a_replay_that_takes_longer_adds_nothing_to_the_present);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* When the probe is repeated, and what follows from it. */
#include "hugepage/probe.h"

#include <pthread.h>

#include "fake-kernel.h"
#include "fake-thp.h"
#include "harness.h"
#include "kernel/kernel.h"

/* Stands still but where a test lets time pass. */
static uint64_t now_ms = 5;
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return now_ms;
}

/* The fake tells what comes first by its counts. */
static void again(void)
{
	struct fake_hooks hooks = fake_hooks;

	fake_kernel_reset();
	fake_hooks = hooks;
}

/* Tests made within so many ms, and the state after them. */
static unsigned int tries(uint64_t ms, int *state)
{
	struct datamem_hugepage_probe probe;
	unsigned int before = thp.advised;
	uint64_t step = ms < 100000 ? 100 : 1000;

	for (uint64_t end = now_ms + ms; now_ms < end; now_ms += step) {
		again();
		datamem_hugepage_probe_get(&probe, sizeof(probe));
	}
	*state = probe.state;
	return thp.advised - before;
}

/* A full cgroup or fragmented memory, for a while. */
START_TEST(a_failed_probe_is_made_again)
{
	int state;

	thp.folio = dmem_kernel_page_size();
	/* The first, then after 1, 2, 4, 8 ... 64 and 64 seconds. */
	ck_assert_uint_eq(tries(900, &state), 1);
	ck_assert_uint_eq(tries(1000, &state), 1);
	ck_assert_uint_eq(tries(30000, &state), 4);
	ck_assert_uint_eq(tries(640000, &state), 10);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_NOT_ARRIVING);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(!dmem_hugepage_turned());
	thp.folio = 2 * DMEM_MIB;
	ck_assert_uint_eq(tries(64000, &state), 1);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_ACTIVE);
	ck_assert(dmem_hugepage_wanted());
	/* What is kept was not advised. */
	ck_assert(dmem_hugepage_turned());
	ck_assert_uint_eq(tries(200000, &state), 0);
}
END_TEST

/* Memory that is not used next would be resident, and in no counter. */
START_TEST(later_tests_have_memory_of_their_own)
{
	char *area = fake_area(4 * DMEM_MIB);
	struct dmem_probe_result result;

	thp.folio = dmem_kernel_page_size();
	dmem_probe_result_get(&result, area, 4 * DMEM_MIB);
	ck_assert_ptr_eq(thp.test_area, area);
	now_ms += 2000;
	dmem_probe_result_get(&result, area, 4 * DMEM_MIB);
	ck_assert_uint_eq(thp.advised, 2);
	ck_assert(thp.test_area < area || thp.test_area >= area + 4 * DMEM_MIB);
}
END_TEST

/* Another thread's first test comes to its end while one is made. */
static size_t others_folio;

static void *probe_first(void *arg)
{
	struct datamem_hugepage_probe probe;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	ck_assert_int_eq(probe.state, DATAMEM_HUGEPAGE_NOT_ARRIVING);
	return arg;
}

static int (*fake_advice)(void *addr, size_t nbytes, int advice);
static int probe_meanwhile(void *addr, size_t nbytes, int advice)
{
	size_t folio = thp.folio;
	pthread_t thread;

	if (others_folio) {
		thp.folio = others_folio;
		others_folio = 0;
		pthread_create(&thread, NULL, probe_first, NULL);
		pthread_join(thread, NULL);
		thp.folio = folio;
		again();
	}
	return fake_advice(addr, nbytes, advice);
}

START_TEST(two_first_tests_differ)
{
	struct datamem_hugepage_probe probe;

	fake_advice = fake_hooks.madvise;
	fake_hooks.madvise = probe_meanwhile;
	thp.folio = 2 * DMEM_MIB;
	others_folio = dmem_kernel_page_size();
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	ck_assert_int_eq(probe.state, DATAMEM_HUGEPAGE_ACTIVE);
	ck_assert(dmem_probe_differs());
}
END_TEST

/* An administrator allows what was forbidden. */
START_TEST(a_mode_may_change)
{
	int state;

	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	thp.folio = dmem_kernel_page_size();
	tries(900, &state);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_OFF);
	fake_tree_write(THP "/enabled", "always [madvise] never\n");
	thp.folio = 2 * DMEM_MIB;
	tries(1000, &state);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_ACTIVE);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(what_cannot_change_is_tried_once)
{
	int state;

	thp.folio = dmem_kernel_page_size();
	thp.advice_error = EINVAL;
	ck_assert_uint_eq(tries(100000, &state), 1);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_OFF);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reprobe");
	TCase *tc = tcase_create("fake kernel");

	tcase_add_checked_fixture(tc, thp_fake_setup, thp_fake_teardown);
	tcase_add_test(tc, a_failed_probe_is_made_again);
	tcase_add_test(tc, later_tests_have_memory_of_their_own);
	tcase_add_test(tc, two_first_tests_differ);
	tcase_add_test(tc, a_mode_may_change);
	tcase_add_test(tc, what_cannot_change_is_tried_once);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

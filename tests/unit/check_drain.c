/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The caches of all threads are emptied by one of them. */
#include "crowd.h"

static unsigned int nbarriers, nlocked, nlocked_most;

static void count_stopped(struct dmem_thread *thread)
{
	if (!dmem_trylock(thread->lock))
		nlocked++;
	else
		dmem_unlock(thread->lock);
}

static bool counting;

int __real_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void);

int __wrap_dmem_kernel_membarrier(void)
{
	nbarriers++;
	return __real_dmem_kernel_membarrier();
}

size_t __real_dmem_slab_pass(unsigned int cls, void *const *blocks, size_t n);
size_t __wrap_dmem_slab_pass(unsigned int cls, void *const *blocks, size_t n);

/* Blocks of a cache are given back, with the list of caches locked: who waits
 * for the locks of caches that are locked here waits for this. */
size_t __wrap_dmem_slab_pass(unsigned int cls, void *const *blocks, size_t n)
{
	if (counting) {
		nlocked = 0;
		dmem_threads_each(count_stopped);
		nlocked_most = DMEM_MAX(nlocked_most, nlocked);
	}
	return __real_dmem_slab_pass(cls, blocks, n);
}

static unsigned int nholding;

static void count_holding(struct dmem_thread *thread)
{
	nholding += thread->reserved > 0;
}

static unsigned int holding_caches(void)
{
	nholding = 0;
	dmem_threads_lock();
	dmem_threads_each(count_holding);
	dmem_threads_unlock();
	return nholding;
}

static void trim(void)
{
	datamem_trim(0);
}

static void switch_off_and_on(void)
{
	ck_assert_int_eq(datamem_setting_set("cache.enabled", "off"), 0);
	ck_assert_uint_eq(open_caches(), 0);
	ck_assert_int_eq(datamem_setting_set("cache.enabled", "on"), 0);
}

static void set_depth(void)
{
	ck_assert_int_eq(datamem_setting_set("cache.depth", "9"), 0);
}

static void (*const emptying[])(void) = { trim, switch_off_and_on, set_depth };

/* Whoever empties all caches holds one at a time, and asks the kernel for one
 * barrier. */
START_TEST(emptying_stops_one_at_a_time)
{
	size_t n = CROWD;

	be_alone();
	if (__real_dmem_kernel_membarrier())
		harness_skip("no membarrier(2)");
	use();
	if (!gather(n))
		harness_skip("no %zu threads", n);
	ck_assert_uint_eq(holding_caches(), CROWD + 1);
	nbarriers = nlocked_most = 0;
	counting = true;
	emptying[_i]();
	counting = false;
	ck_assert_uint_eq(holding_caches(), 0);
	ck_assert_uint_eq(nlocked_most, 1);
	ck_assert_uint_eq(nbarriers, 1);
	use();
	part(n);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drain");
	TCase *tc = tcase_create("drain");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, emptying_stops_one_at_a_time, 0,
			    (int)DMEM_ARRAY_SIZE(emptying));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

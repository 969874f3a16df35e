/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks that go from thread to thread by way of a full stash. */
#include "slab/slab.h"

#include <pthread.h>

#include "library.h"

static unsigned int tried;
int __real_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	tried++;
	return __real_pthread_mutex_trylock(mutex);
}

static void *blocks[4 * DMEM_STASH_MAX];

static void take(unsigned int cls, size_t n)
{
	for (size_t got = 0; got < n;)
		got += dmem_slab_take(cls, blocks + got, n - got);
}

/* One that is as large as it may be has no use for the room of others. */
START_TEST(a_full_one_asks_nobody)
{
	unsigned int cls = dmem_class_of(80);
	size_t n = DMEM_ARRAY_SIZE(blocks);

	dmem_library_init();
	take(cls, n);
	tried = 0;
	for (size_t i = 0; i < n; i += 64)
		dmem_slab_pass(cls, blocks + i, 64);
	ck_assert_uint_eq(tried, 0);
}
END_TEST

/* One that could be larger, and finds no room, does ask. */
START_TEST(a_small_one_asks)
{
	size_t n = 128;

	dmem_library_init();
	tried = 0;
	/* More than all have to spare. */
	for (size_t nbytes = 8 * DMEM_KIB; nbytes <= 32 * DMEM_KIB;
	     nbytes += DMEM_KIB) {
		unsigned int cls = dmem_class_of(nbytes);

		take(cls, 2 * n);
		dmem_slab_pass(cls, blocks, n);
		dmem_slab_pass(cls, blocks + n, n);
	}
	ck_assert_uint_gt(tried, 0);
	dmem_slab_trim();
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stash");
	TCase *tcase = tcase_create("full stashes");

	tcase_add_test(tcase, a_full_one_asks_nobody);
	tcase_add_test(tcase, a_small_one_asks);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

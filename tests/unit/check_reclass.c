/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A slab's memory comes to another class while others look at it: what they saw
 * before they had the class locked may be true no more.
 */
#include "slab/slab.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "library.h"

#define HELD 64

static bool stop;
/* An address that was a block's a moment ago. */
static char *lately;

static void setup(void)
{
	set("control", "off");
	set("retain.age", "3600000");
	dmem_slab_trim();
}

/* A class at a time, several slabs of it, all of which are empty in the end. */
static void *change(void *arg)
{
	static const size_t sizes[] = { 1500, 9000, 30000, 48, 5000, 60000 };
	unsigned char mine = (unsigned char)(uintptr_t)arg;
	unsigned char *ptrs[HELD];
	size_t n;

	for (size_t turn = mine; !dmem_load(&stop); turn++) {
		unsigned int cls = dmem_class_of(sizes[turn % COUNT(sizes)]);
		size_t size = dmem_classes[cls].size;

		n = dmem_slab_take(cls, (void **)ptrs, HELD);
		ck_assert_uint_gt(n, 0);
		for (size_t i = 0; i < n; i++)
			memset(ptrs[i], mine, size);
		dmem_store(&lately, (char *)ptrs[n / 2]);
		for (size_t i = 0; i < n; i++) {
			if (ptrs[i][0] != mine || ptrs[i][size - 1] != mine ||
			    memcmp(ptrs[i], ptrs[i] + 1, size - 1))
				ck_abort_msg("a block was given to two");
			if (dmem_slab_give(cls, (void **)&ptrs[i], 1) != 1)
				ck_abort_msg("a block was not taken back");
		}
	}
	return NULL;
}

static void beside_changes(void (*look)(void))
{
	unsigned int rounds = 20000 * (unsigned int)harness_times(1, 20);
	pthread_t threads[3];

	dmem_store(&stop, false);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, change,
						(void *)(i + 1)), 0);
	for (unsigned int i = 0; i < rounds; i++)
		look();
	dmem_store(&stop, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	dmem_slab_settle();
	dmem_slab_trim();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		size_t out, stashed;

		dmem_slab_count(cls, &out, &stashed);
		ck_assert_uint_eq(out, 0);
	}
	ck_assert_uint_eq(stats_now().double_frees +
			  stats_now().foreign_pointers, 0);
	ck_assert_uint_eq(stats_now().opened_small_bytes, 0);
}

static void reclaim(void)
{
	dmem_slab_reclaim();
}

static void age(void)
{
	dmem_slab_age(0);
}

static bool go_on(uint32_t n)
{
	return n != 0;
}

static void visit(const void *ptr, size_t nbytes, size_t align)
{
	(void)align;
	if (nbytes % 16 || (uintptr_t)ptr % 16)
		ck_abort_msg("not a block");
}

static void live(void)
{
	dmem_slab_each_live(1, go_on, visit);
}

static void find(void)
{
	char *ptr = dmem_load(&lately);
	struct dmem_slab_block block;

	if (ptr && dmem_slab_find(ptr, &block) &&
	    (block.start > ptr || block.start + block.size <= ptr))
		ck_abort_msg("another block was found");
}

static void (*const looks[])(void) = { reclaim, age, live, find };

START_TEST(looked_at)
{
	beside_changes(looks[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reclass");
	TCase *tc = tcase_create("reclass");

	tcase_set_timeout(tc, 240);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, looked_at, 0, COUNT(looks));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

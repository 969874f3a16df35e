/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What a process does for its first block: what is asked, and what is written. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <sys/utsname.h>

#include "library.h"
#include "base.h"
#include "slab/central.h"

static unsigned int names, affinities;

int __real_uname(struct utsname *out);
int __wrap_uname(struct utsname *out);
int __wrap_uname(struct utsname *out)
{
	names++;
	return __real_uname(out);
}

int __real_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	affinities++;
	return __real_sched_getaffinity(pid, size, set);
}

START_TEST(nothing_is_asked_twice)
{
	void *block = datamem_alloc(100);

	ck_assert_ptr_nonnull(block);
	ck_assert_uint_le(names, 1);
	ck_assert_uint_le(affinities, 1);
	datamem_free(block, 100);
}
END_TEST

/* The page of a class that is not used is not written. */
START_TEST(classes_that_are_not_used)
{
	void *block = datamem_alloc(100);
	unsigned char *byte = (unsigned char *)&dmem_centrals[
		dmem_class_of(50000)];

#ifdef DMEM_LOCK_RANKS
	harness_skip("locks have a rank");
#endif
	ck_assert_ptr_nonnull(block);
	for (size_t i = 0; i < sizeof(*dmem_centrals); i++)
		ck_assert_uint_eq(byte[i], 0);
	ck_assert_uint_eq(dmem_classes[dmem_class_of(50000)].full, 0);
	datamem_free(block, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("start");
	TCase *tc = tcase_create("start");

	tcase_add_test(tc, nothing_is_asked_twice);
	tcase_add_test(tc, classes_that_are_not_used);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A kernel that refuses memory as with vm.overcommit_memory=2: what is mapped
 * counts, touched or not. All that is retained is given back before a request
 * fails, and after a failure all works as before.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base.h"
#include "fake-kernel.h"
#include "library.h"

#define LIMIT (96 * DMEM_MIB)
#define PAIRS 8
#define FREE_SIZE (6 * DMEM_MIB)
#define WALL_SIZE (2 * DMEM_MIB)
/* In no hole; with what is retained more than the limit. */
#define LARGE (40 * DMEM_MIB)

/* What counts against the limit, in any order. */
static struct range {
	uintptr_t start, end;
} ranges[4096];
static size_t nranges, charged, refused;

static void charge(uintptr_t start, uintptr_t end)
{
	ck_assert_uint_lt(nranges, DMEM_ARRAY_SIZE(ranges));
	ranges[nranges++] = (struct range){ start, end };
	charged += end - start;
}

static void discharge(uintptr_t start, uintptr_t end)
{
	for (size_t i = nranges; i-- > 0;) {
		struct range was = ranges[i];

		if (was.end <= start || end <= was.start)
			continue;
		charged -= was.end - was.start;
		ranges[i] = ranges[--nranges];
		if (was.start < start)
			charge(was.start, start);
		if (end < was.end)
			charge(end, was.end);
	}
}

static void *mmap_charged(void *addr, size_t nbytes, int prot, int flags)
{
	uintptr_t start;
	void *got;

	if ((prot & PROT_WRITE) && charged + nbytes > LIMIT) {
		refused++;
		errno = ENOMEM;
		return MAP_FAILED;
	}
	got = __real_mmap(addr, nbytes, prot, flags, -1, 0);
	if (got == MAP_FAILED)
		return got;
	start = (uintptr_t)got;
	discharge(start, start + nbytes);
	if (prot & PROT_WRITE)
		charge(start, start + nbytes);
	return got;
}

static int munmap_charged(void *addr, size_t nbytes)
{
	int err = __real_munmap(addr, nbytes);

	if (!err)
		discharge((uintptr_t)addr, (uintptr_t)addr + nbytes);
	return err;
}

static unsigned char *walls[PAIRS];

static unsigned char *make(size_t nbytes)
{
	unsigned char *ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 5, nbytes);
	return ptr;
}

static void expect_walls(void)
{
	for (size_t i = 0; i < PAIRS; i++)
		ck_assert(walls[i][0] == 5 &&
			  !memcmp(walls[i], walls[i] + 1, WALL_SIZE - 1));
}

/* Holes of retained memory between blocks in use. */
static void setup(void)
{
	void *holes[PAIRS];

	fake_kernel_reset();
	fake_hooks.mmap = mmap_charged;
	fake_hooks.munmap = munmap_charged;
	nranges = charged = refused = 0;
	set("retain.max", "1G");
	for (size_t i = 0; i < PAIRS; i++) {
		holes[i] = make(FREE_SIZE);
		walls[i] = make(WALL_SIZE);
	}
	for (size_t i = 0; i < PAIRS; i++)
		datamem_free(holes[i], FREE_SIZE);
	ck_assert_uint_ge(stats_now().retained_bytes, PAIRS * FREE_SIZE);
	ck_assert_uint_eq(refused, 0);
}

static size_t kept(void)
{
	return stats_now().retained_bytes + stats_now().lazy_bytes;
}

static void teardown(void)
{
	struct datamem_stats stats;

	expect_walls();
	fake_kernel_reset();
	for (size_t i = 0; i < PAIRS; i++)
		datamem_free(walls[i], WALL_SIZE);
	/* As if nothing had been. */
	datamem_free(make(2 * LIMIT), 2 * LIMIT);
	datamem_free(make(100), 100);
	datamem_trim(0);
	stats = stats_now();
	ck_assert_uint_eq(stats.live_blocks, 0);
	ck_assert_uint_eq(stats.mapped_bytes, 0);
}

static void *request(int kind, size_t nbytes)
{
	switch (kind) {
	case 0:
		return datamem_alloc(nbytes);
	case 1:
		return datamem_alloc_zeroed(nbytes, 1);
	case 2:
		return datamem_alloc_aligned(nbytes, 2 * DMEM_MIB);
	default:
		return datamem_realloc(NULL, nbytes);
	}
}
#define KINDS 4

START_TEST(gives_back_and_tries_again)
{
	uint64_t purged = stats_now().purged_bytes;
	unsigned char *ptr;

	errno = ERANGE;
	ptr = request(_i, LARGE);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_int_eq(errno, ERANGE);
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_eq(kept(), 0);
	ck_assert_uint_ge(stats_now().purged_bytes - purged,
			  PAIRS * FREE_SIZE);
	ck_assert_uint_eq(stats_now().failed_allocs, 0);
	if (_i == 1)
		ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, LARGE - 1));
	memset(ptr, 9, LARGE);
	expect_walls();
	datamem_free(ptr, LARGE);
}
END_TEST

START_TEST(grows_by_what_it_gave_back)
{
	unsigned char *ptr = make(FREE_SIZE);

	ptr = datamem_realloc(ptr, LARGE);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_eq(kept(), 0);
	ck_assert(ptr[0] == 5 && !memcmp(ptr, ptr + 1, FREE_SIZE - 1));
	memset(ptr, 9, LARGE);
	datamem_free(ptr, LARGE);
}
END_TEST

START_TEST(says_no)
{
	unsigned char *ptr = make(FREE_SIZE), *small = make(1000);

	for (uint64_t i = 1; i <= 3; i++) {
		errno = 0;
		ck_assert_ptr_null(request(_i, LIMIT));
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_uint_eq(stats_now().failed_allocs, 2 * i - 1);
		errno = 0;
		ck_assert_ptr_null(datamem_realloc(ptr, LIMIT));
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_uint_eq(stats_now().failed_allocs, 2 * i);
		ck_assert_uint_eq(kept(), 0);
	}
	ck_assert(ptr[0] == 5 && !memcmp(ptr, ptr + 1, FREE_SIZE - 1));
	/* What is left can still be had. */
	datamem_free(make(LARGE), LARGE);
	datamem_free(small, 1000);
	datamem_free(ptr, FREE_SIZE);
}
END_TEST

static const size_t sizes[] = { 16, 3000, 100000, 300000, 3 << 20 };

/* Until there is no more; all that was mapped is used then. */
START_TEST(exhausted)
{
	size_t nbytes = sizes[_i], n = 0, again = 0;
	void *first = NULL, **ptr;

	while ((ptr = datamem_alloc(nbytes))) {
		*ptr = first;
		first = ptr;
		n++;
	}
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_ge(n * nbytes, LIMIT / 4 * 3 - PAIRS * WALL_SIZE);
	expect_walls();
	while ((ptr = first)) {
		first = *ptr;
		datamem_free(ptr, nbytes);
	}
	/* Freed small blocks make room for large ones. */
	datamem_free(make(LARGE), LARGE);
	while ((ptr = datamem_alloc(nbytes))) {
		*ptr = first;
		first = ptr;
		again++;
	}
	ck_assert_uint_ge(again + again / 8 + 1, n);
	while ((ptr = first)) {
		first = *ptr;
		datamem_free(ptr, nbytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shortage");
	TCase *tc = tcase_create("shortage");

	tcase_set_timeout(tc, 240);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, gives_back_and_tries_again, 0, KINDS);
	tcase_add_test(tc, grows_by_what_it_gave_back);
	tcase_add_loop_test(tc, says_no, 0, KINDS);
	tcase_add_loop_test(tc, exhausted, 0,
			    (int)DMEM_ARRAY_SIZE(sizes));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

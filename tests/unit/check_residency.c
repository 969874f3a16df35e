/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which pages are resident and huge, by each way of asking. */
#include "kernel/kernel.h"

#include <string.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"

#define AREA (4 * DMEM_MIB)

/* Gives regions of one page each, at most three a call. */
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, returned;
};

static int scan_in_pieces(int fd, unsigned long request, void *arg)
{
	size_t page = dmem_kernel_page_size();
	struct scan_arg *scan = arg;
	uint64_t (*region)[3] = (void *)(uintptr_t)scan->vec;
	uint64_t at = scan->start;
	int n;

	(void)fd;
	(void)request;
	for (n = 0; n < 3 && at < scan->end; n++, at += page) {
		region[n][0] = at;
		region[n][1] = at + page;
		region[n][2] = scan->returned;
	}
	scan->walk_end = at;
	return n;
}

static int scan_that_stands_still(int fd, unsigned long request, void *arg)
{
	struct scan_arg *scan = arg;

	(void)fd;
	(void)request;
	scan->walk_end = scan->start;
	return 0;
}

START_TEST(scan_loops_to_the_end_and_clips)
{
	size_t page = dmem_kernel_page_size();
	char *area = fake_area(AREA);
	size_t bytes;

	if (access("/proc/self/pagemap", R_OK))
		harness_skip("/proc/self/pagemap: %s", strerror(errno));
	fake_hooks.ioctl = scan_in_pieces;
	ck_assert_int_eq(dmem_kernel_huge_bytes(area + 100, 10 * page, &bytes),
			 0);
	ck_assert_uint_eq(bytes, 10 * page);
	ck_assert_uint_eq(fake_kernel_count(FAKE_IOCTL), 4);
	ck_assert_int_eq(dmem_kernel_huge_bytes(area + 100, 7, &bytes), 0);
	ck_assert_uint_eq(bytes, 7);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, 0, &bytes), 0);
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

START_TEST(resident_bytes_by_each_way)
{
	size_t page = dmem_kernel_page_size();
	char *area = fake_area(AREA);
	size_t bytes;

	dmem_kernel_advise(area, AREA, DMEM_ADVICE_NOHUGEPAGE);
	area[0] = 1;
	area[3 * page] = 1;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes),
				 0);
		ck_assert_uint_eq(bytes, 2 * page);
		ck_assert_int_eq(dmem_kernel_resident_bytes(
			area + 10, 3 * page, &bytes), 0);
		ck_assert_uint_eq(bytes, page);
		/* Then without PAGEMAP_SCAN, or with a broken one. */
		if (i == 0)
			fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
		else
			fake_kernel_reset();
		if (i == 1)
			fake_hooks.ioctl = scan_that_stands_still;
	}
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	fake_kernel_fail(FAKE_MINCORE, 0, ENOSYS);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes),
			 -ENOTSUP);
}
END_TEST

START_TEST(huge_bytes_by_each_way)
{
	char *area = fake_area(2 * AREA);
	size_t scanned = 0, listed = 0;
	int err;

	if (dmem_kernel_advise(area, 2 * AREA, DMEM_ADVICE_HUGEPAGE))
		harness_skip("the kernel has no transparent huge pages");
	memset(area, 1, AREA);
	if (!dmem_kernel_can_scan())
		harness_skip("no PAGEMAP_SCAN");
	ck_assert_int_eq(dmem_kernel_huge_bytes(area, 2 * AREA, &scanned), 0);
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	err = dmem_kernel_huge_bytes(area, 2 * AREA, &listed);
	if (err == -ENOTSUP)
		harness_skip("smaps says nothing of huge pages");
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(scanned, listed);
	/* A part of a mapping of which only a part is huge. */
	err = dmem_kernel_huge_bytes(area + 4096, AREA, &listed);
	ck_assert_int_eq(err, scanned ? -ENODATA : 0);
	memset(area, 1, 2 * AREA);
	err = dmem_kernel_huge_bytes(area, AREA, &listed);
	if (!err)
		ck_assert(listed == 0 || listed == AREA);
}
END_TEST

START_TEST(zero_page_is_not_backing)
{
	char *area = fake_area(AREA);
	size_t bytes;

	if (!dmem_kernel_can_scan())
		harness_skip("no PAGEMAP_SCAN");
	dmem_kernel_advise(area, AREA, DMEM_ADVICE_NOHUGEPAGE);
	ck_assert_int_eq(*(volatile char *)area, 0);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes), 0);
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

/* The bytes told, and where the first and the last are. */
struct told {
	size_t nbytes;
	uintptr_t from, to;
};

static void tell(void *arg, uintptr_t from, uintptr_t to)
{
	struct told *told = arg;

	told->from = told->nbytes ? told->from : from;
	told->to = to;
	told->nbytes += to - from;
}

/* What was read only, or given back, was not written. */
START_TEST(written_parts_are_visited)
{
	size_t page = dmem_kernel_page_size();
	struct told told = { 0, 0, 0 };
	char *area = fake_area(AREA);
	volatile char *at = area;

	if (!dmem_kernel_can_scan())
		harness_skip("no PAGEMAP_SCAN");
	dmem_kernel_advise(area, AREA, DMEM_ADVICE_NOHUGEPAGE);
	ck_assert_int_eq(dmem_kernel_each_written(area, AREA, tell, &told), 0);
	ck_assert_uint_eq(told.nbytes, 0);
	for (size_t i = 0; i < AREA; i += page)
		ck_assert_int_eq(at[i], 0);
	for (size_t i = 3; i < 90; i += 3)
		at[i * page] = 1;
	ck_assert_int_eq(dmem_kernel_each_written(area, AREA, tell, &told), 0);
	ck_assert_uint_eq(told.nbytes, 29 * page);
	ck_assert_uint_eq(told.from, (uintptr_t)area + 3 * page);
	ck_assert_uint_eq(told.to, (uintptr_t)area + 88 * page);
}
END_TEST

START_TEST(nothing_can_be_opened)
{
	struct rlimit old, none;
	char *area = fake_area(AREA);
	size_t bytes = 77;
	int err;

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	errno = 77;
	err = dmem_kernel_huge_bytes(area, AREA, &bytes);
	ck_assert_int_eq(errno, 77);
	setrlimit(RLIMIT_NOFILE, &old);
	ck_assert_int_eq(err, -ENOTSUP);
	ck_assert_uint_eq(bytes, 77);
}
END_TEST

START_TEST(queries_leave_no_descriptor)
{
	char *area = fake_area(AREA);
	size_t bytes;
	int before = dup(0), after;

	close(before);
	dmem_kernel_huge_bytes(area, AREA, &bytes);
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	dmem_kernel_huge_bytes(area, AREA, &bytes);
	dmem_kernel_ram();
	dmem_kernel_cgroup_limit();
	after = dup(0);
	ck_assert_int_eq(before, after);
	close(after);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pages");
	TCase *tc = tcase_create("pages");

	tcase_add_checked_fixture(tc, fake_kernel_reset, fake_kernel_reset);
	tcase_add_test(tc, scan_loops_to_the_end_and_clips);
	tcase_add_test(tc, resident_bytes_by_each_way);
	tcase_add_test(tc, huge_bytes_by_each_way);
	tcase_add_test(tc, zero_page_is_not_backing);
	tcase_add_test(tc, written_parts_are_visited);
	tcase_add_test(tc, nothing_can_be_opened);
	tcase_add_test(tc, queries_leave_no_descriptor);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

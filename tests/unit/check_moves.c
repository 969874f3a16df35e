/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Moves of pages: what is promised of both ranges, whatever the kernel says. */
#include "kernel/kernel.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"

#define DONTUNMAP 4
#define AREA (4 * DMEM_MIB)

/* What move promises: contents there, zeros here, both mapped. */
static void check_moved(char *from, char *to)
{
	for (size_t i = 0; i < AREA; i += 4096) {
		ck_assert_int_eq(to[i], (char)(i >> 12 | 1));
		ck_assert_int_eq(from[i], 0);
	}
	*from = 1;
}

static void fill(char *from)
{
	for (size_t i = 0; i < AREA; i += 4096)
		from[i] = (char)(i >> 12 | 1);
}

START_TEST(move_takes_the_pages)
{
	char *from = fake_area(2 * AREA);
	char *to = from + AREA;

	fill(from);
	*to = 99;
	errno = 77;
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), 0);
	ck_assert_int_eq(errno, 77);
	check_moved(from, to);
}
END_TEST

static void *mremap_before_5_7(void *addr, size_t nbytes, size_t new_nbytes,
			       int flags, void *new_addr)
{
	if (flags & DONTUNMAP) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

START_TEST(move_before_5_7)
{
	char *from = fake_area(2 * AREA);
	char *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_before_5_7;
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), 0);
	check_moved(from, to);
}
END_TEST

START_TEST(move_before_5_7_loses_the_source)
{
	char *from = fake_area(2 * AREA);
	char *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_before_5_7;
	/* Another thread's mmap(2) in between, or no memory for ours; the first
	 * is for the target. */
	fake_kernel_fail(FAKE_MMAP, 2, EEXIST);
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), 1);
	ck_assert_int_eq(to[4096], 1);
}
END_TEST

/* A source of several mappings: the target is gone, nothing was moved. */
static void *mremap_before_6_17(void *addr, size_t nbytes, size_t new_nbytes,
				int flags, void *new_addr)
{
	(void)addr;
	(void)nbytes;
	(void)flags;
	__real_munmap(new_addr, new_nbytes);
	errno = EFAULT;
	return MAP_FAILED;
}

START_TEST(move_of_several_mappings)
{
	char *from = fake_area(2 * AREA);
	char *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_before_6_17;
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), -ENOTSUP);
	ck_assert_int_eq(from[4096], 1);
	ck_assert_int_eq(to[0], 0);
	to[0] = 1;
	fake_kernel_fail(FAKE_MMAP, 1, EEXIST);
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), -EFAULT);
	ck_assert_int_eq(from[4096], 1);
}
END_TEST

START_TEST(move_refused)
{
	char *from = fake_area(2 * AREA);

	*from = 7;
	fake_kernel_fail(FAKE_MREMAP, 0, EINVAL);
	ck_assert_int_eq(dmem_kernel_move(from, from + AREA, AREA), -ENOTSUP);
	ck_assert_int_eq(*from, 7);
	from[AREA] = 1;
}
END_TEST

/* Whatever is said, by the kernel or a filter: nobody has lost anything. */
START_TEST(move_refused_keeps_both)
{
	static const int errors[] = { ENOMEM, EPERM, ENOSYS, EACCES, EAGAIN };
	char *from = fake_area(2 * AREA);

	*from = 7;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(errors); i++) {
		fake_kernel_fail(FAKE_MREMAP, 0, errors[i]);
		ck_assert_int_eq(dmem_kernel_move(from, from + AREA, AREA),
				 -errors[i]);
		ck_assert_int_eq(*from, 7);
		from[AREA] = 1;
	}
	fake_kernel_reset();
	fake_kernel_fail(FAKE_MUNMAP, 1, ENOMEM);
	ck_assert_int_eq(dmem_kernel_move(from, from + AREA, AREA), -ENOMEM);
	ck_assert_int_eq(*from, 7);
	ck_assert_int_eq(from[AREA], 1);
}
END_TEST

/* Another thread maps at the target while it is a hole. */
static void *mremap_target_taken(void *addr, size_t nbytes, size_t new_nbytes,
				 int flags, void *new_addr)
{
	char *taken;

	if (flags & MREMAP_FIXED)
		return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
	taken = __real_mmap(new_addr, new_nbytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	*taken = 99;
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

START_TEST(move_to_what_another_took)
{
	char *from = fake_area(2 * AREA), *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_target_taken;
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), -EFAULT);
	ck_assert_int_eq(*to, 99);
	for (size_t i = 0; i < AREA; i += 4096)
		ck_assert_int_eq(from[i], (char)(i >> 12 | 1));
}
END_TEST

/* The kernel takes the lock off what the pages leave: it is to be mapped afresh,
 * and is locked then if all memory is to be. */
START_TEST(move_of_locked_memory)
{
	char *from = fake_area(2 * AREA), *to = from + AREA;
	unsigned char resident;

	fill(from);
	/* Sanitizers have a function that does nothing. */
	if (syscall(SYS_mlock, from, AREA))
		harness_skip("RLIMIT_MEMLOCK is too small");
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), 1);
	for (size_t i = 0; i < AREA; i += 4096)
		ck_assert_int_eq(to[i], (char)(i >> 12 | 1));
	ck_assert_int_eq(mincore(from, 4096, &resident), -1);
	ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("moves");
	TCase *tc = tcase_create("moves");

	tcase_add_checked_fixture(tc, fake_kernel_reset, fake_kernel_reset);
	tcase_add_test(tc, move_takes_the_pages);
	tcase_add_test(tc, move_before_5_7);
	tcase_add_test(tc, move_before_5_7_loses_the_source);
	tcase_add_test(tc, move_of_several_mappings);
	tcase_add_test(tc, move_refused);
	tcase_add_test(tc, move_refused_keeps_both);
	tcase_add_test(tc, move_to_what_another_took);
	tcase_add_test(tc, move_of_locked_memory);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

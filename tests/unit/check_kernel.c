/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ground floor's memory calls, and what it finds out by trying them. */
#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"

#define AREA (4 * DMEM_MIB)

/* memory.c */

START_TEST(map_at_never_replaces)
{
	char *area = fake_area(AREA);

	*area = 7;
	errno = 77;
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), -EEXIST);
	ck_assert_int_eq(*area, 7);
	ck_assert_int_eq(dmem_kernel_unmap(area, AREA), 0);
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), 0);
	ck_assert_int_eq(*area, 0);
	ck_assert_int_eq(errno, 77);
}
END_TEST

/* Before 4.17 MAP_FIXED_NOREPLACE is ignored, the address but a hint. */
static void *old_mmap(void *addr, size_t nbytes, int prot, int flags)
{
	return __real_mmap(addr, nbytes, prot, flags & ~MAP_FIXED_NOREPLACE,
			   -1, 0);
}

START_TEST(map_at_on_old_kernels)
{
	char *area = fake_area(AREA);
	unsigned int unmapped;

	*area = 7;
	fake_hooks.mmap = old_mmap;
	unmapped = fake_kernel_count(FAKE_MUNMAP);
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), -EEXIST);
	/* What came instead was given back. */
	ck_assert_uint_eq(fake_kernel_count(FAKE_MUNMAP), unmapped + 1);
	ck_assert_int_eq(*area, 7);
	dmem_kernel_unmap(area, AREA);
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), 0);
}
END_TEST

START_TEST(find_range_leaves_nothing_mapped)
{
	char *range = dmem_kernel_find_range(64 * AREA);

	ck_assert_ptr_nonnull(range);
	ck_assert_int_eq(dmem_kernel_map_at(range, 64 * AREA), 0);
	ck_assert_ptr_null(dmem_kernel_find_range(SIZE_MAX / 4));
}
END_TEST

START_TEST(failures_are_reported)
{
	char *area = fake_area(AREA);

	fake_kernel_fail(FAKE_MMAP, 0, ENOMEM);
	errno = 77;
	ck_assert_ptr_null(dmem_kernel_map(AREA));
	ck_assert_ptr_null(dmem_kernel_find_range(AREA));
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_map_over(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_zeros_at(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_map_hugetlb_over(area, AREA, 21),
			 -ENOMEM);
	fake_kernel_fail(FAKE_MPROTECT, 0, ENOMEM);
	ck_assert_int_eq(dmem_kernel_open(area, AREA), -ENOMEM);
	fake_kernel_fail(FAKE_MUNMAP, 0, ENOMEM);
	ck_assert_int_eq(dmem_kernel_unmap(area, AREA), -ENOMEM);
	fake_kernel_fail(FAKE_MADVISE, 0, EAGAIN);
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE),
			 -EAGAIN);
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(hugetlb_refused_keeps_the_range)
{
	char *area = fake_area(AREA);
	int err;

	*area = 7;
	/* A page size that no machine has a pool of. */
	err = dmem_kernel_map_hugetlb_over(area, AREA, 13);
	ck_assert_int_lt(err, 0);
	ck_assert_int_ne(err, -EFAULT);
	ck_assert_int_eq(*area, 7);
}
END_TEST

/* A pool of ordinary pages, of which a cgroup allows none. */
static void *mmap_of_pool(void *addr, size_t nbytes, int prot, int flags)
{
	int size_bits = (int)(63U << 26);

	return __real_mmap(addr, nbytes, prot,
			   flags & ~(MAP_HUGETLB | size_bits), -1, 0);
}

static int populate_refused(void *addr, size_t nbytes, int advice)
{
	if (advice != 23)
		return __real_madvise(addr, nbytes, advice);
	errno = EFAULT;
	return -1;
}

static int takes_all_advice(void *addr, size_t nbytes, int advice)
{
	return advice == -1 || advice == 102 ?
		       0 : __real_madvise(addr, nbytes, advice);
}

/* As under qemu-user. */
START_TEST(forbidden_where_all_advice_is_taken)
{
	size_t page = dmem_kernel_page_size();
	char *area = fake_area(AREA);
	uintptr_t word;

	memset(area, 7, AREA);
	fake_hooks.madvise = takes_all_advice;
	errno = 77;
	ck_assert_int_eq(dmem_kernel_forbid(area, page), 0);
	ck_assert_int_eq(errno, 77);
	if (!dmem_kernel_peek(area + page, &word, 1))
		harness_skip("process_vm_readv(2) is refused");
	ck_assert(!dmem_kernel_peek(area, &word, 1));
}
END_TEST

START_TEST(hugetlb_limit_is_charged_at_the_fault)
{
	char *area = fake_area(AREA);

	fake_hooks.mmap = mmap_of_pool;
	ck_assert_int_eq(dmem_kernel_map_hugetlb_over(area, AREA, 21), 0);
	*area = 7;
	fake_hooks.madvise = populate_refused;
	errno = 77;
	ck_assert_int_lt(dmem_kernel_map_hugetlb_over(area, AREA, 21), 0);
	ck_assert_int_eq(errno, 77);
	/* Ordinary pages. */
	ck_assert_int_eq(*area, 0);
	memset(area, 1, AREA);
	/* Before Linux 5.14: faulted in by another call. */
	fake_kernel_fail(FAKE_MADVISE, 0, EINVAL);
	ck_assert_int_eq(dmem_kernel_map_hugetlb_over(area, AREA, 21), 0);
	fake_kernel_fail(FAKE_SYSCALL, 0, EFAULT);
	ck_assert_int_eq(dmem_kernel_map_hugetlb_over(area, AREA, 21),
			 -ENOMEM);
	memset(area, 1, AREA);
}
END_TEST

/* A kernel on which the range is locked, and which ... */
static int locked_before_5_18(void *addr, size_t nbytes, int advice)
{
	(void)addr;
	(void)nbytes;
	(void)advice;
	errno = EINVAL;
	return -1;
}

/* ... can drop locked pages since 5.18. */
static int locked_since_5_18(void *addr, size_t nbytes, int advice)
{
	if (advice == 24)
		return __real_madvise(addr, nbytes, MADV_DONTNEED);
	return locked_before_5_18(addr, nbytes, advice);
}

START_TEST(purge_reads_as_zero)
{
	char *area = fake_area(AREA);
	unsigned int mapped;

	*area = 7;
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE), 0);
	ck_assert_int_eq(*area, 0);
	*area = 7;
	fake_hooks.madvise = locked_since_5_18;
	mapped = fake_kernel_count(FAKE_MMAP);
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE), 0);
	ck_assert_int_eq(*area, 0);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MMAP), mapped);
	*area = 7;
	fake_hooks.madvise = locked_before_5_18;
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE),
			 -EINVAL);
	ck_assert_int_eq(*area, 7);
}
END_TEST

START_TEST(purge_of_locked_memory)
{
	size_t page = dmem_kernel_page_size();
	char *area = fake_area(AREA);

	*area = 7;
	if (mlock(area, page))
		harness_skip("mlock: %s", strerror(errno));
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE), 0);
	ck_assert_int_eq(*area, 0);
}
END_TEST

static int registrations;
static bool registered;

static long membarrier_unregistered(long number, long command, long flags)
{
	(void)flags;
	if (number != SYS_membarrier)
		return __real_syscall(number, command, flags);
	if (command == 1 << 4) {
		registrations++;
		registered = true;
		return 0;
	}
	if (command == 1 << 3 && registered)
		return 0;
	errno = EPERM;
	return -1;
}

START_TEST(membarrier_registers_when_asked_to)
{
	fake_hooks.syscall = membarrier_unregistered;
	errno = 77;
	ck_assert_int_eq(dmem_kernel_membarrier(), 0);
	ck_assert_int_eq(dmem_kernel_membarrier(), 0);
	ck_assert_int_eq(registrations, 1);
	/* A child in which the registration is gone. */
	registered = false;
	ck_assert_int_eq(dmem_kernel_membarrier(), 0);
	ck_assert_int_eq(registrations, 2);
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(membarrier_missing)
{
	fake_kernel_fail(FAKE_SYSCALL, 0, ENOSYS);
	errno = 77;
	ck_assert_int_eq(dmem_kernel_membarrier(), -ENOSYS);
	ck_assert_int_eq(dmem_kernel_membarrier(), -ENOSYS);
	ck_assert_uint_eq(fake_kernel_count(FAKE_SYSCALL), 1);
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(membarrier_in_a_child)
{
	pid_t child;
	int status;

	if (dmem_kernel_membarrier())
		harness_skip("no membarrier(2) here");
	child = fork();
	if (!child)
		_exit(dmem_kernel_membarrier() ? 1 : 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void *tell_id(void *arg)
{
	*(int *)arg = dmem_kernel_thread_id();
	return NULL;
}

START_TEST(threads_are_alive_until_they_end)
{
	pthread_t thread;
	int tid = 0;

	ck_assert_int_eq(dmem_kernel_thread_id(), getpid());
	ck_assert(dmem_kernel_thread_alive(dmem_kernel_thread_id()));
	ck_assert_int_eq(pthread_create(&thread, NULL, tell_id, &tid), 0);
	pthread_join(thread, NULL);
	ck_assert_int_gt(tid, 0);
	/* The kernel may take a moment after the join. */
	for (int i = 0; i < 1000 && dmem_kernel_thread_alive(tid); i++)
		usleep(1000);
	errno = 77;
	ck_assert(!dmem_kernel_thread_alive(tid));
	ck_assert(!dmem_kernel_thread_alive(0));
	ck_assert(!dmem_kernel_thread_alive(-1));
	ck_assert_int_eq(errno, 77);
}
END_TEST

START_TEST(clock_goes_forward)
{
	uint64_t before = dmem_kernel_clock_ms();

	usleep(20000);
	ck_assert_uint_gt(dmem_kernel_clock_ms(), before);
}
END_TEST

/* features.c */

START_TEST(features_without_any)
{
	unsigned int all = dmem_kernel_features();

	fake_kernel_fail(FAKE_MADVISE, 0, EINVAL);
	fake_kernel_fail(FAKE_MREMAP, 0, EINVAL);
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	fake_kernel_fail(FAKE_PRCTL, 0, EINVAL);
	ck_assert_uint_eq(dmem_kernel_features(),
			  all & DATAMEM_FEATURE_MEMBARRIER);
	fake_kernel_fail(FAKE_MMAP, 0, ENOMEM);
	dmem_kernel_features();
}
END_TEST

START_TEST(features_leave_nothing_behind)
{
	unsigned int mapped = fake_kernel_count(FAKE_MMAP);
	unsigned int unmapped = fake_kernel_count(FAKE_MUNMAP);

	errno = 77;
	dmem_kernel_features();
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MMAP) - mapped,
			  fake_kernel_count(FAKE_MUNMAP) - unmapped);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel");
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, fake_kernel_reset, fake_kernel_reset);
	tcase_add_test(tc, map_at_never_replaces);
	tcase_add_test(tc, map_at_on_old_kernels);
	tcase_add_test(tc, find_range_leaves_nothing_mapped);
	tcase_add_test(tc, failures_are_reported);
	tcase_add_test(tc, hugetlb_refused_keeps_the_range);
	tcase_add_test(tc, forbidden_where_all_advice_is_taken);
	tcase_add_test(tc, hugetlb_limit_is_charged_at_the_fault);
	tcase_add_test(tc, purge_reads_as_zero);
	tcase_add_test(tc, purge_of_locked_memory);
	tcase_add_test(tc, membarrier_registers_when_asked_to);
	tcase_add_test(tc, membarrier_in_a_child);
	tcase_add_test(tc, threads_are_alive_until_they_end);
	tcase_add_test(tc, clock_goes_forward);
	tcase_add_test(tc, features_without_any);
	tcase_add_test(tc, features_leave_nothing_behind);
	/* Last: the answer stays for the life of the process. */
	tcase_add_test(tc, membarrier_missing);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

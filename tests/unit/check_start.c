/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What a process does for its first block: what is asked, and what is written. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "library.h"
#include "base.h"
#include "slab/central.h"

#define CALLS_MAX 36

static unsigned int names, affinities, calls;

/* Those that the library makes by a function of the C library. */
#define COUNTED(type, name, parameters, ...)                                 \
	type __real_##name parameters;                                       \
	type __wrap_##name parameters;                                       \
	type __wrap_##name parameters                                        \
	{                                                                    \
		__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);            \
		return __real_##name(__VA_ARGS__);                           \
	}

COUNTED(void *, mmap, (void *addr, size_t nbytes, int protection, int flags,
		       int fd, off_t offset),
	addr, nbytes, protection, flags, fd, offset)
COUNTED(int, munmap, (void *addr, size_t nbytes), addr, nbytes)
COUNTED(int, mprotect, (void *addr, size_t nbytes, int protection),
	addr, nbytes, protection)
COUNTED(void *, mremap, (void *addr, size_t nbytes, size_t more, int flags,
			 void *to), addr, nbytes, more, flags, to)
COUNTED(int, openat, (int dir, const char *name, int flags, int mode),
	dir, name, flags, mode)
COUNTED(ssize_t, read, (int fd, void *out, size_t nbytes), fd, out, nbytes)
COUNTED(int, close, (int fd), fd)
COUNTED(int, ftruncate, (int fd, off_t nbytes), fd, nbytes)
COUNTED(int, fcntl, (int fd, int command, long arg), fd, command, arg)
COUNTED(int, getrlimit, (int resource, struct rlimit *limit), resource, limit)
COUNTED(long, syscall, (long number, long a, long b, long c, long d, long e,
			long f), number, a, b, c, d, e, f)

int __real_uname(struct utsname *out);
int __wrap_uname(struct utsname *out);
int __wrap_uname(struct utsname *out)
{
	names++;
	calls++;
	return __real_uname(out);
}

int __real_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	affinities++;
	calls++;
	return __real_sched_getaffinity(pid, size, set);
}

START_TEST(nothing_is_asked_twice)
{
	void *block = datamem_alloc(100);

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer makes calls of its own");
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_le(names, 1);
	ck_assert_uint_le(affinities, 1);
	datamem_free(block, 100);
}
END_TEST

/* From the constructor to the first block, with a control page. Where address
 * space is short, as under valgrind, more is tried. */
START_TEST(few_system_calls)
{
	int made;

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer makes calls of its own");
	if (getenv("LD_PRELOAD"))
		harness_skip("something is preloaded");
	made = harness_run_again("first block");
	ck_assert_int_gt(made, 0);
	ck_assert_int_le(made, CALLS_MAX);
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

static int calls_of_first_block(void)
{
	return datamem_alloc(100) && calls < 255 ? (int)calls : 255;
}

int main(int argc, char **argv DMEM_UNUSED)
{
	Suite *suite;
	TCase *tc;

	if (argc > 1)
		return calls_of_first_block();
	suite = suite_create("start");
	tc = tcase_create("start");

	tcase_add_test(tc, nothing_is_asked_twice);
	tcase_add_test(tc, few_system_calls);
	tcase_add_test(tc, classes_that_are_not_used);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

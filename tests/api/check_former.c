/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What a program has done to a block before it freed it, and the next owner of
 * that memory: neither it nor its child may crash or find other contents.
 */
#include <datamem.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

static const struct {
	const char *name;
	int advice;      /* 0: mprotect(2) */
	int protection;  /* -1: munmap(2) */
} treatments[] = {
	{ "dontfork", MADV_DONTFORK, 0 },
	{ "wipeonfork", MADV_WIPEONFORK, 0 },
	{ "read", 0, PROT_READ },
	{ "none", 0, PROT_NONE },
	{ "unmap", 0, -1 },
};

/* From this size on memory that is reused at once is as fresh; below, what has
 * been given back in between is. */
#define LARGE (8 * MIB)

static void treat(char *ptr, size_t nbytes, int which)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *begin = (char *)(((uintptr_t)ptr + page - 1) & ~(page - 1));
	char *end = (char *)(((uintptr_t)ptr + nbytes) & ~(page - 1));
	int err;

	if (treatments[which].protection < 0) {
		ck_assert_int_eq(munmap(begin, (size_t)(end - begin)), 0);
		return;
	}
	err = treatments[which].advice ?
		      madvise(begin, (size_t)(end - begin),
			      treatments[which].advice) :
		      mprotect(begin, (size_t)(end - begin),
			       treatments[which].protection);
	ck_assert_msg(!err, "%s: %s", treatments[which].name, strerror(errno));
}

static bool all_are(const char *ptr, size_t nbytes, char byte)
{
	return ptr[0] == byte && !memcmp(ptr, ptr + 1, nbytes - 1);
}

static void expect_usable(char *ptr, size_t nbytes, const char *name)
{
	int status;
	pid_t pid;

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 2, nbytes);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(!all_are(ptr, nbytes, 2));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(!status, "%s, %zu bytes: child %#x", name, nbytes,
		      (unsigned int)status);
	ck_assert(all_are(ptr, nbytes, 2));
}

static const size_t sizes[] = { LARGE, LARGE + 5000, 20 * MIB, 100 * MIB };

START_TEST(reused_at_once)
{
	int which = _i % (int)COUNT(treatments);
	size_t nbytes = sizes[_i / (int)COUNT(treatments)];
	char *ptr;

	for (int zeroed = 0; zeroed < 2; zeroed++) {
		ptr = datamem_alloc(nbytes);
		memset(ptr, 1, nbytes);
		treat(ptr, nbytes, which);
		datamem_free(ptr, nbytes);
		ptr = zeroed ? datamem_alloc_zeroed(nbytes, 1) :
			       datamem_alloc(nbytes);
		ck_assert(!zeroed || all_are(ptr, nbytes, 0));
		expect_usable(ptr, nbytes, treatments[which].name);
		datamem_free(ptr, nbytes);
	}
}
END_TEST

/* A zeroed block that was not written, or a little: the next finds it zero. */
START_TEST(zero_as_it_was)
{
	int which = _i % (int)COUNT(treatments);
	size_t nbytes = sizes[_i / (int)COUNT(treatments)];
	char *ptr;

	for (int written = 0; written < 2; written++) {
		ptr = datamem_alloc_zeroed(nbytes, 1);
		ck_assert_ptr_nonnull(ptr);
		if (written)
			ptr[nbytes / 2] = 1;
		treat(ptr, nbytes, which);
		datamem_free(ptr, nbytes);
		ptr = datamem_alloc_zeroed(nbytes, 1);
		ck_assert(all_are(ptr, nbytes, 0));
		expect_usable(ptr, nbytes, treatments[which].name);
		datamem_free(ptr, nbytes);
		datamem_trim(0);
	}
}
END_TEST

/* A block that grows into it, where it lies or elsewhere. */
START_TEST(grown_into)
{
	char *ptr, *behind;

	ptr = datamem_alloc(LARGE);
	memset(ptr, 2, LARGE);
	behind = datamem_alloc(4 * LARGE);
	memset(behind, 1, 4 * LARGE);
	treat(behind, 4 * LARGE, _i);
	datamem_free(behind, 1);
	ptr = datamem_realloc(ptr, 4 * LARGE);
	expect_usable(ptr, 4 * LARGE, treatments[_i].name);
	datamem_free(ptr, 1);
}
END_TEST

/* Smaller ones, once they were given back. */
START_TEST(given_back)
{
	size_t nbytes = _i / (int)COUNT(treatments) ? 3 * MIB : 2 * MIB;
	int which = _i % (int)COUNT(treatments);
	char *ptr, *beside;

	beside = datamem_alloc(2 * MIB);
	ptr = datamem_alloc(nbytes);
	memset(ptr, 1, nbytes);
	treat(ptr, nbytes / (2 * MIB) * (2 * MIB), which);
	datamem_free(ptr, nbytes);
	datamem_trim(1);
	ptr = datamem_alloc(nbytes);
	expect_usable(ptr, nbytes, treatments[which].name);
	datamem_free(ptr, nbytes);
	datamem_free(beside, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("former");
	TCase *tc = tcase_create("former");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, reused_at_once, 0,
			    (int)(COUNT(treatments) * COUNT(sizes)));
	tcase_add_loop_test(tc, zero_as_it_was, 0,
			    (int)(COUNT(treatments) * COUNT(sizes)));
	tcase_add_loop_test(tc, grown_into, 0, (int)COUNT(treatments));
	tcase_add_loop_test(tc, given_back, 0, 2 * (int)COUNT(treatments));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

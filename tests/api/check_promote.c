/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Promotion of blocks whose huge pages a fork has split, and receipts for
 * blocks, parts of them, and what is no block.
 */
#include <datamem.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static const size_t sizes[] = {
	8 * MIB - 3000, 3 * MIB, 20 * MIB, 2 * MIB, 300 * KIB,
};

static struct datamem_hugepage_probe probe;

static void setup(void)
{
	set("hugepage", "on");
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
}

static struct datamem_hugepage_receipt receipt(const void *ptr, size_t nbytes)
{
	struct datamem_hugepage_receipt out;

	memset(&out, 0xff, sizeof(out));
	ck_assert_int_eq(datamem_hugepage_receipt_get(ptr, nbytes, &out,
						      sizeof(out)), 0);
	return out;
}

/* Whether this machine collapses memory of the test's own now. */
static bool collapses(void)
{
	size_t huge = probe.hugepage_size;
	char *map = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *at;
	bool done;

	if (map == MAP_FAILED)
		return false;
	at = (char *)(((uintptr_t)map + huge - 1) & ~(huge - 1));
	madvise(at, huge, MADV_NOHUGEPAGE);
	memset(at, 1, huge);
	madvise(at, huge, MADV_HUGEPAGE);
	done = !madvise(at, huge, MADV_COLLAPSE);
	munmap(map, 2 * huge);
	return done;
}

static const char *missing(void)
{
	if (probe.state != DATAMEM_HUGEPAGE_ACTIVE)
		return datamem_hugepage_reason_text(probe.reason);
	if (!(probe.features & DATAMEM_FEATURE_COLLAPSE))
		return "the kernel has no MADV_COLLAPSE";
	return collapses() ? NULL : "no huge page is to be had";
}

/*
 * Whether all of it has huge pages now. -EAGAIN: another program had the last
 * free one, or the kernel was at one of the pages: it is asked again, for as
 * long as memory of the test's own can have some.
 */
static bool promoted(void *ptr, size_t nbytes)
{
	int err = datamem_promote(ptr, nbytes);

	for (int i = 0; i < 1000 && err == -EAGAIN && collapses(); i++) {
		usleep(1000);
		err = datamem_promote(ptr, nbytes);
	}
	if (err == -EAGAIN && !collapses())
		return false;
	ck_assert_int_eq(err, 0);
	return true;
}

#define PROMOTE(ptr, nbytes)                                                 \
	do {                                                                 \
		if (!promoted(ptr, nbytes))                                  \
			harness_skip("no huge page is left");                \
	} while (0)

static char expected(size_t i)
{
	return (char)(i % 251 + 1);
}

static void fill(char *ptr, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i += 64)
		ptr[i] = expected(i);
	ptr[nbytes - 1] = 99;
}

static bool intact(const char *ptr, size_t nbytes)
{
	for (size_t i = 0; i < nbytes - 1; i += 64)
		if (ptr[i] != expected(i))
			return false;
	return ptr[nbytes - 1] == 99;
}

/* Write [ptr, ptr + nbytes) while a child shares it: the pages are copied, and
 * small. */
static void split(char *ptr, size_t nbytes)
{
	volatile char *at = ptr;
	int ends[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) ? 1 : 0);
	}
	close(ends[0]);
	for (size_t i = 0; i < nbytes; i += KIB)
		at[i] = at[i];
	at[nbytes - 1] = at[nbytes - 1];
	close(ends[1]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void expect_whole(const void *ptr, size_t nbytes)
{
	struct datamem_hugepage_receipt got = receipt(ptr, nbytes);

	ck_assert_uint_gt(got.eligible, 0);
	ck_assert_uint_eq(got.advised, got.eligible);
	if (got.backed == SIZE_MAX)
		return;
	ck_assert_uint_eq(got.backed, got.eligible);
	ck_assert_int_eq(got.reason, got.eligible == got.asked ?
				 DATAMEM_REASON_NONE : DATAMEM_REASON_TAIL);
}

START_TEST(split_and_promoted)
{
	size_t nbytes = sizes[_i];
	const char *why = missing();
	struct datamem_hugepage_receipt got;
	char *ptr[3];

	if (why)
		harness_skip("%s", why);
	/* Several of a size begin at different places. */
	for (size_t i = 0; i < COUNT(ptr); i++) {
		ptr[i] = datamem_alloc(nbytes);
		ck_assert_ptr_nonnull(ptr[i]);
		fill(ptr[i], nbytes);
	}
	for (size_t i = 0; i < COUNT(ptr); i++) {
		split(ptr[i], nbytes);
		got = receipt(ptr[i], 0);
		ck_assert_uint_eq(got.asked, nbytes);
		ck_assert(got.backed < got.eligible || got.backed == SIZE_MAX);
		if (got.backed != SIZE_MAX)
			ck_assert_int_eq(got.reason,
					 DATAMEM_REASON_NOT_ARRIVING);
		PROMOTE(ptr[i], 0);
		expect_whole(ptr[i], 0);
		ck_assert(intact(ptr[i], nbytes));
		/* Again: there is nothing to do. */
		PROMOTE(ptr[i], nbytes);
	}
	for (size_t i = 0; i < COUNT(ptr); i++)
		datamem_free(ptr[i], nbytes);
}
END_TEST

/* Huge pages that khugepaged has made on this machine; -1: unknown. */
static long made_by_khugepaged(void)
{
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/khugepaged/"
			   "pages_collapsed", "r");
	long made = -1;

	if (file && fscanf(file, "%ld", &made) != 1)
		made = -1;
	if (file)
		fclose(file);
	return made;
}

/* A part promotes the huge pages that it touches, and no others. */
START_TEST(part_of_a_block)
{
	size_t huge = probe.hugepage_size, nbytes = 4 * huge, backed;
	const char *why = missing();
	long made = made_by_khugepaged();
	char *ptr, *inside;

	if (why)
		harness_skip("%s", why);
	ptr = datamem_alloc(nbytes);
	fill(ptr, nbytes);
	split(ptr, nbytes);
	inside = (char *)((uintptr_t)ptr & ~(huge - 1)) + huge + huge / 2;
	PROMOTE(inside, 1);
	expect_whole(inside, 1);
	expect_whole(inside - huge / 2, huge);
	backed = receipt(ptr, 0).backed;
	/* In mode always it may have been at the rest. */
	if (backed != SIZE_MAX && made == made_by_khugepaged())
		ck_assert_uint_eq(backed, huge);
	/* From inside to the end, and beyond it. */
	PROMOTE(inside + huge, SIZE_MAX);
	expect_whole(inside + huge, 0);
	PROMOTE(ptr, 0);
	expect_whole(ptr, 0);
	ck_assert(intact(ptr, nbytes));
	datamem_free(ptr, nbytes);
}
END_TEST

/* What was never touched stays so. */
START_TEST(untouched)
{
	const char *why = missing();
	struct datamem_hugepage_receipt got;
	size_t huge = probe.hugepage_size;
	char *ptr;

	if (why)
		harness_skip("%s", why);
	datamem_trim(0);
	ptr = datamem_alloc(8 * huge);
	*ptr = 1;
	PROMOTE(ptr, 0);
	got = receipt(ptr + 2 * huge, 4 * huge);
	ck_assert_uint_eq(got.asked, 4 * huge);
	if (got.backed != SIZE_MAX) {
		ck_assert_uint_eq(got.backed, 0);
		ck_assert_int_eq(got.reason, DATAMEM_REASON_NOT_TOUCHED);
	}
	datamem_free(ptr, 1);
}
END_TEST

START_TEST(refused)
{
	struct datamem_hugepage_receipt out;
	char local[64], *ptr, *small, *keep;
	void *heap = malloc(1000);

	ck_assert_int_eq(datamem_promote(NULL, 0), -EINVAL);
	ck_assert_int_eq(datamem_promote(NULL, 4096), -EINVAL);
	ck_assert_int_eq(datamem_promote(local, 1), -EINVAL);
	ck_assert_int_eq(datamem_promote(heap, 0), -EINVAL);
	free(heap);
	ptr = datamem_alloc(5 * MIB);
	keep = datamem_alloc(500);
	small = datamem_alloc(500);
	datamem_free(ptr, 1);
	datamem_free(small, 500);
	datamem_trim(0);
	ck_assert_int_eq(datamem_promote(ptr, 0), -EINVAL);
	ck_assert_int_eq(datamem_promote(ptr + MIB, 1), -EINVAL);
	ck_assert_int_eq(datamem_promote(small, 0), -EINVAL);
	datamem_free(keep, 500);

	ck_assert_int_eq(datamem_hugepage_receipt_get(NULL, 1, &out,
						      sizeof(out)), -EINVAL);
	ck_assert_int_eq(datamem_hugepage_receipt_get(local, 1, NULL,
						      sizeof(out)), -EINVAL);
	ck_assert_int_eq(datamem_hugepage_receipt_get(local, 1, &out, 0),
			 -EINVAL);
}
END_TEST

static void expect_foreign(const void *ptr)
{
	struct datamem_hugepage_receipt got = receipt(ptr, 10);

	ck_assert_uint_eq(got.asked, 10);
	ck_assert_uint_eq(got.eligible, 0);
	ck_assert_uint_eq(got.advised, 0);
	ck_assert_uint_eq(got.backed, 0);
	ck_assert_int_eq(got.reason, DATAMEM_REASON_FOREIGN);
}

START_TEST(foreign_receipts)
{
	char local[64], *keep, *small, *medium, *large;

	keep = datamem_alloc(500);
	small = datamem_alloc(500);
	medium = datamem_alloc(300 * KIB);
	large = datamem_alloc(20 * MIB);
	ck_assert_int_ne(receipt(small, 1).reason, DATAMEM_REASON_FOREIGN);
	ck_assert_int_ne(receipt(medium, 1).reason, DATAMEM_REASON_FOREIGN);
	datamem_free(small, 500);
	datamem_free(medium, 1);
	datamem_free(large, 1);
	datamem_trim(0);
	expect_foreign(local);
	expect_foreign(small);
	expect_foreign(medium);
	expect_foreign(large);
	expect_foreign(large + 7 * MIB);
	ck_assert_int_ne(receipt(keep, 1).reason, DATAMEM_REASON_FOREIGN);
	datamem_free(keep, 500);
}
END_TEST

/* A receipt begins where it was asked to and ends with the block. */
START_TEST(parts)
{
	size_t nbytes = sizes[_i];
	char *ptr = datamem_alloc(nbytes);
	size_t inside[] = { 0, 1, 4096, nbytes / 2, nbytes - 1 };
	struct datamem_hugepage_receipt got;

	fill(ptr, nbytes);
	for (size_t i = 0; i < COUNT(inside); i++) {
		got = receipt(ptr + inside[i], 0);
		ck_assert_uint_eq(got.asked, nbytes - inside[i]);
		ck_assert_uint_le(got.eligible, got.asked);
		ck_assert_uint_le(got.advised, got.eligible);
		ck_assert(got.backed <= got.eligible || got.backed == SIZE_MAX);
		ck_assert_int_ne(got.reason, DATAMEM_REASON_FOREIGN);
		got = receipt(ptr + inside[i], 1);
		ck_assert_uint_eq(got.asked, 1);
		got = receipt(ptr + inside[i], SIZE_MAX);
		ck_assert_uint_eq(got.asked, nbytes - inside[i]);
	}
	datamem_free(ptr, nbytes);
}
END_TEST

START_TEST(advice_off)
{
	char *ptr = datamem_alloc(5 * MIB);

	memset(ptr, 1, 5 * MIB);
	set("hugepage", "off");
	ck_assert_int_eq(datamem_promote(ptr, 0), -ENOTSUP);
	datamem_free(ptr, 1);
	datamem_trim(0);
	ptr = datamem_alloc(5 * MIB);
	memset(ptr, 1, 5 * MIB);
	ck_assert_int_eq(datamem_promote(ptr, 0), -ENOTSUP);
	/* The kernel's mode may be always: then it was never up to advice. */
	if (probe.mode == DATAMEM_MODE_MADVISE) {
		ck_assert_uint_eq(receipt(ptr, 0).advised, 0);
		ck_assert_int_eq(receipt(ptr, 0).reason,
				 DATAMEM_REASON_ADVICE_OFF);
	}
	datamem_free(ptr, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("promote");
	TCase *tc = tcase_create("promote");
	int n = (int)COUNT(sizes);

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, split_and_promoted, 0, n);
	tcase_add_test(tc, part_of_a_block);
	tcase_add_test(tc, untouched);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, foreign_receipts);
	tcase_add_loop_test(tc, parts, 0, n);
	tcase_add_test(tc, advice_off);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

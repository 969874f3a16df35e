/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The setting hugepage, switched while blocks come and go. */
#include <datamem.h>

#include <string.h>

#include "library.h"

static const size_t sizes[] = {
	64 * MIB, 8 * MIB, 2 * MIB, 3 * MIB + 5, 1 * MIB, 300 * KIB, 100 * KIB,
};

static struct datamem_hugepage_receipt receipt(const void *ptr)
{
	struct datamem_hugepage_receipt out;

	ck_assert_int_eq(datamem_hugepage_receipt_get(ptr, 0, &out,
						      sizeof(out)), 0);
	return out;
}

static bool is_filled(const char *ptr, char byte, size_t nbytes)
{
	return ptr[0] == byte && !memcmp(ptr, ptr + 1, nbytes - 1);
}

/* Why there is nothing to switch; of the process that a case runs in. */
static const char *missing;

static void setup(void)
{
	struct datamem_hugepage_probe probe;
	char *ptr = datamem_alloc(8 * MIB);
	size_t backed;

	set("hugepage", "auto");
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	if (probe.state != DATAMEM_HUGEPAGE_ACTIVE)
		missing = datamem_hugepage_reason_text(probe.reason);
	if (probe.mode == DATAMEM_MODE_ALWAYS ||
	    probe.size_mode == DATAMEM_MODE_ALWAYS)
		missing = "mode always: the setting holds back nothing";
	memset(ptr, 1, 8 * MIB);
	backed = receipt(ptr).backed;
	datamem_free(ptr, 8 * MIB);
	if (!missing && (!backed || backed == SIZE_MAX))
		missing = "no huge page came, or none can be seen";
}

#define NEEDS_HUGE_PAGES()                                                   \
	do {                                                                 \
		if (missing)                                                 \
			harness_skip("%s", missing);                         \
	} while (0)

/* most: bytes of it that may share memory with a block of before. */
static void expect_small(const void *ptr, size_t most)
{
	struct datamem_hugepage_receipt got = receipt(ptr);

	ck_assert_uint_le(got.advised, most);
	ck_assert_uint_le(got.backed, most);
	/* A chunk that it shares counts as advised for all of it. */
	if (!most)
		ck_assert_int_eq(got.reason, DATAMEM_REASON_ADVICE_OFF);
}

/* Warm or fresh, and freed after it was switched: all of it obeys. */
START_TEST(off_acts_on_what_is_kept)
{
	size_t nbytes = sizes[_i];
	char *ptr = datamem_alloc(nbytes), *held = datamem_alloc(nbytes);

	NEEDS_HUGE_PAGES();
	memset(ptr, 1, nbytes);
	memset(held, 1, nbytes);
	datamem_free(ptr, nbytes);
	set("hugepage", "off");
	/* More than was kept. */
	for (size_t i = 0; i < 3; i++) {
		ptr = datamem_alloc(2 * nbytes + 8 * MIB);
		ck_assert_ptr_nonnull(ptr);
		memset(ptr, 2, 2 * nbytes + 8 * MIB);
		expect_small(ptr, held ? 4 * MIB : 0);
		datamem_free(ptr, 2 * nbytes + 8 * MIB);
		datamem_free(held, nbytes);
		held = NULL;
	}
	if (nbytes < 2 * MIB)
		return;
	/* As often as it takes to be shelved. */
	for (size_t i = 0; i < 3; i++) {
		ptr = datamem_alloc(nbytes);
		memset(ptr, 3, nbytes);
		expect_small(ptr, 0);
		datamem_free(ptr, nbytes);
	}
}
END_TEST

/* What has its pages keeps them, and its contents. */
START_TEST(blocks_stay)
{
	size_t nbytes = sizes[_i];
	char *ptr = datamem_alloc(nbytes);
	struct datamem_hugepage_receipt before, after;

	NEEDS_HUGE_PAGES();
	memset(ptr, 7, nbytes);
	before = receipt(ptr);
	set("hugepage", "off");
	datamem_free(datamem_alloc(nbytes), nbytes);
	after = receipt(ptr);
	ck_assert_uint_eq(after.advised, before.advised);
	/* The kernel may collapse some by itself. */
	ck_assert_uint_ge(after.backed, before.backed);
	ck_assert(is_filled(ptr, 7, nbytes));
	datamem_free(ptr, nbytes);
}
END_TEST

START_TEST(on_again)
{
	struct datamem_hugepage_probe probe;
	size_t nbytes = sizes[_i];
	char *ptr;

	set("hugepage", "off");
	for (size_t i = 0; i < 3; i++) {
		ptr = datamem_alloc(nbytes);
		memset(ptr, 1, nbytes);
		datamem_free(ptr, nbytes);
	}
	set("hugepage", "on");
	ptr = datamem_alloc_zeroed(nbytes, 1);
	ck_assert(is_filled(ptr, 0, nbytes));
	/* Where the system says never, nothing is advised. Smaller ones may
	 * share a chunk that was never free. */
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	if (probe.state == DATAMEM_HUGEPAGE_ACTIVE && nbytes >= 2 * MIB)
		ck_assert_uint_eq(receipt(ptr).advised, receipt(ptr).eligible);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
}
END_TEST

/* Zeroed blocks are zero whatever their memory was before. */
START_TEST(zeroed)
{
	size_t nbytes = sizes[_i];

	for (size_t i = 0; i < 6; i++) {
		char *ptr = datamem_alloc_zeroed(nbytes, 1);

		ck_assert(is_filled(ptr, 0, nbytes));
		memset(ptr, 1, nbytes);
		datamem_free(ptr, nbytes);
		set("hugepage", i % 2 ? "on" : "off");
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("switch");
	TCase *tc = tcase_create("hugepage");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, off_acts_on_what_is_kept, 0, COUNT(sizes));
	tcase_add_loop_test(tc, blocks_stay, 0, COUNT(sizes));
	tcase_add_loop_test(tc, on_again, 0, COUNT(sizes));
	tcase_add_loop_test(tc, zeroed, 0, COUNT(sizes));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

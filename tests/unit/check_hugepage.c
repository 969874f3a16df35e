/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Advice, settings, receipts and collapse. */
#include "hugepage/hugepage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake-kernel.h"
#include "fake-thp.h"
#include "harness.h"
#include "kernel/kernel.h"
#include "settings/settings.h"

START_TEST(active_is_wanted_and_advised)
{
	char *map = dmem_kernel_map(DMEM_MIB);

	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(dmem_hugepage_wanted());
	ck_assert(datamem_hugepage_advice());
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), 2 * DMEM_MIB);
	ck_assert_uint_eq(thp.advised, 1);
	ck_assert(dmem_hugepage_advise(map, DMEM_MIB));
	ck_assert_uint_eq(thp.advised, 2);
	thp.advice_error = ENOMEM;
	ck_assert(!dmem_hugepage_advise(map, DMEM_MIB));
	/* The functional test is made once. */
	dmem_hugepage_wanted();
	ck_assert_uint_eq(thp.advised, 3);
}
END_TEST

static const struct {
	const char *release;
	bool old;
} releases[] = {
	{ "4.5.7\n", true },        { "4.4.0-210-generic\n", true },
	{ "3.10.0-1160.el7\n", true }, { "2.6.32\n", true },
	{ "4.6\n", false },         { "4.19-ovh\n", false },
	{ "6.18.44-fc\n", false },  { "6\n", false },
	{ "10.0\n", false },        { "\n", false },
	{ "", false },              { "abc\n", false },
	{ "4.\n", false },          { ".5\n", false },
	{ "-4.4\n", false },        { "4.99999999999999999999\n", false },
	{ "4,4\n", false },
};

START_TEST(release_vetoes_only_auto)
{
	fake_tree_write("/proc/sys/kernel/osrelease", releases[_i].release);
	if (releases[_i].old)
		thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_KERNEL_OLD, 0);
	else
		thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE,
		       2 * DMEM_MIB);
	ck_assert_int_eq(dmem_hugepage_wanted(), !releases[_i].old);
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(dmem_hugepage_wanted());
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
}
END_TEST

START_TEST(setting_off_and_on)
{
	ck_assert(datamem_hugepage_set_advice(false));
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_ADVICE_OFF, 0);
	ck_assert(!dmem_hugepage_wanted());
	/* Nothing was tried, nothing thp.advised. */
	ck_assert_uint_eq(thp.advised, 1);
	ck_assert_int_eq(dmem_hugepage_collapse(&thp.folio, 1), -ENOTSUP);
	ck_assert(!datamem_hugepage_set_advice(true));
	ck_assert(datamem_hugepage_advice());
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(setting_off_from_the_start_tries_nothing)
{
	ck_assert_int_eq(datamem_setting_set("hugepage", "off"), 0);
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_ADVICE_OFF, 0);
	ck_assert_uint_eq(thp.advised, 0);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MINCORE), 0);
}
END_TEST

/* What was not forbidden when it was probed. */
START_TEST(receipt_says_what_forbids_now)
{
	struct datamem_hugepage_receipt receipt;
	char *area = fake_area(4 * DMEM_MIB);

	ck_assert(dmem_hugepage_advise(area, 4 * DMEM_MIB));
	fake_hooks.mincore = NULL;
	memset(area, 1, 4 * DMEM_MIB);
	if (madvise(area, 4 * DMEM_MIB, MADV_NOHUGEPAGE))
		harness_skip("the kernel has no transparent huge pages");
	madvise(area, 4 * DMEM_MIB, MADV_DONTNEED);
	memset(area, 1, 4 * DMEM_MIB);
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	dmem_hugepage_receipt(area, 4 * DMEM_MIB, 4 * DMEM_MIB, 4 * DMEM_MIB,
			      false, &receipt);
	if (receipt.backed == SIZE_MAX)
		harness_skip("huge pages cannot be seen here");
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_MODE_NEVER);
	ck_assert_str_eq(datamem_hugepage_reason_text(receipt.reason),
			 "transparent_hugepage/enabled says never");
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"always inherit madvise [never]\n");
	dmem_hugepage_receipt(area, 4 * DMEM_MIB, 4 * DMEM_MIB, 4 * DMEM_MIB,
			      false, &receipt);
	ck_assert_str_eq(
		datamem_hugepage_reason_text(receipt.reason),
		"transparent_hugepage/hugepages-2048kB/enabled says never");
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"always inherit [madvise] never\n");
	thp.prctl_state = 1;
	dmem_hugepage_receipt(area, 4 * DMEM_MIB, 4 * DMEM_MIB, 4 * DMEM_MIB,
			      false, &receipt);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_PRCTL);
}
END_TEST

static int find_note(const struct datamem_setting *setting, void *arg)
{
	char *note = arg;

	if (strcmp(setting->name, "hugepage"))
		return 0;
	strcpy(note, setting->note ? setting->note : "");
	return 1;
}

START_TEST(setting_says_what_keeps_it_from_acting)
{
	char note[256] = "?";

	dmem_hugepage_init();
	ck_assert_int_eq(datamem_setting_foreach(find_note, note), 1);
	ck_assert_str_eq(note, "");
	thp.folio = dmem_kernel_page_size();
	thp_fake_again();
	ck_assert_int_eq(datamem_setting_foreach(find_note, note), 1);
	ck_assert_str_eq(note, datamem_hugepage_reason_text(
				       DATAMEM_REASON_NOT_ARRIVING));
	/* There `off` holds back the advice, which is not needed. */
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	thp_fake_again();
	ck_assert_int_eq(datamem_setting_set("hugepage", "off"), 0);
	ck_assert_int_eq(datamem_setting_foreach(find_note, note), 1);
	ck_assert_str_eq(note,
			 "mode always: huge pages come without advice");
}
END_TEST

START_TEST(arguments_are_checked)
{
	struct datamem_hugepage_probe probe;
	int state = -5;

	ck_assert_int_eq(datamem_hugepage_probe_get(NULL, sizeof(probe)),
			 -EINVAL);
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, 0), -EINVAL);
	/* A caller that knows only the first member. */
	ck_assert_int_eq(datamem_hugepage_probe_get(
		(struct datamem_hugepage_probe *)&state, sizeof(state)), 0);
	ck_assert_int_eq(state, DATAMEM_HUGEPAGE_ACTIVE);
	ck_assert_str_eq(datamem_hugepage_state_name(-1), "?");
	ck_assert_str_eq(datamem_hugepage_state_name(99), "?");
	ck_assert_str_eq(datamem_hugepage_reason_text(-1), "?");
	ck_assert_str_eq(datamem_hugepage_reason_text(99), "?");
	for (int i = 0; i <= DATAMEM_REASON_FOREIGN; i++)
		ck_assert_ptr_nonnull(datamem_hugepage_reason_text(i));
}
END_TEST

/* Real memory: an area of chunks, aligned to them. */
static char *chunks(size_t count)
{
	size_t chunk = dmem_hugepage_chunk_size();
	char *map = dmem_kernel_map((count + 1) * chunk);

	ck_assert_ptr_nonnull(map);
	return (char *)DMEM_ROUND_UP((uintptr_t)map, chunk);
}

static bool machine_gives_huge_pages(void)
{
	struct datamem_hugepage_probe probe;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	return probe.state == DATAMEM_HUGEPAGE_ACTIVE;
}

START_TEST(receipt_of_advised_memory)
{
	size_t chunk = dmem_hugepage_chunk_size();
	struct datamem_hugepage_receipt receipt;
	char *area = chunks(4);
	size_t huge;

	if (!machine_gives_huge_pages())
		harness_skip("this machine gives no huge pages");
	if (dmem_kernel_huge_bytes(area, chunk, &huge))
		harness_skip("huge pages cannot be seen here");
	ck_assert(dmem_hugepage_advise(area, 4 * chunk));
	dmem_hugepage_receipt(area, 4 * chunk, 4 * chunk, 4 * chunk, false,
			      &receipt);
	ck_assert_uint_eq(receipt.backed, 0);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_NOT_TOUCHED);
	area[0] = 1;
	dmem_hugepage_receipt(area, 4 * chunk, 4 * chunk, 4 * chunk, false,
			      &receipt);
	if (!receipt.backed)
		harness_skip("no huge page was free");
	/* Before Linux 6.7, where the area is a part of a larger mapping. */
	if (receipt.backed == SIZE_MAX)
		harness_skip("huge pages cannot be told of a part");
	ck_assert_uint_eq(receipt.backed, chunk);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_NOT_TOUCHED);
	/* backed never says more than eligible. */
	memset(area, 1, chunk);
	dmem_hugepage_receipt(area, chunk, chunk / 2, chunk, false, &receipt);
	ck_assert_uint_eq(receipt.backed, chunk / 2);
	ck_assert_uint_eq(receipt.advised, chunk / 2);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_TAIL);
	dmem_hugepage_receipt(area, chunk, chunk, chunk, false, &receipt);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_NONE);
}
END_TEST

START_TEST(receipt_of_small_pages)
{
	size_t chunk = dmem_hugepage_chunk_size();
	struct datamem_hugepage_receipt receipt;
	char *area = chunks(2);
	size_t huge;

	if (dmem_kernel_huge_bytes(area, chunk, &huge))
		harness_skip("huge pages cannot be seen here");
	if (dmem_kernel_advise(area, 2 * chunk, DMEM_ADVICE_NOHUGEPAGE))
		harness_skip("the kernel has no transparent huge pages");
	memset(area, 1, 2 * chunk);
	/* The arena says it was thp.advised, yet small pages are there. */
	dmem_hugepage_receipt(area, 2 * chunk, 2 * chunk, 2 * chunk, false,
			      &receipt);
	ck_assert_uint_eq(receipt.backed, 0);
	ck_assert_int_ne(receipt.reason, DATAMEM_REASON_NONE);
	ck_assert_int_ne(receipt.reason, DATAMEM_REASON_NOT_TOUCHED);
	dmem_hugepage_receipt(area, 2 * chunk, 2 * chunk, 0, true, &receipt);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_LAZY);
	datamem_hugepage_set_advice(false);
	dmem_hugepage_receipt(area, 2 * chunk, 2 * chunk, 0, false, &receipt);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_ADVICE_OFF);
}
END_TEST

START_TEST(receipt_where_nothing_answers)
{
	struct datamem_hugepage_receipt receipt;
	struct rlimit old, none;
	char *area = chunks(1);

	area[0] = 1;
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	dmem_hugepage_receipt(area, 100, 100, 100, false, &receipt);
	setrlimit(RLIMIT_NOFILE, &old);
	ck_assert_uint_eq(receipt.backed, SIZE_MAX);
	ck_assert_int_eq(receipt.reason, DATAMEM_REASON_UNMEASURED);
}
END_TEST

START_TEST(collapse_heals)
{
	size_t chunk = dmem_hugepage_chunk_size();
	struct datamem_hugepage_receipt receipt;
	char *area = chunks(3);
	int err;

	if (!machine_gives_huge_pages())
		harness_skip("this machine gives no huge pages");
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	/* Small pages in the first, nothing in the second. */
	ck_assert_int_eq(dmem_kernel_advise(area, chunk,
					    DMEM_ADVICE_NOHUGEPAGE), 0);
	memset(area, 1, chunk);
	dmem_kernel_advise(area, 2 * chunk, DMEM_ADVICE_HUGEPAGE);
	err = dmem_hugepage_collapse(area, 2 * chunk);
	if (err == -ENOTSUP || err == -EAGAIN)
		harness_skip("collapse: %s", strerror(-err));
	ck_assert_int_eq(err, 0);
	dmem_hugepage_receipt(area, chunk, chunk, chunk, false, &receipt);
	if (receipt.backed != SIZE_MAX)
		ck_assert_uint_eq(receipt.backed, chunk);
}
END_TEST

static int collapse_error;

static int failing_collapse(void *addr, size_t nbytes, int advice)
{
	if (advice != 25 || !nbytes)
		return advice == 25 ? 0 : __real_madvise(addr, nbytes, advice);
	errno = collapse_error;
	return -1;
}

START_TEST(collapse_errors)
{
	static const struct { int kernel, ours; } errors[] = {
		{ EBUSY, -ENOMEM }, { ENOMEM, -EAGAIN }, { EAGAIN, -EAGAIN },
		{ EINVAL, -EAGAIN },
	};
	size_t chunk = dmem_hugepage_chunk_size();
	char *area = chunks(2);

	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	fake_hooks.madvise = failing_collapse;
	dmem_kernel_advise(area, chunk, DMEM_ADVICE_NOHUGEPAGE);
	area[0] = 1;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(errors); i++) {
		collapse_error = errors[i].kernel;
		ck_assert_int_eq(dmem_hugepage_collapse(area, chunk),
				 errors[i].ours);
	}
	/* Less than one huge page: nothing to do. */
	ck_assert_int_eq(dmem_hugepage_collapse(area + 1, chunk), 0);
	/* Not touched: nothing to do, whatever the kernel says. */
	collapse_error = EINVAL;
	dmem_kernel_advise(area, chunk, DMEM_ADVICE_PURGE);
	ck_assert_int_eq(dmem_hugepage_collapse(area, chunk), 0);
	/* A kernel before 6.1 */
	fake_hooks.madvise = NULL;
	fake_kernel_fail(FAKE_MADVISE, 0, EINVAL);
	ck_assert_int_eq(dmem_hugepage_collapse(area, chunk), -ENOTSUP);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hugepage");
	TCase *fake = tcase_create("fake kernel");
	TCase *real = tcase_create("this kernel");

	tcase_add_checked_fixture(fake, thp_fake_setup, thp_fake_teardown);
	tcase_add_test(fake, active_is_wanted_and_advised);
	tcase_add_loop_test(fake, release_vetoes_only_auto, 0,
			    DMEM_ARRAY_SIZE(releases));
	tcase_add_test(fake, setting_off_and_on);
	tcase_add_test(fake, setting_off_from_the_start_tries_nothing);
	tcase_add_test(fake, setting_says_what_keeps_it_from_acting);
	tcase_add_test(fake, arguments_are_checked);
	tcase_add_test(fake, receipt_says_what_forbids_now);
	suite_add_tcase(suite, fake);
	tcase_add_checked_fixture(real, thp_real_setup, fake_kernel_reset);
	tcase_add_test(real, receipt_of_advised_memory);
	tcase_add_test(real, receipt_of_small_pages);
	tcase_add_test(real, receipt_where_nothing_answers);
	tcase_add_test(real, collapse_heals);
	tcase_add_test(real, collapse_errors);
	suite_add_tcase(suite, real);
	return harness_main(suite);
}

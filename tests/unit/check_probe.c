/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the probe makes of kernels of all kinds, and of this one. */
#include "hugepage/probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake-kernel.h"
#include "fake-thp.h"
#include "harness.h"
#include "kernel/kernel.h"

START_TEST(mode_always_needs_no_advice)
{
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(datamem_hugepage_advice());
	/* Eligible all the same, without a call; the test makes none either. */
	ck_assert(dmem_hugepage_advise(&thp.folio, 1));
	ck_assert_uint_eq(thp.advised, 0);
}
END_TEST

/* Memory to be advised is tried itself, where it holds a whole huge page. */
START_TEST(tries_what_it_is_given)
{
	static const size_t cuts[][2] = {
		{ 0, 0 }, { 4096, 0 }, { 0, 2 * DMEM_MIB + 1 },
	};
	char *area = fake_area(4 * DMEM_MIB);
	struct dmem_probe_result result;
	bool used;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(cuts); i++) {
		thp_fake_again();
		dmem_probe_result_get(&result, area + cuts[i][0],
				      4 * DMEM_MIB - cuts[i][0] - cuts[i][1]);
		ck_assert_int_eq(result.state, DATAMEM_HUGEPAGE_ACTIVE);
		used = thp.test_area == area;
		ck_assert(used == !i);
		ck_assert(!area[0] && !memcmp(area, area + 1,
					      4 * DMEM_MIB - 1));
	}
	/* Once known it touches nothing. */
	thp.advised = 0;
	dmem_probe_result_get(&result, area, 4 * DMEM_MIB);
	ck_assert_uint_eq(thp.advised, 0);
}
END_TEST

/* What will not be advised keeps no advice from the test. */
START_TEST(tries_other_memory_in_mode_never)
{
	char *area = fake_area(4 * DMEM_MIB);

	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	thp.folio = dmem_kernel_page_size();
	ck_assert(!dmem_hugepage_advise(area, 4 * DMEM_MIB));
	ck_assert_uint_eq(thp.advised, 1);
	ck_assert(thp.test_area < area || thp.test_area >= area + 4 * DMEM_MIB);
}
END_TEST

START_TEST(mode_always_except_advised_needs_advice)
{
	/* PR_THP_DISABLE_EXCEPT_ADVISED, Linux 6.18 */
	thp.prctl_state = 3;
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(mode_never)
{
	thp.folio = dmem_kernel_page_size();
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_MODE_NEVER, thp.folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(!datamem_hugepage_advice());
	ck_assert(!dmem_hugepage_advise(&thp.folio, 1));
}
END_TEST

START_TEST(the_size_has_its_own_mode)
{
	thp.folio = dmem_kernel_page_size();
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"always inherit madvise [never]\n");
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_MODE_NEVER, thp.folio);
	/* The reason names the file. */
	ck_assert_str_eq(
		datamem_hugepage_reason_text(DATAMEM_REASON_MODE_NEVER),
		"transparent_hugepage/hugepages-2048kB/enabled says never");
	thp_fake_again();
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"always [inherit] madvise never\n");
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_MODE_NEVER, thp.folio);
	ck_assert_str_eq(
		datamem_hugepage_reason_text(DATAMEM_REASON_MODE_NEVER),
		"transparent_hugepage/enabled says never");
	thp_fake_again();
	thp.folio = 2 * DMEM_MIB;
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"[always] inherit madvise never\n");
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(prctl_denies)
{
	thp.folio = dmem_kernel_page_size();
	thp.prctl_state = 1;
	thp_expect(DATAMEM_HUGEPAGE_DENIED, DATAMEM_REASON_PRCTL, thp.folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(small_pages_came)
{
	thp.folio = dmem_kernel_page_size();
	thp_expect(DATAMEM_HUGEPAGE_NOT_ARRIVING, DATAMEM_REASON_NOT_ARRIVING,
	       thp.folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(!datamem_hugepage_advice());
	/* `on` asks nevertheless. */
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(dmem_hugepage_wanted());
	ck_assert(datamem_hugepage_advice());
}
END_TEST

START_TEST(larger_pages_came)
{
	thp.folio = 16 * dmem_kernel_page_size();
	thp_expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_MTHP, thp.folio);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(kernel_without_support)
{
	thp.folio = dmem_kernel_page_size();
	thp.advice_error = EINVAL;
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_NO_SUPPORT, thp.folio);
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(advice_refused_by_a_filter)
{
	static const int errors[] = { EPERM, ENOSYS, EACCES };

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(errors); i++) {
		thp_fake_again();
		thp.folio = dmem_kernel_page_size();
		thp.advice_error = errors[i];
		thp_expect(DATAMEM_HUGEPAGE_DENIED, DATAMEM_REASON_FILTER,
			   thp.folio);
		ck_assert(!dmem_hugepage_wanted());
	}
}
END_TEST

START_TEST(no_directory_is_no_support)
{
	fake_tree_remove();
	fake_tree_make();
	thp_fake_again();
	fake_tree_write("/sys/kernel/mm/ksm/run", "0\n");
	thp.folio = dmem_kernel_page_size();
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_NO_SUPPORT, thp.folio);
}
END_TEST

START_TEST(no_sysfs_leaves_it_to_the_test)
{
	size_t page = dmem_kernel_page_size();

	fake_tree_remove();
	fake_tree_make();
	thp_fake_again();
	if (page / 8 * page > 32 * DMEM_MIB)
		harness_skip("the pages here make too large a huge page");
	thp.folio = page / 8 * page;
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, thp.folio);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(huge_pages_of_16k_kernels)
{
	fake_tree_write(THP "/hpage_pmd_size", "33554432\n");
	thp.folio = 32 * DMEM_MIB;
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, thp.folio);
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), thp.folio);
}
END_TEST

static size_t hushed;

static int count_hushed(void *addr, size_t nbytes, int advice)
{
	(void)addr;
	ck_assert_int_eq(advice, MADV_NOHUGEPAGE);
	hushed += nbytes;
	return 0;
}

/* In little memory one of them would be most of it. */
START_TEST(huge_pages_of_16k_kernels_in_little_memory)
{
	bool little = _i < 2;

	fake_tree_write(THP "/hpage_pmd_size", "33554432\n");
	fake_tree_write("/proc/meminfo", _i ? "MemTotal: 64000000 kB\n"
					    : "MemTotal: 900000 kB\n");
	fake_tree_write("/proc/self/cgroup", "0::/a\n");
	fake_tree_write("/proc/self/mountinfo",
			"30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	fake_tree_write("/sys/fs/cgroup/a/memory.max",
			_i == 1 ? "100663296\n" : "1073741824\n");
	/* Smaller ones that would come are not asked for, either. */
	thp.folio = little ? 64 * DMEM_KIB : 32 * DMEM_MIB;
	if (little) {
		thp_expect(DATAMEM_HUGEPAGE_MTHP,
			   DATAMEM_REASON_HUGEPAGE_TOO_LARGE, thp.folio);
		ck_assert_int_eq(datamem_hugepage_advice(), false);
		thp.folio = dmem_kernel_page_size();
		thp_fake_again();
		thp_expect(DATAMEM_HUGEPAGE_OFF,
			   DATAMEM_REASON_HUGEPAGE_TOO_LARGE, thp.folio);
	} else {
		thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE,
			   thp.folio);
	}
	ck_assert_uint_eq(dmem_hugepage_chunk_size(),
			  little ? 2 * DMEM_MIB : 32 * DMEM_MIB);
	/* Nor do they come unasked. */
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	thp_fake_again();
	fake_hooks.madvise = count_hushed;
	hushed = 0;
	ck_assert_int_eq(dmem_hugepage_possible(), !little);
	ck_assert_int_eq(dmem_hugepage_advise(NULL, 2 * DMEM_MIB), !little);
	ck_assert_uint_eq(hushed, little ? 2 * DMEM_MIB : 0);
}
END_TEST

/* A slab has up to five pages of 64 KiB, all in one chunk. */
START_TEST(small_huge_pages_are_no_chunks)
{
	fake_tree_write(THP "/hpage_pmd_size", "65536\n");
	thp.folio = 64 * DMEM_KIB;
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, thp.folio);
	ck_assert(dmem_hugepage_wanted());
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), 2 * DMEM_MIB);
	fake_tree_write(THP "/hpage_pmd_size", "1048576\n");
	thp_fake_again();
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), DMEM_MIB);
}
END_TEST

START_TEST(huge_pages_of_64k_kernels_are_too_large)
{
	unsigned char *map;

	fake_tree_write(THP "/hpage_pmd_size", "536870912\n");
	thp.folio = dmem_kernel_page_size();
	thp_expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_HUGEPAGE_TOO_LARGE,
		   thp.folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), 2 * DMEM_MIB);
	map = dmem_kernel_map(4 * DMEM_MIB);
	ck_assert_int_eq(dmem_hugepage_collapse(map, 4 * DMEM_MIB), -ENOTSUP);
}
END_TEST

START_TEST(medium_pages_of_64k_kernels_are_taken)
{
	fake_tree_write(THP "/hpage_pmd_size", "536870912\n");
	thp.folio = 2 * DMEM_MIB;
	thp_expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_HUGEPAGE_TOO_LARGE,
	       thp.folio);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(nonsense_sizes_are_not_used)
{
	static const char *const sizes[] = {
		"0\n", "3000000\n", "-2097152\n", "2097152 kB\n", "2M\n", "",
		"99999999999999999999999999\n", "4096 4096\n",
		"9223372036854775808\n",
	};

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes); i++) {
		size_t chunk;

		fake_tree_write(THP "/hpage_pmd_size", sizes[i]);
		dmem_hugepage_reset();
		chunk = dmem_hugepage_chunk_size();
		ck_assert_msg(chunk >= dmem_kernel_page_size() &&
			      chunk <= 32 * DMEM_MIB &&
			      !(chunk & (chunk - 1)), "%zu", chunk);
	}
}
END_TEST

START_TEST(blind_mincore_second_witness)
{
	thp.mincore_blind = true;
	thp_expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
}
END_TEST

START_TEST(blind_mincore_second_witness_against)
{
	thp.mincore_blind = true;
	thp.folio = 16 * dmem_kernel_page_size();
	thp_expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_MTHP, thp.folio);
}
END_TEST

START_TEST(blind_mincore_no_fault_counts)
{
	thp.mincore_blind = true;
	thp.counts_faults = false;
	thp_expect(DATAMEM_HUGEPAGE_UNKNOWN, DATAMEM_REASON_UNMEASURED, 0);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

/* Each call failing from the start: an answer all the same, never a crash. */
START_TEST(calls_fail_in_turn)
{
	enum fake_call call = (enum fake_call)_i;
	struct datamem_hugepage_probe probe;

	fake_kernel_fail(call, 0, ENOSYS);
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	switch (call) {
	case FAKE_MMAP:
		ck_assert_int_eq(probe.state, DATAMEM_HUGEPAGE_UNKNOWN);
		ck_assert_int_eq(probe.reason, DATAMEM_REASON_UNMEASURED);
		break;
	case FAKE_PRCTL:
		ck_assert_int_eq(probe.prctl_state, -1);
		ck_assert_int_eq(probe.state, DATAMEM_HUGEPAGE_ACTIVE);
		break;
	default:
		/* mincore(2) and the faults stand in for each other. */
		ck_assert_int_eq(probe.state, DATAMEM_HUGEPAGE_ACTIVE);
	}
	dmem_hugepage_wanted();
	ck_assert_uint_ge(dmem_hugepage_chunk_size(), dmem_kernel_page_size());
}
END_TEST

/* The nth call of a kind failing: the test's memory is not leaked. */
START_TEST(mincore_fails_after_the_write)
{
	thp.counts_faults = false;
	fake_kernel_fail(FAKE_MINCORE, 2, ENOMEM);
	thp_expect(DATAMEM_HUGEPAGE_UNKNOWN, DATAMEM_REASON_UNMEASURED, 0);
	ck_assert_ptr_nonnull(thp.test_area);
	ck_assert_int_eq(dmem_kernel_map_at(thp.test_area, 2 * DMEM_MIB), 0);
}
END_TEST

/* Whatever this machine is: the state and its consequences agree. */
START_TEST(real_probe_is_consistent)
{
	struct datamem_hugepage_probe probe;

	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	ck_assert_uint_eq(probe.page_size, dmem_kernel_page_size());
	ck_assert_int_eq(probe.state == DATAMEM_HUGEPAGE_ACTIVE,
			 probe.reason == DATAMEM_REASON_NONE);
	ck_assert(!probe.recorded);
	if (probe.state == DATAMEM_HUGEPAGE_ACTIVE)
		ck_assert_uint_ge(probe.arrived_size, probe.hugepage_size);
	if (probe.state == DATAMEM_HUGEPAGE_OFF)
		ck_assert(!probe.advice);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("probe");
	TCase *fake = tcase_create("fake kernel");
	TCase *real = tcase_create("this kernel");

	tcase_add_checked_fixture(fake, thp_fake_setup, thp_fake_teardown);
	tcase_add_test(fake, mode_always_needs_no_advice);
	tcase_add_test(fake, tries_what_it_is_given);
	tcase_add_test(fake, tries_other_memory_in_mode_never);
	tcase_add_test(fake, mode_always_except_advised_needs_advice);
	tcase_add_test(fake, mode_never);
	tcase_add_test(fake, the_size_has_its_own_mode);
	tcase_add_test(fake, prctl_denies);
	tcase_add_test(fake, small_pages_came);
	tcase_add_test(fake, larger_pages_came);
	tcase_add_test(fake, kernel_without_support);
	tcase_add_test(fake, advice_refused_by_a_filter);
	tcase_add_test(fake, no_directory_is_no_support);
	tcase_add_test(fake, no_sysfs_leaves_it_to_the_test);
	tcase_add_test(fake, huge_pages_of_16k_kernels);
	tcase_add_loop_test(fake, huge_pages_of_16k_kernels_in_little_memory, 0,
			    3);
	tcase_add_test(fake, small_huge_pages_are_no_chunks);
	tcase_add_test(fake, huge_pages_of_64k_kernels_are_too_large);
	tcase_add_test(fake, medium_pages_of_64k_kernels_are_taken);
	tcase_add_test(fake, nonsense_sizes_are_not_used);
	tcase_add_test(fake, blind_mincore_second_witness);
	tcase_add_test(fake, blind_mincore_second_witness_against);
	tcase_add_test(fake, blind_mincore_no_fault_counts);
	tcase_add_loop_test(fake, calls_fail_in_turn, 0, FAKE_CALLS);
	tcase_add_test(fake, mincore_fails_after_the_write);
	suite_add_tcase(suite, fake);
	tcase_add_checked_fixture(real, thp_real_setup, fake_kernel_reset);
	tcase_add_test(real, real_probe_is_consistent);
	suite_add_tcase(suite, real);
	return harness_main(suite);
}

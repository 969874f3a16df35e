/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Probe, advice and receipts, under fake kernels and under the real one. */
#include "hugepage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "alone.h"
#include "fake-kernel.h"
#include "harness.h"
#include "kernel/kernel.h"
#include "settings.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

/* The fake kernel of these tests: what a first write brings. */
static size_t folio;           /* bytes; page size: small pages */
static bool mincore_blind;     /* all mapped memory is called resident */
static int prctl_state;
static int advice_error;
static unsigned int advised;   /* calls with MADV_HUGEPAGE */
static char *test_area;
static bool counts_faults;
static long faults;

static int fake_madvise(void *addr, size_t nbytes, int advice)
{
	(void)addr;
	(void)nbytes;
	if (advice != MADV_HUGEPAGE)
		return __real_madvise(addr, nbytes, advice);
	advised++;
	test_area = addr;
	errno = advice_error;
	return advice_error ? -1 : 0;
}

static int fake_mincore(void *addr, size_t nbytes, unsigned char *vec)
{
	size_t page = dmem_kernel_page_size();
	bool before_write = fake_kernel_count(FAKE_MINCORE) == 1;

	(void)addr;
	for (size_t i = 0; i < nbytes / page; i++)
		vec[i] = mincore_blind || (!before_write && i < folio / page);
	return 0;
}

/*
 * Faults as a kernel with these folios would count them: the writes at
 * offsets 0, page, 2 page, 4 page and so on fault from `folio` on.
 */
static int fake_getrusage(int who, struct rusage *usage)
{
	unsigned int calls = fake_kernel_count(FAKE_GETRUSAGE);
	size_t page = dmem_kernel_page_size();

	(void)who;
	memset(usage, 0, sizeof(*usage));
	if (!counts_faults)
		return 0;
	/* Calls 1 and 2 are around the first write, then 3+4, 5+6, ... */
	if (calls == 2)
		faults++;
	else if (calls > 2 && calls % 2 == 0 &&
		 page << (calls / 2 - 2) >= folio)
		faults++;
	usage->ru_minflt = faults;
	return 0;
}

static int fake_prctl(int option, unsigned long arg)
{
	(void)option;
	(void)arg;
	return prctl_state;
}

static void setup(void)
{
	unsetenv("DATAMEM_HUGEPAGE");
	unsetenv("NUMPY_MADVISE_HUGEPAGE");
	unsetenv("DATAMEM_CONF");
	fake_kernel_reset();
	dmem_settings_reset();
	dmem_hugepage_reset();
	dmem_kernel_set_root(NULL);
	ck_assert_int_eq(datamem_setting_set("hugepage", "auto"), 0);
}

/* A machine of which only what the test says is fake. */
static void setup_fake(void)
{
	setup();
	fake_tree_make();
	fake_tree_write(THP "/enabled", "always [madvise] never\n");
	fake_tree_write(THP "/hpage_pmd_size", "2097152\n");
	fake_tree_write("/proc/sys/kernel/osrelease", "6.1.0-30-amd64\n");
	folio = 2 * DMEM_MIB;
	mincore_blind = false;
	prctl_state = 0;
	advice_error = 0;
	advised = 0;
	faults = 0;
	counts_faults = true;
	fake_hooks.madvise = fake_madvise;
	fake_hooks.mincore = fake_mincore;
	fake_hooks.getrusage = fake_getrusage;
	fake_hooks.prctl = fake_prctl;
}

static void teardown_fake(void)
{
	fake_tree_remove();
	fake_kernel_reset();
}

static void expect(int state, int reason, size_t arrived)
{
	struct datamem_hugepage_probe probe;

	errno = 77;
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	ck_assert_int_eq(errno, 77);
	ck_assert_str_eq(datamem_hugepage_state_name(probe.state),
			 datamem_hugepage_state_name(state));
	ck_assert_str_eq(datamem_hugepage_reason_text(probe.reason),
			 datamem_hugepage_reason_text(reason));
	ck_assert_uint_eq(probe.arrived_size, arrived);
}

START_TEST(active_is_wanted_and_advised)
{
	char *map = dmem_kernel_map(DMEM_MIB);

	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(dmem_hugepage_wanted());
	ck_assert(datamem_hugepage_advice());
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), 2 * DMEM_MIB);
	ck_assert_uint_eq(advised, 1);
	ck_assert(dmem_hugepage_advise(map, DMEM_MIB));
	ck_assert_uint_eq(advised, 2);
	advice_error = ENOMEM;
	ck_assert(!dmem_hugepage_advise(map, DMEM_MIB));
	/* The functional test is made once. */
	dmem_hugepage_wanted();
	ck_assert_uint_eq(advised, 3);
}
END_TEST

START_TEST(mode_always_needs_no_advice)
{
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(datamem_hugepage_advice());
	/* Eligible all the same, without a call. */
	ck_assert(dmem_hugepage_advise(&folio, 1));
	ck_assert_uint_eq(advised, 1);
}
END_TEST

START_TEST(mode_always_except_advised_needs_advice)
{
	/* PR_THP_DISABLE_EXCEPT_ADVISED, Linux 6.18 */
	prctl_state = 3;
	fake_tree_write(THP "/enabled", "[always] madvise never\n");
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(mode_never)
{
	folio = dmem_kernel_page_size();
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_MODE_NEVER, folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert(!datamem_hugepage_advice());
	ck_assert(!dmem_hugepage_advise(&folio, 1));
}
END_TEST

START_TEST(the_size_has_its_own_mode)
{
	folio = dmem_kernel_page_size();
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"always inherit madvise [never]\n");
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_MODE_NEVER, folio);
	dmem_hugepage_reset();
	fake_kernel_reset();
	teardown_fake();
	setup_fake();
	fake_tree_write(THP "/enabled", "always madvise [never]\n");
	fake_tree_write(THP "/hugepages-2048kB/enabled",
			"[always] inherit madvise never\n");
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(prctl_denies)
{
	folio = dmem_kernel_page_size();
	prctl_state = 1;
	expect(DATAMEM_HUGEPAGE_DENIED, DATAMEM_REASON_PRCTL, folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(small_pages_came)
{
	folio = dmem_kernel_page_size();
	expect(DATAMEM_HUGEPAGE_NOT_ARRIVING, DATAMEM_REASON_NOT_ARRIVING,
	       folio);
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
	folio = 64 * DMEM_KIB;
	expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_MTHP, folio);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(kernel_without_support)
{
	folio = dmem_kernel_page_size();
	advice_error = EINVAL;
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_NO_SUPPORT, folio);
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(!dmem_hugepage_wanted());
}
END_TEST

START_TEST(no_directory_is_no_support)
{
	fake_tree_remove();
	fake_tree_make();
	fake_tree_write("/sys/kernel/mm/ksm/run", "0\n");
	folio = dmem_kernel_page_size();
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_NO_SUPPORT, folio);
}
END_TEST

START_TEST(no_sysfs_leaves_it_to_the_test)
{
	size_t page = dmem_kernel_page_size();

	fake_tree_remove();
	fake_tree_make();
	if (page / 8 * page > 32 * DMEM_MIB)
		harness_skip("the pages here make too large a huge page");
	folio = page / 8 * page;
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, folio);
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(huge_pages_of_16k_kernels)
{
	fake_tree_write(THP "/hpage_pmd_size", "33554432\n");
	folio = 32 * DMEM_MIB;
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, folio);
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), folio);
}
END_TEST

START_TEST(huge_pages_of_64k_kernels_are_too_large)
{
	unsigned char *map;

	fake_tree_write(THP "/hpage_pmd_size", "536870912\n");
	folio = dmem_kernel_page_size();
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_HUGEPAGE_TOO_LARGE, folio);
	ck_assert(!dmem_hugepage_wanted());
	ck_assert_uint_eq(dmem_hugepage_chunk_size(), 2 * DMEM_MIB);
	map = dmem_kernel_map(4 * DMEM_MIB);
	ck_assert_int_eq(dmem_hugepage_collapse(map, 4 * DMEM_MIB), -ENOTSUP);
}
END_TEST

START_TEST(medium_pages_of_64k_kernels_are_taken)
{
	fake_tree_write(THP "/hpage_pmd_size", "536870912\n");
	folio = 2 * DMEM_MIB;
	expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_HUGEPAGE_TOO_LARGE,
	       folio);
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
	mincore_blind = true;
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
}
END_TEST

START_TEST(blind_mincore_second_witness_against)
{
	mincore_blind = true;
	folio = 64 * DMEM_KIB;
	expect(DATAMEM_HUGEPAGE_MTHP, DATAMEM_REASON_MTHP, folio);
}
END_TEST

START_TEST(blind_mincore_no_fault_counts)
{
	mincore_blind = true;
	counts_faults = false;
	expect(DATAMEM_HUGEPAGE_UNKNOWN, DATAMEM_REASON_UNMEASURED, 0);
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
	fake_kernel_fail(FAKE_MINCORE, 2, ENOMEM);
	expect(DATAMEM_HUGEPAGE_UNKNOWN, DATAMEM_REASON_UNMEASURED, 0);
	ck_assert_ptr_nonnull(test_area);
	ck_assert_int_eq(dmem_kernel_map_at(test_area, 2 * DMEM_MIB), 0);
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
		expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_KERNEL_OLD, 0);
	else
		expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE,
		       2 * DMEM_MIB);
	ck_assert_int_eq(dmem_hugepage_wanted(), !releases[_i].old);
	ck_assert_int_eq(datamem_setting_set("hugepage", "on"), 0);
	ck_assert(dmem_hugepage_wanted());
	expect(DATAMEM_HUGEPAGE_ACTIVE, DATAMEM_REASON_NONE, 2 * DMEM_MIB);
}
END_TEST

START_TEST(setting_off_and_on)
{
	ck_assert(datamem_hugepage_set_advice(false));
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_ADVICE_OFF, 0);
	ck_assert(!dmem_hugepage_wanted());
	/* Nothing was tried, nothing advised. */
	ck_assert_uint_eq(advised, 1);
	ck_assert_int_eq(dmem_hugepage_collapse(&folio, 1), -ENOTSUP);
	ck_assert(!datamem_hugepage_set_advice(true));
	ck_assert(datamem_hugepage_advice());
	ck_assert(dmem_hugepage_wanted());
}
END_TEST

START_TEST(setting_off_from_the_start_tries_nothing)
{
	ck_assert_int_eq(datamem_setting_set("hugepage", "off"), 0);
	expect(DATAMEM_HUGEPAGE_OFF, DATAMEM_REASON_ADVICE_OFF, 0);
	ck_assert_uint_eq(advised, 0);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MINCORE), 0);
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
	folio = dmem_kernel_page_size();
	fake_kernel_reset();
	fake_hooks.madvise = fake_madvise;
	fake_hooks.mincore = fake_mincore;
	dmem_hugepage_reset();
	ck_assert_int_eq(datamem_setting_foreach(find_note, note), 1);
	ck_assert_str_eq(note, datamem_hugepage_reason_text(
				       DATAMEM_REASON_NOT_ARRIVING));
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
	/* The arena says it was advised, yet small pages are there. */
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
	Suite *suite = suite_create("hugepage");
	TCase *fake = tcase_create("fake kernel");
	TCase *real = tcase_create("this kernel");

	tcase_add_checked_fixture(fake, setup_fake, teardown_fake);
	tcase_add_test(fake, active_is_wanted_and_advised);
	tcase_add_test(fake, mode_always_needs_no_advice);
	tcase_add_test(fake, mode_always_except_advised_needs_advice);
	tcase_add_test(fake, mode_never);
	tcase_add_test(fake, the_size_has_its_own_mode);
	tcase_add_test(fake, prctl_denies);
	tcase_add_test(fake, small_pages_came);
	tcase_add_test(fake, larger_pages_came);
	tcase_add_test(fake, kernel_without_support);
	tcase_add_test(fake, no_directory_is_no_support);
	tcase_add_test(fake, no_sysfs_leaves_it_to_the_test);
	tcase_add_test(fake, huge_pages_of_16k_kernels);
	tcase_add_test(fake, huge_pages_of_64k_kernels_are_too_large);
	tcase_add_test(fake, medium_pages_of_64k_kernels_are_taken);
	tcase_add_test(fake, nonsense_sizes_are_not_used);
	tcase_add_test(fake, blind_mincore_second_witness);
	tcase_add_test(fake, blind_mincore_second_witness_against);
	tcase_add_test(fake, blind_mincore_no_fault_counts);
	tcase_add_loop_test(fake, calls_fail_in_turn, 0, FAKE_CALLS);
	tcase_add_test(fake, mincore_fails_after_the_write);
	tcase_add_loop_test(fake, release_vetoes_only_auto, 0,
			    DMEM_ARRAY_SIZE(releases));
	tcase_add_test(fake, setting_off_and_on);
	tcase_add_test(fake, setting_off_from_the_start_tries_nothing);
	tcase_add_test(fake, setting_says_what_keeps_it_from_acting);
	tcase_add_test(fake, arguments_are_checked);
	suite_add_tcase(suite, fake);

	tcase_add_checked_fixture(real, setup, fake_kernel_reset);
	tcase_add_test(real, real_probe_is_consistent);
	tcase_add_test(real, receipt_of_advised_memory);
	tcase_add_test(real, receipt_of_small_pages);
	tcase_add_test(real, receipt_where_nothing_answers);
	tcase_add_test(real, collapse_heals);
	tcase_add_test(real, collapse_errors);
	suite_add_tcase(suite, real);
	return harness_main(suite);
}

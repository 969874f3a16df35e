/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What is read from /proc and /sys, and how strictly. */
#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "fake-kernel.h"
#include "harness.h"
#include "kernel/files.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

/* files.c */

START_TEST(numbers_are_strict)
{
	static const struct { const char *text; bool well; uint64_t value; }
	files[] = {
		{ "0\n", true, 0 }, { "42", true, 42 },
		{ "18446744073709551615\n", true, UINT64_MAX },
		{ "18446744073709551616\n", false, 0 }, { "", false, 0 },
		{ "\n", false, 0 }, { "max\n", false, 0 },
		{ "-1\n", false, 0 }, { "+1\n", false, 0 },
		{ " 1\n", false, 0 }, { "1 \n", false, 0 },
		{ "1\n2\n", false, 0 }, { "0x10\n", false, 0 },
		{ "00000000000000000000000000000000000001\n", false, 0 },
	};
	uint64_t value;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(files); i++) {
		value = 77;
		fake_tree_write("/n", files[i].text);
		ck_assert_msg(dmem_files_number("/n", &value) ==
			      files[i].well, "%s", files[i].text);
		ck_assert_uint_eq(value, files[i].well ? files[i].value : 77);
	}
	ck_assert(!dmem_files_number("/missing", &value));
	fake_tree_write("/dir/file", "");
	ck_assert(!dmem_files_number("/dir", &value));
}
END_TEST

START_TEST(lines_of_any_length)
{
	static const size_t lengths[] = {
		0, 1, 4094, 4095, 4096, 4097, 8190, 8191, 8192, 20000,
	};
	struct dmem_lines lines;
	char text[20020];
	char *line;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(lengths); i++) {
		memset(text, 'x', lengths[i]);
		strcpy(text + lengths[i], "\nafter\nlast");
		fake_tree_write("/lines", text);
		ck_assert_int_eq(dmem_lines_open(&lines, "/lines", false), 0);
		line = dmem_lines_next(&lines);
		ck_assert_ptr_nonnull(line);
		if (lengths[i] <= 4094) {
			ck_assert_uint_eq(strlen(line), lengths[i]);
			line = dmem_lines_next(&lines);
		}
		/* Longer ones are left out, the next is read whole. */
		ck_assert_str_eq(line, "after");
		line = dmem_lines_next(&lines);
		ck_assert_ptr_nonnull(line);
		ck_assert_str_eq(line, "last");
		ck_assert_ptr_null(dmem_lines_next(&lines));
		ck_assert_ptr_null(dmem_lines_next(&lines));
		dmem_lines_close(&lines);
	}
	/* A last line that is too long and has no end. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fake_tree_write("/lines", text);
	ck_assert_int_eq(dmem_lines_open(&lines, "/lines", false), 0);
	ck_assert_ptr_null(dmem_lines_next(&lines));
	dmem_lines_close(&lines);
}
END_TEST

/* facts.c */

START_TEST(releases)
{
	static const struct { const char *text; bool well; unsigned int a, b; }
	texts[] = {
		{ "4.6", true, 4, 6 }, { "4.19-ovh", true, 4, 19 },
		{ "6.18.44-fc", true, 6, 18 }, { "6", true, 6, 0 },
		{ "2.6.32-754.el6.x86_64", true, 2, 6 },
		{ "6.1.0-30-amd64", true, 6, 1 }, { "6.6+", true, 6, 6 },
		{ "", false, 0, 0 }, { "abc", false, 0, 0 },
		{ "6.", false, 0, 0 }, { ".6", false, 0, 0 },
		{ "6-rc1", false, 0, 0 }, { "6.x", false, 0, 0 },
		{ "-6.1", false, 0, 0 }, { " 6.1", false, 0, 0 },
		{ "4294967296.1", false, 0, 0 },
		{ "6.99999999999999999999999", false, 0, 0 },
	};
	unsigned int major, minor;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(texts); i++) {
		ck_assert_msg(dmem_kernel_release_parse(
			texts[i].text, &major, &minor) == texts[i].well,
			"%s", texts[i].text);
		if (texts[i].well) {
			ck_assert_uint_eq(major, texts[i].a);
			ck_assert_uint_eq(minor, texts[i].b);
		}
	}
}
END_TEST

START_TEST(modes)
{
	static const struct { const char *text; int mode; } files[] = {
		{ "always [madvise] never\n", DATAMEM_MODE_MADVISE },
		{ "[always] madvise never\n", DATAMEM_MODE_ALWAYS },
		{ "always madvise [never]", DATAMEM_MODE_NEVER },
		{ "always [inherit] madvise never\n", DATAMEM_MODE_INHERIT },
		{ "always defer [defer+madvise] madvise never\n",
		  DATAMEM_MODE_DEFER_MADVISE },
		{ "always [defer] defer+madvise madvise never\n",
		  DATAMEM_MODE_DEFER },
		{ "always [sometimes] never\n", DATAMEM_MODE_UNKNOWN },
		{ "always madvise never\n", DATAMEM_MODE_UNKNOWN },
		{ "[always] [never]\n", DATAMEM_MODE_UNKNOWN },
		{ "[]\n", DATAMEM_MODE_UNKNOWN },
		{ "]always[\n", DATAMEM_MODE_UNKNOWN },
		{ "[always\n", DATAMEM_MODE_UNKNOWN },
		{ "x[always]\n", DATAMEM_MODE_UNKNOWN },
		{ "[always]x\n", DATAMEM_MODE_UNKNOWN },
		{ "", DATAMEM_MODE_UNKNOWN },
	};
	struct dmem_kernel_facts facts;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(files); i++) {
		fake_tree_write(THP "/enabled", files[i].text);
		dmem_kernel_facts_read(&facts);
		ck_assert_msg(facts.mode == files[i].mode, "%s: %d",
			      files[i].text, facts.mode);
	}
}
END_TEST

START_TEST(facts_of_a_whole_tree)
{
	struct datamem_hugepage_size sizes[2];
	struct dmem_kernel_facts facts;

	fake_tree_write(THP "/enabled", "always [madvise] never\n");
	fake_tree_write(THP "/defrag", "[always] madvise never\n");
	fake_tree_write(THP "/hpage_pmd_size", "33554432\n");
	fake_tree_write(THP "/khugepaged/max_ptes_none", "2047\n");
	fake_tree_write(THP "/khugepaged/defrag", "0\n");
	fake_tree_write(THP "/hugepages-32768kB/enabled",
			"always [inherit] madvise never\n");
	fake_tree_write(THP "/hugepages-64kB/enabled",
			"[always] inherit madvise never\n");
	fake_tree_write(THP "/hugepages-2048kB/enabled", "?\n");
	fake_tree_write(THP "/hugepages-12kB/enabled", "[always]\n");
	fake_tree_write(THP "/a_file_nobody_knows", "[1] 2\n");
	fake_tree_write("/proc/sys/kernel/osrelease", "6.12.9-16k\n");
	fake_tree_write("/proc/sys/vm/max_map_count", "262144\n");
	fake_tree_write("/proc/meminfo",
			"MemTotal:       65800000 kB\nMemFree:  1 kB\n");
	dmem_kernel_facts_read(&facts);
	ck_assert_str_eq(facts.release, "6.12.9-16k");
	ck_assert_uint_eq(facts.hugepage_size, 32 * DMEM_MIB);
	ck_assert(facts.thp_dir);
	ck_assert(facts.sys_readable);
	ck_assert(!facts.recorded);
	ck_assert_int_eq(facts.mode, DATAMEM_MODE_MADVISE);
	ck_assert_int_eq(facts.size_mode, DATAMEM_MODE_INHERIT);
	ck_assert_int_eq(facts.defrag, DATAMEM_MODE_ALWAYS);
	ck_assert_int_eq(facts.max_ptes_none, 2047);
	ck_assert_int_eq(facts.khugepaged_defrag, 0);
	/* More than there is room for: counted, not written. */
	ck_assert_uint_eq(dmem_kernel_thp_sizes(sizes, 2), 3);
	ck_assert_uint_eq(sizes[0].size, 64 * DMEM_KIB);
	ck_assert_int_eq(sizes[0].mode, DATAMEM_MODE_ALWAYS);
	ck_assert_uint_eq(sizes[1].size, 2 * DMEM_MIB);
	ck_assert_int_eq(sizes[1].mode, DATAMEM_MODE_UNKNOWN);
	ck_assert_uint_eq(dmem_kernel_ram(), 65800000ull * 1024);
	ck_assert_uint_eq(dmem_kernel_max_map_count(), 262144);
}
END_TEST

START_TEST(facts_of_an_empty_tree)
{
	struct datamem_hugepage_size size;
	struct dmem_kernel_facts facts;

	dmem_kernel_facts_read(&facts);
	ck_assert_str_eq(facts.release, "");
	ck_assert_uint_eq(facts.page_size, dmem_kernel_page_size());
	ck_assert_uint_eq(facts.hugepage_size, 0);
	ck_assert(!facts.thp_dir);
	ck_assert(!facts.sys_readable);
	ck_assert_int_eq(facts.mode, DATAMEM_MODE_UNKNOWN);
	ck_assert_int_eq(facts.max_ptes_none, -1);
	ck_assert_uint_eq(dmem_kernel_thp_sizes(&size, 1), 0);
	ck_assert_uint_eq(dmem_kernel_ram(), 0);
	ck_assert_uint_eq(dmem_kernel_max_map_count(), 0);
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
}
END_TEST

START_TEST(meminfo_malformed)
{
	static const char *const texts[] = {
		"MemTotal:       x kB\n", "MemTotal: 99999999999999999999 kB\n",
		"MemTotal: 18446744073709551615 kB\n", "MemTotal: 5 MB\n",
		"MemTotal:\n", "\n\n", "MemTotal: 5 kB trailing\n",
	};

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(texts); i++) {
		fake_tree_write("/proc/meminfo", texts[i]);
		ck_assert_uint_eq(dmem_kernel_ram(), 0);
	}
}
END_TEST

START_TEST(facts_of_this_machine)
{
	struct dmem_kernel_facts facts;
	unsigned int major, minor;

	dmem_kernel_set_root(NULL);
	dmem_kernel_facts_read(&facts);
	ck_assert(dmem_kernel_release_parse(facts.release, &major, &minor));
	ck_assert_uint_ge(major, 2);
	ck_assert_uint_gt(dmem_kernel_ram(), 0);
}
END_TEST

/* The trees that the tests of datamem-ctl print, and what is to be read. */
static const struct {
	const char *name;
	const char *release;
	size_t hugepage_size;
	int mode, size_mode;
	size_t sizes;
	uint64_t limit;
} trees[] = {
	{ "thp-16k-pages", "6.12.9-16k", 32 * DMEM_MIB, DATAMEM_MODE_MADVISE,
	  DATAMEM_MODE_INHERIT, 10, UINT64_MAX },
	{ "thp-64k-pages", "6.12.30-64k", 512 * DMEM_MIB,
	  DATAMEM_MODE_MADVISE, DATAMEM_MODE_INHERIT, 3, UINT64_MAX },
	{ "thp-always", "6.1.0-30-amd64", 2 * DMEM_MIB, DATAMEM_MODE_ALWAYS,
	  DATAMEM_MODE_UNKNOWN, 0, 512 * DMEM_MIB },
	{ "thp-madvise", "6.18.44", 2 * DMEM_MIB, DATAMEM_MODE_MADVISE,
	  DATAMEM_MODE_INHERIT, 8, UINT64_MAX },
	{ "thp-never", "5.15.0-139-generic", 2 * DMEM_MIB, DATAMEM_MODE_NEVER,
	  DATAMEM_MODE_UNKNOWN, 0, UINT64_MAX },
	{ "thp-none", "6.6.32-rt32", 0, DATAMEM_MODE_UNKNOWN,
	  DATAMEM_MODE_UNKNOWN, 0, UINT64_MAX },
	{ "thp-size-never", "6.12.9", 2 * DMEM_MIB, DATAMEM_MODE_MADVISE,
	  DATAMEM_MODE_NEVER, 3, UINT64_MAX },
	{ "thp-medium", "6.14.0-15-generic", 2 * DMEM_MIB, DATAMEM_MODE_NEVER,
	  DATAMEM_MODE_INHERIT, 8, UINT64_MAX },
	{ "kernel-4.4", "4.4.0-210-generic", 0, DATAMEM_MODE_MADVISE,
	  DATAMEM_MODE_UNKNOWN, 0, UINT64_MAX },
	{ "kernel-4.19-ovh", "4.19-ovh", 2 * DMEM_MIB, DATAMEM_MODE_ALWAYS,
	  DATAMEM_MODE_UNKNOWN, 0, DMEM_GIB },
	{ "malformed", "abc", 0, DATAMEM_MODE_UNKNOWN, DATAMEM_MODE_UNKNOWN, 2,
	  UINT64_MAX },
};

START_TEST(recorded_trees)
{
	struct dmem_kernel_facts facts;
	char path[4096];
	const char *top = getenv("top_srcdir");

	if (!top)
		harness_skip("top_srcdir is not set");
	snprintf(path, sizeof(path), "%s/tests/ctl/sysroots/%s", top,
		 trees[_i].name);
	dmem_kernel_set_root(path);
	dmem_kernel_facts_read(&facts);
	ck_assert_str_eq(facts.release, trees[_i].release);
	ck_assert_uint_eq(facts.hugepage_size, trees[_i].hugepage_size);
	ck_assert_int_eq(facts.mode, trees[_i].mode);
	ck_assert_int_eq(facts.size_mode, trees[_i].size_mode);
	ck_assert_uint_eq(dmem_kernel_thp_sizes(NULL, 0), trees[_i].sizes);
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), trees[_i].limit);
	ck_assert(facts.sys_readable);
	dmem_kernel_set_root(NULL);
}
END_TEST

/* A tree named by the environment is a record: nothing real is mixed in. */
START_TEST(root_from_the_environment)
{
	struct dmem_kernel_facts facts;

	fake_kernel_reset();
	setenv("DATAMEM_SYSROOT", "/nonexistent/tree", 1);
	dmem_kernel_facts_read(&facts);
	ck_assert(facts.recorded);
	ck_assert_int_eq(facts.prctl_state, -1);
	ck_assert_str_eq(facts.release, "");
	ck_assert(!facts.sys_readable);
	dmem_kernel_set_root(NULL);
	dmem_kernel_facts_read(&facts);
	ck_assert(!facts.recorded);
	ck_assert_str_ne(facts.release, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("facts");
	TCase *tc = tcase_create("facts");

	/* First: the environment is read once. */
	tcase_add_test(tc, root_from_the_environment);
	suite_add_tcase(suite, tc);
	tc = tcase_create("facts below a root");
	tcase_add_checked_fixture(tc, fake_tree_make, fake_tree_remove);
	tcase_add_test(tc, numbers_are_strict);
	tcase_add_test(tc, lines_of_any_length);
	tcase_add_test(tc, releases);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, facts_of_a_whole_tree);
	tcase_add_test(tc, facts_of_an_empty_tree);
	tcase_add_test(tc, meminfo_malformed);
	tcase_add_test(tc, facts_of_this_machine);
	tcase_add_loop_test(tc, recorded_trees, 0, DMEM_ARRAY_SIZE(trees));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

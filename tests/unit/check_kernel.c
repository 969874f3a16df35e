/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ground floor: memory calls, parsers of /proc and /sys, page queries. */
#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"
#include "kernel/files.h"

#define THP "/sys/kernel/mm/transparent_hugepage"
#define DONTUNMAP 4
#define AREA (4 * DMEM_MIB)

static void setup_tree(void)
{
	fake_kernel_reset();
	fake_tree_make();
}

static void teardown_tree(void)
{
	fake_tree_remove();
}

/* An aligned area of own memory. */
static char *area_of(size_t nbytes)
{
	char *map = dmem_kernel_map(nbytes + AREA);

	ck_assert_ptr_nonnull(map);
	return (char *)DMEM_ROUND_UP((uintptr_t)map, AREA);
}

/* memory.c */

START_TEST(map_at_never_replaces)
{
	char *area = area_of(AREA);

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
	char *area = area_of(AREA);
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
	char *area = area_of(AREA);

	fake_kernel_fail(FAKE_MMAP, 0, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(dmem_kernel_map(AREA));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_null(dmem_kernel_find_range(AREA));
	errno = 77;
	ck_assert_int_eq(dmem_kernel_map_at(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_map_over(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_guard(area, AREA), -ENOMEM);
	ck_assert_int_eq(dmem_kernel_map_hugetlb_over(area, AREA, 21),
			 -ENOMEM);
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
	char *area = area_of(AREA);
	int err;

	*area = 7;
	/* A page size that no machine has a pool of. */
	err = dmem_kernel_map_hugetlb_over(area, AREA, 13);
	ck_assert_int_lt(err, 0);
	ck_assert_int_ne(err, -EFAULT);
	ck_assert_int_eq(*area, 7);
}
END_TEST

START_TEST(guard_faults)
{
	char *area = area_of(AREA);
	pid_t child;
	int status;

	ck_assert_int_eq(dmem_kernel_guard(area, AREA), 0);
	child = fork();
	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)area = 1;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	/* A sanitizer turns the signal into an exit of its own. */
	ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status));
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
	char *area = area_of(AREA);
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
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE), 0);
	ck_assert_int_eq(*area, 0);
	ck_assert_uint_eq(fake_kernel_count(FAKE_MMAP), mapped + 1);
}
END_TEST

START_TEST(purge_of_locked_memory)
{
	size_t page = dmem_kernel_page_size();
	char *area = area_of(AREA);

	*area = 7;
	if (mlock(area, page))
		harness_skip("mlock: %s", strerror(errno));
	ck_assert_int_eq(dmem_kernel_advise(area, AREA, DMEM_ADVICE_PURGE), 0);
	ck_assert_int_eq(*area, 0);
}
END_TEST

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
	char *from = area_of(2 * AREA);
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
	char *from = area_of(2 * AREA);
	char *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_before_5_7;
	ck_assert_int_eq(dmem_kernel_move(from, to, AREA), 0);
	check_moved(from, to);
}
END_TEST

START_TEST(move_before_5_7_loses_the_source)
{
	char *from = area_of(2 * AREA);
	char *to = from + AREA;

	fill(from);
	fake_hooks.mremap = mremap_before_5_7;
	/* Another thread's mmap(2) in between, or no memory for ours. */
	fake_kernel_fail(FAKE_MMAP, 1, EEXIST);
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
	char *from = area_of(2 * AREA);
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
	char *from = area_of(2 * AREA);

	*from = 7;
	fake_kernel_fail(FAKE_MREMAP, 0, EINVAL);
	ck_assert_int_eq(dmem_kernel_move(from, from + AREA, AREA), -ENOTSUP);
	ck_assert_int_eq(*from, 7);
	from[AREA] = 1;
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

/* cgroup.c */

#define V2_MOUNT "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n"
#define V1_MOUNT "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define OTHERS "1 0 8:1 / / rw - ext4 /dev/root rw\n"                        \
	"31 1 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"         \
	"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"

static void cgroup(const char *mounts, const char *groups)
{
	fake_tree_write("/proc/self/mountinfo", mounts);
	fake_tree_write("/proc/self/cgroup", groups);
}

START_TEST(cgroup_v2_and_its_ancestors)
{
	cgroup(OTHERS V2_MOUNT, "0::/a/b/c\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.max", "5000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 5000);
	fake_tree_write("/sys/fs/cgroup/a/b/c/memory.high", "4000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 4000);
	fake_tree_write("/sys/fs/cgroup/a/memory.max", "3000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 3000);
	fake_tree_write("/sys/fs/cgroup/memory.high", "2000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 2000);
	/* Neither a sibling's nor one above the mount point. */
	fake_tree_write("/sys/fs/cgroup/a/x/memory.max", "1\n");
	fake_tree_write("/sys/fs/memory.max", "1\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 2000);
	fake_tree_write("/sys/fs/cgroup/memory.high", "lots\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 3000);
}
END_TEST

START_TEST(cgroup_v1)
{
	cgroup(OTHERS V1_MOUNT V2_MOUNT,
	       "9:name=systemd:/\n5:cpu,cpuacct:/z\n4:hugetlb,memory:/job\n"
	       "0::/\n");
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"9223372036854771712\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.limit_in_bytes",
			"8000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 8000);
	/* An ancestor's limit that only the sum shows. */
	fake_tree_write("/sys/fs/cgroup/memory/job/memory.stat",
			"cache 0\nrss 1\nhierarchical_memory_limit 7000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 7000);
	fake_tree_write("/sys/fs/cgroup/memory/memory.limit_in_bytes",
			"6000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 6000);
}
END_TEST

/* Only the container's own part of the hierarchy is mounted. */
START_TEST(cgroup_of_a_container)
{
	cgroup("35 31 0:32 /docker/12ab /sys/fs/cgroup/memory ro master:9 "
	       "propagate_from:2 - cgroup cgroup rw,memory\n",
	       "4:memory:/docker/12ab/inner\n");
	fake_tree_write("/sys/fs/cgroup/memory/memory.limit_in_bytes",
			"9000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 9000);
	fake_tree_write("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes",
			"8000\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 8000);
	/* A path that is not below the root of the mount, also by letters. */
	cgroup("35 31 0:32 /docker/12ab /sys/fs/cgroup/memory ro - cgroup "
	       "cgroup rw,memory\n", "4:memory:/docker/12abinner\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 9000);
	/* Outside of the cgroup namespace. */
	cgroup(V2_MOUNT, "0::/../../system.slice\n");
	fake_tree_write("/sys/fs/cgroup/memory.max", "100\n");
	fake_tree_write("/sys/system.slice/memory.max", "1\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 100);
}
END_TEST

START_TEST(cgroup_mount_point_is_escaped)
{
	cgroup("30 23 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n",
	       "0::/a\n");
	fake_tree_write("/my groups/a/memory.max", "123\n");
	ck_assert_uint_eq(dmem_kernel_cgroup_limit(), 123);
}
END_TEST

START_TEST(cgroup_files_malformed)
{
	static const char *const mounts[] = {
		"", "\n\n", "30\n", "30 23 0:26 / /sys/fs/cgroup rw\n",
		"30 23 0:26 / /sys/fs/cgroup rw -\n",
		"30 23 0:26 / /sys/fs/cgroup rw - cgroup2\n",
		"- - - - - - - - - - - - -\n",
		"30 23 0:26 / /sys/fs/cgroup\\ rw - cgroup2 cgroup2 rw\n",
		"       \n", "30 23 0:26 \\777 \\04 rw - cgroup2 cgroup2 rw\n",
	};
	static const char *const groups[] = {
		"", "0\n", "0:\n", "0::\n", "0::relative\n", "::/\n", ":\n",
		"4:memory\n", "0:memory:/x", "::::::\n",
	};

	fake_tree_write("/sys/fs/cgroup/x/memory.max", "1\n");
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(mounts); i++) {
		cgroup(mounts[i], "0::/x\n");
		ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	}
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(groups); i++) {
		cgroup(V2_MOUNT, groups[i]);
		ck_assert_uint_eq(dmem_kernel_cgroup_limit(), UINT64_MAX);
	}
}
END_TEST

/* pages.c */

/* Gives regions of one page each, at most three a call. */
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, returned;
};

static int scan_in_pieces(int fd, unsigned long request, void *arg)
{
	size_t page = dmem_kernel_page_size();
	struct scan_arg *scan = arg;
	uint64_t (*region)[3] = (void *)(uintptr_t)scan->vec;
	uint64_t at = scan->start;
	int n;

	(void)fd;
	(void)request;
	for (n = 0; n < 3 && at < scan->end; n++, at += page) {
		region[n][0] = at;
		region[n][1] = at + page;
		region[n][2] = scan->returned;
	}
	scan->walk_end = at;
	return n;
}

static int scan_that_stands_still(int fd, unsigned long request, void *arg)
{
	struct scan_arg *scan = arg;

	(void)fd;
	(void)request;
	scan->walk_end = scan->start;
	return 0;
}

START_TEST(scan_loops_to_the_end_and_clips)
{
	size_t page = dmem_kernel_page_size();
	char *area = area_of(AREA);
	size_t bytes;

	fake_hooks.ioctl = scan_in_pieces;
	ck_assert_int_eq(dmem_kernel_huge_bytes(area + 100, 10 * page, &bytes),
			 0);
	ck_assert_uint_eq(bytes, 10 * page);
	ck_assert_uint_eq(fake_kernel_count(FAKE_IOCTL), 4);
	ck_assert_int_eq(dmem_kernel_huge_bytes(area + 100, 7, &bytes), 0);
	ck_assert_uint_eq(bytes, 7);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, 0, &bytes), 0);
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

START_TEST(resident_bytes_by_each_way)
{
	size_t page = dmem_kernel_page_size();
	char *area = area_of(AREA);
	size_t bytes;

	dmem_kernel_advise(area, AREA, DMEM_ADVICE_NOHUGEPAGE);
	area[0] = 1;
	area[3 * page] = 1;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes),
				 0);
		ck_assert_uint_eq(bytes, 2 * page);
		ck_assert_int_eq(dmem_kernel_resident_bytes(
			area + 10, 3 * page, &bytes), 0);
		ck_assert_uint_eq(bytes, page);
		/* Then without PAGEMAP_SCAN, or with a broken one. */
		if (i == 0)
			fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
		else
			fake_kernel_reset();
		if (i == 1)
			fake_hooks.ioctl = scan_that_stands_still;
	}
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	fake_kernel_fail(FAKE_MINCORE, 0, ENOSYS);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes),
			 -ENOTSUP);
}
END_TEST

START_TEST(huge_bytes_by_each_way)
{
	char *area = area_of(2 * AREA);
	size_t scanned = 0, listed = 0;
	int err;

	if (dmem_kernel_advise(area, 2 * AREA, DMEM_ADVICE_HUGEPAGE))
		harness_skip("the kernel has no transparent huge pages");
	memset(area, 1, AREA);
	if (!dmem_kernel_can_scan())
		harness_skip("no PAGEMAP_SCAN");
	ck_assert_int_eq(dmem_kernel_huge_bytes(area, 2 * AREA, &scanned), 0);
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	err = dmem_kernel_huge_bytes(area, 2 * AREA, &listed);
	if (err == -ENOTSUP)
		harness_skip("smaps says nothing of huge pages");
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(scanned, listed);
	/* A part of a mapping of which only a part is huge. */
	err = dmem_kernel_huge_bytes(area + 4096, AREA, &listed);
	ck_assert_int_eq(err, scanned ? -ENODATA : 0);
	memset(area, 1, 2 * AREA);
	err = dmem_kernel_huge_bytes(area, AREA, &listed);
	if (!err)
		ck_assert(listed == 0 || listed == AREA);
}
END_TEST

START_TEST(zero_page_is_not_backing)
{
	char *area = area_of(AREA);
	size_t bytes;

	if (!dmem_kernel_can_scan())
		harness_skip("no PAGEMAP_SCAN");
	dmem_kernel_advise(area, AREA, DMEM_ADVICE_NOHUGEPAGE);
	ck_assert_int_eq(*(volatile char *)area, 0);
	ck_assert_int_eq(dmem_kernel_resident_bytes(area, AREA, &bytes), 0);
	ck_assert_uint_eq(bytes, 0);
}
END_TEST

START_TEST(nothing_can_be_opened)
{
	struct rlimit old, none;
	char *area = area_of(AREA);
	size_t bytes = 77;
	int err;

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	errno = 77;
	err = dmem_kernel_huge_bytes(area, AREA, &bytes);
	ck_assert_int_eq(errno, 77);
	setrlimit(RLIMIT_NOFILE, &old);
	ck_assert_int_eq(err, -ENOTSUP);
	ck_assert_uint_eq(bytes, 77);
}
END_TEST

START_TEST(queries_leave_no_descriptor)
{
	char *area = area_of(AREA);
	size_t bytes;
	int before = dup(0), after;

	close(before);
	dmem_kernel_huge_bytes(area, AREA, &bytes);
	fake_kernel_fail(FAKE_IOCTL, 0, ENOTTY);
	dmem_kernel_huge_bytes(area, AREA, &bytes);
	dmem_kernel_ram();
	dmem_kernel_cgroup_limit();
	after = dup(0);
	ck_assert_int_eq(before, after);
	close(after);
}
END_TEST

static void add_memory_tests(Suite *suite)
{
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, fake_kernel_reset, fake_kernel_reset);
	tcase_add_test(tc, map_at_never_replaces);
	tcase_add_test(tc, map_at_on_old_kernels);
	tcase_add_test(tc, find_range_leaves_nothing_mapped);
	tcase_add_test(tc, failures_are_reported);
	tcase_add_test(tc, hugetlb_refused_keeps_the_range);
	tcase_add_test(tc, guard_faults);
	tcase_add_test(tc, purge_reads_as_zero);
	tcase_add_test(tc, purge_of_locked_memory);
	tcase_add_test(tc, move_takes_the_pages);
	tcase_add_test(tc, move_before_5_7);
	tcase_add_test(tc, move_before_5_7_loses_the_source);
	tcase_add_test(tc, move_of_several_mappings);
	tcase_add_test(tc, move_refused);
	tcase_add_test(tc, membarrier_registers_when_asked_to);
	tcase_add_test(tc, membarrier_in_a_child);
	tcase_add_test(tc, threads_are_alive_until_they_end);
	tcase_add_test(tc, clock_goes_forward);
	tcase_add_test(tc, features_without_any);
	tcase_add_test(tc, features_leave_nothing_behind);
	/* Last: the answer stays for the life of the process. */
	tcase_add_test(tc, membarrier_missing);
	suite_add_tcase(suite, tc);
}

static void add_facts_tests(Suite *suite)
{
	TCase *tc = tcase_create("facts");

	/* First: the environment is read once. */
	tcase_add_test(tc, root_from_the_environment);
	suite_add_tcase(suite, tc);
	tc = tcase_create("facts below a root");
	tcase_add_checked_fixture(tc, setup_tree, teardown_tree);
	tcase_add_test(tc, numbers_are_strict);
	tcase_add_test(tc, lines_of_any_length);
	tcase_add_test(tc, releases);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, facts_of_a_whole_tree);
	tcase_add_test(tc, facts_of_an_empty_tree);
	tcase_add_test(tc, meminfo_malformed);
	tcase_add_test(tc, facts_of_this_machine);
	tcase_add_loop_test(tc, recorded_trees, 0, DMEM_ARRAY_SIZE(trees));
	tcase_add_test(tc, cgroup_v2_and_its_ancestors);
	tcase_add_test(tc, cgroup_v1);
	tcase_add_test(tc, cgroup_of_a_container);
	tcase_add_test(tc, cgroup_mount_point_is_escaped);
	tcase_add_test(tc, cgroup_files_malformed);
	suite_add_tcase(suite, tc);
}

static void add_pages_tests(Suite *suite)
{
	TCase *tc = tcase_create("pages");

	tcase_add_checked_fixture(tc, fake_kernel_reset, fake_kernel_reset);
	tcase_add_test(tc, scan_loops_to_the_end_and_clips);
	tcase_add_test(tc, resident_bytes_by_each_way);
	tcase_add_test(tc, huge_bytes_by_each_way);
	tcase_add_test(tc, zero_page_is_not_backing);
	tcase_add_test(tc, nothing_can_be_opened);
	tcase_add_test(tc, queries_leave_no_descriptor);
	suite_add_tcase(suite, tc);
}

int main(void)
{
	Suite *suite = suite_create("kernel");

	add_facts_tests(suite);
	add_memory_tests(suite);
	add_pages_tests(suite);
	return harness_main(suite);
}

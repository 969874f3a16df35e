/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Where new memory comes from: settings place.*. The pool of explicit huge
 * pages is filled for these tests where that is permitted, and emptied again.
 */
#include <datamem.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "huge-pool.h"
#include "library.h"

#define POOL_PAGES 32

static const char *no_pool;   /* why there is none; NULL: there is */
static char pool_before[32];
static pid_t owner;    /* of the pool */

static char expected(size_t i, int seed)
{
	return (char)((i / 64 + (size_t)seed) % 251 + 1);
}

static void fill(char *ptr, size_t nbytes, int seed)
{
	for (size_t i = 0; i < nbytes; i += 64)
		ptr[i] = expected(i, seed);
}

static bool intact(const char *ptr, size_t nbytes, int seed)
{
	for (size_t i = 0; i < nbytes; i += 64)
		if (ptr[i] != expected(i, seed))
			return false;
	return true;
}

/* The share of whole pages inside [ptr, ptr + nbytes) in memory, in percent. */
static size_t resident_percent(const char *ptr, size_t nbytes)
{
	static unsigned char vec[16384];
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n, count = 0;
	uintptr_t begin = ((uintptr_t)ptr + page - 1) & ~(page - 1);

	n = ((uintptr_t)ptr + nbytes - begin) / page;
	ck_assert_uint_le(n, sizeof(vec));
	ck_assert_int_eq(mincore((void *)begin, n * page, vec), 0);
	for (size_t i = 0; i < n; i++)
		count += vec[i] & 1;
	return count * 100 / n;
}

START_TEST(prefault)
{
	struct datamem_hugepage_probe probe;
	size_t nbytes = 9 * MIB + 5000;
	char *ptr;

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (!(probe.features & DATAMEM_FEATURE_POPULATE))
		harness_skip("the kernel has no MADV_POPULATE_WRITE");
	/* Off: as far as small pages are concerned, nothing is there. */
	set("hugepage", "off");
	ptr = datamem_alloc(nbytes);
	if (probe.mode != DATAMEM_MODE_ALWAYS)
		ck_assert_uint_eq(resident_percent(ptr, nbytes), 0);
	datamem_free(ptr, nbytes);
	datamem_trim(0);

	set("place.prefault", "on");
	ptr = datamem_alloc(nbytes);
	ck_assert_uint_eq(resident_percent(ptr, nbytes), 100);
	fill(ptr, nbytes, 1);
	ptr = datamem_realloc(ptr, 5 * nbytes);
	ck_assert_uint_eq(resident_percent(ptr, 5 * nbytes), 100);
	ck_assert(intact(ptr, nbytes, 1));
	datamem_free(ptr, 1);
	datamem_trim(0);

	ptr = datamem_alloc_zeroed(nbytes, 1);
	ck_assert_uint_eq(resident_percent(ptr, nbytes), 100);
	ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1));
	datamem_free(ptr, 1);
}
END_TEST

static int find_note(const struct datamem_setting *setting, void *arg)
{
	if (strcmp(setting->name, "place.numa"))
		return 0;
	*(bool *)arg = setting->note != NULL;
	return 1;
}

START_TEST(numa)
{
	static const char *const bad[] = {
		"remote", "bind", "bind:", "bind:x", "bind:0-", "bind:-1",
		"bind:1-0", "bind:0,", "bind:0 ", "interleave:", "local:0",
		"bind:64", "bind:99999999999999999999", " local",
	};
	static const char *const good[] = {
		"local", "bind:0", "interleave:0", "",
	};
	bool one_node = access("/sys/devices/system/node/node1", F_OK) != 0;
	bool noted;
	char value[64];
	char *ptr;

	for (size_t i = 0; i < COUNT(good); i++) {
		set("place.numa", good[i]);
		for (size_t j = 0; j < COUNT(bad); j++)
			ck_assert_msg(datamem_setting_set("place.numa", bad[j])
					      == -EINVAL, "%s", bad[j]);
		ck_assert_int_eq(datamem_setting_get("place.numa", value,
						     sizeof(value)), 0);
		ck_assert_str_eq(value, good[i]);
		noted = false;
		ck_assert_int_eq(datamem_setting_foreach(find_note, &noted), 1);
		if (one_node)
			ck_assert_int_eq(noted, *good[i] != '\0');
		datamem_trim(0);
		for (size_t nbytes = 100; nbytes < 50 * MIB; nbytes *= 20) {
			ptr = datamem_alloc(nbytes);
			ck_assert_ptr_nonnull(ptr);
			fill(ptr, nbytes, 2);
			ptr = datamem_realloc(ptr, 3 * nbytes);
			ck_assert_ptr_nonnull(ptr);
			ck_assert(intact(ptr, nbytes, 2));
			datamem_free(ptr, 1);
		}
	}
}
END_TEST

/* Blocks from the pool, and all of them back in it. */
START_TEST(hugetlb)
{
	struct datamem_hugepage_receipt receipt;
	size_t nbytes = 5 * MIB;
	char *ptr;

	if (no_pool)
		harness_skip("%s", no_pool);
	set("place.hugetlb", "on");
	ptr = datamem_alloc(nbytes);
	fill(ptr, nbytes, 3);
	ck_assert_uint_ge(stats_now().hugetlb_bytes, 6 * MIB);
	ck_assert_int_eq(datamem_hugepage_receipt_get(ptr, 0, &receipt,
						      sizeof(receipt)), 0);
	ck_assert_uint_eq(receipt.advised, receipt.eligible);
	ck_assert(intact(ptr, nbytes, 3));
	datamem_free(ptr, nbytes);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().hugetlb_bytes, 0);
	ck_assert_uint_eq(stats_now().mapped_bytes, 0);
	/* Zeroed, new and used. */
	for (int i = 0; i < 3; i++) {
		ptr = datamem_alloc_zeroed(nbytes, 1);
		ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1));
		memset(ptr, 7, nbytes);
		datamem_free(ptr, nbytes);
	}
}
END_TEST

/* More than the pool has: ordinary pages for the rest. */
START_TEST(pool_exhausted)
{
	size_t nbytes = 7 * MIB;
	char *ptrs[20];

	if (no_pool)
		harness_skip("%s", no_pool);
	set("place.hugetlb", "on");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(ptrs); i++) {
			ptrs[i] = datamem_alloc(nbytes);
			ck_assert_ptr_nonnull(ptrs[i]);
			fill(ptrs[i], nbytes, (int)i);
		}
		ck_assert_uint_gt(stats_now().hugetlb_bytes, 0);
		ck_assert_uint_le(stats_now().hugetlb_bytes,
				  2 * MIB * POOL_PAGES);
		for (size_t i = 0; i < COUNT(ptrs); i++) {
			ck_assert(intact(ptrs[i], nbytes, (int)i));
			datamem_free(ptrs[i], nbytes);
		}
		datamem_trim(0);
		ck_assert_uint_eq(stats_now().hugetlb_bytes, 0);
	}
}
END_TEST

/* Growth and shrinking across both kinds of pages. */
START_TEST(moves)
{
	static const size_t steps[] = {
		MIB, 3 * MIB, 20 * MIB, 50 * MIB, 90 * MIB, 30 * MIB,
		5 * MIB, 60 * MIB, 300 * KIB, 25 * MIB, 100,
	};
	char *ptr[3];

	if (no_pool)
		harness_skip("%s", no_pool);
	for (size_t i = 0; i < COUNT(ptr); i++) {
		ptr[i] = datamem_alloc(MIB);
		fill(ptr[i], MIB, (int)i);
	}
	for (size_t s = 1; s < COUNT(steps); s++) {
		set("place.hugetlb", s % 3 == 0 ? "off" : "on");
		for (size_t i = 0; i < COUNT(ptr); i++) {
			ptr[i] = datamem_realloc(ptr[i], steps[s]);
			ck_assert_ptr_nonnull(ptr[i]);
			ck_assert(intact(ptr[i], steps[s] < steps[s - 1] ?
					 steps[s] : steps[s - 1], (int)i));
			fill(ptr[i], steps[s], (int)i);
		}
	}
	for (size_t i = 0; i < COUNT(ptr); i++)
		datamem_free(ptr[i], 1);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().hugetlb_bytes, 0);
	ck_assert_uint_eq(stats_now().mapped_bytes, 0);
}
END_TEST

static int work_in_child(const char *inherited, size_t nbytes)
{
	char *ptr;

	if (!intact(inherited, nbytes, 9))
		return 1;
	for (int i = 0; i < 4; i++) {
		ptr = datamem_alloc((size_t)(4 + i) * 4 * MIB);
		if (!ptr)
			return 2;
		fill(ptr, (size_t)(4 + i) * 4 * MIB, i);
		if (!intact(ptr, (size_t)(4 + i) * 4 * MIB, i))
			return 3;
		datamem_free(ptr, 1);
	}
	return intact(inherited, nbytes, 9) ? 0 : 4;
}

/* The pool has no page for a child: it makes its own blocks of others. */
START_TEST(forked)
{
	size_t nbytes = 6 * MIB;
	char *ptr, *hot, *rest[POOL_PAGES];
	size_t before, n = 0;
	int status;
	pid_t pid;

	if (no_pool)
		harness_skip("%s", no_pool);
	set("place.hugetlb", "on");
	ptr = datamem_alloc(nbytes);
	hot = datamem_alloc(nbytes);
	fill(ptr, nbytes, 9);
	fill(hot, nbytes, 8);
	/* Until one is not from the pool: others may have taken of it. */
	do {
		before = stats_now().hugetlb_bytes;
		rest[n++] = datamem_alloc(2 * MIB);
	} while (stats_now().hugetlb_bytes > before && n < COUNT(rest));
	datamem_free(hot, 1);
	/* Twice: what is kept from the first child must not stay away. */
	for (int i = 0; i < 2; i++) {
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (!pid)
			_exit(work_in_child(ptr, nbytes));
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status),
			      "child %d: status %#x", i, (unsigned int)status);
	}
	hot = datamem_alloc(nbytes);
	fill(hot, nbytes, 8);
	ck_assert(intact(hot, nbytes, 8));
	ck_assert(intact(ptr, nbytes, 9));
	datamem_free(hot, 1);
	datamem_free(ptr, 1);
	while (n)
		datamem_free(rest[--n], 1);
}
END_TEST

static void write_pool(const char *text)
{
	int fd = open(HUGE_POOL, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		(void)0;
	close(fd);
}

static void read_pool(char *text, size_t text_size)
{
	int fd = open(HUGE_POOL, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, text_size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static void restore_pool(void)
{
	write_pool(pool_before);
}

static void restore_and_die(int number)
{
	/* The cases run in children of their own. */
	if (getpid() == owner)
		restore_pool();
	signal(number, SIG_DFL);
	raise(number);
}

/* Until the process ends. One run of this test at a time, and no other test that
 * takes of the pool. */
static bool have_for_oneself(void)
{
	int lock = open(HUGE_POOL, O_RDONLY | O_CLOEXEC);

	for (int ms = 0; lock >= 0 && ms < 120000; ms += 5) {
		if (!flock(lock, LOCK_EX | LOCK_NB))
			return true;
		usleep(5000);
	}
	return false;
}

/* Why the tests have no pool. They are not for a machine that has one. */
static const char *make_pool(void)
{
	static const int deadly[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				      SIGALRM, SIGPIPE, SIGABRT };
	struct datamem_hugepage_probe probe;
	char text[32];

	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (probe.hugepage_size != 2 * MIB)
		return "huge pages have not 2 MiB here";
	if (access(HUGE_POOL, W_OK))
		return "the pool of huge pages cannot be changed";
	if (!have_for_oneself())
		return "others use the pool of huge pages for too long";
	read_pool(pool_before, sizeof(pool_before));
	if (strtol(pool_before, NULL, 10) != 0)
		return "the pool of huge pages is in use";
	owner = getpid();
	for (size_t i = 0; i < COUNT(deadly); i++)
		signal(deadly[i], restore_and_die);
	snprintf(text, sizeof(text), "%d\n", POOL_PAGES);
	write_pool(text);
	read_pool(text, sizeof(text));
	if (strtol(text, NULL, 10) != POOL_PAGES) {
		restore_pool();
		return "the pool of huge pages does not fill";
	}
	return NULL;
}

int main(void)
{
	Suite *suite = suite_create("place");
	TCase *tc = tcase_create("place");
	int status;

	tcase_add_test(tc, prefault);
	tcase_add_test(tc, numa);
	tcase_add_test(tc, hugetlb);
	tcase_add_test(tc, pool_exhausted);
	tcase_add_test(tc, moves);
	tcase_add_test(tc, forked);
	suite_add_tcase(suite, tc);
	no_pool = make_pool();
	status = harness_main(suite);
	if (!no_pool)
		restore_pool();
	return status;
}

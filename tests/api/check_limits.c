/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Resource limits, set before the library is loaded and after: it takes what
 * there is, says no in time, and the C library's malloc goes on working.
 */
#include <datamem.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

static const char *self;

/* Bytes of address space in use; 0: unknown. */
static size_t address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void *make(size_t nbytes)
{
	void *ptr = datamem_alloc(nbytes);

	if (ptr)
		memset(ptr, 1, nbytes);
	return ptr;
}

/* Blocks of a size until there are no more, all freed again; how many. */
static size_t exhaust(size_t nbytes)
{
	void *first = NULL, *ptr;
	size_t n = 0;

	while ((ptr = make(nbytes))) {
		*(void **)ptr = first;
		first = ptr;
		n++;
	}
	if (errno != ENOMEM)
		return 0;
	while ((ptr = first)) {
		first = *(void **)ptr;
		datamem_free(ptr, nbytes);
	}
	return n;
}

static int work_within(size_t room)
{
	static const size_t sizes[] = { 100, 5000, 200000, 3 << 20 };
	struct datamem_stats before, after;
	size_t n, again;
	void *heap;

	datamem_stats_get(&before, sizeof(before));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = exhaust(sizes[i]);
		/* Half of the room is used at least. */
		if (n * sizes[i] < room / 2)
			return 10 + (int)i;
		/* What was freed can be had again, also in other sizes. */
		again = exhaust(sizes[i]);
		if (again + again / 8 + 1 < n)
			return 20 + (int)i;
		datamem_trim(0);
		heap = malloc(MIB);
		if (!heap)
			return 30 + (int)i;
		memset(heap, 1, MIB);
		free(heap);
	}
	datamem_stats_get(&after, sizeof(after));
	return after.live_blocks != before.live_blocks ? 40 : 0;
}

static bool limit(int resource, size_t nbytes)
{
	struct rlimit limits = { nbytes, nbytes };

	return !setrlimit(resource, &limits);
}

START_TEST(lowered_later)
{
	struct datamem_hugepage_probe probe;
	size_t room = 64 * MIB, now;
	void *kept;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need their address space");
	/* Chunks are of that size; of the room they take whole ones. */
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (probe.hugepage_size > 4 * MIB)
		room *= 4;
	kept = make(10 * MIB);
	now = address_space();
	if (!now || !limit(RLIMIT_AS, now + room))
		harness_skip("no limit can be set");
	ck_assert_int_eq(work_within(room), 0);
	ck_assert_int_eq(((char *)kept)[10 * MIB - 1], 1);
	datamem_free(kept, 1);
}
END_TEST

START_TEST(data_segment)
{
	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need their memory");
	if (!limit(RLIMIT_DATA, 100 * MIB))
		harness_skip("no limit can be set");
	ck_assert_int_eq(work_within(40 * MIB), 0);
}
END_TEST

static const size_t small[] = { 40, 64, 120 };

/* The window is found at the start: so with a small limit from then on. */
START_TEST(from_the_start)
{
	struct datamem_hugepage_probe probe;
	size_t mib = small[_i];
	char room[32];
	int status;
	pid_t pid;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need their address space");
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (probe.hugepage_size > 4 * MIB)
		harness_skip("little is for more than one chunk");
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		snprintf(room, sizeof(room), "%zu", mib / 3 * MIB);
		limit(RLIMIT_AS, mib * MIB);
		execl(self, self, room, (char *)NULL);
		_exit(125);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 127)
		harness_skip("%zu MiB are not enough to load a program", mib);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* Locked memory goes back to the kernel all the same. */
START_TEST(locked)
{
	static unsigned char vec[64 * MIB / 4096];
	size_t nbytes = 8 * MIB, page = (size_t)sysconf(_SC_PAGESIZE), n = 0;
	unsigned char *ptr;
	uintptr_t at;

	if (HARNESS_SANITIZED || mlockall(MCL_CURRENT | MCL_FUTURE))
		harness_skip("memory cannot be locked");
	for (int i = 0; i < 3; i++) {
		ptr = datamem_alloc_zeroed(nbytes, 1);
		if (!ptr)
			harness_skip("too little memory can be locked");
		ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1));
		memset(ptr, 7, nbytes);
		ptr = datamem_realloc(ptr, 3 * nbytes);
		if (!ptr)
			harness_skip("too little memory can be locked");
		ck_assert_int_eq(ptr[nbytes - 1], 7);
		datamem_free(ptr, 1);
		datamem_trim(0);
	}
	at = ((uintptr_t)ptr + page - 1) & ~(page - 1);
	if (!mincore((void *)at, nbytes, vec))
		for (size_t i = 0; i < nbytes / page; i++)
			n += vec[i] & 1;
	ck_assert_uint_eq(n, 0);
	munlockall();
}
END_TEST

/* Little may be locked: the kernel says EAGAIN, which is no invitation. */
START_TEST(locked_a_little)
{
	struct rlimit limits = { 0, 0 };
	size_t n;

	getrlimit(RLIMIT_MEMLOCK, &limits);
	if (limits.rlim_max > 48 * MIB)
		limit(RLIMIT_MEMLOCK, 48 * MIB);
	if (HARNESS_SANITIZED || (!geteuid() && seteuid(65534)) ||
	    mlockall(MCL_FUTURE))
		harness_skip("memory cannot be locked");
	n = exhaust(MIB);
	ck_assert_uint_le(n, 48);
	datamem_trim(0);
	ck_assert_uint_ge(exhaust(MIB) + 1, n);
}
END_TEST

/* Mappings that the process may have; 0: unknown. */
static size_t most_maps(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
	size_t n = 0;

	if (file && fscanf(file, "%zu", &n) != 1)
		n = 0;
	if (file)
		fclose(file);
	return n;
}

/* Pages of the program's own, every other one a mapping by itself, until only
 * `left` more mappings are allowed. NULL: it cannot be done here. */
static char *use_maps(size_t left, size_t *nbytes)
{
	size_t most = most_maps(), have = harness_count_maps();
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area;

	if (!have || most < have + left || most > 1000000)
		return NULL;
	*nbytes = (most - have - left) * page;
	area = mmap(NULL, *nbytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (area == MAP_FAILED)
		return NULL;
	for (size_t at = page; at + page < *nbytes; at += 2 * page)
		if (mprotect(area + at, page, PROT_READ))
			break;
	return area;
}

#define MAPS_BLOCKS 40

/* Holes, growth, moves and forks; what there is stays what it was. */
/* Returns the requests that were refused. */
static size_t work_with_few_maps(void)
{
	unsigned char *ptrs[MAPS_BLOCKS], *grown;
	size_t n = 3 * MIB, refused = 0;
	int status;
	pid_t pid;

	for (size_t i = 0; i < MAPS_BLOCKS; i++) {
		ptrs[i] = make(n);
		refused += !ptrs[i];
	}
	for (size_t i = 0; i < MAPS_BLOCKS; i += 2) {
		datamem_free(ptrs[i], n);
		ptrs[i] = NULL;
	}
	pid = fork();
	if (!pid)
		_exit(ptrs[1] && ptrs[1][n - 1] != 1);
	ck_assert_int_ge(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	datamem_trim(0);
	for (size_t i = 1; i < MAPS_BLOCKS; i += 2) {
		grown = ptrs[i] ? datamem_realloc(ptrs[i], 3 * n) : NULL;
		refused += !grown;
		if (grown)
			ptrs[i] = grown;
		if (ptrs[i])
			ck_assert(ptrs[i][0] == 1 &&
				  !memcmp(ptrs[i], ptrs[i] + 1, n - 1));
	}
	for (size_t i = 1; i < MAPS_BLOCKS; i += 2)
		datamem_free(ptrs[i], 1);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	return refused;
}

static const size_t maps_left[] = { 0, 1, 2, 5, 17, 60 };

/* The kernel allows few more mappings, or none. */
START_TEST(few_mappings)
{
	size_t nbytes, before, refused;
	char *area;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need mappings of their own");
	/* What is there from then on: records of threads, and their stacks. */
	ck_assert_uint_eq(work_with_few_maps(), 0);
	before = harness_count_maps();
	area = use_maps(maps_left[_i], &nbytes);
	if (!area)
		harness_skip("the mappings cannot be used up here");
	ck_assert_uint_le(harness_count_maps(), most_maps() - maps_left[_i] + 2);
	ck_assert_uint_ge(harness_count_maps(), most_maps() - maps_left[_i] - 4);
	refused = work_with_few_maps();
	/* Of the last ones, the threads and the C library may have had some. */
	if (maps_left[_i] >= 5)
		ck_assert_uint_lt(refused, MAPS_BLOCKS);
	munmap(area, nbytes);
	ck_assert_uint_eq(work_with_few_maps(), 0);
	/* Nothing of it stays. */
	ck_assert_uint_le(harness_count_maps(), before + 4);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("limits");
	TCase *tc = tcase_create("limits");

	if (argc > 1)
		return work_within(strtoul(argv[1], NULL, 10));
	self = "/proc/self/exe";
	(void)argv;
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, lowered_later);
	tcase_add_test(tc, data_segment);
	tcase_add_loop_test(tc, from_the_start, 0,
			    sizeof(small) / sizeof(small[0]));
	tcase_add_loop_test(tc, few_mappings, 0, COUNT(maps_left));
	tcase_add_test(tc, locked);
	tcase_add_test(tc, locked_a_little);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

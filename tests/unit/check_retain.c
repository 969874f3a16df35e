/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* How much free memory is kept, for how long, and what a fork sees of it. */
#include "arena/arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/state.h"
#include "fake-kernel.h"
#include "hugepage/hugepage.h"
#include "library.h"
#include "kernel/kernel.h"

#define BLOCK (8 * DMEM_MIB)

static size_t kept(void)
{
	struct datamem_stats stats = stats_now();

	return stats.retained_bytes + stats.lazy_bytes;
}

static void *make(size_t nbytes)
{
	void *ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, nbytes);
	return ptr;
}

static void wait_ms(long ms)
{
	usleep((useconds_t)ms * 1000);
}

/* What is kept stays, however slow the machine is. */
static void keep_for_long(void)
{
	set("retain.age", "3600000");
}

/* Age what is kept until done() or, as nothing here may depend on time, for
 * very long. */
static void age_until(bool (*done)(void))
{
	for (int i = 0; i < 3000 && !done(); i++) {
		wait_ms(10);
		dmem_arena_age();
	}
	ck_assert(done());
}

static size_t resident(void *ptr, size_t nbytes)
{
	static unsigned char vec[BLOCK / 4096];
	size_t page = dmem_kernel_page_size(), count = 0;
	char *at = (char *)DMEM_ROUND_UP((uintptr_t)ptr, page);

	if (dmem_kernel_resident(at, nbytes - page, vec))
		return 0; /* not mapped any more */
	for (size_t i = 0; i < nbytes / page - 1; i++)
		count += vec[i] & 1;
	return count * page;
}

START_TEST(cap)
{
	void *ptrs[8];

	keep_for_long();
	for (size_t i = 0; i < 8; i++)
		ptrs[i] = make(BLOCK);
	set("retain.max", "20M");
	for (size_t i = 0; i < 8; i++) {
		datamem_free(ptrs[i], 1);
		ck_assert_uint_le(kept(), 20 * DMEM_MIB);
	}
	ck_assert_uint_gt(kept(), 16 * DMEM_MIB);
	/* A smaller cap is obeyed at once. */
	set("retain.max", "5M");
	ck_assert_uint_le(kept(), 5 * DMEM_MIB);
	set("retain.max", "0");
	ck_assert_uint_eq(kept(), 0);
	ptrs[0] = make(BLOCK);
	datamem_free(ptrs[0], 1);
	ck_assert_uint_eq(kept(), 0);
	ck_assert_uint_eq(resident(ptrs[0], BLOCK), 0);
}
END_TEST

#define ROW 6

/* What is free for longest goes first, wherever it lies. */
START_TEST(oldest_first)
{
	static const size_t order[ROW] = { 3, 0, 5, 1, 4, 2 };
	void *ptrs[ROW], *walls[ROW];
	char cap_now[16];

	keep_for_long();
	for (size_t i = 0; i < ROW; i++) {
		ptrs[i] = make(BLOCK);
		walls[i] = make(BLOCK);
	}
	set("retain.max", "1G");
	for (size_t i = 0; i < ROW; i++) {
		datamem_free(ptrs[order[i]], 1);
		wait_ms(20);
	}
	for (size_t i = 0; i < ROW; i++) {
		snprintf(cap_now, sizeof(cap_now), "%zuM",
			 (ROW - 1 - i) * (BLOCK / DMEM_MIB));
		set("retain.max", cap_now);
		ck_assert_uint_eq(kept(), (ROW - 1 - i) * BLOCK);
		for (size_t j = 0; j < ROW; j++)
			ck_assert(!resident(ptrs[order[j]], BLOCK) == (j <= i));
	}
	for (size_t i = 0; i < ROW; i++)
		datamem_free(walls[i], 1);
}
END_TEST

#define MANY 3000

static bool is_gone(void)
{
	return !kept();
}

/* Nothing is forgotten among thousands of free runs, hot and offered. */
START_TEST(many_runs)
{
	size_t chunk = dmem_chunk_size();
	static void *ptrs[2 * MANY];

	keep_for_long();
	set("retain.max", "1T");
	for (size_t i = 0; i < 2 * MANY; i++) {
		ptrs[i] = datamem_alloc(chunk);
		if (!ptrs[i])
			harness_skip("no room for %d chunks", 2 * MANY);
	}
	for (size_t i = 0; i < 2 * MANY; i += 2)
		datamem_free(ptrs[i], 1);
	ck_assert_uint_eq(kept(), MANY * chunk);
	ck_assert_uint_eq(datamem_trim(MANY / 2 * chunk), MANY / 2 * chunk);
	ck_assert_uint_eq(kept(), MANY / 2 * chunk);
	set("retain.age", "1");
	age_until(is_gone);
	for (size_t i = 1; i < 2 * MANY; i += 2)
		datamem_free(ptrs[i], 1);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().mapped_bytes, 0);
}
END_TEST

/* auto keeps what the recent peak needs, and serves from it. */
START_TEST(automatic)
{
	uint64_t hits;
	void *ptr;

	keep_for_long();
	ptr = make(BLOCK);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().retained_bytes + stats_now().lazy_bytes,
			  BLOCK);
	hits = stats_now().large_hits;
	ck_assert_ptr_eq(make(BLOCK), ptr);
	ck_assert_uint_eq(stats_now().large_hits, hits + 1);
	datamem_free(ptr, 1);
	ck_assert_uint_gt(datamem_trim(0), 0);
	ck_assert_uint_eq(kept(), 0);
	ck_assert_uint_eq(resident(ptr, BLOCK), 0);
}
END_TEST

/* Much zeroed memory that no kept run has room for is taken fresh, and as much
 * given back of what nobody needed lately. */
START_TEST(made_up_for)
{
	uint64_t begin = dmem_kernel_clock_ms();
	void *walls[4], *ptrs[4], *large;

	/* A 256th of it counts, once. */
	set("retain.age", _i ? "255" : "3600000");
	for (size_t i = 0; i < 4; i++) {
		ptrs[i] = make(BLOCK);
		walls[i] = make(BLOCK);
	}
	for (size_t i = 0; i < 4; i++)
		datamem_free(ptrs[i], BLOCK);
	large = datamem_alloc_zeroed(9 * BLOCK, 1);
	if (_i)
		ck_assert_uint_le(kept(), BLOCK);
	else if (dmem_kernel_clock_ms() - begin < 10000)
		ck_assert_uint_eq(kept(), 4 * BLOCK);
	datamem_free(large, 9 * BLOCK);
	for (size_t i = 0; i < 4; i++)
		datamem_free(walls[i], BLOCK);
}
END_TEST

/* What growth by moving leaves behind is no memory, but address space. */
START_TEST(no_space_left_behind)
{
	size_t bound = 64 * DMEM_MIB + 32 * DMEM_MIB;
	void *ptrs[4], *walls[4];
	struct datamem_stats stats;

	for (size_t i = 0; i < 4; i++) {
		ptrs[i] = datamem_alloc(64 * DMEM_MIB);
		walls[i] = datamem_alloc(BLOCK);
	}
	for (size_t i = 0; i < 4; i++) {
		ptrs[i] = datamem_realloc(ptrs[i], 256 * DMEM_MIB);
		ck_assert_ptr_nonnull(ptrs[i]);
	}
	stats = stats_now();
	ck_assert_uint_gt(stats.resizes_moved, 0);
	for (size_t i = 0; i < 4; i++) {
		datamem_free(ptrs[i], 256 * DMEM_MIB);
		datamem_free(walls[i], BLOCK);
	}
	datamem_trim(1);
	stats = stats_now();
	ck_assert_uint_le(stats.mapped_bytes, bound);
}
END_TEST

static bool is_not_hot(void)
{
	return !stats_now().retained_bytes;
}

/* First offered to the kernel, where pages are huge, then given back. */
START_TEST(ages)
{
	void *ptr;
	bool advised;

	/* The cap takes some of it where ticks come late. */
	set("retain.max", "1T");
	set("retain.age", "200");
	ptr = make(BLOCK);
	advised = dmem_arena_advised(ptr, BLOCK);
	datamem_free(ptr, 1);
	age_until(is_not_hot);
	if (advised && !stats_now().purged_bytes)
		ck_assert_uint_eq(stats_now().lazy_bytes, BLOCK);
	age_until(is_gone);
	ck_assert_uint_eq(resident(ptr, BLOCK), 0);
}
END_TEST

static size_t lazy_wanted;

static bool is_lazy_enough(void)
{
	return stats_now().lazy_bytes >= lazy_wanted ||
	       stats_now().purged_bytes >= lazy_wanted;
}

/* What is used again and again in front does not keep the rest from ageing. */
START_TEST(ages_apart)
{
	char *ptr = make(BLOCK + BLOCK), *front;

	set("retain.age", "300");
	datamem_free(ptr, 1);
	lazy_wanted = BLOCK;
	for (int i = 0; i < 3000 && !is_lazy_enough(); i++) {
		front = datamem_alloc(BLOCK);
		ck_assert_uint_lt(front - ptr, 4096);
		wait_ms(10);
		datamem_free(front, 1);
		dmem_arena_age();
	}
	ck_assert(is_lazy_enough());
	/* What was in use a moment ago is still hot. */
	front = datamem_alloc(BLOCK);
	datamem_free(front, 1);
	dmem_arena_age();
	ck_assert_uint_ge(stats_now().retained_bytes, BLOCK);
}
END_TEST

/* Under a cgroup's limit nothing free is held against the kernel. */
START_TEST(limited)
{
	struct dmem_block block;
	void *ptr, *wall;
	uint64_t purged;

	fake_tree_make();
	fake_tree_write("/proc/self/mountinfo",
			"30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	fake_tree_write("/proc/self/cgroup", "0::/job\n");
	fake_tree_write("/sys/fs/cgroup/job/memory.max", "400000000\n");
	fake_tree_write("/proc/meminfo", "MemTotal: 8000000 kB\n");
	/* Limits are read as time goes by. */
	for (int i = 0; i < 3000 && !dmem_retain_limited(); i++) {
		wait_ms(10);
		dmem_arena_age();
	}
	ck_assert(dmem_retain_limited());
	ptr = make(BLOCK);
	ck_assert(dmem_arena_find(ptr, &block));
	datamem_free(ptr, 1);
	/* An eighth of it stays warm: a loop would take the pages anew each
	 * time. */
	ck_assert_uint_eq(kept(), BLOCK);
	purged = stats_now().purged_bytes;
	for (int i = 0; i < 20; i++) {
		ck_assert_ptr_eq(make(BLOCK), ptr);
		datamem_free(ptr, 1);
	}
	ck_assert_uint_le(stats_now().purged_bytes, purged + 2 * BLOCK);
	/* Not more. */
	ptr = make(100 * DMEM_MIB);
	datamem_free(ptr, 1);
	ck_assert_uint_le(kept(), 50000000);
	/* What a block leaves behind when it moves is not kept. */
	datamem_trim(0);
	ptr = make(BLOCK);
	wall = make(BLOCK);
	ptr = datamem_realloc(ptr, 3 * BLOCK);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_eq(kept(), 0);
	datamem_free(ptr, 1);
	datamem_free(wall, 1);
	datamem_trim(0);
	ck_assert_uint_eq(kept(), 0);
	fake_tree_remove();
}
END_TEST

static bool stop;

static void *churn(void *arg)
{
	(void)arg;
	while (!dmem_load(&stop)) {
		void *ptrs[4];

		for (size_t i = 0; i < 4; i++)
			ptrs[i] = make(3 * DMEM_MIB);
		for (size_t i = 0; i < 4; i++)
			datamem_free(ptrs[i], 1);
	}
	return NULL;
}

/* Runs, used and free, cover all of the window. */
static bool is_covered(void)
{
	uint32_t end = (uint32_t)(dmem_window.extent >> DMEM_GRANULE_SHIFT);
	uint32_t at = 0;

	while (at < end) {
		if (!dmem_window.tags[at].len)
			return false;
		at += dmem_window.tags[at].len;
	}
	return true;
}

/* A child sees all free memory, also what was on its way to the kernel. */
START_TEST(forks)
{
	pthread_t threads[2];
	int status;
	pid_t pid;

	set("retain.max", "0");
	for (size_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, churn, NULL);
	for (int i = 0; i < 100; i++) {
		pid = fork();
		/* Check has a lock, which another thread may hold at a fork. */
		if (!pid)
			_exit(!is_covered());
		ck_assert_int_ge(pid, 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	dmem_store(&stop, true);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	ck_assert(is_covered());
}
END_TEST

/* Free memory is not copied into a child; it works there all the same. */
START_TEST(child_has_its_own)
{
	unsigned char *live = make(BLOCK), *ptr = make(BLOCK);
	int status;
	pid_t pid;

	keep_for_long();
	datamem_free(ptr, 1);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (kept() || live[BLOCK - 1] != 1)
			_exit(1);
		ptr = datamem_alloc_zeroed(BLOCK, 1);
		if (!ptr || ptr[0] || memcmp(ptr, ptr + 1, BLOCK - 1))
			_exit(2);
		datamem_free(ptr, 1);
		datamem_free(live, 1);
		_exit(!is_covered() || stats_now().live_blocks);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	ck_assert_uint_eq(kept(), BLOCK);
	datamem_free(live, 1);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	if (dmem_hugepage_chunk_size() > BLOCK)	/* on pages of 16 KiB */
		return harness_skip_all("blocks of 8 MiB are less than a chunk");
	suite = suite_create("retain");
	tc = tcase_create("retain");
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, cap);
	tcase_add_test(tc, oldest_first);
	tcase_add_test(tc, many_runs);
	tcase_add_test(tc, automatic);
	tcase_add_loop_test(tc, made_up_for, 0, 2);
	tcase_add_test(tc, no_space_left_behind);
	tcase_add_test(tc, ages);
	tcase_add_test(tc, ages_apart);
	tcase_add_test(tc, limited);
	tcase_add_test(tc, forks);
	tcase_add_test(tc, child_has_its_own);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

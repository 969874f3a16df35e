/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The control page after fork(2): the child's is its own, if it gets one. */
#define _GNU_SOURCE
#include "own-page.h"

START_TEST(child_has_a_page_of_its_own)
{
	struct live_process *page = quiet_page();
	uint64_t hits, misses, cached, before;
	struct stat mine, theirs;
	int status;
	pid_t pid;

	ck_assert_int_eq(fstat(find_page(), &mine), 0);
	for (int i = 0; i < 100; i++)
		datamem_free(datamem_alloc(200), 200);
	sum(page, &before, &misses, &cached);
	pid = fork();
	if (!pid) {
		struct live_process *own;

		if (find_page() != -1)
			_exit(1);
		datamem_free(datamem_alloc(200), 200);
		if (find_page() == -1 || fstat(find_page(), &theirs) ||
		    theirs.st_ino == mine.st_ino)
			_exit(2);
		own = map_page();
		if (own->header.pid != getpid())
			_exit(3);
		for (int i = 0; i < 1000; i++)
			datamem_free(datamem_alloc(200), 200);
		sum(own, &hits, &misses, &cached);
		_exit(hits < before + 900 ? 4 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	sum(page, &hits, &misses, &cached);
	ck_assert_uint_eq(hits, before);
	ck_assert_int_eq(page->header.pid, getpid());
}
END_TEST

/* No room to map anything, as after a limit was lowered. */
START_TEST(child_without_room_leaves_the_page_to_its_parent)
{
	struct live_process *page = quiet_page();
	uint64_t hits, misses, cached, before;
	void *block = datamem_alloc(3 * MIB);
	struct rlimit limit, none;
	pthread_t thread;
	int status;
	pid_t pid;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers need their address space");
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
	none = limit;
	none.rlim_cur = 4096;
	ck_assert_int_eq(pthread_create(&thread, NULL, use_and_leave, NULL), 0);
	pthread_join(thread, NULL);
	take_slow_path();
	sum(page, &before, &misses, &cached);
	ask(page, LIVE_SET, "cache.depth", "16", 0);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 1000; i++)
			datamem_free(datamem_alloc(200), 200);
		datamem_free(block, 3 * MIB);
		for (int i = 0; i < 10; i++) {
			take_slow_path();
			usleep(5000);
		}
		_exit(strcmp(setting("cache.depth"), "16") ? 0 : 1);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	sum(page, &hits, &misses, &cached);
	ck_assert_uint_eq(hits, before);
	ck_assert_uint_eq(page->numbers.large_bytes, 3 * MIB);
	ck_assert_uint_eq(page->request.state, LIVE_PENDING);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), 0);
}
END_TEST

/* A parent that only waits afterwards has nobody to age what it keeps. */
START_TEST(fork_gives_back_what_is_kept_beyond_the_bound)
{
	struct datamem_stats stats;
	size_t kept[2];

	/* Nothing else gives memory back meanwhile. */
	ck_assert_int_eq(datamem_setting_set("control", "page"), 0);
	ck_assert_int_eq(datamem_setting_set("retain.max", "1G"), 0);
	ck_assert_int_eq(datamem_setting_set("retain.age", "3600000"), 0);
	for (int i = 0; i < 2; i++) {
		char *block = datamem_alloc(48 * MIB);
		pid_t pid;

		memset(block, 1, 48 * MIB);
		datamem_free(block, 48 * MIB);
		if (i)
			ck_assert_int_eq(datamem_setting_set("fork.retained",
							     "8M"), 0);
		pid = fork();
		if (!pid)
			_exit(0);
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
		kept[i] = stats.retained_bytes + stats.lazy_bytes;
	}
	ck_assert_uint_ge(kept[0], 40 * MIB);
	ck_assert_uint_le(kept[1], 8 * MIB);
}
END_TEST

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* A parent copies each page that it writes to while it has a child: those with
 * the locks that fork(2) takes. */
START_TEST(parent_copies_few_pages)
{
	long before;
	pid_t pid;

	if (HARNESS_SANITIZED)
		harness_skip("sanitizers have pages of their own");
	if (harness_emulator())
		harness_skip("an emulator has pages of its own");
	datamem_free(datamem_alloc(100), 100);
	before = faults();
	for (int i = 0; i < 10; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	ck_assert_int_le(faults() - before, 10 * 60);
}
END_TEST

/* Threads that come before the child has a page, and after. */
START_TEST(child_has_new_threads)
{
	int status;
	pid_t pid;

	quiet_page();
	pid = fork();
	if (!pid) {
		pthread_t threads[3];

		for (int i = 0; i < 3; i++)
			if (pthread_create(&threads[i], NULL, use_and_leave,
					   NULL))
				_exit(1);
		for (int i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
		take_slow_path();
		_exit(find_page() == -1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("child");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, child_has_a_page_of_its_own);
	tcase_add_test(tests, fork_gives_back_what_is_kept_beyond_the_bound);
	tcase_add_test(tests, parent_copies_few_pages);
	tcase_add_test(tests, child_has_new_threads);
	tcase_add_test(tests,
		       child_without_room_leaves_the_page_to_its_parent);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The control page from inside: its numbers, requests, trouble. */
#define _GNU_SOURCE
#include "own-page.h"

START_TEST(no_page_before_memory_is_used)
{
	ck_assert_int_eq(find_page(), -1);
	take_slow_path();
	ck_assert_int_ge(find_page(), 0);
}
END_TEST

START_TEST(page_is_sealed_and_says_what_is_where)
{
	struct live_process *page = quiet_page();
	int fd = find_page();
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat stat;

	ck_assert_int_eq(seals & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_ge(fd, 100);
	ck_assert_int_eq(fstat(fd, &stat), 0);
	ck_assert_str_eq(page->header.magic, LIVE_MAGIC);
	ck_assert_uint_eq(page->header.layout, LIVE_LAYOUT);
	ck_assert_uint_eq(page->header.file_bytes, (uint64_t)stat.st_size);
	ck_assert_int_eq(page->header.pid, getpid());
	ck_assert_uint_eq(page->header.version, datamem_version_number());
	/* Holes, but for what is used: the process's part and one slot. */
	ck_assert_int_lt(stat.st_blocks * 512, stat.st_size / 4);
	ck_assert_str_eq(page->settings[0].name, "hugepage");
	ck_assert_int_eq(page->settings[3].origin, DATAMEM_ORIGIN_API);
	ck_assert_str_eq(page->settings[3].value, "page");
}
END_TEST

START_TEST(numbers_are_those_of_statistics)
{
	struct live_process *page = quiet_page();
	uint64_t hits, misses, cached;
	struct datamem_stats stats;
	void *large = datamem_alloc(3 * MIB), *small[100];

	for (int i = 0; i < 100; i++)
		small[i] = datamem_alloc(100);
	for (int i = 0; i < 50; i++)
		datamem_free(small[i], 100);
	for (int i = 0; i < 1000; i++)
		datamem_free(datamem_alloc(200), 200);
	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	sum(page, &hits, &misses, &cached);
	ck_assert_uint_gt(hits, 900);
	ck_assert_uint_eq(hits, stats.hits);
	ck_assert_uint_eq(misses, stats.misses);
	ck_assert_uint_eq(page->numbers.large_bytes, 3 * MIB);
	ck_assert_uint_eq(page->numbers.large_blocks, 1);
	ck_assert_uint_eq(page->numbers.retained_bytes, stats.retained_bytes);
	ck_assert_uint_eq(page->numbers.peak_bytes, stats.peak_bytes);
	ck_assert_uint_eq(page->numbers.arena_seq % 2, 0);
	ck_assert_uint_ge(page->numbers.charged_bytes, stats.live_bytes);
	ck_assert_uint_eq(slot(page, 0)->tid, (uint32_t)getpid());
	for (int i = 50; i < 100; i++)
		datamem_free(small[i], 100);
	datamem_free(large, 3 * MIB);
}
END_TEST

START_TEST(threads_have_slots_and_some_have_none)
{
	enum { THREADS = LIVE_SLOTS + 20 };
	static pthread_t threads[THREADS];
	struct live_process *page = quiet_page();
	pthread_attr_t attr;
	uint64_t hits, misses, cached;
	struct datamem_stats stats;
	uint32_t owned = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 << 10);
	pthread_create(&threads[0], &attr, use_and_leave, NULL);
	pthread_join(threads[0], NULL);
	ck_assert_uint_eq(page->numbers.records, 2);
	ck_assert_uint_eq(slot(page, 1)->tid, 0);
	sum(page, &hits, &misses, &cached);
	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	ck_assert_uint_eq(hits, stats.hits);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], &attr, use_and_leave, NULL))
			harness_skip("no %d threads", THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t i = 0; i < LIVE_SLOTS; i++)
		owned += slot(page, i)->tid != 0;
	ck_assert_uint_eq(owned, 1);
	ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
	ck_assert_uint_ge(stats.hits, (uint64_t)THREADS * 900);
}
END_TEST

START_TEST(requests_are_answered_or_refused)
{
	struct live_process *page = quiet_page();
	char before[256];
	void *ptr;

	snprintf(before, sizeof(before), "%s", setting("retain.max"));
	ask(page, LIVE_SET, "retain.max", "64M", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), 0);
	ck_assert_str_eq(page->request.text, before);
	ck_assert_str_eq(setting("retain.max"), "64M");
	ck_assert_int_eq(datamem_control_poll(), 0);
	/* The program has to live with it. */
	ck_assert_int_eq(datamem_setting_set("retain.max", "1M"), -EPERM);

	ask(page, LIVE_SET, "retain.max", "plenty", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -EINVAL);
	ck_assert(strstr(page->request.text, "bytes"));
	ask(page, LIVE_SET, "no.such", "1", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -ENOENT);
	ask(page, LIVE_SET, "control", "off", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -EPERM);
	ask(page, LIVE_SET, "handler", "nobody", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -ENOENT);
	ask(page, LIVE_SET, "handler", "system", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), 0);
	ask(page, 4711, "", "", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -ENOTSUP);
	ask(page, LIVE_SET, "", "", 0);
	memset(page->request.name, 'x', sizeof(page->request.name));
	memset(page->request.value, 'x', sizeof(page->request.value));
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -EINVAL);

	ptr = datamem_alloc(32 * MIB);
	memset(ptr, 1, 32 * MIB);
	datamem_free(ptr, 32 * MIB);
	ask(page, LIVE_TRIM, "", "", 8 * MIB);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), 0);
	ck_assert_uint_ge(page->request.result, 16 * MIB);
	ask(page, LIVE_RESET_PEAK, "", "", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_uint_ge(page->request.result, 32 * MIB);
	ck_assert_uint_lt(page->numbers.peak_bytes, MIB);
	ask(page, LIVE_ACCOUNTS, "", "", 1);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), 0);
	ck_assert_uint_eq(page->request.result, 0);
	ck_assert_uint_eq(page->numbers.accounts, 1);
	ask(page, LIVE_ACCOUNTS, "", "", 7);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_int_eq(answer(page), -EINVAL);
	ask(page, LIVE_ACCOUNTS, "", "", 0);
	ck_assert_int_eq(datamem_control_poll(), 1);
	ck_assert_uint_eq(page->request.result, 1);
	ck_assert_uint_eq(page->numbers.requests, 13);
}
END_TEST

static __attribute__((noinline)) void dirty_stack(void)
{
	char bytes[16 << 10];

	memset(bytes, 'x', sizeof(bytes));
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

/* The stack of who answers is not for others to read. */
START_TEST(answer_has_nothing_behind_its_text)
{
	static const char *const names[] = { "retain.max", "no.such" };
	struct live_process *page = quiet_page();
	char *text = page->request.text;

	for (int i = 0; i < 2; i++) {
		ask(page, LIVE_SET, names[i], "64M", 0);
		memset(text, 'x', sizeof(page->request.text));
		dirty_stack();
		ck_assert_int_eq(datamem_control_poll(), 1);
		ck_assert_uint_gt(strlen(text), 0);
		for (size_t at = strlen(text);
		     at < sizeof(page->request.text); at++)
			ck_assert_int_eq(text[at], 0);
	}
}
END_TEST

START_TEST(slow_path_answers_where_there_is_no_thread)
{
	struct live_process *page = quiet_page();

	ask(page, LIVE_SET, "cache.depth", "16", 0);
	/* One a tick of the clock at most. */
	while (page->request.state != LIVE_ANSWERED)
		take_slow_path();
	ck_assert_int_eq(answer(page), 0);
	ck_assert_str_eq(setting("cache.depth"), "16");
	ck_assert_int_eq(count_ours(), 0);
}
END_TEST

START_TEST(changes_of_settings_show)
{
	struct live_process *page = quiet_page();

	ck_assert_int_eq(datamem_setting_set("limit.max", "4G"), 0);
	for (int i = 0; i < (int)page->header.settings_count; i++)
		if (!strcmp(page->settings[i].name, "limit.max")) {
			ck_assert_str_eq(page->settings[i].value, "4G");
			ck_assert_str_eq(page->settings[i].builtin, "0");
			return;
		}
	ck_abort_msg("no limit.max in the page");
}
END_TEST

START_TEST(stop_and_start_again)
{
	struct datamem_stats before, after;

	quiet_page();
	ck_assert_int_eq(datamem_stats_get(&before, sizeof(before)), 0);
	datamem_control_stop();
	ck_assert_int_eq(find_page(), -1);
	ck_assert_int_eq(datamem_control_poll(), -ENOTSUP);
	for (int i = 0; i < 100; i++)
		datamem_free(datamem_alloc(200), 200);
	ck_assert_int_eq(datamem_control_start(), 0);
	ck_assert_int_ge(find_page(), 0);
	ck_assert_int_eq(datamem_control_poll(), 0);
	ck_assert_int_eq(datamem_stats_get(&after, sizeof(after)), 0);
	ck_assert_uint_eq(after.allocs, before.allocs + 100);
}
END_TEST

/* In a child of its own, as Check needs its descriptors; 0, or what failed. */
static int close_all(void)
{
	struct live_process *page = quiet_page();
	char path[] = "/tmp/check_control.XXXXXX";
	int at = find_page(), fd, status;
	pthread_t thread;
	pid_t pid;

	for (int i = 3; i < 1000; i++)
		close(i);
	/* A file of the program takes its number; a child keeps it. */
	fd = mkstemp(path);
	unlink(path);
	if (fd < 0 || dup2(fd, at) != at)
		return 1;
	take_slow_path();
	if (pthread_create(&thread, NULL, use_and_leave, NULL) ||
	    pthread_join(thread, NULL))
		return 2;
	/* Its counts are in the page all the same. */
	if (page->numbers.records != 2 || slot(page, 1)->counts[4].hits < 900)
		return 3;
	pid = fork();
	if (!pid) {
		take_slow_path();
		_exit(write(at, "x", 1) != 1);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		return 4;
	datamem_control_stop();
	return fcntl(at, F_GETFD) == 0 ? 0 : 5;
}

START_TEST(closed_descriptors_do_no_harm)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(close_all());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

static int find_note(const struct datamem_setting *s, void *arg)
{
	if (!strcmp(s->name, "control") && s->note)
		snprintf(arg, 100, "%s", s->note);
	return 0;
}

START_TEST(small_file_limit_means_no_page)
{
	struct rlimit limit = { 4096, RLIM_INFINITY };
	char note[100] = "";

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	take_slow_path();
	ck_assert_int_eq(find_page(), -1);
	ck_assert_int_eq(datamem_control_start(), -ENOTSUP);
	datamem_setting_foreach(find_note, note);
	ck_assert(strstr(note, "RLIMIT_FSIZE"));
}
END_TEST

/*
 * In a child: `closed` is a standard stream that the program has closed, and
 * the limit leaves room above it, or none. 0, or what failed.
 */
static int few_descriptors(int closed, rlim_t most)
{
	struct rlimit limit = { most, most };
	char note[100] = "";
	int at;

	for (int fd = 3; fd < 1000; fd++)
		close(fd);
	if (most > 3)
		close(closed);
	/* No service thread: it reads files now and then. */
	if (setrlimit(RLIMIT_NOFILE, &limit) ||
	    datamem_setting_set("control", "page"))
		return 1;
	take_slow_path();
	if (fcntl(closed, F_GETFD) != -1 && most > 3)
		return 2;
	datamem_setting_foreach(find_note, note);
	if (most > 3) {
		at = find_page();
		return at >= (most > 200 ? 100 : (int)most / 2) && !*note ?
			       0 : 3;
	}
	/* Only the stream is free, or nothing. */
	close(closed);
	if (datamem_control_start() != -EMFILE ||
	    fcntl(closed, F_GETFD) != -1)
		return 4;
	datamem_setting_foreach(find_note, note);
	return strstr(note, "RLIMIT_NOFILE") ? 0 : 5;
}

START_TEST(page_is_no_standard_stream)
{
	static const rlim_t limits[] = { 3, 8, 64, 100, 101, 1000 };
	int status;
	pid_t pid;

	for (size_t i = 0; i < COUNT(limits); i++) {
		pid = fork();
		if (!pid)
			_exit(few_descriptors(_i, limits[i]));
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(status == 0, "limit %d, closed %d: %#x",
			      (int)limits[i], _i, (unsigned int)status);
	}
}
END_TEST

/* Another process of the same user writes what it likes. */
START_TEST(hostile_writer_does_no_harm)
{
	struct live_process *page = quiet_page();
	size_t nbytes = page->header.slots_offset + 4 * page->header.slot_bytes;
	struct datamem_stats stats;
	unsigned char *bytes = (unsigned char *)page;
	uint64_t random = 88172645463325252u;
	int rounds = 300;
	void *blocks[64] = { 0 };
	pthread_t thread;

	while (rounds--) {
		for (size_t i = 0; i < nbytes; i += 8) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			/* Holes of the file stay holes. */
			if (i >= sizeof(*page) &&
			    i < page->header.slots_offset)
				continue;
			if (i == offsetof(struct live_process,
					  header.slots_offset) / 8 * 8 ||
			    i == offsetof(struct live_process,
					  header.slot_bytes) / 8 * 8)
				continue;
			memcpy(bytes + i, &random, 8);
		}
		page->request.state = LIVE_PENDING;
		page->request.kind = (uint32_t)(random % 6);
		for (int i = 0; i < 64; i++) {
			size_t n = (random >> i) % (i ? 3000 : MIB);

			datamem_free(blocks[i], 1);
			blocks[i] = datamem_alloc(n);
			memset(blocks[i], i, n);
		}
		datamem_control_poll();
		if (rounds % 50 == 0) {
			pthread_create(&thread, NULL, use_and_leave, NULL);
			pthread_join(thread, NULL);
		}
		ck_assert_int_eq(datamem_stats_get(&stats, sizeof(stats)), 0);
		ck_assert_uint_ge(stats.live_blocks, 60);
		ck_assert_uint_le(stats.live_bytes, 64 * MIB);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, no_page_before_memory_is_used);
	tcase_add_test(tests, page_is_sealed_and_says_what_is_where);
	tcase_add_test(tests, numbers_are_those_of_statistics);
	tcase_add_test(tests, threads_have_slots_and_some_have_none);
	tcase_add_test(tests, requests_are_answered_or_refused);
	tcase_add_test(tests, answer_has_nothing_behind_its_text);
	tcase_add_test(tests, slow_path_answers_where_there_is_no_thread);
	tcase_add_test(tests, changes_of_settings_show);
	tcase_add_test(tests, stop_and_start_again);
	tcase_add_test(tests, closed_descriptors_do_no_harm);
	tcase_add_test(tests, small_file_limit_means_no_page);
	tcase_add_loop_test(tests, page_is_no_standard_stream, 0, 3);
	tcase_add_test(tests, hostile_writer_does_no_harm);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

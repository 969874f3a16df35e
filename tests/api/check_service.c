/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The service thread: when it is there, and what it does. */
#define _GNU_SOURCE
#include "own-page.h"

#include <sys/prctl.h>

static int ours_at_fork;

static void look_at_fork(void)
{
	ours_at_fork = count_ours();
}

START_TEST(fork_sees_no_thread_of_ours)
{
	int status;
	pid_t pid;

	if (harness_emulator())
		harness_skip("an emulated thread is seen after its end");
	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
	ck_assert_int_eq(pthread_atfork(NULL, look_at_fork, look_at_fork), 0);
	for (int i = 0; i < 20; i++) {
		ours_at_fork = -1;
		pid = fork();
		if (!pid)
			_exit(ours_at_fork);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		ck_assert_int_eq(ours_at_fork, 0);
		take_slow_path();
		await_thread();
	}
	datamem_control_stop();
	ck_assert_int_eq(ours_left(), 0);
}
END_TEST

START_TEST(thread_answers)
{
	struct live_process *page;

	ck_assert_int_eq(datamem_control_start(), 0);
	page = map_page();
	ck_assert_uint_eq(page->numbers.service, 1);
	for (int i = 0; i < 10; i++) {
		ask(page, LIVE_SET, "cache.max", i % 2 ? "1M" : "2M", 0);
		ck_assert_int_eq(late_answer(page), 0);
		if (i == 1)
			break;
	}
	ck_assert_str_eq(setting("cache.max"), "1M");
}
END_TEST

/* Of a range that may be unmapped. */
static size_t resident(void *start, size_t nbytes)
{
	static unsigned char vec[64 << 8];
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0;

	if (mincore(start, nbytes, vec))
		return 0;
	for (size_t i = 0; i < nbytes / page; i++)
		n += vec[i] & 1;
	return n * page;
}

START_TEST(idle_program_shrinks)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *block, *start;

	ck_assert_int_eq(datamem_setting_set("retain.age", "100"), 0);
	block = datamem_alloc(64 * MIB);
	memset(block, 1, 64 * MIB);
	start = (char *)(((uintptr_t)block + page - 1) & ~(page - 1));
	ck_assert_uint_gt(resident(start, 60 * MIB), 50 * MIB);
	datamem_free(block, 64 * MIB);
	/* Nothing but waiting from here on. */
	while (resident(start, 60 * MIB) > 0)
		usleep(10000);
}
END_TEST

#define SLEEPERS 16

static pthread_barrier_t all_sleep;

static void *fill_and_sleep(void *unused)
{
	static const size_t sizes[] = { 100, 592, 2000, 8000, 20000, 60000 };
	char *block[200];

	for (size_t i = 0; i < 200; i++) {
		block[i] = datamem_alloc(sizes[i % 6]);
		memset(block[i], 1, sizes[i % 6]);
	}
	for (size_t i = 0; i < 200; i++)
		datamem_free(block[i], sizes[i % 6]);
	pthread_barrier_wait(&all_sleep);
	while (1)
		pause();
	return unused;
}

/* Nothing large was ever made: what is free is in the caches alone. */
START_TEST(caches_of_sleepers_shrink)
{
	struct datamem_stats stats;
	pthread_t thread;

	ck_assert_int_eq(datamem_setting_set("retain.age", "100"), 0);
	pthread_barrier_init(&all_sleep, NULL, SLEEPERS + 1);
	for (size_t i = 0; i < SLEEPERS; i++)
		ck_assert_int_eq(pthread_create(&thread, NULL, fill_and_sleep,
						NULL), 0);
	pthread_barrier_wait(&all_sleep);
	do {
		usleep(10000);
		datamem_stats_get(&stats, sizeof(stats));
	} while (stats.cached_bytes > MIB);
}
END_TEST

extern char __libc_single_threaded __attribute__((__weak__));

static bool tells_of_threads(void)
{
	return &__libc_single_threaded != NULL;
}

/* A thread of ours would end the C library's single-threaded mode for little. */
START_TEST(little_needs_no_thread)
{
	char *block = datamem_alloc(16 * MIB);

	/* What it is for stays. */
	ck_assert_int_eq(datamem_setting_set("retain.age", "3600000"), 0);
	memset(block, 1, 16 * MIB);
	datamem_free(block, 16 * MIB);
	take_slow_path();
	ck_assert_int_eq(count_ours(), 0);
	ck_assert_int_eq(datamem_setting_set("service.retained", "1M"), 0);
	take_slow_path();
	await_thread();
}
END_TEST

START_TEST(setting_off_takes_the_page_away)
{
	ck_assert_int_eq(datamem_setting_set("control", "thread"), 0);
	ck_assert_int_ge(find_page(), 0);
	await_thread();
	ck_assert_int_eq(datamem_setting_set("control", "off"), 0);
	ck_assert_int_eq(find_page(), -1);
	ck_assert_int_eq(ours_left(), 0);
	take_slow_path();
	ck_assert_int_eq(find_page(), -1);
}
END_TEST

static void *churn(void *arg)
{
	const int *stop = arg;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		void *a = datamem_alloc(80), *b = datamem_alloc(5000);

		datamem_free(datamem_alloc(3 * MIB), 3 * MIB);
		datamem_free(a, 80);
		datamem_free(b, 5000);
	}
	return NULL;
}

START_TEST(start_and_stop_beside_threads_that_allocate)
{
	pthread_t threads[3];
	int stop = 0;

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, churn, &stop);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(datamem_control_start(), 0);
		ck_assert_int_ge(datamem_control_poll(), 0);
		datamem_control_stop();
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

/* A thread that has seen what is to be made may be late in making it. */
START_TEST(stop_lasts_beside_threads_that_allocate)
{
	pthread_t threads[3];
	int stop;

	for (int i = 0; i < 50; i++) {
		stop = 0;
		for (int t = 0; t < 3; t++)
			pthread_create(&threads[t], NULL, churn, &stop);
		ck_assert_int_eq(datamem_setting_set("control",
						     i % 2 ? "on" : "thread"),
				 0);
		take_slow_path();
		datamem_control_stop();
		__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
		for (int t = 0; t < 3; t++)
			pthread_join(threads[t], NULL);
		take_slow_path();
		ck_assert_int_eq(find_page(), -1);
		while (count_ours())
			usleep(1000);
	}
}
END_TEST

static int stops_itself;

/* In place of libc's: the first that the thread calls. */
__attribute__((visibility("default")))
int pthread_setname_np(pthread_t thread, const char *name)
{
	(void)thread;
	if (__atomic_load_n(&stops_itself, __ATOMIC_RELAXED))
		datamem_control_stop();
	return prctl(PR_SET_NAME, name) ? errno : 0;
}

START_TEST(thread_that_stops_itself_ends)
{
	/* Retained memory to look after, so that it has no other reason. */
	ck_assert_int_eq(datamem_setting_set("control", "page"), 0);
	ck_assert_int_eq(datamem_setting_set("retain.age", "3600000"), 0);
	datamem_free(datamem_alloc(32 * MIB), 32 * MIB);
	__atomic_store_n(&stops_itself, 1, __ATOMIC_RELAXED);
	ck_assert_int_eq(datamem_setting_set("control", "thread"), 0);
	while (find_page() != -1 || count_ours())
		usleep(1000);
	__atomic_store_n(&stops_itself, 0, __ATOMIC_RELAXED);
	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
}
END_TEST

START_TEST(fork_beside_threads_that_allocate)
{
	pthread_t threads[2];
	int stop = 0, status;

	ck_assert_int_eq(datamem_control_start(), 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, churn, &stop);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid) {
			take_slow_path();
			_exit(find_page() == -1);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

/* What a message says last, and the functions it may call. */
static void log_and_allocate(void *arg, const char *message)
{
	(void)arg;
	(void)message;
	take_slow_path();
}

static int messages;

static void count_and_allocate(void *arg, const char *message)
{
	messages++;
	log_and_allocate(arg, message);
}

/* Left where nothing but a trim finds it. */
static void free_twice(void)
{
	void *blocks[20];

	for (int i = 0; i < 20; i++)
		blocks[i] = datamem_alloc(64);
	for (int i = 0; i < 20; i++)
		datamem_free(blocks[i], 64);
	datamem_free(blocks[0], 64);
	/* Empties the caches: into the stash, unseen. */
	ck_assert_int_eq(datamem_setting_set("cache.depth", "32"), 0);
	ck_assert_int_eq(datamem_setting_set("debug", "warn"), 0);
}

/* What a trim finds is told by it, not by whoever comes next with a lock. */
START_TEST(misuse_found_by_a_trim)
{
	ck_assert_int_eq(datamem_setting_set("control", "off"), 0);
	datamem_log_set(count_and_allocate, NULL);
	free_twice();
	ck_assert_int_eq(messages, 0);
	datamem_trim(0);
	ck_assert_int_eq(datamem_setting_set("control", "on"), 0);
	ck_assert_int_eq(datamem_control_start(), 0);
	ck_assert_int_eq(messages, 1);
}
END_TEST

/* How often the service thread has waited; -1: the kernel does not say. */
static long waits(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], line[100];
	struct dirent *entry;
	FILE *file;
	long n = -1;

	ck_assert(dir);
	while ((entry = readdir(dir))) {
		bool ours = false;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status",
			 entry->d_name);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file)) {
			ours |= !strcmp(line, "Name:\tdatamem-control\n");
			if (ours)
				sscanf(line, "voluntary_ctxt_switches: %ld",
				       &n);
		}
		if (file)
			fclose(file);
	}
	closedir(dir);
	return n;
}

static pthread_t polling;
static bool waited;

/* Inside of a request, which somebody else makes look like a new one. */
static void ask_again(void *arg, const char *message)
{
	struct live_process *page = arg;
	long enough;

	(void)message;
	if (!pthread_equal(pthread_self(), polling))
		return;
	__atomic_store_n(&page->request.state, LIVE_PENDING, __ATOMIC_RELEASE);
	enough = waits() + 50;
	while (waits() < enough)
		usleep(1000);
	waited = true;
}

START_TEST(thread_waits_while_another_answers)
{
	struct live_process *page;

	polling = pthread_self();
	ck_assert_int_eq(datamem_control_start(), 0);
	await_thread();
	if (waits() < 0)
		harness_skip("the kernel does not count a thread's waits");
	page = map_page();
	datamem_log_set(ask_again, page);
	/* The thread may be the one that takes the request. */
	while (!waited) {
		free_twice();
		ask(page, LIVE_TRIM, "", "", 0);
		while (datamem_control_poll() == 0 &&
		       page->request.state != LIVE_ANSWERED)
			usleep(1000);
	}
}
END_TEST

START_TEST(exit_with_a_thread_and_a_log_function)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct live_process *page;

		datamem_log_set(log_and_allocate, NULL);
		datamem_control_start();
		page = map_page();
		ask(page, LIVE_SET, "debug", "warn", 0);
		exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(no_descriptor_left)
{
	struct rlimit before, limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 3;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(datamem_control_start(), -EMFILE);
	take_slow_path();
	/* Sanitizers look at files when the process ends. */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("service");
	TCase *tests = tcase_create("all");

	tcase_add_test(tests, fork_sees_no_thread_of_ours);
	tcase_add_test(tests, thread_answers);
	/* glibc before 2.32, musl: it is not told. TSan has a thread. */
	if (tells_of_threads() && !HARNESS_TSAN)
		tcase_add_test(tests, little_needs_no_thread);
	tcase_add_test(tests, idle_program_shrinks);
	tcase_add_test(tests, caches_of_sleepers_shrink);
	tcase_add_test(tests, setting_off_takes_the_page_away);
	tcase_add_test(tests, start_and_stop_beside_threads_that_allocate);
	tcase_add_test(tests, stop_lasts_beside_threads_that_allocate);
	tcase_add_test(tests, thread_that_stops_itself_ends);
	tcase_add_test(tests, fork_beside_threads_that_allocate);
	tcase_add_test(tests, misuse_found_by_a_trim);
	tcase_add_test(tests, thread_waits_while_another_answers);
	tcase_add_test(tests, exit_with_a_thread_and_a_log_function);
	tcase_add_test(tests, no_descriptor_left);
	suite_add_tcase(suite, tests);
	return harness_main(suite);
}

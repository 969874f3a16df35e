/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Threads end in every way there is, and use the library until the very last of
 * their destructors: what they leave behind does not grow with their number.
 */
#include "cache/roster.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"

static pthread_key_t key;

/* Called in each round of destructors, down to the one that is to use it. */
static void count_down(void *arg)
{
	uintptr_t rounds = (uintptr_t)arg;

	if (rounds > 1)
		pthread_setspecific(key, (void *)(rounds - 1));
	else
		use();
}

static void arm(size_t rounds)
{
	pthread_setspecific(key, (void *)rounds);
}

static void *returns(void *arg)
{
	use();
	return arg;
}

static void *exits(void *arg)
{
	use();
	pthread_exit(arg);
}

static void *is_cancelled(void *arg)
{
	use();
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return arg;
}

static void *uses_in_first(void *arg)
{
	use();
	arm(1);
	return arg;
}

static void *uses_in_second(void *arg)
{
	use();
	arm(2);
	return arg;
}

/* In the very last ThreadSanitizer has no state for the thread any more. */
#define LAST_ROUND (PTHREAD_DESTRUCTOR_ITERATIONS - HARNESS_TSAN)

static void *uses_in_last(void *arg)
{
	use();
	arm(LAST_ROUND);
	return arg;
}

/* There is no destructor after its first use. */
static void *first_uses_in_last(void *arg)
{
	arm(LAST_ROUND);
	return arg;
}

/* What C++ calls for an object that is thread_local. */
extern int __cxa_thread_atexit_impl(void (*run)(void *), void *object,
				    void *dso) __attribute__((__weak__));

static void end_object(void *object)
{
	(void)object;
	use();
}

static void *has_thread_local(void *arg)
{
	static int here;

	if (__cxa_thread_atexit_impl)
		__cxa_thread_atexit_impl(end_object, NULL, &here);
	return arg;
}

static void *(*const endings[])(void *) = {
	returns, exits, is_cancelled, uses_in_first, uses_in_second,
	uses_in_last, first_uses_in_last, has_thread_local,
};

static unsigned int nrecords;

static void count_record(struct dmem_thread *thread DMEM_UNUSED)
{
	nrecords++;
}

/* Those that statistics walk, and fork(2) at most. */
static unsigned int records(void)
{
	nrecords = 0;
	dmem_threads_lock();
	dmem_threads_each(count_record);
	dmem_threads_unlock();
	return nrecords;
}

static void run_threads(void *(*ending)(void *), size_t n)
{
	pthread_t thread;

	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(pthread_create(&thread, NULL, ending, NULL),
				 0);
		pthread_join(thread, NULL);
	}
}

START_TEST(one_after_the_other)
{
	/* A sanitizer maps more for itself, however many threads there are. */
	size_t own = HARNESS_SANITIZED ? 64 : 4;
	size_t n = harness_times(1000, 100000), maps;
	struct datamem_stats before, after;
	unsigned int had;
	int status;
	pid_t pid;

	ck_assert_int_eq(pthread_key_create(&key, count_down), 0);
	use();
	run_threads(endings[_i], 100);
	before = stats_now();
	had = records();
	maps = harness_count_maps();
	run_threads(endings[_i], n);
	after = stats_now();
	ck_assert_uint_le(records(), had + 2);
	ck_assert_uint_le(records(), 16);
	ck_assert_uint_le(harness_count_maps(), maps + own);
	ck_assert_uint_eq(after.live_blocks, 0);
	ck_assert_uint_le(after.threads, 16);
	ck_assert_uint_le(after.cached_bytes,
			  before.cached_bytes + DMEM_MIB);
	ck_assert_uint_eq(after.meta_bytes, before.meta_bytes);
	ck_assert_uint_eq(after.allocs, after.frees);
	ck_assert_uint_ge(after.allocs - before.allocs, n);
	pid = fork();
	if (!pid) {
		use();
		_exit(records() > 16 || stats_now().threads != 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* A trim leaves the one that is in use. The kernel may take a moment
	 * after the last join. */
	for (int i = 0; i < 10000 && records() > 1; i++) {
		datamem_trim(0);
		usleep(1000);
	}
	ck_assert_uint_eq(records(), 1);
	ck_assert_uint_eq(stats_now().threads, 1);
	ck_assert_uint_eq(stats_now().allocs, after.allocs);
}
END_TEST

/* More than there are slots in the control page. */
START_TEST(many_at_once)
{
	pthread_t threads[CROWD];
	struct datamem_stats stats;
	pthread_attr_t attr;
	size_t n;

	use();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * DMEM_KIB);
	pthread_barrier_init(&barrier, NULL, CROWD + 1);
	for (n = 0; n < CROWD; n++)
		if (pthread_create(&threads[n], &attr, wait_for_all, NULL))
			harness_skip("no %d threads", CROWD);
	pthread_barrier_wait(&barrier);
	ck_assert_uint_eq(records(), CROWD + 1);
	stats = stats_now();
	ck_assert_uint_eq(stats.threads, CROWD + 1);
	ck_assert_uint_eq(dmem_live->rest.threads, CROWD + 1 - LIVE_SLOTS);
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	/* Some are kept for the next ones. */
	ck_assert_uint_le(records(), 40);
	ck_assert_uint_eq(dmem_live->rest.threads, 0);
	ck_assert_uint_eq(stats_now().allocs, stats.allocs);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* A mapping more for each thread is one more for fork(2), too. Beside those of
 * their stacks. */
START_TEST(records_share_mappings)
{
	size_t n = 64, before, stacks = 2 * n;

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer maps more for each thread");
	use();
	before = harness_count_maps();
	if (!gather(n))
		harness_skip("no %zu threads", n);
	ck_assert_uint_le(harness_count_maps(), before + stacks + n / 2);
	part(n);
	/* They end in any order, and the mappings with the last of each. */
	datamem_trim(0);
	ck_assert_uint_eq(records(), 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* In steps, however many threads there are. */
START_TEST(looking_on_stops_nobody)
{
	unsigned int rounds = 0, calls;
	bool used = false;
	size_t n = CROWD;

	use();
	if (!gather(n))
		harness_skip("no %zu threads", n);
	ck_assert(dmem_cache_watch(&rounds));
	ck_assert_uint_eq(rounds, 0);
	for (calls = 1; rounds < 1; calls++)
		dmem_cache_watch(&rounds);
	ck_assert_uint_eq(calls, (CROWD + 1) / 256 + 1);
	ck_assert_uint_eq(open_caches(), CROWD + 1);
	/* Nobody was at work since. */
	while (rounds < 2)
		ck_assert(!dmem_cache_watch(&rounds));
	use();
	while (rounds < 3)
		used |= dmem_cache_watch(&rounds);
	ck_assert(used);
	ck_assert(dmem_cache_holds());
	part(n);
	datamem_trim(0);
	ck_assert(!dmem_cache_holds());
}
END_TEST

/* The kernel's barrier is for those who keep owners off their bins. */
static unsigned int barriers;
int __real_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void)
{
	barriers++;
	return __real_dmem_kernel_membarrier();
}

START_TEST(statistics_stop_nobody)
{
	struct datamem_stats stats;
	size_t n = CROWD;

	use();
	if (!gather(n))
		harness_skip("no %zu threads", n);
	barriers = 0;
	stats = stats_now();
	ck_assert_uint_eq(barriers, 0);
	ck_assert_uint_eq(open_caches(), CROWD + 1);
	ck_assert_uint_eq(stats.threads, CROWD + 1);
	ck_assert_uint_eq(stats.allocs, CROWD + 1);
	ck_assert_uint_eq(stats.frees, CROWD + 1);
	ck_assert_uint_eq(stats.live_blocks, 0);
	part(n);
	ck_assert_uint_eq(stats_now().allocs, CROWD + 1);
	ck_assert_uint_eq(stats_now().frees, CROWD + 1);
}
END_TEST

#define WORKERS 3
#define EXCHANGE 64
#define LIVES 40

static void *exchange[EXCHANGE];
static unsigned int stop;

/* Blocks that others made, or free: threads that come and go. */
static void *work_for_a_while(void *arg)
{
	uint64_t random = (uintptr_t)arg;
	void *block;

	for (unsigned int i = 0; i < 3000; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		block = random >> 63 ? datamem_alloc(1 + (random >> 33) % 3000)
				     : NULL;
		block = __atomic_exchange_n(&exchange[(random >> 20) % EXCHANGE],
					    block, __ATOMIC_ACQ_REL);
		datamem_free(block, 0);
	}
	return NULL;
}

static void *send_to_work(void *arg)
{
	uintptr_t seed = (uintptr_t)arg;
	pthread_t thread;

	for (uintptr_t i = 1; i <= LIVES; i++) {
		if (pthread_create(&thread, NULL, work_for_a_while,
				   (void *)(seed * 1000 + i)))
			break;
		pthread_join(thread, NULL);
	}
	__atomic_fetch_add(&stop, 1, __ATOMIC_RELEASE);
	return NULL;
}

static size_t left_over(void)
{
	size_t n = 0;

	for (size_t i = 0; i < EXCHANGE; i++)
		n += exchange[i] != NULL;
	return n;
}

START_TEST(statistics_beside_work)
{
	struct datamem_stats last, now;
	pthread_t workers[WORKERS];

	use();
	last = stats_now();
	stop = 0;
	for (uintptr_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&workers[i], NULL, send_to_work,
						(void *)(i + 1)), 0);
	while (__atomic_load_n(&stop, __ATOMIC_ACQUIRE) < WORKERS) {
		now = stats_now();
		ck_assert_uint_ge(now.hits, last.hits);
		ck_assert_uint_ge(now.misses, last.misses);
		ck_assert_uint_ge(now.allocs, last.allocs);
		ck_assert_uint_ge(now.frees, last.frees);
		last = now;
	}
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	/* Exact again. */
	now = stats_now();
	ck_assert_uint_eq(now.live_blocks, left_over());
	ck_assert_uint_eq(now.allocs - now.frees, now.live_blocks);
	ck_assert_uint_eq(now.threads, 1);
	for (size_t i = 0; i < EXCHANGE; i++) {
		datamem_free(exchange[i], 0);
		exchange[i] = NULL;
	}
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().frees, now.allocs);
}
END_TEST

/* Slow paths of one thread until all that a child got is taken over. */
static unsigned int take_over(void)
{
	unsigned int paths = 0;

	for (; dmem_roster.forked && paths < 1000; paths++)
		datamem_free(datamem_alloc(paths * 64 + 1), 0);
	return paths;
}

/* Not before fork(2) returns, but in steps. */
START_TEST(child_takes_over_in_steps)
{
	size_t n = 64;
	int status;
	pid_t pid;

	use();
	if (!gather(n))
		harness_skip("no %zu threads", n);
	pid = fork();
	if (!pid) {
		if (!dmem_roster.forked)
			_exit(1);
		if (take_over() < n / 16)
			_exit(2);
		if (dmem_roster.forked || records() > 40)
			_exit(3);
		_exit(stats_now().live_blocks || stats_now().threads != 1 ?
			      4 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* Also a child of a child that has not come so far. */
	pid = fork();
	if (!pid) {
		pid = fork();
		if (!pid)
			_exit(stats_now().threads != 1 ||
			      stats_now().live_blocks);
		waitpid(pid, &status, 0);
		datamem_trim(0);
		_exit(status || dmem_roster.forked || records() != 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	part(n);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("threads");
	TCase *tc = tcase_create("threads");

	tcase_add_checked_fixture(tc, be_alone, NULL);
	tcase_set_timeout(tc, harness_is_long() ? 1800 : 240);
	tcase_add_loop_test(tc, one_after_the_other, 0,
			    (int)DMEM_ARRAY_SIZE(endings));
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, records_share_mappings);
	tcase_add_test(tc, looking_on_stops_nobody);
	tcase_add_test(tc, statistics_stop_nobody);
	tcase_add_test(tc, statistics_beside_work);
	tcase_add_test(tc, child_takes_over_in_steps);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Caches of threads: their budgets, their end, others reaching into them while
 * their owners work, with and without membarrier(2).
 */
#include "cache/cache.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/threads.h"
#include "library.h"
#include "kernel/kernel.h"
#include "settings/settings.h"

#define WORKERS 3

static bool no_membarrier;

int __real_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void)
{
	return no_membarrier ? -ENOSYS : __real_dmem_kernel_membarrier();
}

static void setup_without(void)
{
	no_membarrier = true;
}

/* Where memory is short, the service thread empties caches. */
static void be_alone(void)
{
	set("control", "page");
}

/* Free n blocks of a size at once; returns how many of them are cached. */
static size_t cache(size_t nbytes, size_t n)
{
	static void *ptrs[100000];

	ck_assert_uint_le(n, DMEM_ARRAY_SIZE(ptrs));
	for (size_t i = 0; i < n; i++)
		ptrs[i] = datamem_alloc(nbytes);
	for (size_t i = 0; i < n; i++)
		datamem_free(ptrs[i], nbytes);
	return (size_t)(dmem_threads_attach()->own.bin[dmem_class_of(nbytes)].top -
			dmem_threads_first(dmem_threads_attach(),
					 dmem_class_of(nbytes)));
}

START_TEST(depth)
{
	be_alone();
	set("cache.depth", "7");
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_le(cache(100, 1000), 7);
		ck_assert_uint_gt(cache(100, 1000), 0);
		ck_assert_uint_le(cache(20000, 1000), 7);
	}
	set("cache.depth", "1");
	ck_assert_uint_le(cache(100, 1000), 1);
	set("cache.depth", "128");
	for (int i = 0; i < 10; i++)
		cache(100, 1000);
	ck_assert_uint_gt(cache(100, 1000), 64);
	ck_assert_uint_le(cache(100, 1000), 128);
}
END_TEST

/* Bytes in the bins of the calling thread. */
static size_t held(void)
{
	struct dmem_thread *thread = dmem_threads_attach();
	size_t bytes = 0;

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		bytes += (size_t)(thread->own.bin[cls].top -
				  dmem_threads_first(thread, cls)) *
			 dmem_classes[cls].size;
	return bytes;
}

static void cache_all_classes(void)
{
	for (int round = 0; round < 4; round++)
		for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
			cache(dmem_classes[cls].size, 200);
			if (held() > dmem_setting_value(DMEM_SETTING_CACHE_MAX))
				ck_abort_msg("%zu bytes held", held());
		}
}

START_TEST(budget_of_a_thread)
{
	static const char *const max[] = { "2M", "300K", "10000", "0" };

	be_alone();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(max); i++) {
		set("cache.max", max[i]);
		cache_all_classes();
	}
	ck_assert_uint_eq(held(), 0);
	set("cache.max", "2M");
	cache_all_classes();
	ck_assert_uint_gt(held(), 512 * DMEM_KIB);
}
END_TEST

static pthread_barrier_t barrier;

static void *fill_and_wait(void *arg)
{
	void *ptrs[64];

	(void)arg;
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < 64; i++)
			ptrs[i] = datamem_alloc(8000);
		for (size_t i = 0; i < 64; i++)
			datamem_free(ptrs[i], 8000);
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

START_TEST(budget_of_the_process)
{
	pthread_t threads[6];
	size_t cached = 0;

	be_alone();
	set("cache.total", "500K");
	pthread_barrier_init(&barrier, NULL, 7);
	for (size_t i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, fill_and_wait, NULL);
	pthread_barrier_wait(&barrier);
	/* What a stash holds belongs to no thread. */
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		size_t out, stashed;

		dmem_slab_count(cls, &out, &stashed);
		cached += out * dmem_classes[cls].size;
	}
	ck_assert_uint_le(cached, 500 * DMEM_KIB);
	ck_assert_uint_gt(cached, 0);
	ck_assert_uint_eq(stats_now().threads, 6);
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	/* Threads that have ended keep nothing. */
	ck_assert_uint_eq(stats_now().threads, 0);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().cached_bytes, 0);
	ck_assert_uint_eq(stats_now().held_bytes, 0);
}
END_TEST

START_TEST(switched_off)
{
	void *ptr;

	be_alone();
	cache(100, 50);
	set("cache.enabled", "off");
	ck_assert_uint_eq(held(), 0);
	/* Takes what was left to others as well. */
	ck_assert_uint_eq(cache(100, 1000), 0);
	ck_assert_uint_eq(stats_now().cached_bytes, 0);
	set("cache.enabled", "on");
	ptr = datamem_alloc(100);
	datamem_free(ptr, 100);
	ck_assert_uint_gt(cache(100, 100), 0);
}
END_TEST

/* Work of a thread whose cache others reach into. */
static bool stop;
static uint64_t worked[WORKERS];

static void *work(void *arg)
{
	size_t me = (size_t)(uintptr_t)arg, n = 0;
	unsigned char *ptrs[64] = { NULL };
	size_t sizes[64];

	while (!dmem_load(&stop)) {
		size_t i = n * 7 % 64, nbytes = 16 + n * 37 % 3000;

		if (ptrs[i]) {
			if (ptrs[i][0] != (unsigned char)i ||
			    ptrs[i][sizes[i] - 1] != (unsigned char)me)
				ck_abort_msg("a block was given to two");
			datamem_free(ptrs[i], sizes[i]);
		}
		ptrs[i] = datamem_alloc(nbytes);
		sizes[i] = nbytes;
		ptrs[i][0] = (unsigned char)i;
		ptrs[i][nbytes - 1] = (unsigned char)me;
		n++;
	}
	for (size_t i = 0; i < 64; i++)
		datamem_free(ptrs[i], 1);
	worked[me] = n;
	return NULL;
}

static void interfere(unsigned int round)
{
	struct datamem_stats stats;

	switch (round % 6) {
	case 0:
		datamem_trim(0);
		break;
	case 1:
		set("cache.enabled", round % 12 > 6 ? "on" : "off");
		break;
	case 2:
		set("cache.depth", round % 12 > 6 ? "3" : "128");
		break;
	case 3:
		datamem_trace_start();
		break;
	case 4:
		datamem_trace_stop();
		break;
	default:
		stats = stats_now();
		if (stats.frees > stats.allocs)
			ck_abort_msg("more freed than allocated");
	}
}

static void with_workers(void (*act)(unsigned int round), unsigned int rounds)
{
	pthread_t threads[WORKERS];
	struct datamem_stats stats;
	uint64_t total = 0;

	rounds *= (unsigned int)harness_times(1, 50);
	dmem_store(&stop, false);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (unsigned int i = 0; i < rounds; i++)
		act(i);
	dmem_store(&stop, true);
	for (size_t i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		total += worked[i];
	}
	datamem_trace_stop();
	stats = stats_now();
	ck_assert_uint_eq(stats.live_blocks, 0);
	ck_assert_uint_eq(stats.allocs, total);
	ck_assert_uint_eq(stats.frees, total);
	ck_assert_uint_eq(stats.double_frees + stats.foreign_pointers, 0);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().held_bytes, 0);
}

START_TEST(interference)
{
	with_workers(interfere, 3000);
}
END_TEST

static void fork_and_use(unsigned int round)
{
	static char *ptrs[200];
	int status;
	pid_t pid;

	for (size_t i = 0; i < 200; i++)
		ptrs[i] = datamem_alloc((i + 1) * (i % 10 ? 50 : 20000));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		alarm(60);
		for (size_t i = 0; i < 200; i += 2)
			datamem_free(ptrs[i], 1);
		for (size_t i = 0; i < 200; i += 2) {
			ptrs[i] = datamem_alloc_zeroed(i + 1, 3000);
			if (!ptrs[i] || ptrs[i][i * 3000])
				_exit(1);
			memset(ptrs[i], 1, (i + 1) * 3000);
		}
		for (size_t i = 0; i < 200; i++)
			datamem_free(ptrs[i], 1);
		datamem_trim(0);
		_exit(stats_now().double_frees || stats_now().retained_bytes);
	}
	for (size_t i = 0; i < 200; i++)
		datamem_free(ptrs[i], 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		ck_abort_msg("child %u: status %#x", round, status);
}

START_TEST(forks)
{
	pthread_t threads[WORKERS];

	dmem_store(&stop, false);
	set("retain.age", "0");
	for (size_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (unsigned int i = 0; i < harness_times(20, 500); i++)
		fork_and_use(i);
	dmem_store(&stop, true);
	for (size_t i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static void *short_life(void *arg)
{
	void *ptrs[50];

	(void)arg;
	for (size_t i = 0; i < 50; i++)
		ptrs[i] = datamem_alloc(i * 100);
	for (size_t i = 0; i < 50; i++)
		datamem_free(ptrs[i], 1);
	return NULL;
}

/* Threads come and go: what one leaves behind serves the next. */
START_TEST(short_lives)
{
	size_t n = harness_times(5000, 100000);
	size_t held_before = 0, meta_before = 0;
	struct datamem_stats stats;
	pthread_t threads[4];

	be_alone();
	for (size_t i = 0; i < n / 4; i++) {
		for (size_t k = 0; k < 4; k++)
			ck_assert_int_eq(pthread_create(&threads[k], NULL,
							short_life, NULL), 0);
		for (size_t k = 0; k < 4; k++)
			pthread_join(threads[k], NULL);
		if (i == 100) {
			stats = stats_now();
			held_before = stats.held_bytes;
			meta_before = stats.meta_bytes;
		}
	}
	stats = stats_now();
	ck_assert_uint_eq(stats.live_blocks, 0);
	ck_assert_uint_eq(stats.threads, 0);
	ck_assert_uint_le(stats.held_bytes, held_before + 4 * DMEM_MIB);
	/* A step of slab records may come late. */
	ck_assert_uint_le(stats.meta_bytes, meta_before + 128 * DMEM_KIB);
}
END_TEST

#define QUEUE 512
static void *queue[QUEUE];

static void *consume(void *arg)
{
	size_t n = (size_t)(uintptr_t)arg;

	for (size_t i = 0; i < n; i++) {
		void **place = &queue[i % QUEUE], *ptr;

		while (!(ptr = dmem_load_acquire(place)))
			sched_yield();
		dmem_store_release(place, NULL);
		datamem_free(ptr, 1);
	}
	return NULL;
}

/* One thread allocates, another frees: memory goes round. */
START_TEST(producer_and_consumer)
{
	size_t n = harness_times(300000, 20000000), most = 0;
	pthread_t thread;

	pthread_create(&thread, NULL, consume, (void *)n);
	for (size_t i = 0; i < n; i++) {
		void *ptr = datamem_alloc(1000);

		while (dmem_load_acquire(&queue[i % QUEUE]))
			sched_yield();
		dmem_store_release(&queue[i % QUEUE], ptr);
		if (i % 4096 == 0)
			most = DMEM_MAX(most, stats_now().held_bytes);
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().allocs, n);
	ck_assert_uint_le(most, 8 * DMEM_MIB);
}
END_TEST

static void add_all(TCase *tc)
{
	tcase_set_timeout(tc, harness_is_long() ? 1800 : 240);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, budget_of_a_thread);
	tcase_add_test(tc, budget_of_the_process);
	tcase_add_test(tc, switched_off);
	tcase_add_test(tc, interference);
	tcase_add_test(tc, forks);
	tcase_add_test(tc, short_lives);
	tcase_add_test(tc, producer_and_consumer);
}

int main(void)
{
	Suite *suite = suite_create("cache");
	TCase *with = tcase_create("membarrier");
	TCase *without = tcase_create("no membarrier");

	add_all(with);
	suite_add_tcase(suite, with);
	tcase_add_checked_fixture(without, setup_without, NULL);
	add_all(without);
	suite_add_tcase(suite, without);
	return harness_main(suite);
}

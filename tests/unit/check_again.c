/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks that come again: without the arena's lock, and rightly counted. */
#include "arena/shelf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "arena/arena.h"
#include "cache/cache.h"
#include "library.h"
#include "limit.h"
#include "live.h"
#include "processor.h"

#define SIZE (DMEM_MIB / 2)

/* How often the arena's lock is taken. */
static unsigned int locked;
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	if ((void *)mutex == (void *)&dmem_arena.lock)
		dmem_fetch_add(&locked, 1);
	return __real_pthread_mutex_lock(mutex);
}

/* How often it is asked what limits leave. */
static unsigned int asked;
bool __real_dmem_room_for(size_t nbytes);
bool __wrap_dmem_room_for(size_t nbytes);
bool __wrap_dmem_room_for(size_t nbytes)
{
	dmem_fetch_add(&asked, 1);
	return __real_dmem_room_for(nbytes);
}

/* There are two processors; which one a thread is at. */
unsigned int __wrap_dmem_kernel_processors(void);
unsigned int __wrap_dmem_kernel_processors(void)
{
	return 2;
}

static __thread unsigned int processor;
unsigned int __wrap_dmem_kernel_processor(void);
unsigned int __wrap_dmem_kernel_processor(void)
{
	return processor;
}

/* Time stands still: as it goes by, shelves are cleared, and to fill them takes
 * the lock, more often where a slow machine takes longer. */
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return 1000000;
}

static void setup(void)
{
	set("control", "off");
	stay_on_this_processor();
	/* The first free ages once, as it reads the limits. */
	datamem_free(datamem_alloc(SIZE), SIZE);
	datamem_trim(0);
}

static void pairs(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		size_t nbytes = SIZE << i % 3;
		char *ptr = datamem_alloc(nbytes);

		*ptr = 1;
		datamem_free(ptr, nbytes);
	}
}

#define PAIRS 20000

/* Once they are known, sizes that alternate take no lock of all. */
START_TEST(pairs_take_no_lock)
{
	struct datamem_stats start = stats_now(), end;
	unsigned int before;

	pairs(300);
	before = locked;
	pairs(PAIRS);
	ck_assert_uint_le(locked - before, PAIRS / 50);
	end = stats_now();
	ck_assert_uint_eq(end.live_blocks, 0);
	ck_assert_uint_eq(end.allocs, start.allocs + 300 + PAIRS);
	ck_assert_uint_eq(end.frees, start.frees + 300 + PAIRS);
	ck_assert_uint_ge(end.large_hits, start.large_hits + PAIRS);
	ck_assert_uint_ge(end.faults_avoided, start.faults_avoided + PAIRS);
}
END_TEST

/* Blocks of any size from a quarter of the most on. */
static void pairs_at_random(unsigned int n)
{
	size_t most = 2 * DMEM_MIB;

	for (unsigned int i = 0; i < n; i++) {
		size_t nbytes = most / 4 + (size_t)rand() % (most / 4 * 3);
		char *ptr = datamem_alloc(nbytes);

		*ptr = 1;
		datamem_free(ptr, nbytes);
	}
}

/* Two processors, each of which fills a shelf, do not clear one another's. */
START_TEST(beside_full_shelves)
{
	unsigned int before;

	for (processor = 0; processor < 2; processor++)
		pairs_at_random(1000);
	before = locked;
	for (unsigned int i = 0; i < 100; i++) {
		processor = i % 2;
		pairs_at_random(PAIRS / 100);
	}
	ck_assert_uint_le(locked - before, PAIRS / 50);
}
END_TEST

static void *in_a_thread_of_large_blocks(void *arg)
{
	struct dmem_cache *before = dmem_cache_self;

	ck_assert_ptr_eq(before, &dmem_cache_nobody);
	pairs(100);
	ck_assert_ptr_ne(dmem_cache_self, before);
	return arg;
}

/* What a free stores to is its own, though its blocks are in no bin. */
START_TEST(a_thread_of_large_blocks)
{
	pthread_t thread;

	pthread_create(&thread, NULL, in_a_thread_of_large_blocks, NULL);
	pthread_join(thread, NULL);
}
END_TEST

/* Others see it as it is, without a call that takes the arena's lock. */
START_TEST(the_page_shows_it)
{
	const struct live_shelf *shelves = dmem_live->shelves;
	const struct live_numbers *numbers = &dmem_live->numbers;
	struct live_shelf sum = { 0 };
	struct datamem_stats stats;
	char *ptr;

	pairs(300);
	ptr = datamem_alloc(SIZE);
	stats = stats_now();
	for (size_t i = 0; i < LIVE_SHELVES; i++) {
		sum.allocs += shelves[i].allocs;
		sum.frees += shelves[i].frees;
		sum.nbytes += shelves[i].nbytes;
		sum.kept += shelves[i].kept;
		sum.charged += shelves[i].charged;
	}
	ck_assert_uint_gt(sum.allocs, 100);
	ck_assert_uint_gt(sum.kept, 0);
	ck_assert_uint_eq(sum.kept, dmem_shelf_bytes());
	ck_assert_uint_eq(numbers->large_allocs + sum.allocs, stats.allocs);
	ck_assert_uint_eq(numbers->large_frees + sum.frees, stats.frees);
	ck_assert_uint_eq(numbers->large_bytes + sum.nbytes, SIZE);
	ck_assert_uint_eq(numbers->charged_bytes - sum.charged, SIZE);
	ck_assert_uint_eq(numbers->retained_bytes + sum.kept,
			  stats.retained_bytes);
	ck_assert_uint_eq(stats.live_bytes, SIZE);
	datamem_free(ptr, SIZE);
}
END_TEST

/* They are zero, and use nothing up that limits leave for others. */
START_TEST(zeroed_ones)
{
	size_t nbytes = 3 * DMEM_MIB;

	for (unsigned int i = 0; i < 100; i++) {
		char *ptr = datamem_alloc_zeroed(nbytes, 1);

		asked = i < 10 ? 0 : asked;
		ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1));
		memset(ptr, 0x5a, nbytes);
		datamem_free(ptr, nbytes);
	}
	ck_assert_uint_eq(asked, 0);
}
END_TEST

static void *pairs_in_thread(void *arg)
{
	pairs(PAIRS);
	return arg;
}

START_TEST(nor_do_threads)
{
	pthread_t threads[8];
	struct datamem_stats before = stats_now(), after;
	unsigned int locked_before = locked;

	for (size_t i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, pairs_in_thread, NULL);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	after = stats_now();
	ck_assert_uint_eq(after.allocs, before.allocs + 8 * PAIRS);
	ck_assert_uint_eq(after.frees, before.frees + 8 * PAIRS);
	ck_assert_uint_eq(after.live_blocks, 0);
	ck_assert_uint_eq(after.live_bytes, 0);
	ck_assert_uint_le(locked - locked_before, 8 * PAIRS / 10);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().held_bytes, 0);
	/* What was charged was charged for blocks. */
	datamem_peak_reset();
	ck_assert_uint_eq(dmem_limit_refuses(1), false);
	ck_assert_uint_eq(dmem_live->numbers.charged_bytes, 0);
}
END_TEST

/* Blocks on a shelf are charged for, until others need it. */
START_TEST(near_the_limit)
{
	char *ptr;

	set("limit.max", "8M");
	datamem_free(datamem_alloc(4 * DMEM_MIB), 4 * DMEM_MIB);
	for (size_t i = 0; i < 3; i++) {
		ptr = datamem_alloc(4 * DMEM_MIB);
		ck_assert_ptr_nonnull(ptr);
		datamem_free(ptr, 4 * DMEM_MIB);
		ck_assert_uint_gt(dmem_shelf_bytes(), 0);
		ptr = datamem_alloc(8 * DMEM_MIB);
		ck_assert_ptr_nonnull(ptr);
		ck_assert_ptr_null(datamem_alloc(SIZE));
		datamem_free(ptr, 8 * DMEM_MIB);
	}
	/* Also for a block that grows. */
	ptr = datamem_alloc(4 * DMEM_MIB);
	datamem_free(datamem_alloc(3 * DMEM_MIB), 3 * DMEM_MIB);
	datamem_free(datamem_alloc(3 * DMEM_MIB), 3 * DMEM_MIB);
	ck_assert_uint_gt(dmem_shelf_bytes(), 0);
	ptr = datamem_realloc(ptr, 7 * DMEM_MIB);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 7 * DMEM_MIB);
	ck_assert_uint_eq(stats_now().failed_allocs, 3);
	set("limit.max", "0");
}
END_TEST

/* Of threads that free one block at a time, one does. */
static pthread_barrier_t barrier;
static char *volatile shared;

static void *free_it(void *arg)
{
	for (size_t i = 0; i < 200; i++) {
		pthread_barrier_wait(&barrier);
		datamem_free(shared, 1);
		pthread_barrier_wait(&barrier);
	}
	return arg;
}

START_TEST(one_of_two_frees)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, free_it, NULL);
	for (size_t i = 0; i < 200; i++) {
		shared = datamem_alloc(SIZE);
		pthread_barrier_wait(&barrier);
		datamem_free(shared, 1);
		pthread_barrier_wait(&barrier);
		ck_assert_uint_eq(stats_now().double_frees, i + 1);
		ck_assert_uint_eq(stats_now().live_blocks, 0);
	}
	pthread_join(thread, NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("again");
	TCase *tcase = tcase_create("blocks that come again");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 240);
	tcase_add_test(tcase, pairs_take_no_lock);
	tcase_add_test(tcase, beside_full_shelves);
	tcase_add_test(tcase, a_thread_of_large_blocks);
	tcase_add_test(tcase, the_page_shows_it);
	tcase_add_test(tcase, zeroed_ones);
	tcase_add_test(tcase, nor_do_threads);
	tcase_add_test(tcase, near_the_limit);
	tcase_add_test(tcase, one_of_two_frees);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

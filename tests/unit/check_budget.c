/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Budgets of caches: each thread's own, shares, what idle threads give up. */
#include "cache/budget.h"

#include <pthread.h>
#include <semaphore.h>

#include "cache/roster.h"
#include "cache/threads.h"
#include "library.h"
#include "settings/settings.h"

#define IDLE 48
#define BLOCKS 64

static pthread_barrier_t barrier;
static sem_t filled;
static pthread_t idle[IDLE];

/* Where memory is short, the service thread empties caches. */
static void be_alone(void)
{
	set("control", "page");
}

static void batches(size_t nbytes, unsigned int n, unsigned int rounds)
{
	void *ptrs[BLOCKS];

	while (rounds-- > 0) {
		for (unsigned int i = 0; i < n; i++)
			ptrs[i] = datamem_alloc(nbytes);
		for (unsigned int i = 0; i < n; i++)
			datamem_free(ptrs[i], nbytes);
	}
}

/* Misses of the calling thread's bin during batches. */
static uint64_t misses(size_t nbytes, unsigned int n, unsigned int rounds)
{
	unsigned int cls = dmem_class_of(nbytes);
	uint64_t before = dmem_threads_attach()->own.bin[cls].misses;

	batches(nbytes, n, rounds);
	return dmem_threads_attach()->own.bin[cls].misses - before;
}

static void *fill_and_sleep(void *arg)
{
	for (size_t nbytes = 2000; nbytes <= 64000; nbytes += 4000)
		batches(nbytes, DMEM_MIN(BLOCKS, (unsigned int)
					 (400000 / nbytes)), 10);
	sem_post(&filled);
	pthread_barrier_wait(&barrier);
	return arg;
}

/* One after the other: who fills beside others gets less, and may leave some. */
static void begin_idle(void)
{
	pthread_barrier_init(&barrier, NULL, IDLE + 1);
	sem_init(&filled, 0, 0);
	for (size_t i = 0; i < IDLE; i++) {
		ck_assert_int_eq(pthread_create(&idle[i], NULL, fill_and_sleep,
						NULL), 0);
		while (sem_wait(&filled))
			;
	}
}

static void end_idle(void)
{
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < IDLE; i++)
		pthread_join(idle[i], NULL);
	pthread_barrier_destroy(&barrier);
	sem_destroy(&filled);
}

/* What others hold leaves a thread its own. */
START_TEST(a_floor_for_each)
{
	static const size_t sizes[] = { 80, 8000, 20000, 32000 };

	set("cache.total", "16M");
	set("cache.max", "2M");
	begin_idle();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes); i++) {
		set("cache.enabled", "off");
		set("cache.enabled", "on");
		batches(sizes[i], 1, 10);
		ck_assert_uint_eq(misses(sizes[i], 1, 1000), 0);
	}
	end_idle();
}
END_TEST

/* The time stands still where a test says what it is. */
static uint64_t clock_ms;

uint64_t __real_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	uint64_t set_ms = dmem_load(&clock_ms);

	return set_ms ? set_ms : __real_dmem_kernel_clock_ms();
}

/* What the caches of all others may hold. */
static size_t of_others(void)
{
	struct dmem_thread *self = dmem_threads_attach();
	size_t sum = 0;

	dmem_threads_lock();
	for (struct dmem_thread *t = dmem_roster.first; t; t = t->next) {
		dmem_lock(t->lock);
		sum += t == self ? 0 : t->reserved;
		dmem_unlock(t->lock);
	}
	dmem_threads_unlock();
	return sum;
}

/* Threads that sleep make room for one that works; not those that were at work
 * a moment ago, which may wait for a processor. */
START_TEST(idle_threads_give_way)
{
	size_t others;

	set("cache.total", "16M");
	dmem_store(&clock_ms, __real_dmem_kernel_clock_ms());
	begin_idle();
	others = of_others();
	ck_assert_uint_gt(others, DMEM_MIB);
	misses(16000, BLOCKS, 200);
	ck_assert_uint_gt(misses(16000, BLOCKS, 200), 0);
	ck_assert_uint_eq(of_others(), others);
	/* Who was at work lately is seen first. */
	for (int i = 0; i < 2; i++) {
		dmem_store(&clock_ms, clock_ms + 1000);
		misses(16000, BLOCKS, 200);
	}
	ck_assert_uint_lt(of_others(), others);
	ck_assert_uint_eq(misses(16000, BLOCKS, 100), 0);
	/* Not more than there may be, beside floors. */
	ck_assert_uint_le(dmem_budget_reserved(), 17 * DMEM_MIB);
	end_idle();
}
END_TEST

/* Where nobody can be kept off its bins, nothing is taken. */
static bool no_membarrier;

int __real_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void);
int __wrap_dmem_kernel_membarrier(void)
{
	return no_membarrier ? -ENOSYS : __real_dmem_kernel_membarrier();
}

START_TEST(without_membarrier)
{
	no_membarrier = true;
	set("cache.total", "16M");
	begin_idle();
	batches(8000, BLOCKS, 100);
	ck_assert_uint_eq(misses(8000, 1, 1000), 0);
	end_idle();
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static void *take_share(void *arg)
{
	struct dmem_thread *self;

	batches(16000, BLOCKS, 100);
	pthread_barrier_wait(&barrier);
	/* The others came meanwhile. */
	batches(12000, BLOCKS, 100);
	/* One of the others may be emptying this cache just now. */
	self = dmem_threads_attach();
	dmem_lock(self->lock);
	*(size_t *)arg = self->reserved;
	dmem_unlock(self->lock);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* Nobody keeps more than the others can have. */
START_TEST(equal_shares)
{
	pthread_t threads[8];
	size_t reserved[8];

	set("cache.total", "4M");
	set("cache.max", "4M");
	pthread_barrier_init(&barrier, NULL, 8);
	for (size_t i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, take_share, &reserved[i]);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < 8; i++)
		ck_assert_uint_le(reserved[i], 2 * DMEM_MIB);
	ck_assert_uint_eq(dmem_budget_reserved(), 0);
}
END_TEST

/* Settings that leave a thread nothing are obeyed. */
START_TEST(nothing_for_anybody)
{
	static const char *const names[] = { "cache.total", "cache.max" };

	for (size_t i = 0; i < 2; i++) {
		set(names[i], "0");
		batches(8000, BLOCKS, 10);
		batches(100, BLOCKS, 10);
		ck_assert_uint_eq(dmem_budget_reserved(), 0);
		set(names[i], "8M");
	}
}
END_TEST

#define BATCHES 2000

/* Misses of batches of 32 of sizes drawn from 1 to 63 KiB. */
static uint64_t misses_of_many(void)
{
	struct dmem_thread *self = dmem_threads_attach();
	uint64_t before = 0, after = 0, dice = UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		before += self->own.bin[cls].misses;
	for (int i = 0; i < BATCHES; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 7;
		dice ^= dice << 17;
		batches(1024 + dice % (62 * 1024), 32, 1);
	}
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++)
		after += self->own.bin[cls].misses;
	return after - before;
}

/* Whoever goes through more sizes than its cache has room for exchanges whole
 * bins, and does not take block by block. */
START_TEST(bins_are_exchanged)
{
	set("cache.max", "6M");
	misses_of_many();
	ck_assert_uint_le(misses_of_many(), 2 * BATCHES);
}
END_TEST

static void *attach(void *arg)
{
	*(struct dmem_thread **)arg = dmem_threads_attach();
	return NULL;
}

/* A record that is free is found at once, whoever stands around it. */
START_TEST(records_are_reused)
{
	struct dmem_thread *first, *now;
	pthread_t thread;

	pthread_create(&thread, NULL, attach, &first);
	pthread_join(thread, NULL);
	begin_idle();
	for (size_t i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, attach, &now);
		pthread_join(thread, NULL);
		if (i)
			ck_assert_ptr_eq(now, first);
		first = now;
	}
	end_idle();
	/* The last one is on top, and each is handed out once. */
	ck_assert_ptr_null(dmem_roster.first);
	for (struct dmem_thread *t = dmem_roster.idle; t; t = t->next)
		ck_assert(!t->taken);
	begin_idle();
	ck_assert_uint_eq(stats_now().threads, IDLE);
	end_idle();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tc = tcase_create("budget");

	tcase_add_checked_fixture(tc, be_alone, NULL);
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, a_floor_for_each);
	tcase_add_test(tc, idle_threads_give_way);
	tcase_add_test(tc, without_membarrier);
	tcase_add_test(tc, equal_shares);
	tcase_add_test(tc, nothing_for_anybody);
	tcase_add_test(tc, bins_are_exchanged);
	tcase_add_test(tc, records_are_reused);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

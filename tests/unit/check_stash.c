/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks that go from thread to thread by way of a full stash. */
#include "slab/slab.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"
#include "slab/spans.h"

static unsigned int tried;
int __real_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	tried++;
	return __real_pthread_mutex_trylock(mutex);
}

/* Slabs that were made. */
static unsigned int made;
struct dmem_slab *__real_dmem_spans_take(unsigned int cls, unsigned int nspans);
struct dmem_slab *__wrap_dmem_spans_take(unsigned int cls, unsigned int nspans);
struct dmem_slab *__wrap_dmem_spans_take(unsigned int cls, unsigned int nspans)
{
	made++;
	return __real_dmem_spans_take(cls, nspans);
}

/* One that ages has a slab in its hands; what others do goes on meanwhile. */
static __thread bool ages;
static _Atomic bool inside, done;

static void be_slow(void)
{
	inside = true;
	for (int ms = 0; ms < 300 && !done; ms++)
		usleep(1000);
}

void __real_dmem_spans_give(struct dmem_slab *slab);
void __wrap_dmem_spans_give(struct dmem_slab *slab);
void __wrap_dmem_spans_give(struct dmem_slab *slab)
{
	if (ages && !inside)
		be_slow();
	__real_dmem_spans_give(slab);
}

static uint64_t ram = 4 * DMEM_GIB;
uint64_t __wrap_dmem_kernel_ram(void);
uint64_t __wrap_dmem_kernel_ram(void)
{
	return ram;
}

uint64_t __wrap_dmem_kernel_cgroup_limit(void);
uint64_t __wrap_dmem_kernel_cgroup_limit(void)
{
	return UINT64_MAX;
}

/* Nobody else ages, nor tries a lock. */
static void setup(void)
{
	set("control", "off");
}

static void *blocks[4 * DMEM_STASH_MAX];

static void take(unsigned int cls, size_t n)
{
	for (size_t got = 0; got < n;)
		got += dmem_slab_take(cls, blocks + got, n - got);
}

/* One that is as large as it may be has no use for the room of others. */
START_TEST(a_full_one_asks_nobody)
{
	unsigned int cls = dmem_class_of(80);
	size_t n = DMEM_ARRAY_SIZE(blocks);

	dmem_library_init();
	take(cls, n);
	tried = 0;
	for (size_t i = 0; i < n; i += 64)
		dmem_slab_pass(cls, blocks + i, 64);
	ck_assert_uint_eq(tried, 0);
}
END_TEST

/* More than all have to spare; returns the bytes that they took. */
static size_t fill(void)
{
	unsigned int first = dmem_class_of(4 * DMEM_KIB);
	unsigned int last = dmem_class_of(64 * DMEM_KIB);
	size_t n = 128, out, stashed, sum = 0;

	for (unsigned int cls = first; cls <= last; cls++) {
		take(cls, 2 * n);
		dmem_slab_pass(cls, blocks, n);
		dmem_slab_pass(cls, blocks + n, n);
	}
	for (unsigned int cls = first; cls <= last; cls++) {
		dmem_slab_count(cls, &out, &stashed);
		ck_assert_uint_eq(out, 0);
		sum += stashed * dmem_classes[cls].size;
	}
	return sum;
}

/* One that could be larger, and finds no room, does ask. */
START_TEST(a_small_one_asks)
{
	dmem_library_init();
	tried = 0;
	fill();
	ck_assert_uint_gt(tried, 0);
	dmem_slab_trim();
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* Where there is memory, all may hold more; not where there is little. */
START_TEST(there_is_room_where_there_is_memory)
{
	size_t before, after;

	ram = _i ? 16 * DMEM_GIB : 4 * DMEM_GIB;
	dmem_library_init();
	before = fill();
	dmem_slab_settle();
	after = fill();
	ck_assert_uint_lt(before, 26 * DMEM_MIB);
	ck_assert_int_eq(after > 40 * DMEM_MIB, _i);
	dmem_slab_trim();
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* 1 to 64 KiB, 32 of a size at a time: more than a cache holds. */
static void batches(unsigned int rounds)
{
	unsigned int first = dmem_class_of(DMEM_KIB + 1), cls;
	unsigned int last = dmem_class_of(64 * DMEM_KIB);

	for (unsigned int i = 0; i < rounds * (last - first + 1); i++) {
		/* Coprime to the number of classes. */
		cls = first + i * 7 % (last - first + 1);
		for (size_t k = 0; k < 32; k++)
			blocks[k] = datamem_alloc(dmem_classes[cls].size);
		for (size_t k = 0; k < 32; k++)
			datamem_free(blocks[k], 1);
	}
}

START_TEST(batches_make_no_slabs)
{
	ram = 24 * DMEM_GIB;
	batches(10);
	made = 0;
	batches(10);
	/* 15,360 blocks. */
	ck_assert_uint_le(made, 100);
}
END_TEST

static size_t stashed_of(unsigned int cls)
{
	size_t out, stashed;

	dmem_slab_count(cls, &out, &stashed);
	return stashed;
}

/* What nobody needs goes back to slabs, and what is used stays. */
START_TEST(unused_ones_are_emptied)
{
	unsigned int used = dmem_class_of(80), unused = dmem_class_of(8000);

	dmem_library_init();
	take(unused, 32);
	dmem_slab_pass(unused, blocks, 32);
	ck_assert_uint_gt(stashed_of(unused), 0);
	for (int i = 0; i < 3; i++) {
		take(used, 64);
		dmem_slab_pass(used, blocks, 64);
		dmem_slab_age(0);
	}
	ck_assert_uint_eq(stashed_of(unused), 0);
	ck_assert_uint_gt(stashed_of(used), 0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

static void *age(void *arg)
{
	ages = true;
	dmem_slab_age(0);
	/* ThreadSanitizer tells a child of those that have ended. */
	while (!done)
		usleep(1000);
	return arg;
}

static size_t held_after_trim(void)
{
	datamem_trim(0);
	return stats_now().held_bytes;
}

static size_t held_in_a_child(void)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(held_after_trim() != 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return (size_t)status;
}

/* What becomes empty by age is nobody's for a moment: a trim finds it all the
 * same, and a child does not lose it. */
START_TEST(aged_beside_others)
{
	unsigned int cls = dmem_class_of(64 * DMEM_KIB);
	pthread_t thread;
	size_t held;

	dmem_library_init();
	take(cls, 32);
	dmem_slab_pass(cls, blocks, 32);
	dmem_slab_age(0);
	ck_assert_uint_gt(stashed_of(cls), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, age, NULL), 0);
	while (!inside)
		usleep(1000);
	held = _i ? held_in_a_child() : held_after_trim();
	done = true;
	pthread_join(thread, NULL);
	ck_assert_uint_eq(held, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stash");
	TCase *tcase = tcase_create("full stashes");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_full_one_asks_nobody);
	tcase_add_test(tcase, a_small_one_asks);
	tcase_add_loop_test(tcase, there_is_room_where_there_is_memory, 0, 2);
	tcase_add_test(tcase, batches_make_no_slabs);
	tcase_add_test(tcase, unused_ones_are_emptied);
	tcase_add_loop_test(tcase, aged_beside_others, 0, 2);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

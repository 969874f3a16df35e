/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Guard sampling: blocks that are guarded are blocks as all others. */
#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS_MAX 1000

/* The compiler would know too much of blocks. */
static volatile size_t most = SIZE_MAX;

START_TEST(switching)
{
	static const char *const bad[] = {
		"", "on", "1", "2", "0/1", "1/0", "1/", "1/x", "2/3", "1/-1",
		"1/1000000001", "1/1 ",
	};
	char value[40], *ptr;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(datamem_setting_set("guard", bad[i]) == -EINVAL,
			      "%s", bad[i]);
	ck_assert_int_eq(datamem_setting_get("guard", value, sizeof(value)), 0);
	ck_assert_str_eq(value, "off");
	/* Sanitizers have one. */
	ck_assert(HARNESS_SANITIZED || !handler_now());
	datamem_free(datamem_alloc(100), 100);
	ck_assert_uint_eq(stats_now().guarded_allocs, 0);
	for (int i = 0; i < 3; i++) {
		set("guard", "1/1000000000");
		set("guard", ALL);
		ck_assert_int_eq(datamem_setting_get("guard", value,
						     sizeof(value)), 0);
		ck_assert_str_eq(value, ALL);
		ptr = datamem_alloc(100);
		ck_assert_uint_eq(stats_now().guarded_blocks, 1);
		ck_assert_uint_eq(datamem_usable_size(ptr), 100);
		set("guard", "off");
		/* It is freed as any other. */
		memset(ptr, 1, 100);
		datamem_free(ptr, 100);
		datamem_free(datamem_alloc(100), 100);
		ck_assert_uint_eq(stats_now().guarded_blocks, 0);
		ck_assert_uint_eq(stats_now().guarded_allocs, i + 1);
	}
}
END_TEST

/* Distances are uniform: 1000 of them have a deviation of 18 in their number. */
START_TEST(rates)
{
	static const size_t of[] = { 80, 20000, MIB };
	uint64_t before, made;

	set("guard", "1/10");
	before = stats_now().guarded_allocs;
	for (int i = 0; i < 10000; i++)
		datamem_free(datamem_alloc(of[_i]), of[_i]);
	made = stats_now().guarded_allocs - before;
	ck_assert_uint_ge(made, 800);
	ck_assert_uint_le(made, 1200);
	before = stats_now().guarded_allocs;
	for (int i = 0; i < 10000; i++)
		datamem_dims_free(datamem_dims_alloc(3), 3);
	made = stats_now().guarded_allocs - before;
	ck_assert_uint_ge(made, 800);
	ck_assert_uint_le(made, 1200);
}
END_TEST

START_TEST(resizing)
{
	size_t nbytes = sizes[_i];
	char *ptr;

	set("guard", _i & 1 ? ALL : "1/2");
	for (int i = 0; i < 8; i++) {
		ptr = datamem_alloc_zeroed(nbytes, 1);
		ck_assert(is_all(ptr, nbytes, 0));
		memset(ptr, 1, nbytes);
		ptr = datamem_realloc(ptr, 3 * nbytes);
		ck_assert(is_all(ptr, nbytes, 1));
		memset(ptr, 2, 3 * nbytes);
		ck_assert_int_eq(datamem_try_resize(ptr, 3 * nbytes), 0);
		ck_assert_int_eq(datamem_try_resize(ptr, nbytes), 0);
		ptr = datamem_realloc(ptr, nbytes);
		ck_assert(is_all(ptr, nbytes, 2));
		ptr = datamem_realloc(ptr, 0);
		ck_assert(is_all(ptr, 1, 2));
		datamem_free(ptr, 1);
	}
	set("guard", ALL);
	ptr = datamem_alloc(nbytes);
	ck_assert_int_eq(datamem_try_resize(ptr, nbytes + 1), -ENOSPC);
	errno = 0;
	ck_assert_ptr_null(datamem_realloc(ptr, most));
	ck_assert_int_eq(errno, ENOMEM);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
	ck_assert_uint_eq(stats_now().guard_reports, 0);
}
END_TEST

START_TEST(alignments)
{
	size_t align = (size_t)1 << _i;
	uint64_t made = stats_now().guarded_allocs;

	set("guard", ALL);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *ptr = datamem_alloc_aligned(sizes[i], align);

		ck_assert_uint_eq((uintptr_t)ptr & (align - 1), 0);
		memset(ptr, 1, sizes[i]);
		ptr = datamem_realloc(ptr, 2 * sizes[i]);
		ck_assert_uint_eq((uintptr_t)ptr & (align - 1), 0);
		ck_assert(is_all(ptr, sizes[i], 1));
		memset(ptr, 1, 2 * sizes[i]);
		datamem_free(ptr, sizes[i]);
	}
	ck_assert_uint_eq(stats_now().guarded_allocs - made, 2 * COUNT(sizes));
	ck_assert_uint_eq(stats_now().guard_reports, 0);
}
END_TEST

START_TEST(handlers_and_buffers)
{
	static const char *const names[] = { "default_allocator", "datamem",
					     "debug", "system" };
	const struct datamem_handler *handler = datamem_handler_find(names[_i]);
	struct datamem_buffer buffer;

	set("guard", ALL);
	ck_assert_ptr_nonnull(datamem_handler_set(handler));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char *ptr = datamem_handler_alloc_zeroed(handler, sizes[i], 1);

		ck_assert(is_all(ptr, sizes[i], 0));
		memset(ptr, 1, sizes[i]);
		ptr = datamem_handler_realloc(handler, ptr, sizes[i] + 1);
		ck_assert(is_all(ptr, sizes[i], 1));
		datamem_handler_free(handler, ptr, sizes[i] + 1);
		ck_assert_int_eq(datamem_buffer_init(&buffer, sizes[i]), 0);
		memset(buffer.data, 1, sizes[i]);
		ck_assert_int_eq(datamem_buffer_resize(&buffer, 2 * sizes[i]),
				 0);
		ck_assert(is_all(buffer.data, sizes[i], 1));
		datamem_buffer_release(&buffer);
	}
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().guarded_blocks, 0);
	ck_assert_uint_eq(stats_now().guard_reports, 0);
	ck_assert_uint_eq(stats_now().large_hints, 0);
	ck_assert_uint_eq(stats_now().foreign_pointers, 0);
	/* The others have mistakes found in their own ways. */
	ck_assert_int_eq(stats_now().guarded_allocs > 0, _i < 2);
}
END_TEST

START_TEST(numbers)
{
	struct datamem_hugepage_receipt receipt;
	struct datamem_trace_totals totals;
	struct datamem_stats stats;
	char *small, *large;

	set("guard", ALL);
	ck_assert_int_eq(datamem_trace_start(), 0);
	small = datamem_alloc(1000);
	large = datamem_alloc(5 * MIB);
	stats = stats_now();
	ck_assert_uint_eq(stats.guarded_blocks, 2);
	ck_assert_uint_eq(stats.guarded_bytes, 1000 + 5 * MIB);
	ck_assert_uint_eq(stats.live_blocks, 2);
	ck_assert_uint_eq(stats.live_bytes, 1000 + 5 * MIB);
	ck_assert_uint_ge(stats.held_bytes, stats.live_bytes);
	ck_assert_uint_ge(stats.peak_bytes, stats.live_bytes);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.bytes, 1000 + 5 * MIB);
	ck_assert_int_eq(datamem_hugepage_receipt_get(large, 0, &receipt,
						      sizeof(receipt)), 0);
	ck_assert_uint_eq(receipt.asked, 5 * MIB);
	ck_assert_uint_eq(receipt.eligible, 0);
	ck_assert_uint_eq(receipt.advised, 0);
	ck_assert_int_eq(datamem_promote(large, 0), 0);
	datamem_free(small, 1000);
	datamem_free(large, 5 * MIB);
	stats = stats_now();
	ck_assert_uint_eq(stats.live_bytes, 0);
	ck_assert_uint_eq(stats.live_blocks, 0);
	ck_assert_uint_eq(stats.allocs, stats.frees);
	datamem_trace_stop();
}
END_TEST

START_TEST(limit)
{
	char *ptr;

	set("guard", ALL);
	set("limit.max", "3M");
	ptr = datamem_alloc(2 * MIB);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_ptr_null(datamem_alloc(2 * MIB));
	ck_assert_int_eq(errno, ENOMEM);
	datamem_free(ptr, 2 * MIB);
	ptr = datamem_alloc(2 * MIB);
	ck_assert_ptr_nonnull(ptr);
	datamem_free(ptr, 2 * MIB);
}
END_TEST

/* What does not find a record any more is a block as any other. */
START_TEST(no_more_than_a_thousand)
{
	static char *ptr[BLOCKS_MAX + 500];

	set("guard", ALL);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < COUNT(ptr); i++) {
			ptr[i] = datamem_alloc(100 + i);
			memset(ptr[i], (int)i, 100 + i);
		}
		ck_assert_uint_eq(stats_now().guarded_blocks, BLOCKS_MAX);
		for (size_t i = 0; i < COUNT(ptr); i++) {
			ck_assert(is_all(ptr[i], 100 + i, (char)i));
			datamem_free(ptr[i], 100 + i);
		}
		ck_assert_uint_eq(stats_now().guarded_blocks, 0);
	}
	ck_assert_uint_eq(stats_now().guard_reports, 0);
}
END_TEST

#define THREADS 8
#define OPERATIONS 3000
#define HELD 16

struct worker {
	unsigned int seed;
	size_t wrong;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct { char *ptr; size_t nbytes; } held[HELD] = { { NULL, 0 } };

	for (int i = 0; i < OPERATIONS; i++) {
		size_t at = (size_t)rand_r(&worker->seed) % HELD;
		size_t nbytes = sizes[(size_t)rand_r(&worker->seed) %
				      (COUNT(sizes) - 3)];
		char byte = (char)at;

		if (held[at].ptr &&
		    (held[at].ptr[0] != byte ||
		     held[at].ptr[held[at].nbytes - 1] != byte))
			worker->wrong++;
		if (i % 3 == 0) {
			held[at].ptr = datamem_realloc(held[at].ptr, nbytes);
		} else {
			datamem_free(held[at].ptr, held[at].nbytes);
			held[at].ptr = datamem_alloc(nbytes);
		}
		held[at].nbytes = nbytes;
		memset(held[at].ptr, byte, nbytes);
	}
	for (size_t at = 0; at < HELD; at++)
		datamem_free(held[at].ptr, held[at].nbytes);
	return NULL;
}

START_TEST(threads)
{
	static const char *const turns[] = { "1/3", "off", ALL, "1/100" };
	struct worker workers[THREADS];
	pthread_t ids[THREADS];

	set("guard", turns[0]);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker) { i + 1, 0 };
		ck_assert_int_eq(pthread_create(&ids[i], NULL, work,
						&workers[i]), 0);
	}
	/* Switched under their hands. */
	for (size_t i = 0; _i && i < 40; i++) {
		set("guard", turns[i % COUNT(turns)]);
		usleep(1000);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		ck_assert_uint_eq(workers[i].wrong, 0);
	}
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().guarded_blocks, 0);
	ck_assert_uint_eq(stats_now().guard_reports, 0);
	ck_assert_uint_eq(stats_now().double_frees, 0);
}
END_TEST

static bool switched;

static void *switch_often(void *arg)
{
	for (int i = 0; i < 100; i++) {
		datamem_setting_set("guard", "1/100");
		datamem_setting_set("guard", "off");
	}
	__atomic_store_n(&switched, true, __ATOMIC_RELEASE);
	return arg;
}

/* What there is to say of it is asked for while it is switched. */
START_TEST(noted_meanwhile)
{
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, switch_often, NULL), 0);
	while (!__atomic_load_n(&switched, __ATOMIC_ACQUIRE))
		note_of("guard");
	pthread_join(id, NULL);
	ck_assert_str_eq(note_of("guard"), "");
}
END_TEST

static void *work_on_little_stack(void *arg)
{
	for (int i = 0; i < 100; i++)
		datamem_free(datamem_alloc(100), 100);
	return arg;
}

START_TEST(little_stack)
{
	long least = sysconf(_SC_THREAD_STACK_MIN);
	pthread_attr_t attr;
	pthread_t id;

	if (HARNESS_SANITIZED || HARNESS_TSAN)
		harness_skip("sanitizers need more stack");
	set("guard", ALL);
	pthread_attr_init(&attr);
	/* On some processors the C library refuses less than 128 KiB. */
	ck_assert_int_eq(pthread_attr_setstacksize(
				 &attr, least > 16384 ? (size_t)least : 16384),
			 0);
	ck_assert_int_eq(pthread_create(&id, &attr, work_on_little_stack, NULL),
			 0);
	pthread_join(id, NULL);
	pthread_attr_destroy(&attr);
	ck_assert_uint_ge(stats_now().guarded_allocs, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard");
	TCase *tcase = tcase_create("guard");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, switching);
	tcase_add_loop_test(tcase, rates, 0, 3);
	tcase_add_loop_test(tcase, resizing, 0, COUNT(sizes));
	tcase_add_loop_test(tcase, alignments, 0, 22);
	tcase_add_loop_test(tcase, handlers_and_buffers, 0, 4);
	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, limit);
	tcase_add_test(tcase, no_more_than_a_thousand);
	tcase_add_loop_test(tcase, threads, 0, 2);
	tcase_add_test(tcase, noted_meanwhile);
	tcase_add_test(tcase, little_stack);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ring of events from inside: what is told, to whom, and its end. */
#define _GNU_SOURCE
#include "events-reader.h"

#include <sched.h>

START_TEST(each_call_is_told)
{
	void *ptr, *other;

	begin();
	ptr = datamem_alloc(5000);
	expect(EVENTS_ALLOC, ptr, 5000);
	other = datamem_realloc(ptr, 9000000);
	expect(EVENTS_TAKE, ptr, 0);
	expect(EVENTS_RESIZE, other, 9000000);
	ck_assert_int_eq(datamem_try_resize(other, 8000000), 0);
	expect(EVENTS_TAKE, other, 0);
	expect(EVENTS_RESIZE, other, 8000000);
	ck_assert_ptr_null(datamem_realloc(other, PTRDIFF_MAX));
	expect(EVENTS_TAKE, other, 0);
	expect(EVENTS_KEEP, other, 0);
	datamem_free(other, 8000000);
	expect(EVENTS_FREE, other, 0);
	ptr = datamem_alloc_zeroed(100, 100);
	expect(EVENTS_ZEROED, ptr, 10000);
	datamem_free(ptr, 0);
	expect(EVENTS_FREE, ptr, 0);
	ptr = datamem_alloc_aligned(70000, 4096);
	expect(EVENTS_ALLOC, ptr, 70000);
	datamem_free(ptr, 70000);
	expect(EVENTS_FREE, ptr, 0);
	expect_nothing();
}
END_TEST

START_TEST(small_ones_are_not_told)
{
	void *ptr;

	begin();
	for (int i = 0; i < 1000; i++)
		datamem_free(datamem_alloc(2000), 2000);
	ptr = datamem_realloc(datamem_alloc(100), 200);
	datamem_free(ptr, 200);
	expect_nothing();
	ck_assert_uint_eq(ring->lost, 0);
}
END_TEST

/* The arguments of one block in the list. */
static bool lists(const void *ptr, size_t least, size_t most)
{
	struct events_entry entry;
	bool found = false;

	while (next(&entry)) {
		if (EVENTS_OP(entry.what) == EVENTS_LIST_END)
			return found;
		if (EVENTS_OP(entry.what) != EVENTS_LISTED ||
		    entry.address != (uintptr_t)ptr)
			continue;
		ck_assert(!found);
		ck_assert_uint_ge(EVENTS_SIZE(entry.what), least);
		ck_assert_uint_le(EVENTS_SIZE(entry.what), most);
		found = true;
	}
	ck_abort_msg("the list has no end");
}

static struct live_process *list_again(struct live_process *page)
{
	ck_assert_int_eq(request(page, "list", 0), 0);
	return page;
}

/* Guarded ones, too. */
START_TEST(live_blocks_are_listed_and_no_others)
{
	void *small, *large, *aligned, *tiny, *cached[20], *shelved = NULL;
	struct live_process *page;

	set("guard", _i ? "1/1" : "off");
	small = datamem_alloc(5000);
	large = datamem_alloc(3000000);
	aligned = datamem_alloc_aligned(200000, 65536);
	tiny = datamem_alloc(100);
	for (size_t i = 0; i < 20; i++)
		cached[i] = datamem_alloc(6000);
	for (size_t i = 0; i < 20; i++)
		datamem_free(cached[i], 6000);
	for (int i = 0; i < 20; i++) {
		shelved = datamem_alloc(400000);
		datamem_free(shelved, 400000);
	}
	page = begin();
	list_again(page);
	ck_assert(lists(small, 5000, 5632));
	list_again(page);
	ck_assert(lists(large, 3000000, 3000000));
	list_again(page);
	ck_assert(lists(aligned, 200000, 200000));
	list_again(page);
	ck_assert(!lists(tiny, 0, SIZE_MAX));
	list_again(page);
	ck_assert(!lists(shelved, 0, SIZE_MAX));
	for (size_t i = 0; i < 20; i++) {
		list_again(page);
		ck_assert(!lists(cached[i], 0, SIZE_MAX));
	}
	/* Bins are open again, for those that are not told of. */
	for (int i = 0; !_i && i < 100; i++)
		datamem_free(datamem_alloc(300), 300);
	datamem_free(small, 5000);
	expect(EVENTS_FREE, small, 0);
	datamem_free(large, 0);
	datamem_free(aligned, 0);
	datamem_free(tiny, 0);
}
END_TEST

START_TEST(what_finds_no_room_is_counted)
{
	struct events_entry entry;
	uint32_t told = 0;

	begin();
	beat();
	for (uint32_t i = 0; i < EVENTS_ENTRIES; i++) {
		datamem_free(datamem_alloc(5000), 5000);
		if (i % 1024 == 0)
			beat();
	}
	beat();
	ck_assert_uint_eq(ring->lost, EVENTS_ENTRIES);
	for (; next(&entry); told++)
		ck_assert_uint_eq(EVENTS_OP(entry.what),
				  told % 2 ? EVENTS_FREE : EVENTS_ALLOC);
	ck_assert_uint_eq(told, EVENTS_ENTRIES);
	/* There is room again. */
	datamem_free(datamem_alloc(5000), 5000);
	ck_assert(next(&entry) && next(&entry));
	expect_nothing();
}
END_TEST

START_TEST(a_reader_that_wants_no_more_is_left)
{
	struct live_process *page = begin();
	struct datamem_stats before = stats_now();

	ck_assert_int_eq(request(page, "begin", MIN), -EBUSY);
	ck_assert_uint_gt(before.meta_bytes, 4 * MIB);
	__atomic_store_n(&ring->stop, 1, __ATOMIC_RELEASE);
	/* An event, and a slow path behind it. */
	datamem_free(datamem_alloc(5000), 5000);
	take_slow_path();
	ck_assert_uint_eq(ring->state, EVENTS_ENDED);
	ck_assert_int_eq(find_own(EVENTS_NAME), -1);
	ck_assert_uint_lt(stats_now().meta_bytes, before.meta_bytes);
	ck_assert_int_eq(request(page, "begin", MIN), 0);
	ck_assert_int_eq(request(page, "end", 0), 0);
	ck_assert_int_eq(find_own(EVENTS_NAME), -1);
	ck_assert_int_eq(request(page, "end", 0), 0);
}
END_TEST

/* Waits for longer than the lease: a reader that has died. */
START_TEST(a_reader_without_a_beat_is_left)
{
	begin();
	beat();
	datamem_free(datamem_alloc(5000), 5000);
	ck_assert_uint_eq(ring->state, EVENTS_RUNS);
	while (find_own(EVENTS_NAME) >= 0) {
		usleep(100000);
		/* None that would be told. */
		take_slow_path();
	}
	ck_assert_uint_eq(ring->state, EVENTS_ENDED);
}
END_TEST

START_TEST(a_child_has_no_ring)
{
	void *shared = datamem_alloc(5000), *mine;
	int status;
	pid_t child;

	begin();
	child = fork();
	if (!child) {
		ck_assert_int_eq(find_own(EVENTS_NAME), -1);
		datamem_free(shared, 5000);
		mine = datamem_alloc(100);
		datamem_free(mine, 100);
		take_slow_path();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	expect_nothing();
	datamem_free(shared, 5000);
	expect(EVENTS_FREE, shared, 0);
}
END_TEST

START_TEST(requests_that_cannot_be)
{
	struct live_process *page = quiet_page();

	ck_assert_int_eq(request(page, "begin", 0), -EINVAL);
	ck_assert_int_eq(request(page, "begin", UINT64_MAX), -EINVAL);
	ck_assert_int_eq(request(page, "start", MIN), -EINVAL);
	ck_assert_int_eq(request(page, "list", 0), -ENODATA);
	ck_assert_int_eq(find_own(EVENTS_NAME), -1);
}
END_TEST

START_TEST(a_file_too_long_for_a_limit_is_none)
{
	const struct rlimit small = { MIB, MIB };
	struct live_process *page = quiet_page();

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(request(page, "begin", MIN), -EFBIG);
	take_slow_path();
}
END_TEST

/* What the reader writes harms no writer. */
START_TEST(a_hostile_ring_is_written)
{
	struct live_process *page = begin();

	memset((char *)ring + ring->entries_offset, 0xff, 65536);
	for (uint32_t tail = 0; tail < 1000; tail++) {
		memset(ring, (int)tail, sizeof(*ring));
		ring->tail = tail * 2654435761u;
		ring->stop = 0;
		for (int i = 0; i < 10; i++)
			datamem_free(datamem_alloc(5000), 5000);
	}
	ck_assert_int_eq(request(page, "list", 0), 0);
	ck_assert_int_eq(request(page, "end", 0), 0);
	ck_assert_int_eq(find_own(EVENTS_NAME), -1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* Threads */

static int stop_threads;

static void *churn(void *arg)
{
	void *blocks[64] = { NULL };
	unsigned int turn = (unsigned int)(uintptr_t)arg;

	for (unsigned int i = 0; !__atomic_load_n(&stop_threads,
						  __ATOMIC_RELAXED); i++) {
		void **at = &blocks[i % 64];

		turn = turn * 1103515245 + 12345;
		datamem_free(*at, 0);
		*at = datamem_alloc(turn >> 28 ? turn >> 18 : turn >> 10);
		if (turn >> 16 & 1 && *at)
			*at = datamem_realloc(*at, 1 + (turn >> 15));
		/* The reader is to come after, on one processor, too. */
		if (i % 256 == 0)
			sched_yield();
	}
	for (size_t i = 0; i < 64; i++)
		datamem_free(blocks[i], 0);
	return NULL;
}

static void run_threads(void (*meanwhile)(void))
{
	pthread_t threads[4];

	stop_threads = 0;
	for (uintptr_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, churn,
						(void *)(i + 1)), 0);
	meanwhile();
	__atomic_store_n(&stop_threads, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

/* For so long a list waits for room, which the reader makes. */
#define LIST_WAIT_MS 500

/* Up to the end of the ring where the reader got no processor for long. */
static void read_some(int n)
{
	struct events_entry entry;

	while (n > 0 && (__atomic_load_n(&ring->state, __ATOMIC_ACQUIRE) !=
			 EVENTS_ENDED || !was_late(EVENTS_LEASE_MS)))
		if (next(&entry)) {
			ck_assert_uint_ge(EVENTS_OP(entry.what), EVENTS_ALLOC);
			ck_assert_uint_le(EVENTS_OP(entry.what),
					  EVENTS_LIST_END);
			n--;
		} else {
			beat();
			sched_yield();
		}
}

static void switch_often(void)
{
	struct live_process *page;

	others_answer = true;
	for (int i = 0; i < 12; i++) {
		page = begin();
		read_some(500);
		if (i % 2)
			ck_assert(!request(page, "list", 0) ||
				  was_late(LIST_WAIT_MS));
		read_some(500);
		if (i % 3)
			ck_assert_int_eq(request(page, "end", 0), 0);
		else
			__atomic_store_n(&ring->stop, 1, __ATOMIC_RELEASE);
		while (find_own(EVENTS_NAME) >= 0)
			datamem_control_poll();
		munmap(ring, ring->file_bytes);
		ring = NULL;
	}
	others_answer = false;
}

START_TEST(it_is_switched_while_threads_run)
{
	quiet_page();
	run_threads(switch_often);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("events");
	TCase *tc = tcase_create("ring");

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_call_is_told);
	tcase_add_test(tc, small_ones_are_not_told);
	tcase_add_loop_test(tc, live_blocks_are_listed_and_no_others, 0, 2);
	tcase_add_test(tc, what_finds_no_room_is_counted);
	tcase_add_test(tc, a_reader_that_wants_no_more_is_left);
	tcase_add_test(tc, a_reader_without_a_beat_is_left);
	tcase_add_test(tc, a_child_has_no_ring);
	tcase_add_test(tc, requests_that_cannot_be);
	tcase_add_test(tc, a_file_too_long_for_a_limit_is_none);
	tcase_add_test(tc, a_hostile_ring_is_written);
	tcase_add_test(tc, it_is_switched_while_threads_run);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

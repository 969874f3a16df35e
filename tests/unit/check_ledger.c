/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Accounts are exact through failures, threads, stop and start, and fork. */
#include "trace/ledger.h"

#include "accounts.h"
#include "stats.h"

/* Mappings that succeed before all fail; negative: all succeed. */
static int maps_left;

void *__real_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes)
{
	if (!dmem_load(&maps_left)) {
		errno = ENOMEM;
		return NULL;
	}
	if (dmem_load(&maps_left) > 0)
		maps_left--;
	return __real_dmem_kernel_map(nbytes);
}

/* Tickets */

START_TEST(resize_changes_totals_at_commit_only)
{
	struct dmem_trace_ticket ticket;

	datamem_trace_start();
	make(ADDRESS(1), 100);
	make(ADDRESS(2), 10);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, ADDRESS(1)), 0);
	ck_assert_totals(DOMAIN, 2, 110, 110);
	/* Another thread is handed the old address meanwhile. */
	make(ADDRESS(1), 7);
	ck_assert_totals(DOMAIN, 3, 117, 117);
	dmem_trace_commit(&ticket, ADDRESS(3), 200);
	ck_assert_totals(DOMAIN, 3, 217, 217);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(3)), 0);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), 0);
	ck_assert_totals(DOMAIN, 1, 10, 217);
	resize(ADDRESS(2), ADDRESS(2), 4);
	ck_assert_totals(DOMAIN, 1, 4, 217);
}
END_TEST

START_TEST(failed_operation_leaves_no_trace)
{
	struct dmem_trace_ticket ticket;

	datamem_trace_start();
	make(ADDRESS(1), 100);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, NULL), 0);
	dmem_trace_cancel(&ticket);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, ADDRESS(1)), 0);
	dmem_trace_cancel(&ticket);
	ck_assert_totals(DOMAIN, 1, 100, 100);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, ADDRESS(9)), 0);
	dmem_trace_cancel(&ticket);
	ck_assert_totals(DOMAIN, 1, 100, 100);
	/* The place was taken meanwhile: what came later is true. */
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, ADDRESS(1)), 0);
	datamem_trace_track(DOMAIN, ADDRESS(1), 30);
	dmem_trace_cancel(&ticket);
	ck_assert_totals(DOMAIN, 1, 30, 130);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), 0);
	ck_assert_totals(DOMAIN, 0, 0, 130);
}
END_TEST

START_TEST(older_blocks_enter_when_resized)
{
	datamem_trace_start();
	dmem_trace_free(DOMAIN, ADDRESS(1));
	ck_assert_totals(DOMAIN, 0, 0, 0);
	resize(ADDRESS(2), ADDRESS(2), 64);
	ck_assert_totals(DOMAIN, 1, 64, 64);
	dmem_trace_free(DOMAIN, ADDRESS(2));
	ck_assert_totals(DOMAIN, 0, 0, 64);
}
END_TEST

START_TEST(stale_entry_is_replaced)
{
	datamem_trace_start();
	make(ADDRESS(1), 100);
	make(ADDRESS(2), 10);
	make(ADDRESS(1), 40);
	ck_assert_totals(DOMAIN, 2, 50, 110);
	resize(ADDRESS(1), ADDRESS(2), 60);
	ck_assert_totals(DOMAIN, 1, 60, 110);
}
END_TEST

/* How a ticket ends that accounts were stopped or restarted under. */
START_TEST(ticket_from_before_changes_nothing)
{
	bool commit = _i & 1, restart = _i & 2, resizes = _i & 4;
	size_t before = dmem_ledger_mapped();
	struct dmem_trace_ticket ticket;

	datamem_trace_start();
	make(ADDRESS(1), 100);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN,
					  resizes ? ADDRESS(1) : NULL), 0);
	datamem_trace_stop();
	if (restart) {
		datamem_trace_start();
		make(ADDRESS(1), 5);
	}
	if (commit)
		dmem_trace_commit(&ticket, ADDRESS(1), 50);
	else
		dmem_trace_cancel(&ticket);
	if (restart)
		ck_assert_totals(DOMAIN, 1, 5, 5);
	else
		ck_assert_totals(DOMAIN, 0, 0, 0);
	datamem_trace_start();
	make(ADDRESS(2), 1);
	datamem_trace_stop();
	/* Nothing was lost: all memory is back. */
	datamem_trace_start();
	datamem_trace_stop();
	ck_assert_uint_eq(dmem_ledger_mapped(), before);
}
END_TEST

/* Memory */

static size_t meta_bytes(void)
{
	struct datamem_stats stats;

	dmem_stats_snapshot(&stats);
	return stats.meta_bytes;
}

START_TEST(memory_is_counted_and_given_back)
{
	size_t before = meta_bytes();

	datamem_trace_start();
	for (size_t i = 0; i < 100000; i++)
		ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(i), 1), 0);
	ck_assert_totals(DOMAIN, 100000, 100000, 100000);
	/* 32 bytes an entry, and about one pointer for two. */
	ck_assert_uint_gt(meta_bytes(), before + 100000 * 36);
	for (size_t i = 0; i < 100000; i += 2)
		ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(i)), 0);
	ck_assert_totals(DOMAIN, 50000, 50000, 100000);
	datamem_trace_stop();
	ck_assert_uint_eq(meta_bytes(), before);
}
END_TEST

START_TEST(entries_are_reused)
{
	size_t mapped;

	datamem_trace_start();
	make(ADDRESS(1), 1);
	mapped = dmem_ledger_mapped();
	for (size_t i = 2; i < 50000; i++) {
		make(ADDRESS(i), i);
		resize(ADDRESS(i), ADDRESS(2 * i), 1);
		dmem_trace_free(DOMAIN, ADDRESS(2 * i));
	}
	ck_assert_totals(DOMAIN, 1, 1, 50000);
	ck_assert_uint_eq(dmem_ledger_mapped(), mapped);
}
END_TEST

/* Each mapping fails in turn; what worked before still works after. */
START_TEST(no_memory_is_clean)
{
	struct dmem_trace_ticket ticket;
	size_t made = 0, bytes = 0;
	int err;

	for (maps_left = 0; ; ) {
		int given = maps_left;

		err = datamem_trace_start();
		if (!err)
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert(!dmem_trace_on());
		maps_left = given + 1;
		ck_assert_int_lt(maps_left, 100);
	}
	maps_left = 1;
	for (;;) {
		err = dmem_trace_begin(&ticket, DOMAIN, NULL);
		if (err)
			break;
		bytes += ++made;
		dmem_trace_commit(&ticket, ADDRESS(made), made);
	}
	ck_assert_int_eq(err, -ENOMEM);
	ck_assert_uint_gt(made, 1000);
	ck_assert_totals(DOMAIN, made, bytes, bytes);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(0), 1), -ENOMEM);
	/* A tracked block needs no new entry, an older one and a domain do. */
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, ADDRESS(0)),
			 -ENOMEM);
	ck_assert_int_eq(datamem_trace_track(4711, ADDRESS(1), 1), -ENOMEM);
	resize(ADDRESS(1), ADDRESS(0), 2);
	ck_assert_totals(DOMAIN, made, bytes + 1, bytes + 1);
	dmem_trace_free(DOMAIN, ADDRESS(0));
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(0), 1), 0);
	ck_assert_totals(DOMAIN, made, bytes, bytes + 1);
}
END_TEST

START_TEST(table_works_without_memory_to_grow)
{
	enum { ENTRIES = 20000 };

	datamem_trace_start();
	/* Room for the entries first, so that only buckets are missing. */
	for (size_t i = 0; i < ENTRIES; i++)
		make(ADDRESS(i), 1);
	datamem_trace_stop();
	datamem_trace_start();
	maps_left = ENTRIES * 32 / (64 * 1024) + 2;
	for (size_t i = 0; i < ENTRIES; i++)
		if (datamem_trace_track(DOMAIN, ADDRESS(i), 1)) {
			ck_assert_int_eq(maps_left, 0);
			maps_left = 1;
			i--;
		}
	ck_assert_totals(DOMAIN, ENTRIES, ENTRIES, ENTRIES);
	for (size_t i = 0; i < ENTRIES; i++)
		ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(i)), 0);
	ck_assert_totals(DOMAIN, 0, 0, ENTRIES);
}
END_TEST

/* Against a plain model */

START_TEST(random_operations_agree_with_a_model)
{
	enum { SLOTS = 300 };
	size_t sizes[SLOTS], bytes = 0, blocks = 0, most = 0;
	unsigned int seed = 1;

	for (size_t i = 0; i < SLOTS; i++)
		sizes[i] = SIZE_MAX;
	datamem_trace_start();
	for (int round = 0; round < 100000; round++) {
		size_t slot = (size_t)rand_r(&seed) % SLOTS;
		size_t other = (size_t)rand_r(&seed) % SLOTS;
		size_t nbytes = (size_t)rand_r(&seed) % 1000;
		struct dmem_trace_ticket ticket;

		if (sizes[slot] == SIZE_MAX) {
			make(ADDRESS(slot), nbytes);
			sizes[slot] = nbytes;
			blocks++;
			bytes += nbytes;
		} else if (nbytes < 300) {
			dmem_trace_free(DOMAIN, ADDRESS(slot));
			bytes -= sizes[slot];
			blocks--;
			sizes[slot] = SIZE_MAX;
		} else {
			if (sizes[other] != SIZE_MAX)
				other = slot;
			ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN,
							  ADDRESS(slot)), 0);
			if (nbytes < 500) {
				dmem_trace_cancel(&ticket);
				continue;
			}
			dmem_trace_commit(&ticket, ADDRESS(other), nbytes);
			bytes += nbytes - sizes[slot];
			sizes[slot] = SIZE_MAX;
			sizes[other] = nbytes;
		}
		most = DMEM_MAX(most, bytes);
		if (round % 100 == 0)
			ck_assert_totals(DOMAIN, blocks, bytes, most);
	}
	ck_assert_totals(DOMAIN, blocks, bytes, most);
}
END_TEST

/* Threads */

START_TEST(threads_leave_exact_totals)
{
	struct datamem_trace_totals totals;
	pthread_t threads[THREADS];

	datamem_trace_start();
	run_threads(churn, threads);
	join_threads(threads);
	datamem_trace_totals_get(DOMAIN, &totals, sizeof(totals));
	ck_assert_uint_eq(totals.blocks, THREADS / 2 * OWN);
	ck_assert_uint_eq(totals.bytes, THREADS / 2 * OWN * 100);
	/* Never more than all live blocks; never less than one thread's. */
	ck_assert_uint_le(totals.peak_bytes, THREADS * OWN * 100);
	ck_assert_uint_ge(totals.peak_bytes, totals.bytes);
	for (unsigned int i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(datamem_trace_untrack(i, ADDRESS(0)),
				 -ENOENT);
}
END_TEST

START_TEST(threads_survive_stop_and_start)
{
	struct datamem_trace_totals totals;
	pthread_t threads[THREADS];

	run_threads(churn, threads);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(datamem_trace_start(), 0);
		datamem_trace_totals_get(DOMAIN, &totals, sizeof(totals));
		ck_assert_uint_le(totals.peak_bytes, THREADS * OWN * 100);
		ck_assert_uint_le(totals.bytes, totals.peak_bytes);
		datamem_trace_stop();
		ck_assert_totals(DOMAIN, 0, 0, 0);
	}
	join_threads(threads);
	datamem_trace_start();
	ck_assert_totals(DOMAIN, 0, 0, 0);
}
END_TEST

/* Fork */

/* Exit statuses, because an assertion belongs to the parent. */
static void use_in_child(size_t blocks)
{
	struct datamem_trace_totals totals;

	alarm(100);
	datamem_trace_totals_get(DOMAIN, &totals, sizeof(totals));
	if (blocks && totals.blocks != blocks)
		_exit(1);
	if (datamem_trace_track(DOMAIN, ADDRESS(7777), 1) ||
	    datamem_trace_untrack(DOMAIN, ADDRESS(7777)))
		_exit(2);
	datamem_trace_stop();
	if (datamem_trace_start() ||
	    datamem_trace_track(99, ADDRESS(1), 1))
		_exit(3);
	_exit(0);
}

START_TEST(child_keeps_the_accounts)
{
	pid_t pid;

	datamem_trace_start();
	for (size_t i = 0; i < 10; i++)
		make(ADDRESS(i), 10);
	pid = locked_fork();
	if (!pid)
		use_in_child(10);
	ck_assert_int_eq(wait_for(pid), 0);
	ck_assert_totals(DOMAIN, 10, 100, 100);
}
END_TEST

START_TEST(fork_amid_other_threads)
{
	pthread_t threads[THREADS];
	size_t calls = 0;

	datamem_trace_set_hook(counting_hook, &calls);
	datamem_trace_start();
	run_threads(churn, threads);
	for (int i = 0; i < 10; i++) {
		pid_t pid = locked_fork();

		if (!pid)
			use_in_child(0);
		ck_assert_int_eq(wait_for(pid), 0);
	}
	join_threads(threads);
}
END_TEST

static void reset(void)
{
	maps_left = -1;
	datamem_trace_set_hook(NULL, NULL);
	datamem_trace_stop();
}

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tc = tcase_create("ledger");

	tcase_set_timeout(tc, 240);
	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_test(tc, resize_changes_totals_at_commit_only);
	tcase_add_test(tc, failed_operation_leaves_no_trace);
	tcase_add_test(tc, older_blocks_enter_when_resized);
	tcase_add_test(tc, stale_entry_is_replaced);
	tcase_add_loop_test(tc, ticket_from_before_changes_nothing, 0, 8);
	tcase_add_test(tc, memory_is_counted_and_given_back);
	tcase_add_test(tc, entries_are_reused);
	tcase_add_test(tc, no_memory_is_clean);
	tcase_add_test(tc, table_works_without_memory_to_grow);
	tcase_add_test(tc, random_operations_agree_with_a_model);
	tcase_add_test(tc, threads_leave_exact_totals);
	tcase_add_test(tc, threads_survive_stop_and_start);
	tcase_add_test(tc, child_keeps_the_accounts);
	tcase_add_test(tc, fork_amid_other_threads);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

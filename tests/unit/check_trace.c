/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Accounts: exact through failures, threads, stop and start, and fork. */
#include "trace.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "harness.h"
#include "ledger.h"
#include "stats.h"

#define DOMAIN DATAMEM_TRACE_DOMAIN
#define ADDRESS(n) ((const void *)(((uintptr_t)(n) + 1) * 16))

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

#define ck_assert_totals(domain, n, nbytes, most)                            \
	do {                                                                 \
		struct datamem_trace_totals t_;                              \
		ck_assert_int_eq(datamem_trace_totals_get(domain, &t_,       \
							  sizeof(t_)), 0);   \
		ck_assert_uint_eq(t_.blocks, n);                             \
		ck_assert_uint_eq(t_.bytes, nbytes);                         \
		ck_assert_uint_eq(t_.peak_bytes, most);                      \
	} while (0)

static void make(const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, NULL), 0);
	dmem_trace_commit(&ticket, ptr, nbytes);
}

static void resize(const void *old_ptr, const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, old_ptr), 0);
	dmem_trace_commit(&ticket, ptr, nbytes);
}

/* Public functions */

START_TEST(tracking_counts_blocks_bytes_and_peak)
{
	datamem_trace_start();
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), 100), 0);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 50), 0);
	ck_assert_totals(DOMAIN, 2, 150, 150);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), 0);
	ck_assert_totals(DOMAIN, 1, 50, 150);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(3), 0), 0);
	ck_assert_totals(DOMAIN, 2, 50, 150);
	/* Again: the size is replaced. */
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 500), 0);
	ck_assert_totals(DOMAIN, 2, 500, 500);
	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(2), 20), 0);
	ck_assert_totals(DOMAIN, 2, 20, 500);
}
END_TEST

START_TEST(domains_are_independent)
{
	static const unsigned int ids[] = { 0, 1, 64, 128, UINT32_MAX, DOMAIN };

	datamem_trace_start();
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ids); i++)
		datamem_trace_track(ids[i], ADDRESS(1), i + 1);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ids); i++)
		ck_assert_totals(ids[i], 1, i + 1, i + 1);
	ck_assert_int_eq(datamem_trace_untrack(64, ADDRESS(1)), 0);
	ck_assert_totals(64, 0, 0, 3);
	ck_assert_totals(128, 1, 4, 4);
	ck_assert_int_eq(datamem_trace_untrack(12345, ADDRESS(1)), -ENOENT);
	ck_assert_totals(12345, 0, 0, 0);
	for (unsigned int i = 1000; i < 1500; i++)
		ck_assert_int_eq(datamem_trace_track(i, ADDRESS(i), i), 0);
	for (unsigned int i = 1000; i < 1500; i++)
		ck_assert_totals(i, 1, i, i);
}
END_TEST

START_TEST(null_is_never_tracked)
{
	ck_assert_int_eq(datamem_trace_track(DOMAIN, NULL, 1), -EINVAL);
	datamem_trace_start();
	ck_assert_int_eq(datamem_trace_track(DOMAIN, NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, NULL), -ENOENT);
	dmem_trace_free(DOMAIN, NULL);
	ck_assert_totals(DOMAIN, 0, 0, 0);
	ck_assert_int_eq(datamem_trace_totals_get(DOMAIN, NULL, 8), -EINVAL);
}
END_TEST

START_TEST(nothing_is_kept_while_off)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(datamem_trace_track(DOMAIN, ADDRESS(1), 10), 0);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, NULL), 0);
	ck_assert_ptr_null(ticket.entry);
	datamem_trace_start();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	/* Begun while off, ended while on. */
	dmem_trace_commit(&ticket, ADDRESS(1), 10);
	ck_assert_totals(DOMAIN, 0, 0, 0);
	datamem_trace_track(DOMAIN, ADDRESS(1), 10);
	ck_assert_int_eq(datamem_trace_start(), 0);
	ck_assert_totals(DOMAIN, 1, 10, 10);
	datamem_trace_stop();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	datamem_trace_start();
	ck_assert_totals(DOMAIN, 0, 0, 0);
	ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(1)), -ENOENT);
}
END_TEST

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
	ck_assert_uint_gt(meta_bytes(), before + 100000 * 32);
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
	enum { ROUNDS = 20000 };

	datamem_trace_start();
	/* Room for the entries first, so that only buckets are missing. */
	for (size_t i = 0; i < ROUNDS; i++)
		make(ADDRESS(i), 1);
	datamem_trace_stop();
	datamem_trace_start();
	maps_left = ROUNDS * 32 / (64 * 1024) + 2;
	for (size_t i = 0; i < ROUNDS; i++)
		if (datamem_trace_track(DOMAIN, ADDRESS(i), 1)) {
			ck_assert_int_eq(maps_left, 0);
			maps_left = 1;
			i--;
		}
	ck_assert_totals(DOMAIN, ROUNDS, ROUNDS, ROUNDS);
	for (size_t i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(datamem_trace_untrack(DOMAIN, ADDRESS(i)), 0);
	ck_assert_totals(DOMAIN, 0, 0, ROUNDS);
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

enum { THREADS = 4, ROUNDS = 4000, OWN = 50 };

static void *churn(void *arg)
{
	size_t base = (size_t)(uintptr_t)arg * 1000000;
	unsigned int seed = (unsigned int)base + 1;
	size_t at[OWN];

	for (size_t i = 0; i < OWN; i++) {
		at[i] = base + i;
		make(ADDRESS(at[i]), 100);
	}
	for (size_t n = 0; n < ROUNDS; n++) {
		size_t i = (size_t)rand_r(&seed) % OWN;
		struct dmem_trace_ticket ticket;

		switch (rand_r(&seed) % 4) {
		case 0:
			dmem_trace_free(DOMAIN, ADDRESS(at[i]));
			at[i] = base + OWN + n;
			make(ADDRESS(at[i]), 100);
			break;
		case 1:
			resize(ADDRESS(at[i]), ADDRESS(base + OWN + n), 100);
			at[i] = base + OWN + n;
			break;
		case 2:
			if (!dmem_trace_begin(&ticket, DOMAIN, ADDRESS(at[i])))
				dmem_trace_cancel(&ticket);
			break;
		default:
			datamem_trace_track((unsigned int)n, ADDRESS(base), n);
			datamem_trace_untrack((unsigned int)n, ADDRESS(base));
		}
	}
	if (!(base / 1000000 & 1))
		for (size_t i = 0; i < OWN; i++)
			dmem_trace_free(DOMAIN, ADDRESS(at[i]));
	return NULL;
}

static void run_threads(void *(*work)(void *arg), pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work,
						(void *)i), 0);
}

static void join_threads(pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

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

/* Hook */

static struct {
	int event;
	unsigned int domain;
	const void *old_ptr, *new_ptr;
	size_t nbytes;
	size_t bytes_seen;
	int calls;
} told;
static int hook_arg;

static void hook(void *arg, int event, unsigned int domain,
		 const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	struct datamem_trace_totals totals;

	ck_assert_ptr_eq(arg, &hook_arg);
	datamem_trace_totals_get(domain, &totals, sizeof(totals));
	told.event = event;
	told.domain = domain;
	told.old_ptr = old_ptr;
	told.new_ptr = new_ptr;
	told.nbytes = nbytes;
	told.bytes_seen = totals.bytes;
	told.calls++;
	/* Tracked, but not reported. */
	make(ADDRESS(5000), 1);
	dmem_trace_free(DOMAIN, ADDRESS(5000));
}

#define ck_assert_told(event_, old_, new_, nbytes_)                          \
	do {                                                                 \
		ck_assert_int_eq(told.calls, 1);                             \
		ck_assert_int_eq(told.event, DATAMEM_TRACE_##event_);        \
		ck_assert_uint_eq(told.domain, DOMAIN);                      \
		ck_assert_ptr_eq(told.old_ptr, old_);                        \
		ck_assert_ptr_eq(told.new_ptr, new_);                        \
		ck_assert_uint_eq(told.nbytes, nbytes_);                     \
		told.calls = 0;                                              \
	} while (0)

START_TEST(hook_is_told_after_the_account_changed)
{
	ck_assert_int_eq(datamem_trace_set_hook(hook, &hook_arg), 0);
	make(ADDRESS(1), 10);
	ck_assert_int_eq(told.calls, 0);
	datamem_trace_start();
	make(ADDRESS(1), 10);
	ck_assert_uint_eq(told.bytes_seen, 10);
	ck_assert_told(ALLOC, NULL, ADDRESS(1), 10);
	resize(ADDRESS(1), ADDRESS(2), 30);
	ck_assert_uint_eq(told.bytes_seen, 30);
	ck_assert_told(RESIZE, ADDRESS(1), ADDRESS(2), 30);
	dmem_trace_free(DOMAIN, ADDRESS(2));
	ck_assert_uint_eq(told.bytes_seen, 0);
	ck_assert_told(FREE, ADDRESS(2), NULL, 30);
	dmem_trace_free(DOMAIN, ADDRESS(3));
	ck_assert_told(FREE, ADDRESS(3), NULL, 0);
	datamem_trace_track(DOMAIN, ADDRESS(4), 8);
	ck_assert_told(ALLOC, NULL, ADDRESS(4), 8);
	datamem_trace_track(DOMAIN, ADDRESS(4), 9);
	ck_assert_told(RESIZE, ADDRESS(4), ADDRESS(4), 9);
	datamem_trace_untrack(DOMAIN, ADDRESS(4));
	ck_assert_told(FREE, ADDRESS(4), NULL, 9);
	datamem_trace_untrack(DOMAIN, ADDRESS(4));
	ck_assert_int_eq(told.calls, 0);
	datamem_trace_set_hook(NULL, NULL);
	make(ADDRESS(1), 10);
	ck_assert_int_eq(told.calls, 0);
}
END_TEST

static void hook_that_stops(void *arg DMEM_UNUSED, int event DMEM_UNUSED,
			    unsigned int domain DMEM_UNUSED,
			    const void *old_ptr DMEM_UNUSED,
			    const void *new_ptr DMEM_UNUSED,
			    size_t nbytes DMEM_UNUSED)
{
	told.calls++;
	datamem_trace_set_hook(NULL, NULL);
	datamem_trace_stop();
}

START_TEST(hook_may_stop_accounts_and_remove_itself)
{
	datamem_trace_set_hook(hook_that_stops, NULL);
	datamem_trace_start();
	make(ADDRESS(1), 1);
	ck_assert_int_eq(told.calls, 1);
	ck_assert(!dmem_trace_on());
}
END_TEST

static void hook_that_ends(void *arg DMEM_UNUSED, int event DMEM_UNUSED,
			   unsigned int domain DMEM_UNUSED,
			   const void *old_ptr DMEM_UNUSED,
			   const void *new_ptr, size_t nbytes DMEM_UNUSED)
{
	dmem_fetch_add(&told.calls, 1);
	if (new_ptr == ADDRESS(1))
		pthread_exit(NULL);
}

static void *make_one(void *arg)
{
	make(ADDRESS(1), 1);
	return arg;
}

START_TEST(thread_may_end_inside_the_hook)
{
	pthread_t thread;

	datamem_trace_set_hook(hook_that_ends, NULL);
	datamem_trace_start();
	for (int i = 0; i < 3; i++) {
		/* The next thread gets the same id and the same stack. */
		ck_assert_int_eq(pthread_create(&thread, NULL, make_one, NULL),
				 0);
		pthread_join(thread, NULL);
	}
	ck_assert_int_eq(told.calls, 3);
	make(ADDRESS(2), 1);
	ck_assert_int_eq(told.calls, 4);
}
END_TEST

static void counting_hook(void *arg, int event DMEM_UNUSED,
			  unsigned int domain DMEM_UNUSED,
			  const void *old_ptr DMEM_UNUSED,
			  const void *new_ptr DMEM_UNUSED,
			  size_t nbytes DMEM_UNUSED)
{
	dmem_fetch_add((size_t *)arg, 1);
	datamem_trace_track(1, &nbytes, 1);
	datamem_trace_untrack(1, &nbytes);
}

START_TEST(hook_of_many_threads_misses_nothing)
{
	pthread_t threads[THREADS];
	size_t calls = 0, alone;

	datamem_trace_set_hook(counting_hook, &calls);
	datamem_trace_start();
	for (size_t i = 0; i < THREADS; i++)
		churn((void *)i);
	alone = calls;
	ck_assert_uint_gt(alone, THREADS * ROUNDS / 2);
	calls = 0;
	datamem_trace_stop();
	datamem_trace_start();
	run_threads(churn, threads);
	join_threads(threads);
	ck_assert_uint_eq(calls, alone);
}
END_TEST

/* Watcher */

static int toggles_on, toggles_off;

static void toggled(bool on)
{
	/* Neither before the caches are closed nor after they are open. */
	ck_assert(!dmem_trace_on());
	*(on ? &toggles_on : &toggles_off) += 1;
}

START_TEST(watcher_is_told_outside_of_accounts)
{
	toggles_on = toggles_off = 0;
	dmem_trace_watch(toggled);
	datamem_trace_stop();
	ck_assert_int_eq(toggles_off, 0);
	datamem_trace_start();
	datamem_trace_start();
	ck_assert_int_eq(toggles_on, 1);
	ck_assert_int_eq(toggles_off, 0);
	datamem_trace_stop();
	datamem_trace_stop();
	ck_assert_int_eq(toggles_on, 1);
	ck_assert_int_eq(toggles_off, 1);
	dmem_trace_watch(NULL);
}
END_TEST

/* Fork */

static int wait_for(pid_t pid)
{
	int status;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static pid_t locked_fork(void)
{
	pid_t pid;

	dmem_trace_fork_prepare();
	pid = fork();
	if (pid)
		dmem_trace_fork_parent();
	else
		dmem_trace_fork_child();
	return pid;
}

/* Exit statuses, because an assertion belongs to the parent. */
static void use_in_child(size_t blocks)
{
	struct datamem_trace_totals totals;

	alarm(20);
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
	memset(&told, 0, sizeof(told));
	datamem_trace_set_hook(NULL, NULL);
	datamem_trace_stop();
}

int main(void)
{
	Suite *suite = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, reset, reset);
	tcase_add_test(tc, tracking_counts_blocks_bytes_and_peak);
	tcase_add_test(tc, domains_are_independent);
	tcase_add_test(tc, null_is_never_tracked);
	tcase_add_test(tc, nothing_is_kept_while_off);
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
	tcase_add_test(tc, hook_is_told_after_the_account_changed);
	tcase_add_test(tc, hook_may_stop_accounts_and_remove_itself);
	tcase_add_test(tc, thread_may_end_inside_the_hook);
	tcase_add_test(tc, hook_of_many_threads_misses_nothing);
	tcase_add_test(tc, watcher_is_told_outside_of_accounts);
	tcase_add_test(tc, child_keeps_the_accounts);
	tcase_add_test(tc, fork_amid_other_threads);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

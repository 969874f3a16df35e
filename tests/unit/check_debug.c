/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The handler `debug` and its roster. */
#include <sys/wait.h>
#include <unistd.h>

#include "alloc/alloc.h"
#include "handler/debug.h"
#include "debug-reports.h"
#include "harness.h"
#include "no-memory.h"
#include "handler/debug-roster.h"

static void setup(void)
{
	no_memory = false;
	reports_begin();
}

static void teardown(void)
{
	no_memory = false;
	datamem_log_set(NULL, NULL);
}

/* All made before any is freed: their addresses reach every shard. */
static void flush_quarantine(void)
{
	static char *blocks[32 * DMEM_DEBUG_ROSTER_QUEUE_BLOCKS];

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(blocks); i++)
		blocks[i] = debug->malloc(NULL, 8);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(blocks); i++)
		debug->free(NULL, blocks[i], 8);
}

static const size_t sizes[] = {
	1, 7, 16, 80, 1000, 1023, 1024, 1025, 4096, 65536, 100000,
	DMEM_DEBUG_ROSTER_QUEUE_BYTES, DMEM_DEBUG_ROSTER_QUEUE_BYTES + 1,
	8 * DMEM_MIB, 64 * DMEM_MIB
};

START_TEST(blocks_are_aligned_and_distinct)
{
	size_t nbytes = sizes[_i];
	size_t alignment = nbytes < 1024 ? 16 : 64;
	unsigned char *a = debug->malloc(NULL, nbytes);
	unsigned char *b = debug->calloc(NULL, 1, nbytes);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq((uintptr_t)a % alignment, 0);
	ck_assert_uint_eq((uintptr_t)b % alignment, 0);
	/* New contents show in a debugger; zeroed ones are zero. */
	ck_assert_uint_eq(a[0], 0xcb);
	ck_assert_uint_eq(a[nbytes - 1], 0xcb);
	ck_assert_uint_eq(b[0], 0);
	ck_assert_uint_eq(b[nbytes - 1], 0);
	ck_assert_uint_eq(dmem_debug_usable_size(a), nbytes);
	memset(a, 1, nbytes);
	memset(b, 2, nbytes);
	debug->free(NULL, a, nbytes);
	debug->free(NULL, b, 1);
	ck_assert_uint_eq(dmem_debug_usable_size(a), 0);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(quarantine_is_not_live)
{
	size_t nbytes = sizes[_i];
	struct datamem_stats before, held, after;
	void *ptr;

	datamem_stats_get(&before, sizeof(before));
	ptr = debug->malloc(NULL, nbytes);
	datamem_stats_get(&held, sizeof(held));
	ck_assert_uint_ge(held.live_bytes, before.live_bytes + nbytes);
	debug->free(NULL, ptr, nbytes);
	datamem_stats_get(&after, sizeof(after));
	ck_assert_uint_eq(after.live_bytes, before.live_bytes);
	ck_assert_uint_eq(after.frees, before.frees + 1);
}
END_TEST

START_TEST(zeroed_memory_is_zero_when_recycled)
{
	unsigned char *a;

	for (size_t i = 0; i < 2000; i++) {
		a = debug->calloc(NULL, 10, 10);
		for (size_t j = 0; j < 100; j++)
			ck_assert_uint_eq(a[j], 0);
		memset(a, 3, 100);
		debug->free(NULL, a, 100);
	}
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(impossible_sizes_have_no_memory)
{
	static const size_t large[] = {
		SIZE_MAX, SIZE_MAX - 40, SIZE_MAX - 100, PTRDIFF_MAX,
		(size_t)PTRDIFF_MAX - 31
	};

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(large); i++) {
		errno = 0;
		ck_assert_ptr_null(debug->malloc(NULL, large[i]));
		ck_assert_int_eq(errno, ENOMEM);
		errno = 0;
		ck_assert_ptr_null(debug->calloc(NULL, large[i], 1));
		ck_assert_int_eq(errno, ENOMEM);
	}
	errno = 0;
	ck_assert_ptr_null(debug->calloc(NULL, SIZE_MAX / 2, 3));
	ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

START_TEST(resize_moves_and_keeps_contents)
{
	unsigned char *a = debug->realloc(NULL, NULL, 10), *b;

	memset(a, 5, 10);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes); i++) {
		b = debug->realloc(NULL, a, sizes[i]);
		ck_assert_ptr_nonnull(b);
		ck_assert_ptr_ne(a, b);
		ck_assert_uint_eq(b[0], 5);
		a = b;
	}
	errno = 0;
	ck_assert_ptr_null(debug->realloc(NULL, a, SIZE_MAX));
	ck_assert_int_eq(errno, ENOMEM);
	b = debug->realloc(NULL, a, 0);
	ck_assert_uint_eq(b[0], 5);
	ck_assert_uint_eq(dmem_debug_usable_size(b), 1);
	debug->free(NULL, b, 0);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(double_free_is_reported)
{
	/* With memory in quarantine, and with memory given back. */
	size_t nbytes = _i ? DMEM_DEBUG_ROSTER_QUEUE_BYTES + 1 : 100;
	char *a = debug->malloc(NULL, nbytes);

	debug->free(NULL, a, nbytes);
	ck_assert_uint_eq(nmessages, 0);
	errno = 77;
	debug->free(NULL, a, nbytes);
	ck_assert_int_eq(errno, 77);
	expect("double free", a, _i ? "4194305" : "100");
	errno = 0;
	ck_assert_ptr_null(debug->realloc(NULL, a, 5));
	ck_assert_int_eq(errno, EINVAL);
	expect("double free", a, "bytes");
}
END_TEST

START_TEST(foreign_pointers_are_reported)
{
	char here[32], *a = debug->malloc(NULL, 100);

	debug->free(NULL, here, 32);
	expect("foreign", here, "");
	debug->free(NULL, a + 16, 84);
	expect("foreign", a + 16, "");
	errno = 0;
	ck_assert_ptr_null(debug->realloc(NULL, here, 5));
	ck_assert_int_eq(errno, EINVAL);
	expect("foreign", here, "");
	debug->free(NULL, NULL, 100);
	debug->free(NULL, a, 100);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(too_large_hints_are_reported)
{
	char *a = debug->malloc(NULL, 100);

	debug->free(NULL, a, 101);
	expect("hint", a, "101");
	/* Too small ones are what NumPy passes. */
	debug->free(NULL, debug->malloc(NULL, 100), 1);
	debug->free(NULL, debug->malloc(NULL, 100), 0);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

/* Also zeros and one byte only, as a string's end does it. */
START_TEST(writes_outside_are_reported)
{
	size_t nbytes = sizes[_i];
	void *a = debug->malloc(NULL, nbytes);

	poke(a, (ptrdiff_t)nbytes, 0);
	debug->free(NULL, a, nbytes);
	expect("outside", a, "");

	a = debug->calloc(NULL, nbytes, 1);
	poke(a, -1, 0);
	debug->free(NULL, a, nbytes);
	expect("outside", a, "");

	a = debug->malloc(NULL, nbytes);
	poke(a, (ptrdiff_t)nbytes + 15, 1);
	debug->free(NULL, debug->realloc(NULL, a, nbytes + 100), 1);
	/* Reported once: not again as a write after free. */
	flush_quarantine();
	ck_assert_uint_eq(nmessages, 1);
}
END_TEST

START_TEST(writes_after_free_are_reported)
{
	size_t nbytes = sizes[_i];
	unsigned char *a = debug->malloc(NULL, nbytes);

	debug->free(NULL, a, nbytes);
	/* So that use of it shows; the memory of large ones is given back. */
	ck_assert_uint_eq(a[nbytes / 2],
			  nbytes > DMEM_DEBUG_ROSTER_QUEUE_BYTES ? 0 : 0xdb);
	poke(a, (ptrdiff_t)nbytes / 2, 1);
	flush_quarantine();
	expect("after free", a, "");
}
END_TEST

static size_t kept_blocks, kept_bytes, kept_span;

static void count_kept(struct dmem_debug_block *block)
{
	if (block->state == DMEM_DEBUG_ROSTER_EMPTY)
		kept_span += block->nbytes;
	if (block->state != DMEM_DEBUG_ROSTER_KEPT)
		return;
	kept_blocks++;
	kept_bytes += block->nbytes;
}

START_TEST(quarantine_is_bounded)
{
	size_t meta;

	for (size_t i = 0; i < 300; i++)
		debug->free(NULL, debug->malloc(NULL, DMEM_MIB), 1);
	flush_quarantine();
	flush_quarantine();
	meta = dmem_debug_meta_bytes();
	flush_quarantine();
	ck_assert_uint_eq(dmem_debug_meta_bytes(), meta);
	for (size_t i = 0; i < 300; i++)
		debug->free(NULL, debug->malloc(NULL, DMEM_MIB), 1);
	kept_blocks = kept_bytes = 0;
	dmem_debug_roster_walk(count_kept);
	ck_assert_uint_le(kept_blocks, 16 * DMEM_DEBUG_ROSTER_QUEUE_BLOCKS);
	ck_assert_uint_le(kept_bytes, 16 * DMEM_DEBUG_ROSTER_QUEUE_BYTES);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(addresses_in_quarantine_are_bounded)
{
	size_t large = DMEM_DEBUG_ROSTER_QUEUE_SPAN + DMEM_MIB;

	for (size_t i = 0; i < 100; i++)
		debug->free(NULL, debug->calloc(NULL, 1, 100 * DMEM_MIB), 1);
	kept_span = 0;
	dmem_debug_roster_walk(count_kept);
	ck_assert_uint_ge(kept_span, 1600 * DMEM_MIB);
	ck_assert_uint_le(kept_span, 16 * DMEM_DEBUG_ROSTER_QUEUE_SPAN);
	/* The last is kept, however large. */
	datamem_trim(0);
	debug->free(NULL, debug->calloc(NULL, 1, large), 1);
	kept_span = 0;
	dmem_debug_roster_walk(count_kept);
	ck_assert_uint_eq(kept_span, large);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(no_memory_for_a_record)
{
	static char *blocks[200000];
	size_t n;

	no_memory = true;
	for (n = 0; n < DMEM_ARRAY_SIZE(blocks); n++) {
		blocks[n] = debug->malloc(NULL, 16);
		if (!blocks[n])
			break;
	}
	ck_assert_uint_lt(n, DMEM_ARRAY_SIZE(blocks));
	ck_assert_int_eq(errno, ENOMEM);
	/* A shrink stays in place then, and its new end is watched. */
	if (n > 0) {
		ck_assert_ptr_eq(debug->realloc(NULL, blocks[0], 8), blocks[0]);
		ck_assert_uint_eq(dmem_debug_usable_size(blocks[0]), 8);
		ck_assert_ptr_null(debug->realloc(NULL, blocks[0], 9));
		poke(blocks[0], 8, 1);
	}
	no_memory = false;
	for (size_t i = 0; i < n; i++)
		debug->free(NULL, blocks[i], 1);
	if (n > 0)
		expect("outside", blocks[0], "8");
}
END_TEST

/* Blocks go from thread to thread through one slot each. */
static void *slots[64];

/* What a thread returns when something was wrong. */
static void *failed(const char *what)
{
	return (void *)(uintptr_t)what;
}

static void *exchange(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	unsigned char *a, *old;
	size_t nbytes;

	for (unsigned int i = 0; i < 5000; i++) {
		seed = seed * 1103515245 + 12345;
		nbytes = 32 + (seed >> 16) % 3000;
		a = i % 3 ? debug->malloc(NULL, nbytes) :
			    debug->calloc(NULL, nbytes, 1);
		memset(a, (int)(nbytes & 0x7f), 32);
		old = __atomic_exchange_n(&slots[seed % 64], a,
					  __ATOMIC_ACQ_REL);
		if (!old)
			continue;
		if (old[0] != old[31])
			return failed("contents lost");
		if (i % 5 == 0)
			old = debug->realloc(NULL, old, 64);
		if (old[0] != old[31])
			return failed("contents lost in a resize");
		debug->free(NULL, old, 1);
	}
	return NULL;
}

START_TEST(threads_share_blocks)
{
	pthread_t threads[3];
	void *failure;

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, exchange,
						(void *)(i + 1)), 0);
	for (size_t i = 0; i < 3; i++) {
		pthread_join(threads[i], &failure);
		ck_assert_msg(!failure, "%s", (char *)failure);
	}
	for (size_t i = 0; i < 64; i++)
		debug->free(NULL, slots[i], 1);
	memset(slots, 0, sizeof(slots));
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

static bool stop;

static void *churn(void *arg)
{
	(void)arg;
	while (!dmem_load(&stop))
		debug->free(NULL, debug->malloc(NULL, 50), 50);
	return NULL;
}

START_TEST(a_forked_child_goes_on)
{
	char *a = debug->malloc(NULL, 100);
	pthread_t thread;
	int status;
	pid_t pid;

	dmem_store(&stop, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, churn, NULL), 0);
	for (int i = 0; i < 20; i++) {
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (!pid) {
			alarm(100);
			for (int j = 0; j < 100; j++)
				debug->free(NULL, debug->malloc(NULL, 50), 50);
			debug->free(NULL, a, 100);
			_exit(nmessages ? 1 : 0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	dmem_store(&stop, true);
	pthread_join(thread, NULL);
	debug->free(NULL, a, 100);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

int main(void)
{
	int n = DMEM_ARRAY_SIZE(sizes);
	Suite *suite = suite_create("debug");
	TCase *tcase = tcase_create("debug");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, blocks_are_aligned_and_distinct, 0, n);
	tcase_add_loop_test(tcase, quarantine_is_not_live, 0,
			    DMEM_ARRAY_SIZE(sizes));
	tcase_add_test(tcase, zeroed_memory_is_zero_when_recycled);
	tcase_add_test(tcase, impossible_sizes_have_no_memory);
	tcase_add_test(tcase, resize_moves_and_keeps_contents);
	tcase_add_loop_test(tcase, double_free_is_reported, 0, 2);
	tcase_add_test(tcase, foreign_pointers_are_reported);
	tcase_add_test(tcase, too_large_hints_are_reported);
	tcase_add_loop_test(tcase, writes_outside_are_reported, 0, n);
	tcase_add_loop_test(tcase, writes_after_free_are_reported, 0, n);
	tcase_add_test(tcase, quarantine_is_bounded);
	tcase_add_test(tcase, addresses_in_quarantine_are_bounded);
	tcase_add_test(tcase, no_memory_for_a_record);
	tcase_add_test(tcase, threads_share_blocks);
	tcase_add_test(tcase, a_forked_child_goes_on);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

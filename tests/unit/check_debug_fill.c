/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the handler `debug` fills blocks with, and what it undoes. */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debug-reports.h"
#include "harness.h"
#include "handler/debug-roster.h"
#include "kernel/kernel.h"

/* What the machine has left, 0: as it is; and whether pages can be purged. */
static uint64_t memory_left;
static bool no_purge;

uint64_t __real_dmem_kernel_memory_left(void);
uint64_t __wrap_dmem_kernel_memory_left(void);
uint64_t __wrap_dmem_kernel_memory_left(void)
{
	return memory_left ? memory_left : __real_dmem_kernel_memory_left();
}

int __real_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice)
{
	if (no_purge && advice == DMEM_ADVICE_PURGE)
		return -EINVAL;
	return __real_dmem_kernel_advise(addr, nbytes, advice);
}

static void setup(void)
{
	reports_begin();
}

static void teardown(void)
{
	no_purge = false;
	memory_left = 0;
	datamem_setting_set("limit.max", "0");
	datamem_log_set(NULL, NULL);
}

static const size_t sizes[] = {
	1, 7, 16, 80, 1000, 1023, 1024, 1025, 4096, 65536, 100000,
	DMEM_DEBUG_ROSTER_QUEUE_BYTES, DMEM_DEBUG_ROSTER_QUEUE_BYTES + 1,
	8 * DMEM_MIB, 64 * DMEM_MIB
};

static bool all_are(const unsigned char *ptr, unsigned char byte, size_t nbytes)
{
	return ptr[0] == byte && !memcmp(ptr, ptr + 1, nbytes - 1);
}

START_TEST(what_was_not_written_shows)
{
	size_t nbytes = sizes[_i];
	unsigned char *a = debug->malloc(NULL, nbytes);

	ck_assert(all_are(a, 0xcb, nbytes));
	a = debug->realloc(NULL, a, nbytes + 100000);
	ck_assert(all_are(a, 0xcb, nbytes + 100000));
	debug->free(NULL, a, 1);
}
END_TEST

/* As much as a program may write without harm. */
START_TEST(poison_takes_half_of_what_is_left)
{
	size_t nbytes = 32 * DMEM_MIB;
	unsigned char *a;

	memory_left = 64 * DMEM_MIB;
	a = debug->malloc(NULL, nbytes);
	ck_assert(all_are(a, 0xcb, nbytes));
	debug->free(NULL, a, nbytes);
	memory_left--;
	a = debug->calloc(NULL, 1, nbytes);
	debug->free(NULL, a, nbytes);
	dmem_debug_drain();
	a = debug->malloc(NULL, nbytes);
	ck_assert(all_are(a, 0xcb, 65536));
	ck_assert(all_are(a + nbytes - 65536, 0xcb, 65536));
	ck_assert_uint_ne(a[nbytes / 2], 0xcb);
	debug->free(NULL, a, nbytes);
	/* Small ones in any case. */
	memory_left = 1;
	a = debug->malloc(NULL, DMEM_MIB);
	ck_assert(all_are(a, 0xcb, DMEM_MIB));
	debug->free(NULL, a, 1);
}
END_TEST

/* Neither takes nor keeps memory. */
START_TEST(sparse_blocks_stay_sparse)
{
	size_t nbytes = 512 * DMEM_MIB, resident;
	char *a = debug->calloc(NULL, 1, nbytes);

	if (!a)
		harness_skip("no addresses for %zu bytes", nbytes);
	poke(a, (ptrdiff_t)nbytes / 2, 1);
	debug->free(NULL, a, nbytes);
	ck_assert_int_eq(dmem_kernel_resident_bytes(a, nbytes, &resident), 0);
	ck_assert_uint_le(resident, 4 * DMEM_MIB);
	dmem_debug_drain();
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

START_TEST(writes_after_free_are_found_at_the_ends)
{
	size_t nbytes = sizes[_i];
	unsigned char *a;

	for (int end = 0; end < 2; end++) {
		a = debug->malloc(NULL, nbytes);
		debug->free(NULL, a, nbytes);
		poke(a, end ? (ptrdiff_t)nbytes - 1 : 0, 1);
		dmem_debug_drain();
		expect("after free", a, "");
	}
}
END_TEST

/* Explicit huge pages, for one. */
START_TEST(what_cannot_be_purged_is_not_kept)
{
	size_t nbytes = 8 * DMEM_MIB;
	char *a = debug->malloc(NULL, nbytes);

	no_purge = true;
	debug->free(NULL, a, nbytes);
	debug->free(NULL, a, nbytes);
	expect("double free", a, "8388608");
	dmem_debug_drain();
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

/* All that is free: what was freed before it is found then. */
START_TEST(trim_empties_the_quarantine)
{
	size_t nbytes = sizes[_i];
	char *a = debug->malloc(NULL, nbytes);

	debug->free(NULL, a, nbytes);
	poke(a, (ptrdiff_t)nbytes / 2, 1);
	datamem_trim(1);
	ck_assert_uint_eq(nmessages, 0);
	datamem_trim(0);
	expect("after free", a, "");
	datamem_trim(0);
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

/* Of other handlers, too. */
START_TEST(limit_empties_the_quarantine)
{
	size_t nbytes = sizes[_i];
	void *a;

	datamem_trim(0);
	a = debug->malloc(NULL, nbytes);
	ck_assert_int_eq(datamem_setting_set("limit.max", "65M"), 0);
	debug->free(NULL, a, nbytes);
	a = datamem_alloc(60 * DMEM_MIB);
	ck_assert_ptr_nonnull(a);
	datamem_free(a, 60 * DMEM_MIB);
	a = debug->malloc(NULL, nbytes);
	debug->free(NULL, a, nbytes);
	a = datamem_realloc(datamem_alloc(20 * DMEM_MIB), 60 * DMEM_MIB);
	ck_assert_ptr_nonnull(a);
	datamem_free(a, 60 * DMEM_MIB);
}
END_TEST

static const struct {
	int advice;      /* 0: mprotect(2) */
	int protection;  /* -1: munmap(2) */
} treatments[] = {
	{ MADV_DONTFORK, 0 }, { 18 /* MADV_WIPEONFORK */, 0 },
	{ 0, PROT_READ }, { 0, PROT_NONE }, { 0, -1 },
};

static void treat(char *ptr, size_t nbytes, size_t which)
{
	size_t page = dmem_kernel_page_size();
	char *begin = (char *)DMEM_ROUND_UP((uintptr_t)ptr, page);
	char *end = (char *)DMEM_ROUND_DOWN((uintptr_t)ptr + nbytes, page);
	size_t length = (size_t)(end - begin);

	if (begin >= end)
		return;
	if (treatments[which].protection < 0)
		ck_assert_int_eq(munmap(begin, length), 0);
	else if (treatments[which].advice)
		ck_assert_int_eq(madvise(begin, length,
					 treatments[which].advice), 0);
	else
		ck_assert_int_eq(mprotect(begin, length,
					  treatments[which].protection), 0);
}

/* What the program did to the mapping is undone, at any size. */
START_TEST(the_next_owner_does_not_suffer)
{
	size_t nbytes = sizes[_i] + 4095;
	int status;
	char *a;
	pid_t pid;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(treatments); i++) {
		a = debug->malloc(NULL, nbytes);
		treat(a, nbytes, i);
		debug->free(NULL, a, nbytes);
		dmem_debug_drain();
		a = debug->malloc(NULL, nbytes);
		memset(a, 2, nbytes);
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (!pid)
			_exit(!all_are((unsigned char *)a, 2, nbytes));
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		debug->free(NULL, a, nbytes);
		dmem_debug_drain();
	}
	ck_assert_uint_eq(nmessages, 0);
}
END_TEST

/* Blocks are found by tables, which double: here all of them at least once. */
START_TEST(more_blocks_than_the_first_tables_have_room_for)
{
	enum { N = 300000 };
	static unsigned char *blocks[N];
	size_t lost = 0, changed = 0, found = 0;

	for (size_t i = 0; i < N; i++) {
		blocks[i] = debug->malloc(NULL, 16);
		if (blocks[i])
			memset(blocks[i], (int)(i & 255), 16);
		else
			lost++;
	}
	ck_assert_uint_eq(lost, 0);
	for (size_t i = 0; i < N; i++) {
		lost += dmem_debug_usable_size(blocks[i]) != 16;
		changed += blocks[i][0] != (i & 255) ||
			   blocks[i][15] != (i & 255);
	}
	ck_assert_uint_eq(lost, 0);
	ck_assert_uint_eq(changed, 0);
	for (size_t i = 0; i < N; i++)
		debug->free(NULL, blocks[i], 16);
	for (size_t i = 0; i < N; i++)
		found += dmem_debug_usable_size(blocks[i]) != 0;
	ck_assert_uint_eq(found, 0);
	ck_assert_uint_eq(nmessages, 0);
	debug->free(NULL, blocks[N - 1], 16);
	ck_assert_uint_eq(nmessages, 1);
}
END_TEST

int main(void)
{
	int n = DMEM_ARRAY_SIZE(sizes);
	Suite *suite = suite_create("debug_fill");
	TCase *tcase = tcase_create("debug_fill");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, what_was_not_written_shows, 0, n);
	tcase_add_test(tcase, poison_takes_half_of_what_is_left);
	tcase_add_test(tcase, sparse_blocks_stay_sparse);
	tcase_add_loop_test(tcase, writes_after_free_are_found_at_the_ends, 0,
			    n);
	tcase_add_test(tcase, what_cannot_be_purged_is_not_kept);
	tcase_add_loop_test(tcase, trim_empties_the_quarantine, 0, n);
	tcase_add_loop_test(tcase, limit_empties_the_quarantine, 0, n);
	tcase_add_loop_test(tcase, the_next_owner_does_not_suffer, 0, n);
	tcase_add_test(tcase, more_blocks_than_the_first_tables_have_room_for);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Blocks by elements, whose products are checked, and blocks that are resized
 * where they are or not at all.
 */
#include <datamem.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

/* Read through volatile variables, as compilers warn of such constants. */
static const struct { size_t nelem, elsize; } too_much[] = {
	{ SIZE_MAX, 2 }, { 2, SIZE_MAX }, { SIZE_MAX, SIZE_MAX },
	{ (size_t)1 << 32, (size_t)1 << 32 }, { SIZE_MAX / 8 + 1, 8 },
	{ SIZE_MAX, 1 }, { (size_t)PTRDIFF_MAX + 1, 1 }, { 1, SIZE_MAX - 1 },
};

START_TEST(a_product_that_overflows_is_refused)
{
	volatile size_t nelem = too_much[_i].nelem;
	volatile size_t elsize = too_much[_i].elsize;
	struct datamem_stats before = stats_now();
	char *block = datamem_alloc_array(10, 10);

	ck_assert_ptr_nonnull(block);
	memset(block, 7, 100);
	errno = 0;
	ck_assert_ptr_null(datamem_alloc_array(nelem, elsize));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(datamem_realloc_array(NULL, nelem, elsize));
	ck_assert_int_eq(errno, ENOMEM);
	errno = 0;
	ck_assert_ptr_null(datamem_realloc_array(block, nelem, elsize));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_eq(stats_now().failed_allocs, before.failed_allocs + 3);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(block[i], 7);
	datamem_free(block, 100);
	ck_assert_uint_eq(stats_now().live_bytes, before.live_bytes);
}
END_TEST

static const struct { size_t nelem, elsize; } sizes[] = {
	{ 0, 0 }, { 0, 8 }, { 8, 0 }, { SIZE_MAX, 0 }, { 1, 1 }, { 10, 10 },
	{ 1000, 8 }, { 128, 1024 }, { 128 * 1024 + 1, 1 }, { 300000, 8 },
	{ 3, 5 << 20 },
};

START_TEST(all_elements_can_be_used)
{
	size_t nelem = sizes[_i].nelem, elsize = sizes[_i].elsize;
	size_t nbytes = nelem * elsize;
	unsigned char *block;

	errno = 4711;
	block = datamem_alloc_array(nelem, elsize);
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_ge(datamem_usable_size(block), nbytes ? nbytes : 1);
	memset(block, 0x55, nbytes);
	block = datamem_realloc_array(block, 2 * (nbytes ? nelem : 0), elsize);
	ck_assert_ptr_nonnull(block);
	for (size_t i = 0; i < nbytes; i++)
		if (block[i] != 0x55)
			ck_abort_msg("byte %zu of %zu", i, nbytes);
	memset(block, 0xaa, 2 * nbytes);
	/* Nothing frees: 0 elements are one byte. */
	block = datamem_realloc_array(block, 0, elsize);
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_ge(datamem_usable_size(block), 1);
	datamem_free(block, 0);
	ck_assert_int_eq(errno, 4711);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

START_TEST(a_foreign_block_is_not_resized)
{
	char *foreign = malloc(100);

	errno = 0;
	ck_assert_ptr_null(datamem_realloc_array(foreign, 10, 10));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(datamem_try_resize(foreign, 10), -EINVAL);
	ck_assert_int_eq(datamem_try_resize(NULL, 10), -EINVAL);
	ck_assert_uint_eq(stats_now().foreign_pointers, 2);
	free(foreign);
}
END_TEST

static void fill(unsigned char *ptr, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		ptr[i] = (unsigned char)(i * 31 + i / 4096);
}

static void look(const unsigned char *ptr, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		if (ptr[i] != (unsigned char)(i * 31 + i / 4096))
			ck_abort_msg("byte %zu of %zu", i, nbytes);
}

static const size_t one_size[] = {
	1, 16, 100, 1000, 1025, 20000, 128 << 10, (128 << 10) + 1, 300000,
	1 << 20, (2 << 20) - 4096, 2 << 20, (2 << 20) + 1, 5000000, 33 << 20,
};

/* Answers never move, and the block holds what they said. */
START_TEST(resized_where_it_is)
{
	size_t nbytes = one_size[_i], usable, have = nbytes;
	unsigned char *volatile ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	fill(ptr, 0, nbytes);
	errno = 4711;
	usable = datamem_usable_size(ptr);
	ck_assert_int_eq(datamem_try_resize(ptr, usable), 0);
	ck_assert_uint_ge(datamem_usable_size(ptr), usable);
	have = usable;
	fill(ptr, 0, have);
	for (size_t want = have + 1; want < 64 * nbytes + 4096; want *= 2) {
		int ret = datamem_try_resize(ptr, want);

		ck_assert(ret == 0 || ret == -ENOSPC);
		if (ret)
			break;
		ck_assert_uint_ge(datamem_usable_size(ptr), want);
		fill(ptr, have, want);
		have = want;
	}
	look(ptr, have);
	for (; have > 1; have = have / 3 + 1 < have ? have / 3 + 1 : 1) {
		ck_assert_int_eq(datamem_try_resize(ptr, have), 0);
		look(ptr, have);
	}
	ck_assert_int_eq(datamem_try_resize(ptr, 0), 0);
	ck_assert_int_eq(errno, 4711);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
	ck_assert_uint_eq(stats_now().failed_allocs, 0);
}
END_TEST

START_TEST(a_neighbour_is_in_the_way)
{
	unsigned char *blocks[8], *volatile ptr;
	size_t before;

	for (size_t i = 0; i < COUNT(blocks); i++) {
		blocks[i] = datamem_alloc(4 * MIB);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], (int)i, 4 * MIB);
	}
	before = stats_now().live_bytes;
	for (size_t i = 0; i < COUNT(blocks); i++) {
		int ret = datamem_try_resize(blocks[i], (size_t)1 << 40);

		ck_assert(ret == -ENOSPC || ret == -ENOMEM);
	}
	ck_assert_uint_eq(stats_now().live_bytes, before);
	/* Whoever got room took it from nobody. */
	for (size_t i = 0; i < COUNT(blocks); i++) {
		ptr = blocks[i];
		if (datamem_try_resize(ptr, 6 * MIB) == 0)
			memset(ptr + 4 * MIB, (int)i, 2 * MIB);
	}
	for (size_t i = 0; i < COUNT(blocks); i++) {
		for (size_t j = 0; j < 4 * MIB; j++)
			if (blocks[i][j] != i)
				ck_abort_msg("block %zu, byte %zu", i, j);
		datamem_free(blocks[i], 0);
	}
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

START_TEST(sizes_out_of_reach)
{
	void *small = datamem_alloc(100), *large = datamem_alloc(3 * MIB);
	volatile size_t beyond = (size_t)PTRDIFF_MAX + 1;

	for (int i = 0; i < 2; i++, beyond = SIZE_MAX) {
		ck_assert_int_eq(datamem_try_resize(small, beyond), -ENOMEM);
		ck_assert_int_eq(datamem_try_resize(large, beyond), -ENOMEM);
	}
	ck_assert_int_eq(datamem_try_resize(small, PTRDIFF_MAX), -ENOSPC);
	ck_assert_int_eq(datamem_try_resize(large, PTRDIFF_MAX), -ENOSPC);
	datamem_free(small, 100);
	datamem_free(large, 3 * MIB);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

START_TEST(a_limit_holds)
{
	void *ptr = datamem_alloc(3 * MIB);

	set("limit.max", "4M");
	ck_assert_int_eq(datamem_try_resize(ptr, 5 * MIB), -ENOMEM);
	ck_assert_uint_eq(stats_now().live_bytes, 3 * MIB);
	/* What was given back can be had again. */
	ck_assert_int_eq(datamem_try_resize(ptr, MIB), 0);
	ck_assert_uint_eq(stats_now().live_bytes, MIB);
	ck_assert_int_eq(datamem_try_resize(ptr, 3 * MIB), 0);
	datamem_free(ptr, 3 * MIB);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

struct heard {
	int event;
	const void *old_ptr, *new_ptr;
	size_t nbytes;
	unsigned int times;
};

static void hear(void *arg, int event, unsigned int domain,
		 const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	struct heard *heard = arg;

	(void)domain;
	heard->event = event;
	heard->old_ptr = old_ptr;
	heard->new_ptr = new_ptr;
	heard->nbytes = nbytes;
	heard->times++;
}

START_TEST(accounts_follow)
{
	static const size_t start[] = { 50, 2 * MIB + 1000 };
	struct datamem_trace_totals totals;
	struct heard heard = { 0 };
	size_t usable;
	void *ptr;

	ck_assert_int_eq(datamem_trace_start(), 0);
	ptr = datamem_alloc_array(start[_i] / 10, 10);
	ck_assert_int_eq(datamem_trace_set_hook(hear, &heard), 0);
	usable = datamem_usable_size(ptr);
	ck_assert_int_eq(datamem_try_resize(ptr, usable), 0);
	ck_assert_int_eq(heard.event, DATAMEM_TRACE_RESIZE);
	ck_assert_ptr_eq(heard.old_ptr, ptr);
	ck_assert_ptr_eq(heard.new_ptr, ptr);
	ck_assert_uint_eq(heard.nbytes, usable);
	/* What fails changes and tells nothing. */
	ck_assert_int_lt(datamem_try_resize(ptr, (size_t)1 << 46), 0);
	ck_assert_uint_eq(heard.times, 1);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.blocks, 1);
	ck_assert_uint_eq(totals.bytes, usable);
	datamem_trace_set_hook(NULL, NULL);
	datamem_free(ptr, 0);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.bytes, 0);
	datamem_trace_stop();
}
END_TEST

/* The alignment is kept, as the block stays. */
START_TEST(aligned_and_lazy_blocks)
{
	unsigned char *aligned = datamem_alloc_aligned(300000, 65536);
	unsigned char *lazy = datamem_alloc_lazy(3 * MIB, 1);

	ck_assert_int_eq(datamem_try_resize(aligned, 100), 0);
	ck_assert_int_eq(datamem_try_resize(aligned, 300000), 0);
	aligned = datamem_realloc(aligned, 9 * MIB);
	ck_assert_uint_eq((uintptr_t)aligned % 65536, 0);
	ck_assert_int_eq(datamem_try_resize(lazy, MIB), 0);
	for (size_t i = 0; i < MIB; i++)
		if (lazy[i])
			ck_abort_msg("byte %zu", i);
	datamem_free(aligned, 0);
	datamem_free(lazy, 0);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* In a process of its own, as what stands behind the family is fixed early. */
#define EXPECT(truth)                                                        \
	do {                                                                 \
		if (!(truth)) {                                              \
			fprintf(stderr, "%s, line %d\n", #truth, __LINE__);  \
			exit(EXIT_FAILURE);                                  \
		}                                                            \
	} while (0)

static struct datamem_stats counted(void)
{
	struct datamem_stats stats;

	EXPECT(!datamem_stats_get(&stats, sizeof(stats)));
	return stats;
}

static int behind(bool debug)
{
	unsigned char *volatile ptr = datamem_alloc_array(100, 10);
	volatile size_t beyond = SIZE_MAX;

	EXPECT(ptr);
	memset(ptr, 3, 1000);
	EXPECT(datamem_try_resize(ptr, 100000) == -ENOSPC);
	EXPECT(datamem_try_resize(ptr, beyond) == -ENOMEM);
	EXPECT(datamem_try_resize(ptr, 500) == 0);
	EXPECT(!datamem_realloc_array(ptr, beyond, 8));
	for (int i = 0; i < 500; i++)
		EXPECT(ptr[i] == 3);
	if (!debug) {
		datamem_free(ptr, 500);
		return EXIT_SUCCESS;
	}
	/* The new end is watched. */
	EXPECT(datamem_usable_size(ptr) == 500);
	EXPECT(datamem_try_resize(ptr, 501) == -ENOSPC);
	ptr[500] = 1;
	datamem_free(ptr, 500);
	EXPECT(counted().overruns == 1);
	EXPECT(datamem_try_resize(ptr, 10) == -EINVAL);
	EXPECT(counted().double_frees == 1);
	/* The quarantine keeps of a block that shrank what it was. */
	for (int i = 0; i < 20; i++) {
		ptr = datamem_alloc(60000);
		EXPECT(!datamem_try_resize(ptr, 10));
		datamem_free(ptr, 10);
		ptr = datamem_alloc(2 * MIB);
		EXPECT(!datamem_try_resize(ptr, 100));
		datamem_free(ptr, 100);
	}
	EXPECT(counted().live_bytes == 0 && counted().live_blocks == 0);
	return EXIT_SUCCESS;
}

START_TEST(behind_another_handler)
{
	static const char *const names[] = { "system", "debug", "datamem" };
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		setenv("DATAMEM_HANDLER", names[_i], 1);
		harness_exec_self(names[_i]);
		_exit(77);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ck_assert_int_gt(pid, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		harness_skip("no /proc/self/exe here");
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tc;

	if (argc > 1)
		return behind(!strcmp(argv[1], "debug"));
	suite = suite_create("arrays");
	tc = tcase_create("arrays");

	tcase_add_loop_test(tc, a_product_that_overflows_is_refused, 0,
			    (int)COUNT(too_much));
	tcase_add_loop_test(tc, all_elements_can_be_used, 0,
			    (int)COUNT(sizes));
	tcase_add_test(tc, a_foreign_block_is_not_resized);
	tcase_add_loop_test(tc, resized_where_it_is, 0, (int)COUNT(one_size));
	tcase_add_test(tc, a_neighbour_is_in_the_way);
	tcase_add_test(tc, sizes_out_of_reach);
	tcase_add_test(tc, a_limit_holds);
	tcase_add_loop_test(tc, accounts_follow, 0, 2);
	tcase_add_test(tc, aligned_and_lazy_blocks);
	tcase_add_loop_test(tc, behind_another_handler, 0, 3);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Size classes, and blocks that go in and out of their slabs. */
#include "slab/slab.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena/arena.h"
#include "library.h"

#define MANY 5000

/* Check's own assertions write to a pipe each time: too slow in a loop. */
#define must(condition)                                                      \
	do {                                                                 \
		if (!(condition))                                            \
			ck_abort_msg("not so: %s", #condition);              \
	} while (0)

static const size_t some_sizes[] = {
	1, 16, 17, 100, 1000, 1024, 1025, 2000, 5000, 20000, 65536, 70000,
	131072,
};

/* Nobody gives back but the test. */
static void setup(void)
{
	set("control", "off");
	set("retain.age", "3600000");
	dmem_slab_trim();
}

static size_t count_out(unsigned int cls, size_t *stashed)
{
	size_t out;

	dmem_slab_count(cls, &out, stashed);
	return out;
}

/* Every size has a class that is large enough and wastes little. */
START_TEST(classes)
{
	unsigned int last = 0, cls;
	size_t size;

	for (size_t nbytes = 1; nbytes <= DMEM_SMALL_MAX; nbytes++) {
		cls = dmem_class_of(nbytes);
		must(cls >= 1 && cls < DMEM_CLASSES);
		must(cls == last || cls == last + 1);
		last = cls;
		size = dmem_classes[cls].size;
		must(size >= nbytes);
		must(cls == 1 || dmem_classes[cls - 1].size < nbytes);
		if (nbytes <= DMEM_FINE_MAX)
			must(size - nbytes < 16);
		else
			must((size - nbytes) * 8 <= nbytes);
		must(size % (nbytes < 1024 ? 16 : 64) == 0);
	}
	ck_assert_uint_eq(last, DMEM_CLASSES - 1);
	ck_assert_uint_eq(dmem_classes[last].size, DMEM_SMALL_MAX);
}
END_TEST

static void check_shape(unsigned int cls, unsigned int nspans)
{
	size_t bytes = nspans * DMEM_SPAN;
	size_t n = dmem_class_blocks(cls, nspans);

	ck_assert_uint_le(nspans, DMEM_SLAB_SPANS);
	ck_assert_uint_ge(n, 1);
	ck_assert_uint_le(n, 64 * 64);
	ck_assert_uint_le(bytes - n * dmem_classes[cls].size, bytes / 8);
}

/* What a slab has left over is at most an eighth; its bitmap has room. */
START_TEST(slabs)
{
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		check_shape(cls, dmem_classes[cls].few);
		check_shape(cls, dmem_class_full(cls));
		ck_assert_uint_ge(dmem_classes[cls].stash_max, 1);
	}
}
END_TEST

static int by_address(const void *a, const void *b)
{
	uintptr_t left = *(const uintptr_t *)a, right = *(const uintptr_t *)b;

	return left < right ? -1 : left > right;
}

static size_t take(unsigned int cls, void **blocks, size_t n)
{
	size_t got = 0, more;

	while (got < n) {
		more = dmem_slab_take(cls, blocks + got,
				      DMEM_MIN(n - got, 1 + got % 60));
		if (!more)
			break;
		got += more;
	}
	return got;
}

/* Blocks of one class leave little of a chunk over: a 16th, and in the chunks
 * of its first slabs an eighth. */
START_TEST(chunks_are_filled)
{
	const size_t total = (size_t)64 << 20;
	static void *ptrs[1 << 16];

	for (unsigned int cls = dmem_class_of(1025); cls < DMEM_CLASSES;
	     cls += 1 + cls % 3) {
		size_t size = dmem_classes[cls].size, n = total / size;
		size_t first = stats_now().held_bytes, used;

		ck_assert_uint_eq(take(cls, ptrs, n), n);
		used = stats_now().held_bytes - first;
		must(used <= total + total / 16 + 2 * dmem_chunk_size());
		dmem_slab_give(cls, ptrs, n);
		dmem_slab_trim();
		dmem_slab_settle();
	}
}
END_TEST

/* Blocks do not overlap, are aligned, and are found by all their addresses. */
START_TEST(blocks)
{
	size_t nbytes = some_sizes[_i], n, stashed;
	unsigned int cls = dmem_class_of(nbytes);
	size_t size = dmem_classes[cls].size;
	struct dmem_slab_block found;
	static void *ptrs[MANY];

	n = DMEM_MIN(MANY, (16 << 20) / size);
	ck_assert_uint_eq(take(cls, ptrs, n), n);
	ck_assert_uint_eq(count_out(cls, &stashed), n);
	for (size_t i = 0; i < n; i++) {
		char *at = ptrs[i];

		must((uintptr_t)at % (nbytes < 1024 ? 16 : 64) == 0);
		memset(at, (int)i, size);
		must(dmem_slab_find(at, &found));
		must(found.start == at && found.size == size);
		must(!found.free && !found.align);
		must(dmem_slab_find(at + size - 1, &found));
		must(found.start == at);
	}
	qsort(ptrs, n, sizeof(*ptrs), by_address);
	for (size_t i = 1; i < n; i++)
		must((char *)ptrs[i] - (char *)ptrs[i - 1] >= (ptrdiff_t)size);
	dmem_slab_give(cls, ptrs, n);
	ck_assert_uint_eq(count_out(cls, &stashed), 0);
	dmem_slab_settle();
	ck_assert_uint_eq(stats_now().double_frees, 0);
	ck_assert_uint_eq(stats_now().foreign_pointers, 0);
}
END_TEST

/* A batch that was given comes back from the stash, the same blocks. */
START_TEST(stash)
{
	unsigned int cls = dmem_class_of(some_sizes[_i]);
	size_t n = DMEM_MIN(32, dmem_classes[cls].stash_max), stashed;
	void *ptrs[32], *again[32];

	if (n < 2)
		return;
	ck_assert_uint_eq(take(cls, ptrs, n), n);
	dmem_slab_give(cls, ptrs, n);
	ck_assert_uint_eq(count_out(cls, &stashed), 0);
	ck_assert_uint_eq(stashed, n);
	ck_assert_uint_eq(dmem_slab_take(cls, again, n), n);
	count_out(cls, &stashed);
	ck_assert_uint_eq(stashed, 0);
	qsort(ptrs, n, sizeof(*ptrs), by_address);
	qsort(again, n, sizeof(*again), by_address);
	for (size_t i = 0; i < n; i++)
		ck_assert_ptr_eq(ptrs[i], again[i]);
	/* One at a time they are checked at once, and pass the stash by. */
	for (size_t i = 0; i < n; i++)
		dmem_slab_give(cls, &again[i], 1);
	count_out(cls, &stashed);
	ck_assert_uint_eq(stashed, 0);
}
END_TEST

START_TEST(empty_slabs_go_back)
{
	static void *ptrs[DMEM_ARRAY_SIZE(some_sizes)][200];
	size_t stashed;
	void *keep;

	keep = NULL;
	ck_assert_uint_eq(dmem_slab_take(3, &keep, 1), 1);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(some_sizes); i++)
		ck_assert_uint_eq(take(dmem_class_of(some_sizes[i]), ptrs[i],
				       200), 200);
	ck_assert_uint_gt(stats_now().held_bytes, 16 << 20);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(some_sizes); i++)
		dmem_slab_give(dmem_class_of(some_sizes[i]), ptrs[i], 200);
	dmem_slab_trim();
	for (unsigned int cls = 1; cls < DMEM_CLASSES; cls++) {
		ck_assert_uint_eq(count_out(cls, &stashed), cls == 3);
		ck_assert_uint_eq(stashed, 0);
	}
	dmem_arena_trim(0);
	/* The chunk of the one block. */
	ck_assert_uint_eq(stats_now().held_bytes, dmem_chunk_size());
	dmem_slab_give(3, &keep, 1);
	dmem_slab_trim();
	dmem_arena_trim(0);
	ck_assert_uint_eq(stats_now().held_bytes, 0);
	ck_assert_uint_eq(stats_now().mapped_bytes, 0);
}
END_TEST

START_TEST(aligned)
{
	size_t align = (size_t)32 << _i, size = DMEM_MAX(align, 64);
	unsigned int cls = dmem_class_of(size);
	struct dmem_slab_block found;
	void *ptrs[100], *plain;
	size_t stashed;

	/* The size of a class of aligned blocks is a multiple of align. */
	ck_assert_uint_eq(dmem_classes[cls].size % align, 0);
	ck_assert_uint_eq(dmem_slab_take(cls, &plain, 1), 1);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(ptrs); i++) {
		ptrs[i] = dmem_slab_take_aligned(cls, align);
		ck_assert_ptr_nonnull(ptrs[i]);
		ck_assert_uint_eq((uintptr_t)ptrs[i] % align, 0);
		ck_assert(dmem_slab_find(ptrs[i], &found));
		ck_assert_uint_eq(found.align, align);
		ck_assert_ptr_eq(found.start, ptrs[i]);
		memset(ptrs[i], 1, size);
	}
	ck_assert(dmem_slab_find(plain, &found));
	ck_assert_uint_eq(found.align, 0);
	dmem_slab_give(cls, ptrs, DMEM_ARRAY_SIZE(ptrs));
	dmem_slab_give(cls, &plain, 1);
	dmem_slab_trim();
	ck_assert_uint_eq(count_out(cls, &stashed), 0);
	ck_assert_uint_eq(stats_now().double_frees, 0);
}
END_TEST

/* Each wrong pointer is noted and left alone, one by one and in a batch. */
START_TEST(wrong_pointers)
{
	unsigned int cls = dmem_class_of(some_sizes[_i]);
	size_t stashed, n = 0;
	char *ptrs[4], local[16];
	void *wrong[8];
	bool batch;

	if (dmem_classes[cls].size == 16)
		return;
	for (int round = 0; round < 2; round++) {
		batch = round;
		ck_assert_uint_eq(take(cls, (void **)ptrs, 4), 4);
		dmem_slab_give(cls, (void **)&ptrs[0], 1);
		n = 0;
		wrong[n++] = ptrs[0];                /* free already */
		wrong[n++] = ptrs[1] + 16;           /* inside */
		wrong[n++] = local;
		wrong[n++] = NULL;
		for (size_t i = 0; i < n && !batch; i++)
			dmem_slab_give(cls, &wrong[i], 1);
		if (batch) {
			dmem_slab_give(cls, wrong, n);
			dmem_slab_trim();
		}
		dmem_slab_settle();
		ck_assert_uint_eq(stats_now().double_frees, 1 + round);
		ck_assert_uint_eq(stats_now().foreign_pointers, 3 + 3 * round);
		ck_assert_uint_eq(count_out(cls, &stashed), 3);
		dmem_slab_give(cls, (void **)&ptrs[1], 3);
		dmem_slab_trim();
		ck_assert_uint_eq(count_out(cls, &stashed), 0);
	}
	/* A block of another class. */
	ck_assert_uint_eq(dmem_slab_take(cls, wrong, 1), 1);
	dmem_slab_give(cls == 1 ? 2 : cls - 1, wrong, 1);
	dmem_slab_settle();
	ck_assert_uint_eq(stats_now().foreign_pointers, 7);
	ck_assert_uint_eq(count_out(cls, &stashed), 1);
	dmem_slab_give(cls, wrong, 1);
}
END_TEST

int main(void)
{
	int n = (int)DMEM_ARRAY_SIZE(some_sizes);
	Suite *suite = suite_create("slab");
	TCase *tc = tcase_create("slab");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, classes);
	tcase_add_test(tc, slabs);
	tcase_add_test(tc, chunks_are_filled);
	tcase_add_loop_test(tc, blocks, 0, n);
	tcase_add_loop_test(tc, stash, 0, n);
	tcase_add_test(tc, empty_slabs_go_back);
	tcase_add_loop_test(tc, aligned, 0, 12);
	tcase_add_loop_test(tc, wrong_pointers, 0, n);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

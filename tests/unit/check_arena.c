/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Large blocks: shapes, growth by moving pages, sparse zeros, other mappings. */
#include "arena/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena/shelf.h"
#include "fake-kernel.h"
#include "library.h"
#include "kernel/kernel.h"

static size_t resident(const void *ptr, size_t nbytes)
{
	static unsigned char vec[1 << 20];
	size_t page = dmem_kernel_page_size(), n = 0, count = 0;
	char *at = (char *)DMEM_ROUND_DOWN((uintptr_t)ptr, page);

	n = (nbytes + page - 1) / page;
	ck_assert_uint_le(n, sizeof(vec));
	ck_assert_int_eq(dmem_kernel_resident(at, n * page, vec), 0);
	for (size_t i = 0; i < n; i++)
		count += vec[i] & 1;
	return count * page;
}

/* Where blocks of a size begin, and what they take. */
START_TEST(shapes)
{
	size_t chunk = dmem_chunk_size(), used = 0;
	const struct {
		size_t nbytes;
		bool whole;
	} cases[] = {
		{ 131073, false }, { chunk / 16 + 1, false },
		{ chunk - chunk / 16, false }, { chunk - chunk / 65, true },
		{ chunk, true }, { chunk + 1, false },
		{ chunk + chunk / 16, false }, { 3 * chunk - 1, true },
		{ 8 * chunk, true }, { 63 * chunk + 1, false },
		{ 64 * chunk + 1, true },
	};
	struct dmem_block block;
	char *first, *ptr;

	/* What begins anywhere begins behind it. */
	first = datamem_alloc(131073);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(cases); i++) {
		dmem_arena_unshelve();
		used = dmem_arena.used;
		ptr = datamem_alloc(cases[i].nbytes);
		ck_assert(dmem_arena_find(ptr, &block));
		ck_assert_ptr_eq(block.start, ptr);
		ck_assert_uint_eq(block.nbytes, cases[i].nbytes);
		ck_assert_uint_ge(block.usable, cases[i].nbytes);
		ck_assert(dmem_arena_find(ptr + cases[i].nbytes - 1, &block));
		ck_assert_ptr_eq(block.start, ptr);
		ck_assert_uint_eq((uintptr_t)ptr % 64, 0);
		ck_assert_int_eq(((uintptr_t)ptr & (chunk - 1)) < 4096,
				 cases[i].whole);
		/* A tail takes granules, not a chunk. */
		ck_assert_uint_lt(dmem_arena.used - used,
				  cases[i].nbytes + 8192);
		datamem_free(ptr, cases[i].nbytes);
		ck_assert_uint_eq(dmem_arena.used - dmem_shelf_bytes(), used);
		ck_assert(!dmem_arena_find(ptr, &block));
	}
	datamem_free(first, 131073);
}
END_TEST

/* Equal blocks must not all begin at the same place of the cache. */
START_TEST(phases_differ)
{
	size_t nbytes = 2 * dmem_chunk_size() - 8192, different = 0;
	uintptr_t first = 0;
	void *ptrs[16];

	for (size_t i = 0; i < 16; i++) {
		ptrs[i] = datamem_alloc(nbytes);
		first = i ? first : (uintptr_t)ptrs[i] & 4095;
		different += ((uintptr_t)ptrs[i] & 4095) != first;
	}
	ck_assert_uint_gt(different, 10);
	for (size_t i = 0; i < 16; i++)
		datamem_free(ptrs[i], nbytes);
}
END_TEST

/* A block grows where it is, wherever that is, and moves by whole pages. */
START_TEST(grows_off_a_chunk)
{
	size_t chunk = dmem_chunk_size();
	char *first = datamem_alloc(chunk / 4), *ptr = datamem_alloc(chunk / 2);
	size_t used, phase = (uintptr_t)ptr & (chunk - 1);
	uint64_t moved = stats_now().resizes_moved;
	char *wall;

	ck_assert_uint_ge(phase, 4096);
	/* Its tail gets no chunk of its own there. */
	used = dmem_arena.used;
	ck_assert_ptr_eq(datamem_realloc(ptr, 4 * chunk), ptr);
	ck_assert_uint_eq(dmem_arena.used - used, 4 * chunk - chunk / 2);
	for (size_t i = 0; i < 4 * chunk; i++)
		ptr[i] = (char)(i >> 12);
	wall = datamem_alloc(131073);
	ptr = datamem_realloc(ptr, 9 * chunk);
	ck_assert_uint_eq(stats_now().resizes_moved, moved + 1);
	ck_assert_uint_eq((uintptr_t)ptr & (chunk - 1), phase);
	for (size_t i = 0; i < 4 * chunk; i++)
		if (ptr[i] != (char)(i >> 12))
			ck_abort_msg("byte %zu lost", i);
	datamem_free(ptr, 9 * chunk);
	datamem_free(wall, 131073);
	datamem_free(first, chunk / 4);
}
END_TEST

#define GROWN 4
#define PATTERN(who, at) ((unsigned char)((who) * 37 + ((at) >> 20) + 1))

/* Blocks that grow in turn, so that each stands in another's way. */
static void grow_in_turn(void)
{
	unsigned char *ptrs[GROWN] = { NULL };
	size_t nbytes, at;

	for (nbytes = 4 * DMEM_MIB; nbytes <= 40 * DMEM_MIB;
	     nbytes += 4 * DMEM_MIB)
		for (size_t who = 0; who < GROWN; who++) {
			ptrs[who] = datamem_realloc(ptrs[who], nbytes);
			ck_assert_ptr_nonnull(ptrs[who]);
			for (at = 0; at < nbytes - 4 * DMEM_MIB; at += DMEM_MIB)
				if (ptrs[who][at] != PATTERN(who, at))
					ck_abort_msg("contents lost in moving");
			for (; at < nbytes; at += DMEM_MIB)
				ptrs[who][at] = PATTERN(who, at);
		}
	for (size_t who = 0; who < GROWN; who++)
		datamem_free(ptrs[who], nbytes);
}

/* Again and again: moves neither run out nor leave mappings behind. */
START_TEST(growth)
{
	size_t before = harness_count_maps(), most = 0;
	struct datamem_stats stats;
	uint64_t moved = 0;

	for (int round = 0; round < 12; round++) {
		grow_in_turn();
		stats = stats_now();
		/* Smaller than a chunk they find room where they are. */
		if (dmem_chunk_size() <= 4 * DMEM_MIB)
			ck_assert_uint_gt(stats.resizes_moved, moved);
		moved = stats.resizes_moved;
		most = DMEM_MAX(most, harness_count_maps());
		datamem_trim(0);
		ck_assert_uint_le(dmem_arena.moved, 64);
	}
	if (before)
		ck_assert_uint_le(most, before + 2 * (GROWN + 1) + 128);
	if (dmem_chunk_size() <= 4 * DMEM_MIB)
		ck_assert_uint_lt(stats.resizes_copied, moved);
}
END_TEST

/* Advice is for the library's own memory, never for the C library's. */
START_TEST(advice_is_for_own_memory)
{
	uintptr_t from = dmem_window.base;
	void *ptr = datamem_alloc(8 * DMEM_MIB), *small = datamem_alloc(100);
	void *heap = malloc(50 * DMEM_MIB);
	unsigned long begin = 0, end = 0, low, high;
	struct datamem_hugepage_probe probe;
	bool seen = false;
	char line[1024];
	FILE *file = fopen("/proc/self/smaps", "r");

	if (!file)
		harness_skip("no /proc/self/smaps");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &low, &high) == 2) {
			begin = low;
			end = high;
		}
		if (strncmp(line, "VmFlags:", 8) || !strstr(line, " hg"))
			continue;
		seen = true;
		if (begin < from || end > from + dmem_window.extent)
			ck_abort_msg("%lx-%lx is advised", begin, end);
	}
	fclose(file);
	/* It can be seen here at all. */
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	if (probe.state == DATAMEM_HUGEPAGE_ACTIVE &&
	    probe.mode == DATAMEM_MODE_MADVISE)
		ck_assert(seen);
	free(heap);
	datamem_free(small, 100);
	datamem_free(ptr, 8 * DMEM_MIB);
}
END_TEST

#define SPARSE DMEM_GIB
#define STEP (2 * DMEM_MIB)

static void touch(unsigned char *ptr, size_t from, size_t to)
{
	for (size_t at = from; at < to; at += STEP)
		ptr[at] = PATTERN(1, at);
}

static void expect_touched(const unsigned char *ptr, size_t to)
{
	for (size_t at = 0; at < to; at += STEP) {
		if (ptr[at] != PATTERN(1, at))
			ck_abort_msg("sparse contents lost");
		if (ptr[at + 1] || ptr[at + STEP / 2])
			ck_abort_msg("not zero");
	}
}

/* Sparse zeros stay sparse, also when they grow; afterwards all is as before. */
START_TEST(sparse_zeros)
{
	/* A page of each step is written to, another one is read. */
	size_t most = 2 * (SPARSE / STEP) * dmem_kernel_page_size() +
		      6 * DMEM_MIB;
	unsigned char *ptr, *wall;
	struct dmem_block block;

	set("zero.policy", "lazy");
	ptr = datamem_alloc(64 * DMEM_MIB);
	memset(ptr, 1, 64 * DMEM_MIB);
	datamem_free(ptr, 1);
	ptr = datamem_alloc_zeroed(SPARSE, 1);
	if (!ptr)
		harness_skip("no room for 1 GiB");
	touch(ptr, 0, SPARSE);
	expect_touched(ptr, SPARSE);
	ck_assert_uint_le(resident(ptr, SPARSE), most);
	wall = datamem_alloc(40 * DMEM_MIB);
	ptr = datamem_realloc(ptr, 2 * SPARSE);
	if (!ptr)
		harness_skip("no room for 2 GiB");
	expect_touched(ptr, SPARSE);
	ck_assert_uint_le(resident(ptr, SPARSE), most + 2 * DMEM_MIB);
	/* The end goes at once, and is not sparse for who gets it next. */
	ptr = datamem_realloc(ptr, 8 * DMEM_MIB);
	ck_assert(dmem_arena_find(ptr, &block));
	ck_assert(block.lazy);
	expect_touched(ptr, 8 * DMEM_MIB);
	ck_assert_uint_le(stats_now().held_bytes, 120 * DMEM_MIB);
	datamem_free(wall, 1);
	datamem_free(ptr, 1);
	set("zero.policy", "auto");
	ptr = datamem_alloc_zeroed(4 * DMEM_MIB, 1);
	ck_assert(dmem_arena_find(ptr, &block));
	ck_assert(!block.lazy);
	datamem_free(ptr, 1);
}
END_TEST

/* A sparse block that grows keeps off chunks that it shares with others. */
START_TEST(sparse_neighbours)
{
	unsigned char *ptr, *other;
	size_t nbytes = 4 * DMEM_MIB;

	set("zero.policy", "lazy");
	ptr = datamem_alloc_zeroed(nbytes, 1);
	for (int i = 0; i < 6; i++) {
		nbytes += 2 * DMEM_MIB;
		ptr = datamem_realloc(ptr, nbytes);
		ptr[nbytes - 1] = 1;
	}
	other = datamem_alloc(300 * DMEM_KIB);
	memset(other, 7, 300 * DMEM_KIB);
	datamem_free(ptr, 1);
	ck_assert_int_eq(other[0], 7);
	ck_assert_int_eq(other[300 * DMEM_KIB - 1], 7);
	datamem_free(other, 1);
	set("zero.policy", "auto");
	for (int i = 0; i < 8; i++) {
		ptr = datamem_alloc_zeroed(2 * DMEM_MIB, 1);
		ck_assert(!ptr[0] && !memcmp(ptr, ptr + 1, 2 * DMEM_MIB - 1));
		memset(ptr, 5, 2 * DMEM_MIB);
	}
}
END_TEST

static char *place_at;

static void *mmap_there(void *addr, size_t nbytes, int prot, int flags)
{
	if (!addr && nbytes > DMEM_MIB) {
		addr = place_at;
		flags |= MAP_FIXED;
	}
	return __real_mmap(addr, nbytes, prot, flags, -1, 0);
}

/* The kernel puts a mapping of its own where the window grows later. */
START_TEST(outside_below_the_extent)
{
	size_t size = dmem_window.size;
	unsigned char *ptr, *large;

	datamem_free(datamem_alloc(DMEM_MIB), 1);
	place_at = (char *)dmem_window.base + dmem_window.extent +
		   4 * dmem_chunk_size();
	fake_kernel_reset();
	fake_hooks.mmap = mmap_there;
	dmem_window.size = 0;
	ptr = datamem_alloc(5 * DMEM_MIB);
	dmem_window.size = size;
	fake_kernel_reset();
	memset(ptr, 9, 5 * DMEM_MIB);
	large = datamem_alloc(100 * DMEM_MIB);
	ck_assert_ptr_nonnull(large);
	memset(large, 1, 100 * DMEM_MIB);
	ck_assert(dmem_window_holds(ptr));
	ck_assert_uint_ge(datamem_usable_size(ptr), 5 * DMEM_MIB);
	datamem_free(ptr + 4096, 1);
	ck_assert_uint_eq(stats_now().foreign_pointers, 1);
	ptr = datamem_realloc(ptr, 9 * DMEM_MIB);
	ck_assert_int_eq(ptr[0], 9);
	ck_assert(!memcmp(ptr, ptr + 1, 5 * DMEM_MIB - 1));
	ck_assert_int_eq(large[100 * DMEM_MIB - 1], 1);
	datamem_free(ptr, 1);
	datamem_free(large, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

/* A page of somebody else's right behind a block. */
static void wall_off(const unsigned char *ptr, size_t nbytes)
{
	mmap((void *)DMEM_ROUND_UP((uintptr_t)ptr + nbytes, dmem_chunk_size()),
	     4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
	     -1, 0);
}

/* A mapping of one's own grows without a copy, in place or by its pages. */
START_TEST(outside_grows)
{
	size_t size = dmem_window.size, nbytes = 6 * DMEM_MIB;
	unsigned char *ptrs[5];
	struct datamem_stats before, after;
	struct dmem_block block;

	datamem_free(datamem_alloc(DMEM_MIB), 1);
	dmem_window.size = 0;
	for (int i = 0; i < 5; i++) {
		ptrs[i] = i == 1 ? datamem_alloc_lazy(nbytes, 1)
				 : datamem_alloc_aligned(nbytes, DMEM_MIB);
		ck_assert_ptr_nonnull(ptrs[i]);
		memset(ptrs[i], 10 + i, nbytes);
	}
	before = stats_now();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 5; i++) {
			if (round == i)
				wall_off(ptrs[i], nbytes);
			ptrs[i] = datamem_realloc(ptrs[i], 2 * nbytes);
			if (i != 1)
				ck_assert_uint_eq((uintptr_t)ptrs[i] %
						  DMEM_MIB, 0);
			ck_assert_int_eq(ptrs[i][0], 10 + i);
			ck_assert(!memcmp(ptrs[i], ptrs[i] + 1, nbytes - 1));
			memset(ptrs[i], 10 + i, 2 * nbytes);
			ck_assert(dmem_arena_find(ptrs[i] + 2 * nbytes - 1,
						  &block));
			ck_assert_ptr_eq(block.start, ptrs[i]);
		}
		nbytes *= 2;
	}
	after = stats_now();
	ck_assert_uint_eq(after.live_bytes, before.live_bytes * 8);
	/* What is less than a chunk is copied. */
	if (dmem_chunk_size() <= nbytes / 8)
		ck_assert_uint_ge(after.resizes_in_place + after.resizes_moved,
				  before.resizes_in_place +
					  before.resizes_moved + 5);
	for (int i = 0; i < 5; i++)
		datamem_free(ptrs[i], nbytes);
	dmem_window.size = size;
	ck_assert_uint_eq(dmem_outside_mapped(), 0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* More than the window holds; more than there is memory, where allowed. */
START_TEST(larger_than_the_window)
{
	size_t nbytes = dmem_window.size + 4 * DMEM_GIB;
	unsigned char *ptr = datamem_alloc_zeroed(nbytes, 1);

	if (!ptr)
		harness_skip("the kernel does not give %zu GiB",
			     nbytes / DMEM_GIB);
	ptr[0] = ptr[nbytes - 1] = ptr[nbytes / 2] = 3;
	ck_assert_uint_eq(datamem_usable_size(ptr), nbytes);
	ptr = datamem_realloc(ptr, 100 * DMEM_KIB);
	ck_assert_int_eq(ptr[0], 3);
	ck_assert_uint_lt(stats_now().mapped_bytes, DMEM_GIB);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, shapes);
	tcase_add_test(tc, phases_differ);
	tcase_add_test(tc, grows_off_a_chunk);
	tcase_add_test(tc, growth);
	tcase_add_test(tc, advice_is_for_own_memory);
	tcase_add_test(tc, sparse_zeros);
	tcase_add_test(tc, sparse_neighbours);
	tcase_add_test(tc, outside_below_the_extent);
	tcase_add_test(tc, outside_grows);
	tcase_add_test(tc, larger_than_the_window);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Regions behind a full window: blocks of all sizes lie there as they do in the
 * window, and there can be many regions. A window is full here when it may not
 * grow any more.
 */
#include "arena/arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/state.h"
#include "kernel/kernel.h"
#include "library.h"

#define HELD_MAX 4096

static void *held[HELD_MAX];
static size_t held_count;

static bool is_far(const void *ptr)
{
	return dmem_window_offset(ptr) >= dmem_window.size &&
	       dmem_window_holds(ptr);
}

/* A block behind the window; what still has room in it is held. */
static unsigned char *take_far(size_t nbytes)
{
	for (;;) {
		unsigned char *ptr = datamem_alloc(nbytes);

		ck_assert_ptr_nonnull(ptr);
		if (is_far(ptr))
			return ptr;
		ck_assert_uint_lt(held_count, HELD_MAX);
		held[held_count++] = ptr;
	}
}

static void fill_window(void)
{
	dmem_library_init();
	datamem_free(datamem_alloc(MIB), MIB);
	dmem_window.size = dmem_window.extent;
	/* No chunk is left in it for small blocks either. */
	datamem_free(take_far(dmem_chunk_size()), 0);
	datamem_free(take_far(129 * KIB), 0);
}

static void drop_held(void)
{
	while (held_count)
		datamem_free(held[--held_count], 0);
}

static void expect_nothing_lives(void)
{
	struct datamem_stats stats;

	drop_held();
	/* The service thread may have free memory in its hands. */
	datamem_control_stop();
	stats = stats_now();
	ck_assert_uint_eq(stats.live_blocks, 0);
	ck_assert_uint_eq(stats.live_bytes, 0);
	ck_assert_uint_eq(stats.foreign_pointers, 0);
	datamem_trim(0);
	stats = stats_now();
	ck_assert_uint_eq(stats.retained_bytes, 0);
	ck_assert_uint_eq(stats.held_bytes, 0);
}

static bool all_are(const unsigned char *ptr, size_t nbytes, unsigned char byte)
{
	return ptr[0] == byte && !memcmp(ptr, ptr + 1, nbytes - 1);
}

static const size_t sizes[] = {
	1, 80, 1000, 20000, 128 * KIB, 128 * KIB + 1, MIB, 5 * MIB, 100 * MIB,
};

/* Nothing of a block tells where it lies. */
START_TEST(blocks)
{
	size_t nbytes = sizes[_i], usable;
	struct datamem_hugepage_receipt receipt;
	unsigned char *ptr, *zeroed;

	fill_window();
	ptr = take_far(nbytes);
	memset(ptr, 7, nbytes);
	ck_assert_uint_ge(datamem_usable_size(ptr), nbytes);
	datamem_hugepage_receipt_get(ptr, 0, &receipt, sizeof(receipt));
	ck_assert_int_ne(receipt.reason, DATAMEM_REASON_FOREIGN);
	zeroed = datamem_alloc_zeroed(nbytes, 1);
	ck_assert(is_far(zeroed));
	ck_assert(all_are(zeroed, nbytes, 0));
	memset(zeroed, 8, nbytes);
	ptr = take_usable(ptr, &usable);
	ptr = datamem_realloc(ptr, 3 * nbytes);
	ck_assert(all_are(ptr, nbytes, 7));
	memset(ptr, 9, 3 * nbytes);
	ptr = datamem_realloc(ptr, nbytes);
	ck_assert(all_are(ptr, nbytes, 9));
	ck_assert(all_are(zeroed, nbytes, 8));
	datamem_free(ptr, nbytes);
	datamem_free(zeroed, nbytes);
	zeroed = datamem_alloc_zeroed(1, nbytes);
	ck_assert(all_are(zeroed, nbytes, 0));
	datamem_free(zeroed, nbytes);
	expect_nothing_lives();
	/* None was made for a single block. */
	ck_assert_uint_eq(dmem_outside_mapped(), 0);
}
END_TEST

START_TEST(mistakes)
{
	size_t nbytes = sizes[_i];
	unsigned char *ptr;

	fill_window();
	ptr = take_far(nbytes);
	datamem_free(ptr + 16, nbytes);
	datamem_free(ptr, nbytes);
	datamem_trim(0);
	datamem_free(ptr, nbytes);
	datamem_trim(0);
	ck_assert_uint_ge(stats_now().double_frees, 1);
	drop_held();
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	/* An address of the region where there has been no block yet. */
	ptr = (unsigned char *)dmem_regions[1].base + dmem_regions[1].size / 2;
	ck_assert(!dmem_window_holds(ptr));
	datamem_free(ptr, 1);
	ck_assert_uint_ge(stats_now().foreign_pointers, 1);
}
END_TEST

/* Not one for each block. */
START_TEST(mappings)
{
	size_t before, after;

	fill_window();
	datamem_free(take_far(MIB), MIB);
	before = harness_count_maps();
	for (size_t i = 0; i < 1000; i++) {
		void *ptr = datamem_alloc(80 + i * 200);

		ck_assert_ptr_nonnull(ptr);
		held[held_count++] = ptr;
	}
	after = harness_count_maps();
	ck_assert_uint_lt(after, before + 40);
	expect_nothing_lives();
}
END_TEST

static size_t walked(void)
{
	size_t n = 0;

	for (uint32_t chunk = dmem_regions_next(0); chunk != UINT32_MAX;
	     chunk = dmem_regions_next(chunk + 1)) {
		const struct dmem_region *region = dmem_region_of(chunk);

		ck_assert_uint_ge(chunk, dmem_region_begin(region));
		ck_assert_uint_lt(chunk, dmem_region_end(region));
		n++;
	}
	return n << dmem_window.chunk_shift;
}

START_TEST(walk)
{
	size_t extents = 0;

	fill_window();
	ck_assert_uint_gt(dmem_regions_count, 1);
	for (unsigned int i = 0; i < dmem_regions_count; i++)
		extents += dmem_regions[i].extent;
	ck_assert_uint_eq(walked(), extents);
	expect_nothing_lives();
}
END_TEST

START_TEST(moves)
{
	uint64_t moved;
	unsigned char *ptr, *behind;

	fill_window();
	ptr = take_far(64 * MIB);
	behind = take_far(64 * MIB);
	memset(ptr, 3, 64 * MIB);
	moved = stats_now().resizes_moved;
	ptr = datamem_realloc(ptr, 200 * MIB);
	ck_assert(is_far(ptr));
	ck_assert(all_are(ptr, 64 * MIB, 3));
	if (stats_now().resizes_moved == moved)
		harness_skip("this kernel moves no pages");
	/* Into the free run behind it. */
	moved = stats_now().resizes_in_place;
	ptr = datamem_realloc(ptr, 220 * MIB);
	ck_assert_uint_eq(stats_now().resizes_in_place, moved + 1);
	datamem_free(ptr, 1);
	datamem_free(behind, 1);
	expect_nothing_lives();
}
END_TEST

/* Regions share no address, and no run could ever span two. */
static void expect_apart(void)
{
	for (unsigned int i = 1; i < dmem_regions_count; i++) {
		const struct dmem_region *r = &dmem_regions[i];
		const struct dmem_region *before = &dmem_regions[i - 1];

		ck_assert_uint_ge(r->first, before->first + before->size +
						    dmem_chunk_size());
		ck_assert_uint_eq(dmem_regions_find((void *)r->base), r->first);
		for (unsigned int k = 0; k < i; k++)
			ck_assert(r->base >= dmem_regions[k].base +
						     dmem_regions[k].size ||
				  dmem_regions[k].base >= r->base + r->size);
	}
}

/* Each is full when it has one block; then blocks are for themselves. */
START_TEST(many)
{
	unsigned char *ptrs[DMEM_REGIONS + 1];
	size_t nbytes = 40 * MIB;
	unsigned int n = 0;

	if (HARNESS_TSAN)
		harness_skip("ThreadSanitizer takes seconds for each range");
	fill_window();
	take_far(nbytes);
	do {
		struct dmem_region *last =
			&dmem_regions[dmem_regions_count - 1];

		last->size = last->extent;
		ptrs[n] = datamem_alloc(nbytes);
		ck_assert_ptr_nonnull(ptrs[n]);
		memset(ptrs[n], (int)n, nbytes);
	} while (is_far(ptrs[n++]));
	fprintf(stderr, "# %u regions\n", dmem_regions_count);
	ck_assert_uint_ge(dmem_regions_count, 2);
	expect_apart();
	ck_assert_uint_ge(dmem_outside_mapped(), nbytes);
	/* Nor does a small one need a region. */
	for (unsigned int i = 0; i < n; i++)
		ck_assert(all_are(ptrs[i], nbytes, (unsigned char)i));
	for (unsigned int i = 0; i < n; i++)
		datamem_free(ptrs[i], nbytes);
	ck_assert_uint_eq(dmem_outside_mapped(), 0);
}
END_TEST

/* What is in the way of a region's end is stepped over. */
START_TEST(obstacle)
{
	size_t page = dmem_kernel_page_size();
	unsigned char *ptr, *wall;

	fill_window();
	ptr = take_far(MIB);
	wall = (unsigned char *)dmem_regions[1].base + dmem_regions[1].extent;
	ck_assert_ptr_eq(mmap(wall, page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 wall);
	memset(wall, 77, page);
	held[held_count++] = take_far(300 * MIB);
	memset(held[held_count - 1], 1, 300 * MIB);
	ck_assert(all_are(wall, page, 77));
	ck_assert_uint_eq(dmem_regions_count, 2);
	datamem_free(ptr, MIB);
	expect_nothing_lives();
}
END_TEST

START_TEST(children)
{
	unsigned char *small, *large;
	int status;
	pid_t pid;

	fill_window();
	large = take_far(30 * MIB);
	memset(large, 4, 30 * MIB);
	small = take_far(80);
	memset(small, 5, 80);
	datamem_free(take_far(50 * MIB), 1);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		unsigned char *ptr = datamem_alloc_zeroed(60 * MIB, 1);
		bool well = ptr && all_are(ptr, 60 * MIB, 0) &&
			    all_are(large, 30 * MIB, 4) &&
			    all_are(small, 80, 5);

		datamem_free(ptr, 1);
		datamem_free(large, 1);
		datamem_free(small, 1);
		_exit(well ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	ck_assert(all_are(large, 30 * MIB, 4));
	datamem_free(large, 1);
	datamem_free(small, 1);
	expect_nothing_lives();
}
END_TEST

#define THREADS 4
#define OWN 64

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void *work(void *arg)
{
	uint64_t state = 88172645463325252u + (uintptr_t)arg * 7919;
	struct {
		unsigned char *ptr;
		size_t nbytes;
		unsigned char byte;
	} own[OWN] = { { NULL, 0, 0 } };

	for (int i = 0; i < 6000; i++) {
		size_t k = next_random(&state) % OWN;
		size_t nbytes = next_random(&state) %
				((size_t)1 << (next_random(&state) % 24)) + 1;
		unsigned char *ptr = own[k].ptr;

		if (ptr && (ptr[0] != own[k].byte ||
			    ptr[own[k].nbytes - 1] != own[k].byte))
			ck_abort_msg("a block was written to");
		if (ptr && i % 3) {
			datamem_free(ptr, own[k].nbytes);
			own[k].ptr = NULL;
			continue;
		}
		ptr = datamem_realloc(ptr, nbytes);
		if (!ptr)
			ck_abort_msg("no %zu bytes", nbytes);
		own[k].ptr = ptr;
		own[k].nbytes = nbytes;
		own[k].byte = (unsigned char)i;
		ptr[0] = ptr[nbytes - 1] = own[k].byte;
		if (i % 1000 == 0)
			datamem_trim(0);
	}
	for (size_t k = 0; k < OWN; k++)
		datamem_free(own[k].ptr, own[k].nbytes);
	return NULL;
}

/* A region in which nothing could be mapped has no chunk to look at. */
START_TEST(empty)
{
	uint32_t end;

	fill_window();
	dmem_arena_lock();
	if (!dmem_regions_add(1)) {
		dmem_arena_unlock();
		harness_skip("no region can be found");
	}
	end = dmem_region_end(&dmem_regions[dmem_regions_count - 2]);
	ck_assert_uint_eq(dmem_regions_next(end), UINT32_MAX);
	dmem_arena_unlock();
	datamem_trim(0);
}
END_TEST

/* The window and regions, made under way, with threads at work. */
START_TEST(threads)
{
	pthread_t ids[THREADS];

	fill_window();
	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&ids[i], NULL, work,
						(void *)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
	ck_assert_uint_eq(stats_now().double_frees, 0);
	expect_nothing_lives();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("regions");
	TCase *tc = tcase_create("regions");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, blocks, 0, (int)COUNT(sizes));
	tcase_add_loop_test(tc, mistakes, 0, (int)COUNT(sizes));
	tcase_add_test(tc, empty);
	tcase_add_test(tc, mappings);
	tcase_add_test(tc, walk);
	tcase_add_test(tc, moves);
	tcase_add_test(tc, many);
	tcase_add_test(tc, obstacle);
	tcase_add_test(tc, children);
	tcase_add_test(tc, threads);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

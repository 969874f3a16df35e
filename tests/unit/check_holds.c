/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What is done while a lock is held does not grow with the number of blocks:
 * nodes that are visited, and system calls.
 */
#include "base.h"

#include <stdlib.h>

#include "arena/window.h"
#include "library.h"

#ifdef DMEM_LOCK_RANKS

#define MIB ((size_t)1 << 20)
#define KIB ((size_t)1 << 10)

static void **blocks;
static size_t nblocks;

static void make(size_t n, size_t nbytes, size_t align)
{
	blocks = calloc(n, sizeof(*blocks));
	ck_assert_ptr_nonnull(blocks);
	for (nblocks = 0; nblocks < n; nblocks++) {
		blocks[nblocks] = align ? datamem_alloc_aligned(nbytes, align) :
					  datamem_alloc(nbytes);
		ck_assert_ptr_nonnull(blocks[nblocks]);
	}
}

static void free_every(size_t nth)
{
	for (size_t i = 0; i < nblocks; i += nth) {
		datamem_free(blocks[i], 0);
		blocks[i] = NULL;
	}
}

static void end(void)
{
	free_every(1);
	free(blocks);
}

/* A request that no hole fits. */
static void many_holes(size_t n)
{
	make(2 * n, 2 * MIB, 0);
	free_every(2);
	dmem_lock_cost_reset();
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(datamem_alloc(2100 * KIB));
	end();
}

/* Holes that are a little too short, and in the same list of lengths. */
static void tight_holes(size_t n)
{
	make(2 * n, 512 * KIB, 0);
	free_every(2);
	dmem_lock_cost_reset();
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(datamem_alloc(520 * KIB));
	end();
}

/* Of what is left between them no part is aligned. */
static void aligned_ones(size_t n)
{
	make(n, 4096, 2 * MIB);
	dmem_lock_cost_reset();
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(datamem_alloc_aligned(4096, 2 * MIB));
	end();
}

/* Slabs of small blocks, each with a hole. */
static void holes_of_slabs(size_t n)
{
	make(16 * n, 104 * KIB, 0);
	free_every(16);
	dmem_lock_cost_reset();
	for (int i = 0; i < 400; i++)
		datamem_free(datamem_alloc(104 * KIB + (size_t)i % 2), 0);
	end();
}

/* Slabs of one class for several alignments. */
static void aligned_small_ones(size_t n)
{
	for (size_t align = 32; align <= 4096; align *= 2) {
		free(blocks); /* the blocks themselves stay */
		make(n / 8, 4096, align);
	}
	dmem_lock_cost_reset();
	for (size_t align = 32; align <= 4096; align *= 2)
		ck_assert_ptr_nonnull(datamem_alloc_aligned(4096, align));
	end();
}

static const struct {
	void (*run)(size_t n);
	size_t few, many;
} shapes[] = {
	{ many_holes, 200, 2000 },
	{ tight_holes, 200, 4000 },
	{ aligned_ones, 200, 4000 },
	{ holes_of_slabs, 20, 400 },
	{ aligned_small_ones, 200, 4000 },
};

/* Nodes: a look at each granule of one chunk, and what is as deep as a tree, or a
 * bounded number of looks. Calls: what makes room for one block. */
#define STEPS_MOST (dmem_chunk_granules() + 256)
#define CALLS_MOST 8

static void show(const char *name, const struct dmem_lock_cost *cost)
{
	printf("# %s: %llu holds, %llu us, %llu nodes, %llu calls\n", name,
	       (unsigned long long)cost->holds,
	       (unsigned long long)cost->ns / 1000,
	       (unsigned long long)cost->steps,
	       (unsigned long long)cost->calls);
	fflush(stdout);
}

START_TEST(nothing_grows)
{
	size_t n = _i % 2 ? shapes[_i / 2].many : shapes[_i / 2].few;

	ck_assert_int_eq(datamem_setting_set("control", "page"), 0);
	shapes[_i / 2].run(n);
	for (enum dmem_rank rank = DMEM_RANK_NONE + 1; rank < DMEM_RANKS;
	     rank++) {
		struct dmem_lock_cost cost;
		const char *name = dmem_lock_cost(rank, &cost);

		if (!cost.holds)
			continue;
		if (getenv("SHOW"))
			show(name, &cost);
		ck_assert_msg(cost.steps <= STEPS_MOST,
			      "%s: %llu nodes visited", name,
			      (unsigned long long)cost.steps);
		ck_assert_msg(cost.calls <= CALLS_MOST,
			      "%s: %llu system calls", name,
			      (unsigned long long)cost.calls);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("holds");
	TCase *tc = tcase_create("holds");

	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, nothing_grows, 0,
			    2 * (int)DMEM_ARRAY_SIZE(shapes));
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

#else

int main(void)
{
	return harness_skip_all("configured without --enable-lock-ranks");
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A million live large blocks, and 4000 threads that have some each. */
#include "library.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS 1000000u
#define LARGE (129 * KIB)
#define WRITE_EVERY 1000

static char **blocks;

/* From 129 to 159 KiB. */
static size_t size_of(size_t i)
{
	return LARGE + (i * 2654435761u >> 7) % (30 * KIB);
}

static void take(size_t i)
{
	blocks[i] = datamem_alloc(size_of(i));
	/* Where more address space than memory is refused. */
	if (!blocks[i])
		harness_skip("no room for %u blocks", BLOCKS);
	if (i % WRITE_EVERY == 0)
		blocks[i][0] = blocks[i][size_of(i) - 1] = (char)(i / WRITE_EVERY);
}

static int by_address(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* None lies over another. */
static void check_apart(void)
{
	char **sorted = malloc(BLOCKS * sizeof(*sorted));

	ck_assert_ptr_nonnull(sorted);
	memcpy(sorted, blocks, BLOCKS * sizeof(*sorted));
	qsort(sorted, BLOCKS, sizeof(*sorted), by_address);
	for (size_t i = 1; i < BLOCKS; i++)
		ck_assert_uint_ge(sorted[i] - sorted[i - 1],
				  datamem_usable_size(sorted[i - 1]));
	free(sorted);
}

static void check_contents(void)
{
	for (size_t i = 0; i < BLOCKS; i += WRITE_EVERY) {
		ck_assert_int_eq(blocks[i][0], (char)(i / WRITE_EVERY));
		ck_assert_int_eq(blocks[i][size_of(i) - 1],
				 (char)(i / WRITE_EVERY));
	}
}

static bool have_memory(size_t mib)
{
	long pages = sysconf(_SC_AVPHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	return pages > 0 && (size_t)pages * (size_t)page >= mib * MIB;
}

START_TEST(a_million_large_blocks)
{
	struct datamem_stats full, again;

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer has no room for them");
	if (!have_memory(3072))
		harness_skip("3 GiB are not free");
	/* A byte would take a huge page. */
	set("hugepage", "off");
	blocks = calloc(BLOCKS, sizeof(*blocks));
	ck_assert_ptr_nonnull(blocks);
	for (size_t i = 0; i < BLOCKS; i++)
		take(i);
	full = stats_now();
	ck_assert_uint_eq(full.live_blocks, BLOCKS);
	check_apart();
	/* Every other goes, and finds its like again. */
	for (size_t i = 1; i < BLOCKS; i += 2)
		datamem_free(blocks[i], size_of(i));
	ck_assert_uint_eq(stats_now().live_blocks, BLOCKS / 2);
	for (size_t i = 1; i < BLOCKS; i += 2)
		take(i);
	again = stats_now();
	ck_assert_uint_eq(again.live_blocks, BLOCKS);
	ck_assert_uint_le(again.mapped_bytes,
			  full.mapped_bytes + full.mapped_bytes / 20);
	check_apart();
	check_contents();
	for (size_t i = 0; i < BLOCKS; i++)
		datamem_free(blocks[i], size_of(i));
	free(blocks);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	datamem_trim(0);
	again = stats_now();
	ck_assert_uint_eq(again.retained_bytes, 0);
	ck_assert_uint_le(again.held_bytes, 16 * MIB);
}
END_TEST

#define THREADS 4000u
#define EACH 16

struct worker {
	pthread_t thread;
	char *blocks[EACH];
};

static struct worker workers[THREADS];
static pthread_barrier_t barrier;
static bool go_on = true;

static size_t size_for(size_t worker, size_t i)
{
	return (size_t)16 << ((worker + i) % 14);
}

/* Makes blocks, and frees those of the next one. */
static void *work(void *arg)
{
	struct worker *self = arg;
	size_t me = (size_t)(self - workers), other = (me + 1) % THREADS;

	for (size_t i = 0; i < EACH; i++) {
		self->blocks[i] = datamem_alloc(size_for(me, i));
		if (self->blocks[i])
			self->blocks[i][0] = (char)(me + i);
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < EACH; i++) {
		char *block = workers[other].blocks[i];

		if (!block || block[0] != (char)(other + i))
			__atomic_store_n(&go_on, false, __ATOMIC_RELAXED);
		datamem_free(block, size_for(other, i));
	}
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

START_TEST(thousands_of_threads)
{
	struct datamem_stats stats;
	pthread_attr_t attr;

	if (HARNESS_SANITIZED)
		harness_skip("a sanitizer has no room for them");
	if (!have_memory(2048))
		harness_skip("2 GiB are not free");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * KIB);
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&workers[i].thread, &attr, work,
				   &workers[i]))
			harness_skip("no %u threads", THREADS);
	pthread_barrier_wait(&barrier);
	stats = stats_now();
	ck_assert_uint_ge(stats.threads, THREADS);
	ck_assert_uint_eq(stats.live_blocks, THREADS * EACH);
	datamem_trim(0);
	stats = stats_now();
	ck_assert_uint_eq(stats.live_blocks, THREADS * EACH);
	ck_assert_uint_eq(stats.cached_bytes, 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	ck_assert(go_on);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	datamem_trim(0);
	stats = stats_now();
	ck_assert_uint_le(stats.threads, 1);
	ck_assert_uint_eq(stats.cached_bytes, 0);
	ck_assert_uint_eq(stats.allocs, stats.frees);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("many");
	TCase *tc = tcase_create("many");

	tcase_set_timeout(tc, 1200);
	tcase_add_test(tc, a_million_large_blocks);
	tcase_add_test(tc, thousands_of_threads);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

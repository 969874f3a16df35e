/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Random operations against a model: every block carries a pattern of its own
 * from end to end, which is looked at when it is resized, freed or handed to
 * another thread. Longer with TEST_LONG=1 (make check-long) or TEST_ROUNDS=N
 * (make check-model).
 */
#include <datamem.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "library.h"

#define THREADS 4
#define OWN 96       /* blocks that a thread holds */
#define SHARED 32    /* places where threads leave blocks for each other */

struct block {
	unsigned char *ptr;
	size_t nbytes;
	size_t align;
	uint64_t seed;
};

struct worker {
	pthread_t thread;
	uint64_t random;
	unsigned long steps;
	size_t largest;
	struct block blocks[OWN];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block shared[SHARED];

/* Part of a round in each of the many builds of CI; less with ThreadSanitizer,
 * which takes minutes for one. */
#define QUICKLY (HARNESS_TSAN ? 4 : 2)

/* How often the numbers of steps below are to be made; 0: a part of them. */
static unsigned long rounds(void)
{
	const char *text = getenv("TEST_ROUNDS");
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	return n ? n : harness_times(0, 40);
}

static uint64_t next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

/* Sizes of all magnitudes, and often just at a power of two. */
static size_t random_size(struct worker *w)
{
	size_t top = 16, size;

	while (top < w->largest && next_random(w) % 12)
		top *= 2;
	size = next_random(w) % 4 ? next_random(w) % top + 1
				  : top + next_random(w) % 129 - 64;
	return size && size < 2 * w->largest ? size : 1;
}

/*
 * The pattern is dense at both ends; in between every 4099th byte is enough to
 * find a block that lies in another one's pages.
 */
static size_t next_place(size_t at, size_t nbytes)
{
	return at < 256 || at + 256 >= nbytes ? at + 1
					      : at + 4099 < nbytes - 256 ?
						at + 4099 : nbytes - 256;
}

static unsigned char byte_at(uint64_t seed, size_t at)
{
	return (unsigned char)((seed + at) * 0x9E3779B97F4A7C15u >> 56);
}

static void fill(const struct block *b)
{
	for (size_t at = 0; at < b->nbytes; at = next_place(at, b->nbytes))
		b->ptr[at] = byte_at(b->seed, at);
}

static void expect(const struct block *b, size_t nbytes)
{
	for (size_t at = 0; at < nbytes; at = next_place(at, b->nbytes))
		if (b->ptr[at] != byte_at(b->seed, at))
			ck_abort_msg("block %p of %zu bytes: byte %zu changed",
				     (void *)b->ptr, b->nbytes, at);
}

static void expect_zero(const struct block *b)
{
	for (size_t at = 0; at < b->nbytes; at = next_place(at, b->nbytes))
		if (b->ptr[at])
			ck_abort_msg("zeroed block %p of %zu bytes: byte %zu",
				     (void *)b->ptr, b->nbytes, at);
}

static void expect_aligned(const struct block *b)
{
	size_t align = b->align > 16 ? b->align : 16;

	if (b->nbytes >= KIB && align < 64)
		align = 64;
	if ((uintptr_t)b->ptr % align)
		ck_abort_msg("%p of %zu bytes: not at a multiple of %zu",
			     (void *)b->ptr, b->nbytes, align);
	ck_assert_uint_ge(datamem_usable_size(b->ptr), b->nbytes);
}

static void make(struct worker *w, struct block *b)
{
	uint64_t r = next_random(w);

	b->nbytes = random_size(w);
	b->align = 1;
	b->seed = next_random(w);
	switch (r % 8) {
	case 0: case 1:
		b->ptr = datamem_alloc_zeroed(b->nbytes, 1);
		ck_assert_ptr_nonnull(b->ptr);
		expect_zero(b);
		break;
	case 2:
		b->align = (size_t)1 << (r >> 8) % 15;
		b->ptr = datamem_alloc_aligned(b->nbytes, b->align);
		break;
	case 3:
		b->ptr = datamem_realloc(NULL, b->nbytes);
		break;
	default:
		b->ptr = datamem_alloc(b->nbytes);
	}
	ck_assert_ptr_nonnull(b->ptr);
	expect_aligned(b);
	fill(b);
}

static void resize(struct worker *w, struct block *b)
{
	uint64_t r = next_random(w);
	size_t old = b->nbytes;
	unsigned char *fresh;

	/* Grows a little, as lists do, or to any size. */
	b->nbytes = r & 1 ? random_size(w) : old + old / 8 + 1;
	if (b->nbytes >= 2 * w->largest)
		b->nbytes = old;
	fresh = datamem_realloc(b->ptr, b->nbytes);
	ck_assert_ptr_nonnull(fresh);
	b->ptr = fresh;
	{
		/* Old places of the pattern that are still inside. */
		struct block was = *b;

		was.nbytes = old;
		expect(&was, old < b->nbytes ? old : b->nbytes);
	}
	expect_aligned(b);
	fill(b);
}

static void drop(struct worker *w, struct block *b)
{
	size_t hints[] = { b->nbytes, 1, 0 };

	expect(b, b->nbytes);
	/* The hint does not matter, as long as it is not too large. */
	datamem_free(b->ptr, hints[next_random(w) % 3]);
	b->ptr = NULL;
}

static void swap(struct worker *w, struct block *b)
{
	size_t place = next_random(w) % SHARED;
	struct block other;

	pthread_mutex_lock(&lock);
	other = shared[place];
	shared[place] = *b;
	pthread_mutex_unlock(&lock);
	*b = other;
	if (b->ptr)
		expect(b, b->nbytes);
}

static void step(struct worker *w)
{
	struct block *b = &w->blocks[next_random(w) % OWN];
	uint64_t what = next_random(w) % 4096;
	struct datamem_stats stats;

	if (what == 0)
		datamem_trim(next_random(w) % (8 * MIB));
	else if (what == 1)
		datamem_stats_get(&stats, sizeof(stats));
	else if (what < 800)
		swap(w, b);
	else if (!b->ptr)
		make(w, b);
	else if (what < 2000)
		resize(w, b);
	else
		drop(w, b);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (unsigned long i = 0; i < w->steps; i++)
		step(w);
	for (size_t i = 0; i < OWN; i++)
		if (w->blocks[i].ptr)
			drop(w, &w->blocks[i]);
	return NULL;
}

static struct worker workers[THREADS];

static void run(size_t nthreads, unsigned long steps, size_t largest)
{
	struct datamem_stats before, after;
	struct worker sweeper = { .random = 99 };

	steps = rounds() ? steps * rounds() : steps / QUICKLY;
	fprintf(stderr, "# %lu operations\n", nthreads * steps);
	ck_assert_int_eq(datamem_stats_get(&before, sizeof(before)), 0);
	memset(workers, 0, sizeof(workers));
	for (size_t i = 0; i < nthreads; i++) {
		workers[i].random = 88172645463325252u + i * 7919;
		workers[i].steps = steps;
		workers[i].largest = largest;
		ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work,
						&workers[i]), 0);
	}
	for (size_t i = 0; i < nthreads; i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < SHARED; i++)
		if (shared[i].ptr)
			drop(&sweeper, &shared[i]);
	ck_assert_int_eq(datamem_stats_get(&after, sizeof(after)), 0);
	ck_assert_uint_eq(after.live_blocks, before.live_blocks);
	ck_assert_uint_eq(after.live_bytes, before.live_bytes);
	ck_assert_uint_eq(after.allocs - after.frees, after.live_blocks);
	ck_assert_uint_eq(after.double_frees, 0);
	ck_assert_uint_eq(after.foreign_pointers, 0);
	ck_assert_uint_eq(after.large_hints, 0);
	/* The service thread may have free memory in its hands. */
	datamem_control_stop();
	datamem_trim(0);
	ck_assert_int_eq(datamem_stats_get(&after, sizeof(after)), 0);
	ck_assert_uint_eq(after.retained_bytes, 0);
	ck_assert_uint_eq(after.held_bytes, 0);
}

START_TEST(one_thread)
{
	run(1, 40000, 8 * MIB);
}
END_TEST

START_TEST(small_blocks)
{
	run(THREADS, 60000, 64 * KIB);
}
END_TEST

START_TEST(large_blocks)
{
	run(THREADS, 8000, 16 * MIB);
}
END_TEST

/* With each setting that changes the ways blocks go. */
START_TEST(settings)
{
	static const char *const sets[][2] = {
		{ "zero.policy", "lazy" }, { "zero.policy", "eager" },
		{ "retain.max", "0" }, { "retain.age", "0" },
		{ "cache.enabled", "off" }, { "cache.depth", "7" },
		{ "hugepage", "off" }, { "debug", "warn" },
		{ "cache.max", "10000" },
	};

	ck_assert_int_eq(datamem_setting_set(sets[_i][0], sets[_i][1]), 0);
	run(THREADS, 4000, 8 * MIB);
}
END_TEST

START_TEST(accounts)
{
	struct datamem_trace_totals totals;

	ck_assert_int_eq(datamem_trace_start(), 0);
	run(THREADS, 6000, 4 * MIB);
	ck_assert_int_eq(datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
						  sizeof(totals)), 0);
	ck_assert_uint_eq(totals.blocks, 0);
	ck_assert_uint_eq(totals.bytes, 0);
	datamem_trace_stop();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model");
	TCase *tc = tcase_create("model");

	tcase_set_timeout(tc, rounds() > 1 ? 3600 : 240);
	tcase_add_test(tc, one_thread);
	tcase_add_test(tc, small_blocks);
	tcase_add_test(tc, large_blocks);
	tcase_add_loop_test(tc, settings, 0, 9);
	tcase_add_test(tc, accounts);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

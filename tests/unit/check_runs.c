/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Runs of granules against a model: an owner for each granule, and the best fit
 * found by looking at all of them. The window is ordinary memory.
 */
#include "alone.h"
#include "arena/runs.h"

#include <stdint.h>
#include <string.h>

#include "harness.h"

#define CHUNK_SHIFT 16  /* small chunks: 16 granules, so many boundaries */
#define TOTAL 8192u     /* granules */
#define ABSENT 0u       /* in no run */
#define FREE 1u

static struct dmem_tag tags[TOTAL + 1];
static struct dmem_chunk chunks[(TOTAL >> 4) + 1];

/* Who owns a granule: ABSENT, FREE or a used run, by its number. */
static uint32_t owner[TOTAL + 1];
static uint32_t next_owner;
static uint64_t random_state;

/* Check's own assertions write to a pipe each time: too slow in a loop. */
#define must(condition)                                                      \
	do {                                                                 \
		if (!(condition))                                            \
			ck_abort_msg("not so: %s", #condition);              \
	} while (0)

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % n);
}

/* Warm in every other row of 64 granules. */
static bool is_warm(uint32_t at)
{
	return at >> 6 & 1;
}

static void setup(void)
{
	memset(tags, 0, sizeof(tags));
	memset(chunks, 0, sizeof(chunks));
	memset(owner, 0, sizeof(owner));
	dmem_window.tags = tags;
	dmem_window.chunks = chunks;
	dmem_window.chunk_shift = CHUNK_SHIFT;
	next_owner = FREE + 1;
	random_state = 42;
	dmem_runs_init(is_warm);
}

static void paint(uint32_t at, uint32_t len, uint32_t who)
{
	for (uint32_t i = at; i < at + len; i++)
		owner[i] = who;
}

/* The first granule behind the model's run that begins at `at`. */
static uint32_t end_of(uint32_t at)
{
	uint32_t end = at;

	while (end < TOTAL && owner[end] == owner[at])
		end++;
	return end;
}

/* The whole of the model and the tags must agree. */
static void compare(void)
{
	uint32_t at, end, heads = 0, longest = 0, nfree = 0;

	for (at = 0; at < TOTAL; at = end) {
		end = end_of(at);
		if (owner[at] == ABSENT) {
			for (uint32_t i = at; i < end; i++)
				must(tags[i].len == 0);
			continue;
		}
		heads++;
		must(tags[at].len == end - at);
		must(tags[at].used == (owner[at] != FREE));
		must(tags[end].back ==
		     (owner[at] == FREE ? end - at : 0));
		for (uint32_t i = at + 1; i < end; i++)
			must(!tags[i].len && !tags[i].back);
		must(tags[at].used || tags[at].warm == is_warm(at));
		if (owner[at] != FREE)
			continue;
		nfree++;
		longest = end - at > longest ? end - at : longest;
	}
	/* The longest is found, and nothing longer. */
	must(!longest || tags[dmem_runs_find(longest, 1, DMEM_RUNS_ANY, NULL,
					     &at)].len == longest);
	must(dmem_runs_find(longest + 1, 1, DMEM_RUNS_ANY, NULL, &at) ==
	     DMEM_NO_RUN);
	for (uint32_t run = dmem_runs_next_free(DMEM_NO_RUN);
	     run != DMEM_NO_RUN;
	     run = dmem_runs_next_free(run)) {
		must(owner[run] == FREE);
		must(nfree > 0);
		nfree--;
	}
	must(nfree == 0);
	for (at = 0; at < TOTAL >> 4; at++)
		heads -= chunks[at].heads;
	must(heads == 0);
}

static bool accept_odd(uint32_t at, uint32_t len)
{
	(void)len;
	return at >> 4 & 1;
}

/* What counts of a free run: all, or what follows its first chunk boundary. */
static uint32_t length_of(uint32_t at, uint32_t end, bool by_chunk)
{
	uint32_t start = by_chunk ? DMEM_ROUND_UP(at, 16u) : at;

	return start < end && (!by_chunk || end - at > 1) ? end - start : 0;
}

/* That of the tightest free run of a kind, by looking at all of them, and how
 * many are long enough but do not do. */
static uint32_t best_length(uint32_t len, uint32_t align, bool warm, bool odd,
			    unsigned int *misfits)
{
	uint32_t best = UINT32_MAX, end;

	*misfits = 0;
	for (uint32_t at = 0; at < TOTAL; at = end) {
		uint32_t start = DMEM_ROUND_UP(at, align), length;

		end = end_of(at);
		length = length_of(at, end, align >= 16);
		if (owner[at] != FREE || length < len || is_warm(at) != warm)
			continue;
		if (start + len > end || (odd && !accept_odd(start, len)))
			++*misfits;
		else if (length < best)
			best = length;
	}
	return best;
}

static uint32_t find(uint32_t len, uint32_t align, bool odd, uint32_t *at)
{
	enum dmem_runs_kind kind = random_below(3) + 1;
	bool (*accept)(uint32_t at, uint32_t len) = odd ? accept_odd : NULL;
	uint64_t before = dmem_trees_steps;
	uint32_t run = dmem_runs_find(len, align, kind, accept, at);
	unsigned int few = 0, misfits;
	uint32_t best = UINT32_MAX;

	/* 2 kinds, 2 lengths, 64 looks of some steps each: no walk. */
	must(dmem_trees_steps - before < 2 * 2 * 64 * 32);
	for (unsigned int warm = 0; warm < 2; warm++) {
		if (!(kind & (warm ? DMEM_RUNS_WARM : DMEM_RUNS_COLD)))
			continue;
		best = DMEM_MIN(best, best_length(len, align, warm, odd,
						  &misfits));
		few += misfits;
	}
	if (run != DMEM_NO_RUN) {
		must(*at == DMEM_ROUND_UP(run, align));
		must(*at + len <= run + tags[run].len);
		must(!odd || accept_odd(*at, len));
	}
	if (few >= 64)
		return run;
	if (best == UINT32_MAX) {
		must(run == DMEM_NO_RUN);
		return DMEM_NO_RUN;
	}
	must(run != DMEM_NO_RUN);
	must(length_of(run, run + tags[run].len, align >= 16) == best);
	return run;
}

static void take(void)
{
	uint32_t len = random_below(random_below(8) ? 40 : 600) + 1;
	uint32_t align = 1u << random_below(6), at = 0;
	bool odd = !random_below(4);
	uint32_t run = find(len, align, odd, &at);

	if (run == DMEM_NO_RUN)
		return;
	dmem_runs_take(run, at, len);
	paint(at, len, next_owner++);
}

/* A used run picked at random; DMEM_NO_RUN: hit a free or absent granule. */
static uint32_t pick_used(void)
{
	uint32_t run = dmem_runs_of(random_below(TOTAL));

	return run != DMEM_NO_RUN && tags[run].used ? run : DMEM_NO_RUN;
}

static void end_run(uint32_t run)
{
	uint32_t len = tags[run].len, free_run;

	paint(run, len, FREE);
	free_run = dmem_runs_end(run);
	must(free_run <= run);
	must(!free_run || owner[free_run - 1] != FREE);
}

static void shorten(uint32_t run)
{
	uint32_t len = tags[run].len, keep;

	if (len == 1)
		return;
	keep = random_below(len - 1) + 1;
	paint(run + keep, len - keep, FREE);
	must(dmem_runs_shorten(run, keep) == run + keep);
}

static void split(uint32_t run)
{
	uint32_t len = tags[run].len, keep;

	if (len == 1)
		return;
	keep = random_below(len - 1) + 1;
	paint(run + keep, len - keep, next_owner++);
	dmem_runs_split(run, keep);
}

/* Grow into the free run behind, as a block does. */
static void grow(uint32_t run)
{
	uint32_t end = run + tags[run].len, behind = dmem_runs_behind(run);
	uint32_t more;

	must((behind != DMEM_NO_RUN) ==
	     (end < TOTAL && owner[end] == FREE));
	if (behind == DMEM_NO_RUN)
		return;
	must(behind == end);
	more = random_below(tags[behind].len) + 1;
	dmem_runs_take(behind, behind, more);
	dmem_runs_join(run);
	paint(end, more, owner[run]);
}

/* A part of a free run goes away for a while, or for good. */
static void cut(void)
{
	uint32_t run = dmem_runs_of(random_below(TOTAL)), at, len;

	if (run == DMEM_NO_RUN || tags[run].used)
		return;
	at = run + random_below(tags[run].len);
	len = random_below(run + tags[run].len - at) + 1;
	dmem_runs_cut(run, at, len);
	paint(at, len, ABSENT);
}

static void put(void)
{
	uint32_t at = random_below(TOTAL), end;

	if (owner[at] != ABSENT)
		return;
	end = end_of(at);
	end = at + random_below(end - at) + 1;
	paint(at, end - at, FREE);
	dmem_runs_put(at, end - at);
}

static void check_of(void)
{
	uint32_t granule = random_below(TOTAL), at = granule;

	if (owner[granule] == ABSENT) {
		must(dmem_runs_of(granule) == DMEM_NO_RUN);
		return;
	}
	while (at && owner[at - 1] == owner[granule])
		at--;
	must(dmem_runs_of(granule) == at);
}

START_TEST(against_model)
{
	random_state = 1000 + (uint64_t)_i;
	dmem_runs_put(0, TOTAL / 2);
	paint(0, TOTAL / 2, FREE);
	for (unsigned int step = 0; step < 6000; step++) {
		uint32_t what = random_below(20), run = pick_used();

		if (what < 8)
			take();
		else if (what == 8)
			cut();
		else if (what < 12)
			put();
		else if (run == DMEM_NO_RUN)
			check_of();
		else if (what < 15)
			end_run(run);
		else if (what == 15)
			shorten(run);
		else if (what == 16)
			split(run);
		else
			grow(run);
		if (step % 32 == 0)
			compare();
	}
	compare();
}
END_TEST

START_TEST(ends_where_it_began)
{
	uint32_t run, at;

	dmem_runs_put(0, TOTAL);
	paint(0, TOTAL, FREE);
	for (unsigned int i = 0; i < 500; i++)
		take();
	while ((run = dmem_runs_find(1, 1, DMEM_RUNS_ANY, NULL, &at)) !=
	       DMEM_NO_RUN) {
		dmem_runs_take(run, at, 1);
		paint(at, 1, next_owner++);
	}
	compare();
	for (at = 0; at < TOTAL; at++)
		if (tags[at].len && tags[at].used)
			end_run(at);
	compare();
	ck_assert_uint_eq(tags[0].len, TOTAL);
	ck_assert_uint_eq(dmem_runs_of(TOTAL - 1), 0);
}
END_TEST

/* Of equal runs the lowest, so that memory is packed to the front. */
START_TEST(lowest_of_equals)
{
	uint32_t at = 99;

	dmem_runs_put(100, 10);
	dmem_runs_put(20, 10);
	dmem_runs_put(60, 10);
	ck_assert_uint_eq(dmem_runs_find(7, 1, DMEM_RUNS_ANY, NULL, &at), 20);
	ck_assert_uint_eq(at, 20);
	ck_assert_uint_eq(dmem_runs_find(8, 4, DMEM_RUNS_ANY, NULL, &at), 20);
	ck_assert_uint_eq(dmem_runs_find(10, 32, DMEM_RUNS_ANY, NULL, &at),
			  DMEM_NO_RUN);
	ck_assert_uint_eq(dmem_runs_find(6, 32, DMEM_RUNS_ANY, NULL, &at), 60);
	ck_assert_uint_eq(at, 64);
}
END_TEST

START_TEST(nothing)
{
	uint32_t at;

	ck_assert_uint_eq(dmem_runs_find(1, 1, DMEM_RUNS_ANY, NULL, &at),
			  DMEM_NO_RUN);
	ck_assert_uint_eq(dmem_runs_next_free(DMEM_NO_RUN), DMEM_NO_RUN);
	ck_assert_uint_eq(dmem_runs_of(77), DMEM_NO_RUN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("runs");
	TCase *tc = tcase_create("runs");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, against_model, 0, 10);
	tcase_add_test(tc, ends_where_it_began);
	tcase_add_test(tc, lowest_of_equals);
	tcase_add_test(tc, nothing);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

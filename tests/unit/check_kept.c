/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The order of kept chunks, against a model that looks at all of them. */
#include "alone.h"
#include "arena/kept.h"

#include <stdlib.h>

#include "harness.h"

#define CHUNKS 200
#define STEPS 20000

static struct dmem_chunk chunks[CHUNKS + 1];
static bool in[CHUNKS];
static uint32_t now;

/* Check's own assertions write to a pipe each time: too slow in a loop. */
#define must(condition)                                                      \
	do {                                                                 \
		if (!(condition))                                            \
			ck_abort_msg("not so: %s", #condition);              \
	} while (0)

/* Near the end of its range the clock begins anew. */
static void begin(void)
{
	dmem_window.chunks = chunks;
	now = UINT32_MAX - STEPS / 8;
}

static uint32_t age(uint32_t chunk)
{
	return now + STEPS - chunks[chunk].stamp;
}

static uint32_t greatest_age(bool lazy_too)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < CHUNKS; i++)
		if (in[i] && (lazy_too || !chunks[i].flags) && age(i) > most)
			most = age(i);
	return most;
}

static void expect_oldest(bool lazy_too)
{
	uint32_t most = greatest_age(lazy_too);
	uint32_t found = dmem_kept_oldest(lazy_too);

	if (!most) {
		must(found == DMEM_NO_CHUNK);
		return;
	}
	must(found < CHUNKS && in[found]);
	must(lazy_too || !chunks[found].flags);
	must(age(found) == most);
}

static void enter(uint32_t chunk, uint32_t stamp, bool lazy)
{
	chunks[chunk].stamp = stamp;
	chunks[chunk].flags = lazy ? DMEM_CHUNK_LAZY : 0;
	dmem_kept_enter(chunk);
	in[chunk] = true;
}

static void leave(uint32_t chunk)
{
	dmem_kept_leave(chunk);
	in[chunk] = false;
}

START_TEST(random_order)
{
	uint32_t oldest;

	begin();
	srandom(1);
	for (int step = 0; step < STEPS; step++) {
		uint32_t chunk = (uint32_t)random() % CHUNKS;

		now += (uint32_t)random() % 3;
		oldest = dmem_kept_oldest(false);
		if (in[chunk])
			leave(chunk);
		else if (random() % 8)
			enter(chunk, now, random() % 2);
		else
			/* Comes back, the kernel having refused it. */
			enter(chunk, now - (uint32_t)random() % STEPS, false);
		/* What was hot for long is offered, and its age goes on. */
		if (oldest != DMEM_NO_CHUNK && in[oldest] && !(step % 4)) {
			leave(oldest);
			enter(oldest, chunks[oldest].stamp, true);
		}
		expect_oldest(false);
		expect_oldest(true);
	}
	for (uint32_t i = 0; i < CHUNKS; i++)
		if (in[i])
			leave(i);
	expect_oldest(true);
}
END_TEST

/* One after the other they come out as they went in. */
START_TEST(first_in_first_out)
{
	begin();
	for (uint32_t i = 0; i < CHUNKS; i++)
		enter(i * 77 % CHUNKS, now + i / 2, false);
	for (uint32_t i = 0; i < CHUNKS; i++) {
		ck_assert_uint_eq(dmem_kept_oldest(true), i * 77 % CHUNKS);
		leave(i * 77 % CHUNKS);
	}
	ck_assert_uint_eq(dmem_kept_oldest(true), DMEM_NO_CHUNK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kept");
	TCase *tc = tcase_create("kept");

	tcase_add_test(tc, random_order);
	tcase_add_test(tc, first_in_first_out);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

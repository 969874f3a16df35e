/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What another thread does meanwhile, in the functions that are called between a
 * look and what follows from it: frees what is held, takes what was given back,
 * asks the same.
 */
#include "slab/slab.h"

#include <pthread.h>
#include <string.h>

#include "arena/arena.h"
#include "arena/room.h"
#include "cache/cache.h"
#include "control/control.h"
#include "handler/debug.h"
#include "kernel/kernel.h"
#include "library.h"
#include "slab/central.h"
#include "stats.h"

/* Time stands still: there is one look in a tick. */
uint64_t __wrap_dmem_kernel_clock_ms(void);
uint64_t __wrap_dmem_kernel_clock_ms(void)
{
	return 1000000;
}

static void setup(void)
{
	set("control", "off");
}

static void in_a_thread(void *(*run)(void *arg))
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, run, NULL), 0);
	pthread_join(thread, NULL);
}

/* --- Slabs ------------------------------------------------------------------ */

#define SMALL 3000

/* Blocks of which every hundredth stays. */
static void *small[SMALL];

static void make_loose(void)
{
	for (size_t i = 0; i < SMALL; i++)
		small[i] = memset(datamem_alloc(8000), 1, 8000);
	for (size_t i = 0; i < SMALL; i++)
		if (i % 100)
			datamem_free(small[i], 8000);
	dmem_cache_trim();
}

/* All blocks of a slab are given to it; returns how many it took. */
static size_t give_all(const struct dmem_slab *slab)
{
	size_t taken = 0;

	for (size_t i = 0; i < SMALL; i++)
		if (small[i] && dmem_spans_slab(small[i]) == slab &&
		    dmem_slab_give(slab->cls, &small[i], 1)) {
			taken++;
			small[i] = NULL;
		}
	return taken;
}

/* Pages of a slab go: it is held. */
static struct dmem_slab *held;
static size_t taken;
static unsigned int class_then;
static bool looked_free;

static void free_again(void *addr)
{
	struct dmem_slab_block block;

	held = dmem_spans_slab(addr);
	if (!held)
		return;
	looked_free = dmem_slab_find(addr, &block) && block.free;
	taken = give_all(held);
	class_then = held->cls;
}

int __real_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice);
static bool frees_again;
int __wrap_dmem_kernel_advise(void *addr, size_t nbytes,
			      enum dmem_advice advice)
{
	if (frees_again && advice == DMEM_ADVICE_PURGE && !held)
		free_again(addr);
	return __real_dmem_kernel_advise(addr, nbytes, advice);
}

/* What is held while its pages go is free, and its slab is not ended. */
START_TEST(held_blocks_are_freed_again)
{
	make_loose();
	frees_again = true;
	dmem_slab_reclaim();
	frees_again = false;
	ck_assert_ptr_nonnull(held);
	ck_assert_uint_ne(class_then, 0);
	ck_assert_uint_le(taken, 1);
	ck_assert(looked_free);
	dmem_slab_settle();
	ck_assert_uint_gt(stats_now().double_frees, 0);
	for (size_t i = 0; i < SMALL; i += 100)
		if (small[i])
			datamem_free(small[i], 8000);
	/* Caches count; what went past them was none of theirs. */
	ck_assert_uint_eq(stats_now().live_blocks, taken);
}
END_TEST

/* The chunk of the last block that stays is given back, and is another's. */
static bool takes_chunk;
static uint32_t others = UINT32_MAX;
unsigned int __real_dmem_spans_look(uint32_t chunk, uint32_t *span,
				    struct dmem_slab **slabs, unsigned int n,
				    struct dmem_spans_look *out);
unsigned int __wrap_dmem_spans_look(uint32_t chunk, uint32_t *span,
				    struct dmem_slab **slabs, unsigned int n,
				    struct dmem_spans_look *out);
unsigned int __wrap_dmem_spans_look(uint32_t chunk, uint32_t *span,
				    struct dmem_slab **slabs, unsigned int n,
				    struct dmem_spans_look *out)
{
	unsigned int found = __real_dmem_spans_look(chunk, span, slabs, n, out);

	if (!takes_chunk || found != 1 || out->loose < dmem_chunk_size() / 2 ||
	    others != UINT32_MAX)
		return found;
	give_all(slabs[0]);
	for (int i = 0; i < 100 && others != chunk; i++)
		others = (uint32_t)dmem_arena_take_chunk();
	return found;
}

static bool opened;
bool __real_dmem_arena_open(uint32_t chunk, bool *split);
bool __wrap_dmem_arena_open(uint32_t chunk, bool *split);
bool __wrap_dmem_arena_open(uint32_t chunk, bool *split)
{
	bool open = __real_dmem_arena_open(chunk, split);

	opened |= open && chunk == others;
	return open;
}

/* A block as long as a chunk keeps its huge page. */
START_TEST(a_chunk_is_anothers_before_it_is_opened)
{
	make_loose();
	takes_chunk = true;
	dmem_slab_reclaim();
	takes_chunk = false;
	ck_assert_uint_ne(others, UINT32_MAX);
	ck_assert(!opened);
}
END_TEST

/* --- Numbers ---------------------------------------------------------------- */

static void *reach_a_peak(void *arg)
{
	datamem_free(datamem_alloc(64 * DMEM_MIB), 64 * DMEM_MIB);
	return arg;
}

static bool reaches;

static void reach(struct datamem_stats *stats)
{
	(void)stats;
	if (reaches)
		in_a_thread(reach_a_peak);
}

/* After the other modules were asked. */
START_TEST(a_peak_is_reached_as_it_is_reset)
{
	dmem_stats_collect(reach);
	reaches = true;
	datamem_peak_reset();
	reaches = false;
	ck_assert_uint_ge(stats_now().peak_bytes, 64 * DMEM_MIB);
	datamem_peak_reset();
	ck_assert_uint_lt(stats_now().peak_bytes, 64 * DMEM_MIB);
}
END_TEST

static bool looks_again, granted;
uint64_t __wrap_dmem_kernel_memory_left(void);

static void *look_again(void *arg)
{
	granted = dmem_room_affords(60 * DMEM_MIB);
	return arg;
}

uint64_t __wrap_dmem_kernel_memory_left(void)
{
	if (looks_again) {
		looks_again = false;
		in_a_thread(look_again);
	}
	return 200 * DMEM_MIB;
}

/* Half of what is left is given once. */
START_TEST(two_look_at_what_is_left)
{
	looks_again = true;
	ck_assert(!dmem_room_affords(60 * DMEM_MIB));
	ck_assert(granted);
	ck_assert(dmem_room_affords(40 * DMEM_MIB));
	ck_assert(!dmem_room_affords(1 * DMEM_MIB));
}
END_TEST

/* --- Debug ------------------------------------------------------------------ */

static void *goes;
static int locks_until;
struct dmem_debug_shard *__real_dmem_debug_roster_lock(const void *ptr);
struct dmem_debug_shard *__wrap_dmem_debug_roster_lock(const void *ptr);
struct dmem_debug_shard *__wrap_dmem_debug_roster_lock(const void *ptr)
{
	if (locks_until && !--locks_until) {
		dmem_debug.free(NULL, goes, 0);
		if (goes != ptr)
			ck_abort_msg("another block");
		dmem_debug_drain();
	}
	return __real_dmem_debug_roster_lock(ptr);
}

START_TEST(a_debugged_block_is_freed_as_it_shrinks)
{
	goes = dmem_debug.malloc(NULL, 1000);
	locks_until = 2;
	ck_assert_int_eq(dmem_debug_fit(goes, 500), -EINVAL);
	ck_assert_uint_eq(stats_now().foreign_pointers, 1);
}
END_TEST

/* --- Live control ----------------------------------------------------------- */

static void *start_control(void *arg)
{
	ck_assert_int_eq(datamem_control_start(), 0);
	return arg;
}

static bool starts;
bool __real_dmem_control_thread_stop(void);
bool __wrap_dmem_control_thread_stop(void);
bool __wrap_dmem_control_thread_stop(void)
{
	if (starts) {
		starts = false;
		in_a_thread(start_control);
	}
	return __real_dmem_control_thread_stop();
}

/* The page of the later call stays, and its thread. */
START_TEST(control_starts_as_it_stops)
{
	if (datamem_control_start())
		harness_skip("no control page");
	starts = true;
	datamem_control_stop();
	ck_assert(dmem_control_page_there());
	ck_assert(dmem_control_thread_runs());
	datamem_control_stop();
	ck_assert(!dmem_control_page_there());
	ck_assert(!dmem_control_thread_runs());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("meanwhile");
	TCase *tc = tcase_create("meanwhile");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, held_blocks_are_freed_again);
	tcase_add_test(tc, a_chunk_is_anothers_before_it_is_opened);
	tcase_add_test(tc, a_peak_is_reached_as_it_is_reset);
	tcase_add_test(tc, two_look_at_what_is_left);
	tcase_add_test(tc, a_debugged_block_is_freed_as_it_shrinks);
	tcase_add_test(tc, control_starts_as_it_stops);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

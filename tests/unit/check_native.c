/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Native frames: by the unwinder at first, then by frame pointers alone, with
 * the same result. This file is compiled with frame pointers; the C library's
 * functions, which begin a stack, need not have been: they are taken for what
 * the stack ends at.
 */
#include "profile/frames.h"

#include <string.h>

#include <harness.h>

#include "profile/mappings.h"
#include "alone.h"

static struct dmem_stack_bounds bounds;
static struct dmem_frames taken[8];
static int turn;

#ifdef __clang__
#define APART __attribute__((__noinline__))
#else
#define APART __attribute__((__noinline__, __noclone__))
#endif

/* Where this function was called. */
static struct dmem_text end_of_stack;

APART static void *capture(void)
{
	void *const *frame = __builtin_frame_address(0);

	memset(&taken[turn], 0, sizeof(taken[turn]));
	dmem_native_take(&taken[turn], &bounds, &end_of_stack, frame);
	return &taken[turn++];
}

APART static void *recurse(int depth)
{
	void *result = depth ? recurse(depth - 1) : capture();

	__asm__ volatile("" : "+r"(result));
	return result;
}

/* Between two functions that stack would end at if they were the last. */
APART static void *outermost(int depth)
{
	void *result;

	end_of_stack.start = (uintptr_t)__builtin_return_address(0);
	end_of_stack.end = end_of_stack.start + 1;
	result = recurse(depth);
	__asm__ volatile("" : "+r"(result));
	return result;
}

static void setup(void)
{
	pthread_attr_t attr;
	size_t nbytes;
	void *low;

	turn = 0;
	dmem_native_prepare();
	dmem_native_forget();
	ck_assert_int_eq(pthread_getattr_np(pthread_self(), &attr), 0);
	pthread_attr_getstack(&attr, &low, &nbytes);
	pthread_attr_destroy(&attr);
	bounds.low = (uintptr_t)low;
	bounds.high = (uintptr_t)low + nbytes;
}

/* Of three captures in a loop; the place of the call is the same each time. */
static void capture_thrice(int depth)
{
	for (int i = 0; i < 3; i++)
		outermost(depth);
}

START_TEST(pointers_find_what_the_unwinder_finds)
{
	uint64_t walks = dmem_native_walks;

	capture_thrice(5);
	if (taken[0].flags & PROFILE_NO_NATIVE) {
		printf("# no unwinder here\n");
		return;
	}
	/* capture() from recurse(), 5 times from itself, from outermost(). */
	ck_assert_uint_eq(taken[0].natives, 7);
	for (int i = 1; i < 3; i++)
		ck_assert_mem_eq(&taken[i], &taken[0], sizeof(taken[0]));
#if (defined(__x86_64__) || defined(__aarch64__) ||                           \
     defined(__powerpc64__)) && !HARNESS_SANITIZED
	ck_assert_uint_eq(dmem_native_walks, walks + 2);
	/* Another depth, of known places. */
	outermost(20);
	ck_assert_uint_eq(taken[3].natives, 22);
	ck_assert_uint_eq(dmem_native_walks, walks + 3);
	ck_assert_uint_eq(taken[3].native[20], taken[0].native[5]);
	/* Forgotten: the unwinder again. */
	dmem_native_forget();
	outermost(5);
	ck_assert_uint_eq(dmem_native_walks, walks + 3);
#else
	(void)walks;
#endif
}
END_TEST

START_TEST(too_deep_is_cut)
{
	for (int i = 0; i < 2; i++) {
		outermost(200);
		if (taken[i].flags & PROFILE_NO_NATIVE)
			return;
		ck_assert_uint_eq(taken[i].natives, PROFILE_NATIVE_MAX);
		ck_assert_uint_eq(taken[i].flags, PROFILE_CUT_NATIVE);
	}
	ck_assert_mem_eq(&taken[0], &taken[1], sizeof(taken[0]));
}
END_TEST

/* A chain of pointers that leads anywhere is left: nothing outside the stack is
 * read. */
START_TEST(wild_pointers_are_not_followed)
{
	void *wild[DMEM_FRAME_RETURN + 1] = { NULL };
	void *to_wild = wild, *const *frame = &to_wild;

	if (DMEM_FRAME_START(frame) != wild)
		frame = wild;
	capture_thrice(3);
	for (uintptr_t i = 0; i < 64; i++) {
		wild[0] = (void *)(i * 0x0404040404040404);
		wild[DMEM_FRAME_RETURN] = (void *)taken[0].native[i % 4];
		dmem_native_take(&taken[7], &bounds, &end_of_stack, frame);
		ck_assert_uint_ge(taken[7].natives, 1);
	}
}
END_TEST

START_TEST(segments_are_found)
{
	struct dmem_segment segment;

	ck_assert(dmem_mappings_look((uintptr_t)capture, &segment));
	ck_assert_uint_le(segment.start, (uintptr_t)capture);
	ck_assert_uint_gt(segment.end, (uintptr_t)capture);
	ck_assert_int_eq(segment.path[0], '/');
	ck_assert(!dmem_mappings_look((uintptr_t)&segment, &segment));
	ck_assert(!dmem_mappings_look(1, &segment));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("native");
	TCase *tc = tcase_create("native");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, pointers_find_what_the_unwinder_finds);
	tcase_add_test(tc, too_deep_is_cut);
	tcase_add_test(tc, wild_pointers_are_not_followed);
	tcase_add_test(tc, segments_are_found);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

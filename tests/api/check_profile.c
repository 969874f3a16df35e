/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Profiles, as a program takes them and as other processes see them. */
#include <errno.h>
#include <math.h>
#include <sys/syscall.h>

#include "own-profile.h"

START_TEST(nothing_is_there_while_off)
{
	ck_assert_int_eq(find_profile(), -1);
	ck_assert_int_eq(datamem_profile_write(1, DATAMEM_PROFILE_RAW),
			 -ENODATA);
	ck_assert_int_eq(datamem_profile_stop(), 0);
	begin(0);
	ck_assert_int_ge(find_profile(), 0);
	ck_assert_uint_eq(map_profile()->interval, 512 * KIB);
	ck_assert_int_eq(datamem_profile_stop(), 0);
	ck_assert_int_eq(find_profile(), -1);
}
END_TEST

START_TEST(header_says_what_is_where)
{
	struct profile_header *profile;

	begin(12345);
	profile = map_profile();
	ck_assert_str_eq(profile->magic, PROFILE_MAGIC);
	ck_assert_uint_eq(profile->layout, PROFILE_LAYOUT);
	ck_assert_int_eq(profile->pid, getpid());
	ck_assert_uint_eq(profile->interval, 12345);
	ck_assert_uint_eq(profile->state, PROFILE_RUNS);
	ck_assert_uint_eq(profile->sample_bytes, sizeof(struct profile_sample));
	ck_assert_uint_le(profile->samples_offset + profile->samples_count *
			  sizeof(struct profile_sample), profile->file_bytes);
	ck_assert_uint_le(profile->file_bytes, 17 * MIB);
	datamem_profile_start(54321);
	ck_assert_uint_eq(profile->interval, 54321);
	teardown();
	ck_assert_uint_eq(profile->state, PROFILE_ENDED);
}
END_TEST

static const size_t sizes[] = {
	64, 80, 100, 1000, 4096, 50000, 131072, 131073, 200000, 1048576,
	4194304, 70000000,
};

START_TEST(blocks_of_all_sizes_come_and_go)
{
	void *blocks[COUNT(sizes)];
	struct profile_header *profile;
	size_t sum = 0;

	begin(SURE);
	profile = map_profile();
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct profile_sample *sample;

		blocks[i] = one_site(sizes[i]);
		sample = sample_of(profile, blocks[i]);
		ck_assert_msg(sample, "no sample of %zu bytes", sizes[i]);
		ck_assert_uint_eq(sample->size, sizes[i]);
		ck_assert_uint_eq(sample->interval, SURE);
		ck_assert_uint_eq(sample->serial, i + 1);
		ck_assert_uint_gt(sample->time, 0);
		ck_assert_int_eq((pid_t)sample->tid, (pid_t)syscall(SYS_gettid));
		memset(blocks[i], 1, sizes[i]);
		ck_assert_uint_ge(datamem_usable_size(blocks[i]), sizes[i]);
		sum += sizes[i];
		ck_assert_uint_eq(profile->live.bytes, sum);
	}
	check_sums(profile);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		datamem_free(blocks[i], sizes[i]);
		ck_assert_ptr_null(sample_of(profile, blocks[i]));
	}
	check_sums(profile);
	ck_assert_uint_eq(profile->live.bytes, 0);
	ck_assert_uint_eq(profile->live.count, 0);
	ck_assert_uint_eq(profile->peak, sum);
	ck_assert_uint_eq(profile->allocated.bytes, sum);
	ck_assert_uint_eq(profile->ended, COUNT(sizes));
}
END_TEST

START_TEST(every_door_is_sampled)
{
	const struct datamem_handler *datamem = datamem_handler_find("datamem");
	const struct datamem_allocator *table = &datamem->allocator;
	struct profile_header *profile;
	void *block, *array;

	begin(SURE);
	profile = map_profile();
	block = datamem_alloc_zeroed(100, 10);
	for (size_t i = 0; i < 1000; i++)
		ck_assert_int_eq(((char *)block)[i], 0);
	ck_assert_uint_eq(sample_of(profile, block)->size, 1000);
	ck_assert_str_eq(string_of(profile, stack_of(profile,
			 sample_of(profile, block))->handler),
			 "default_allocator");
	datamem_free(block, 1000);
	block = datamem_alloc_aligned(500, 4096);
	ck_assert_uint_eq((uintptr_t)block % 4096, 0);
	ck_assert_uint_eq(sample_of(profile, block)->size, 500);
	datamem_free(block, 500);
	/* One byte more is taken, not counted. */
	array = table->malloc(table->ctx, 800);
	ck_assert_uint_eq(sample_of(profile, array)->size, 800);
	ck_assert_str_eq(string_of(profile, stack_of(profile,
			 sample_of(profile, array))->handler), "datamem");
	table->free(table->ctx, array, 800);
	block = datamem_alloc_lazy(1, 3 * MIB);
	ck_assert_uint_eq(sample_of(profile, block)->size, 3 * MIB);
	datamem_free(block, 3 * MIB);
	block = datamem_handler_alloc(NULL, 900);
	ck_assert_uint_eq(sample_of(profile, block)->size, 900);
	datamem_handler_free(NULL, block, 900);
	/* No part of it. */
	block = datamem_dims_alloc(100);
	ck_assert_ptr_null(sample_of(profile, block));
	datamem_dims_free(block, 100);
	ck_assert_uint_eq(profile->live.samples, 0);
	check_sums(profile);
}
END_TEST

START_TEST(resizes_move_the_sample)
{
	struct profile_header *profile;
	char *block;

	begin(SURE);
	profile = map_profile();
	block = one_site(100);
	memset(block, 7, 100);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		block = datamem_realloc(block, sizes[i]);
		ck_assert_ptr_nonnull(block);
		ck_assert_int_eq(block[63], 7);
		ck_assert_uint_eq(sample_of(profile, block)->size, sizes[i]);
		ck_assert_uint_eq(profile->live.samples, 1);
	}
	for (size_t i = COUNT(sizes); i-- > 0;) {
		block = datamem_realloc(block, sizes[i]);
		ck_assert_int_eq(block[63], 7);
		ck_assert_uint_eq(sample_of(profile, block)->size, sizes[i]);
	}
	/* One that fails leaves it. */
	ck_assert_ptr_null(datamem_realloc(block, PTRDIFF_MAX));
	ck_assert_uint_eq(sample_of(profile, block)->size, sizes[0]);
	block = datamem_realloc(block, 300000);
	if (!datamem_try_resize(block, 250000))
		ck_assert_uint_eq(sample_of(profile, block)->size, 250000);
	ck_assert_int_eq(datamem_try_resize(block, (size_t)1 << 45) != 0, 1);
	ck_assert_uint_eq(profile->live.samples, 1);
	datamem_free(block, 0);
	ck_assert_uint_eq(profile->live.samples, 0);
	check_sums(profile);
}
END_TEST

START_TEST(blocks_from_before_and_after)
{
	void *before = one_site(1000), *during;

	begin(SURE);
	before = datamem_realloc(before, 2000);
	during = one_site(3000);
	datamem_free(before, 2000);
	teardown();
	during = datamem_realloc(during, 300);
	ck_assert_ptr_nonnull(during);
	begin(SURE);
	ck_assert_uint_eq(map_profile()->live.samples, 0);
	datamem_free(during, 300);
	ck_assert_uint_eq(map_profile()->ended, 0);
}
END_TEST

START_TEST(stacks_lead_to_the_caller)
{
	const struct profile_stack *one, *other;
	struct profile_header *profile;
	void *a, *b, *c = NULL;

	begin(SURE);
	profile = map_profile();
	a = one_site(1000);
	b = other_site(1000);
	one = stack_of(profile, sample_of(profile, a));
	other = stack_of(profile, sample_of(profile, b));
	if (one->flags & PROFILE_NO_NATIVE)
		printf("# no unwinder here\n");
	ck_assert_uint_ge(one->natives, 1);
	ck_assert_ptr_ne(one, other);
	ck_assert(passes(profile, one, (const void *)one_site));
	ck_assert(!passes(profile, one, (const void *)other_site));
	ck_assert(passes(profile, other, (const void *)other_site));
	ck_assert(passes(profile, one,
			 (const void *)stacks_lead_to_the_caller_fn));
	/* The same again is the same stack; a loop that is unrolled is not. */
	for (volatile int i = 0; i < 3; i++) {
		datamem_free(c, 0);
		c = one_site(i ? 500000 : 2000);
		if (i == 1)
			one = stack_of(profile, sample_of(profile, c));
	}
	ck_assert_ptr_eq(stack_of(profile, sample_of(profile, c)), one);
	ck_assert_uint_eq(profile->mappings_used >= 1, 1);
	datamem_free(a, 0);
	datamem_free(b, 0);
	datamem_free(c, 0);
}
END_TEST

START_TEST(mappings_hold_the_frames)
{
	const struct profile_mapping *mapping;
	const struct profile_stack *stack;
	const struct profile_frame *frame;
	struct profile_header *profile;
	void *block;

	begin(SURE);
	profile = map_profile();
	block = one_site(1000);
	stack = stack_of(profile, sample_of(profile, block));
	frame = PROFILE_TABLE(profile, profile_frame, frames) +
		stack->frames_first;
	mapping = PROFILE_TABLE(profile, profile_mapping, mappings);
	for (uint32_t i = 0; i < stack->natives; i++) {
		uint32_t k = 0;

		while (k < profile->mappings_used &&
		       (frame[i].u.address < mapping[k].start ||
			frame[i].u.address >= mapping[k].end))
			k++;
		ck_assert_uint_lt(k, profile->mappings_used);
		ck_assert_int_eq(string_of(profile, mapping[k].path)[0], '/');
	}
	datamem_free(block, 0);
}
END_TEST

/* Seeds differ from run to run: five standard errors. */
/* Sizes that are negative numbers. */
START_TEST(impossible_sizes_are_no_bytes)
{
	static const volatile size_t impossible[] = {
		SIZE_MAX, SIZE_MAX / 4 * 3, (size_t)PTRDIFF_MAX + 1,
	};
	struct profile_header *profile;

	begin(64 * KIB);
	profile = map_profile();
	for (size_t i = 0; i < COUNT(impossible); i++) {
		uint64_t taken = profile->taken;

		ck_assert_ptr_null(datamem_alloc(impossible[i]));
		datamem_free(one_site(64 * MIB), 64 * MIB);
		ck_assert_uint_eq(profile->taken, taken + 1);
	}
}
END_TEST

START_TEST(small_blocks_are_estimated)
{
	enum { N = 300000, KEPT = 100000 };
	static void *blocks[N];
	struct profile_header *profile;
	double truth = 0, live = 0, error = 0;
	const struct profile_stack *stack;

	begin(64 * KIB);
	profile = map_profile();
	for (int i = 0; i < N; i++) {
		size_t nbytes = 16 + (size_t)i * 7919 % 3000;

		blocks[i] = one_site(nbytes);
		truth += (double)nbytes;
		live += i < KEPT ? (double)nbytes : 0;
	}
	for (int i = KEPT; i < N; i++)
		datamem_free(blocks[i], 0);
	check_sums(profile);
	stack = PROFILE_TABLE(profile, profile_stack, stacks);
	for (uint32_t i = 0; i < profile->stacks_used; i++)
		error += (double)stack[i].variance;
	error = sqrt(error) * 1024;
	ck_assert_double_le(error, truth / 5);
	ck_assert_double_le(fabs((double)profile->allocated.bytes - truth),
			    5 * error);
	ck_assert_double_le(fabs((double)profile->live.bytes - live),
			    5 * error);
	for (int i = 0; i < KEPT; i++)
		datamem_free(blocks[i], 0);
	ck_assert_uint_eq(profile->live.samples, 0);
}
END_TEST

START_TEST(a_full_table_drops_and_counts)
{
	static void *blocks[5000];
	struct profile_header *profile;
	uint64_t live;

	set("profile.max", "256K");
	begin(SURE);
	profile = map_profile();
	ck_assert_uint_lt(profile->samples_count, 5000);
	for (size_t i = 0; i < COUNT(blocks); i++)
		blocks[i] = one_site(100);
	live = profile->live.samples;
	ck_assert_uint_gt(live, 0);
	ck_assert_uint_eq(live + profile->dropped_samples,
			  profile->allocated.samples);
	ck_assert_uint_eq(live, profile->samples_count);
	check_sums(profile);
	for (size_t i = 0; i < COUNT(blocks); i++)
		datamem_free(blocks[i], 100);
	ck_assert_uint_eq(profile->live.samples, 0);
	/* And the room is there again. */
	live = profile->dropped_samples;
	datamem_free(one_site(50000000), 0);
	ck_assert_uint_eq(profile->dropped_samples, live);
	set("profile.max", "16M");
}
END_TEST

__attribute__((__noinline__)) static void *deep(unsigned int bits,
						unsigned int depth)
{
	void *block;

	if (!depth)
		return one_site(50);
	/* Another place for each bit, which compilers must not see as one. */
	if (bits & 1) {
		__asm__ volatile("# one" : "+r"(bits));
		block = deep(bits >> 1, depth - 1);
		__asm__ volatile("# one" : "+r"(block));
	} else {
		__asm__ volatile("# none" : "+r"(bits));
		block = deep(bits >> 1, depth - 1);
		__asm__ volatile("# none" : "+r"(block));
	}
	*(volatile char *)block = 2;
	return block;
}

START_TEST(stacks_without_room_share_one)
{
	const struct profile_stack *stack;
	struct profile_header *profile;

	set("profile.max", "256K");
	begin(SURE);
	profile = map_profile();
	for (unsigned int i = 0; i < 4096; i++)
		datamem_free(deep(i, 12), 50);
	stack = PROFILE_TABLE(profile, profile_stack, stacks);
	ck_assert_uint_eq(stack->flags, PROFILE_OVERFLOW);
	ck_assert_uint_gt(profile->dropped_stacks, 0);
	ck_assert_uint_eq(stack->allocated.samples, profile->dropped_stacks);
	check_sums(profile);
	set("profile.max", "16M");
}
END_TEST

/* Debug mode and accounts close the bins for themselves. */
START_TEST(beside_accounts_and_debug)
{
	struct datamem_trace_totals totals;
	struct profile_header *profile;
	void *block;

	begin(SURE);
	profile = map_profile();
	ck_assert_int_eq(datamem_trace_start(), 0);
	block = one_site(1000);
	ck_assert_ptr_nonnull(sample_of(profile, block));
	datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals, sizeof(totals));
	ck_assert_uint_eq(totals.bytes, 1000);
	datamem_free(block, 1000);
	datamem_trace_stop();
	set("debug", "warn");
	block = one_site(1000);
	ck_assert_ptr_nonnull(sample_of(profile, block));
	datamem_free(block, 1000);
	set("debug", "none");
	ck_assert_uint_eq(profile->live.samples, 0);
	teardown();
	block = one_site(1000);
	datamem_free(block, 1000);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, nothing_is_there_while_off);
	tcase_add_test(tc, header_says_what_is_where);
	tcase_add_test(tc, blocks_of_all_sizes_come_and_go);
	tcase_add_test(tc, every_door_is_sampled);
	tcase_add_test(tc, resizes_move_the_sample);
	tcase_add_test(tc, blocks_from_before_and_after);
	tcase_add_test(tc, stacks_lead_to_the_caller);
	tcase_add_test(tc, mappings_hold_the_frames);
	tcase_add_test(tc, impossible_sizes_are_no_bytes);
	tcase_add_test(tc, small_blocks_are_estimated);
	tcase_add_test(tc, a_full_table_drops_and_counts);
	tcase_add_test(tc, stacks_without_room_share_one);
	tcase_add_test(tc, beside_accounts_and_debug);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return profile_main(make_suite);
}

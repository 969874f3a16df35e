/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The profile of the test itself, as another process would see it. */
#ifndef TESTS_API_OWN_PROFILE_H
#define TESTS_API_OWN_PROFILE_H

#include <library.h>

#include <profile-page.h>

#include "own-file.h"

static inline int find_profile(void)
{
	return find_own(PROFILE_NAME);
}

static inline struct profile_header *map_profile(void)
{
	return map_own(PROFILE_NAME);
}

#define PROFILE_TABLE(profile, type, name)                                   \
	((const struct type *)((const char *)(profile) +                     \
			       (profile)->name##_offset))

static inline const char *string_of(const struct profile_header *profile,
				    uint32_t offset)
{
	ck_assert_uint_lt(offset, profile->strings_used);
	return (const char *)profile + profile->strings_offset + offset;
}

/* The sample of a block, or NULL. */
static inline const struct profile_sample *sample_of(
	const struct profile_header *profile, const void *ptr)
{
	const struct profile_sample *sample = PROFILE_TABLE(
		profile, profile_sample, samples);

	for (uint32_t i = 0; i < profile->samples_used; i++, sample++) {
		ck_assert_uint_eq(sample->seq % 2, 0);
		if (ptr && sample->address == (uintptr_t)ptr)
			return sample;
	}
	return NULL;
}

static inline const struct profile_stack *stack_of(
	const struct profile_header *profile,
	const struct profile_sample *sample)
{
	ck_assert_uint_lt(sample->stack, profile->stacks_used);
	return PROFILE_TABLE(profile, profile_stack, stacks) + sample->stack;
}

/* All that has to be so when nobody allocates. */
static inline void check_sums(const struct profile_header *profile)
{
	struct profile_totals live = { 0 }, allocated = { 0 };
	const struct profile_sample *sample = PROFILE_TABLE(
		profile, profile_sample, samples);
	const struct profile_stack *stack = PROFILE_TABLE(
		profile, profile_stack, stacks);
	uint64_t samples = 0;

	for (uint32_t i = 0; i < profile->stacks_used; i++, stack++) {
		ck_assert_uint_eq(stack->seq % 2, 0);
		live.samples += stack->live.samples;
		live.bytes += stack->live.bytes;
		live.count += stack->live.count;
		allocated.samples += stack->allocated.samples;
		allocated.bytes += stack->allocated.bytes;
		ck_assert_uint_ge(stack->peak, stack->live.bytes);
		ck_assert_uint_le(stack->frames_first + stack->natives +
				  stack->pythons, profile->frames_used);
	}
	for (uint32_t i = 0; i < profile->samples_used; i++, sample++)
		samples += sample->address != 0;
	ck_assert_uint_eq(samples, profile->live.samples);
	ck_assert_uint_eq(live.samples, profile->live.samples);
	ck_assert_uint_eq(live.bytes, profile->live.bytes);
	ck_assert_uint_eq(live.count, profile->live.count);
	ck_assert_uint_eq(allocated.samples, profile->allocated.samples);
	ck_assert_uint_eq(allocated.bytes, profile->allocated.bytes);
	ck_assert_uint_eq(profile->taken, profile->allocated.samples);
	ck_assert_uint_ge(profile->peak, profile->live.bytes);
}

/* Every block is sampled, but with a probability of exp(-50). */
#define SURE 1

static inline void begin(size_t interval)
{
	ck_assert_int_eq(datamem_profile_start(interval), 0);
}

static inline void teardown(void)
{
	datamem_profile_stop();
}

/* Places that allocate. The work behind keeps the call from being a jump. */
#define SITE(name)                                                           \
	__attribute__((__noinline__, __unused__))                            \
	static void *name(size_t nbytes)                                     \
	{                                                                    \
		char *ptr = datamem_alloc(nbytes);                           \
									     \
		ck_assert_ptr_nonnull(ptr);                                  \
		*(volatile char *)ptr = 1;                                   \
		return ptr;                                                  \
	}
SITE(one_site)
SITE(other_site)

/* Whether a frame of a stack lies in a function, or right behind. */
static inline bool passes(const struct profile_header *profile,
		   const struct profile_stack *stack, const void *function)
{
	const struct profile_frame *frame = PROFILE_TABLE(
		profile, profile_frame, frames) + stack->frames_first;

	for (uint32_t i = 0; i < stack->natives; i++) {
		ck_assert_uint_eq(frame[i].kind, PROFILE_NATIVE);
		if (frame[i].u.address - (uintptr_t)function < 200)
			return true;
	}
	return false;
}

/* Instead of harness_main(). */
static inline int profile_main(Suite *(*make)(void))
{
	int err = datamem_profile_start(0);

	if (err)
		return harness_skip_all("no profile: memfd_create(2) fails");
	datamem_profile_stop();
	return harness_main(make());
}

#endif /* TESTS_API_OWN_PROFILE_H */

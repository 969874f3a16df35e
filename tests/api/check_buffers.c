/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Buffers with a given handler and alignment, by elements, grown with zeros and
 * moved.
 */
#include <datamem.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fake-handler.h"
#include "library.h"

static struct datamem_handler handler;
static struct fake fake;

static void setup(void)
{
	fake_init(&handler, &fake, "fake");
}

static void teardown(void)
{
	ck_assert_uint_eq(fake.live, 0);
	ck_assert_uint_eq(fake.strays, 0);
}

/* Those that can be given; the last one is the program's own. */
static const char *const names[] = {
	"default_allocator", "datamem", "system", "debug",
	"datamem_aligned_64", "datamem_aligned_65536", "fake",
};

static const struct datamem_handler *given(int i)
{
	return (size_t)i + 1 == COUNT(names) ? &handler :
					       datamem_handler_find(names[i]);
}

static bool is_at(const struct datamem_buffer *buffer, size_t alignment)
{
	return !alignment || (uintptr_t)buffer->data % alignment == 0;
}

static void fill(struct datamem_buffer *buffer)
{
	for (size_t i = 0; i < buffer->nbytes; i++)
		((unsigned char *)buffer->data)[i] = (unsigned char)(i * 7 + 1);
}

static void look(const struct datamem_buffer *buffer, size_t nbytes)
{
	const unsigned char *data = buffer->data;

	for (size_t i = 0; i < nbytes; i++)
		if (data[i] != (unsigned char)(i * 7 + 1))
			ck_abort_msg("byte %zu of %zu", i, nbytes);
}

/* An assertion a byte would take minutes. */
static void look_zero(const struct datamem_buffer *buffer, size_t from)
{
	const char *data = buffer->data;

	for (size_t i = from; i < buffer->nbytes; i++)
		if (data[i])
			ck_abort_msg("byte %zu of %zu", i, buffer->nbytes);
}

static const size_t alignments[] = {
	0, 1, 2, 8, 16, 32, 64, 4096, 65536, 2 * MIB,
};
static const size_t steps[] = {
	100, 5000, 150000, 149999, 3 * MIB, 10, 0, 1, 70000, 1000,
};

START_TEST(every_handler_gives_and_keeps_an_alignment)
{
	const struct datamem_handler *with = given(_i);
	struct datamem_buffer buffer;

	ck_assert_ptr_nonnull(with);
	for (size_t i = 0; i < COUNT(alignments); i++) {
		size_t alignment = alignments[i], had = 0;

		errno = 4711;
		ck_assert_int_eq(datamem_buffer_init_with(
			&buffer, with, steps[0], alignment), 0);
		ck_assert_ptr_eq(buffer.handler, with);
		for (size_t j = 0; j < COUNT(steps); j++) {
			ck_assert_int_eq(datamem_buffer_resize(&buffer,
							       steps[j]), 0);
			ck_assert_uint_eq(buffer.nbytes, steps[j]);
			ck_assert(is_at(&buffer, alignment));
			look(&buffer, had < steps[j] ? had : steps[j]);
			fill(&buffer);
			had = steps[j];
		}
		datamem_buffer_release(&buffer);
		ck_assert_ptr_null(buffer.data);
		ck_assert_int_eq(errno, 4711);
	}
	ck_assert_uint_eq(stats_now().large_hints, 0);
	ck_assert_uint_eq(stats_now().foreign_pointers, 0);
	ck_assert_uint_eq(stats_now().overruns, 0);
}
END_TEST

/* A block of its own alignment is never less aligned than its handler's. */
START_TEST(a_handler_of_an_alignment_gives_the_larger_one)
{
	const struct datamem_handler *with = datamem_handler_aligned(4096);
	struct datamem_buffer buffer;

	for (size_t alignment = 1; alignment <= 65536; alignment *= 16) {
		ck_assert_int_eq(datamem_buffer_init_with(&buffer, with, 100,
							  alignment), 0);
		ck_assert(is_at(&buffer, 4096) && is_at(&buffer, alignment));
		datamem_buffer_release(&buffer);
	}
}
END_TEST

START_TEST(a_handler_is_used_until_the_release)
{
	struct datamem_buffer one, other;

	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_int_eq(datamem_buffer_init_with(&one, &handler, 10, 64), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	datamem_buffer_move(&other, &one);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	datamem_buffer_release(&one);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	datamem_buffer_release(&other);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}
END_TEST

START_TEST(what_cannot_be_given)
{
	static const size_t bad[] = {
		3, 5, 24, 4097, 4 * MIB, (size_t)1 << 40, SIZE_MAX,
		SIZE_MAX / 2 + 1,
	};
	struct datamem_buffer buffer = { .nbytes = 77 }, *none = NULL;
	struct datamem_handler worse = handler;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_int_eq(datamem_buffer_init_with(&buffer, &handler, 8,
							  bad[i]), -EINVAL);
	worse.version = 2;
	ck_assert_int_eq(datamem_buffer_init_with(&buffer, &worse, 8, 8),
			 -EINVAL);
	ck_assert_int_eq(datamem_buffer_init_with(none, &handler, 8, 8),
			 -EINVAL);
	ck_assert_int_eq(datamem_buffer_init_array(none, 8, 8), -EINVAL);
	ck_assert_int_eq(datamem_buffer_resize_zeroed(none, 8), -EINVAL);
	ck_assert_uint_eq(fake.calls, 0);
	ck_assert_uint_eq(buffer.nbytes, 77);
}
END_TEST

START_TEST(too_much_is_refused)
{
	struct datamem_buffer buffer = { .nbytes = 77 };
	volatile size_t much = SIZE_MAX;

	for (int i = 0; i < 3; i++, much = much / 2 + 1) {
		ck_assert_int_eq(datamem_buffer_init_array(&buffer, much, 2),
				 -ENOMEM);
		ck_assert_int_eq(datamem_buffer_init_array(&buffer, much, much),
				 -ENOMEM);
		for (size_t j = 0; j < COUNT(names); j++) {
			ck_assert_int_eq(datamem_buffer_init_with(
				&buffer, given((int)j), SIZE_MAX, 0), -ENOMEM);
			ck_assert_int_eq(datamem_buffer_init_with(
				&buffer, given((int)j), PTRDIFF_MAX - 1, 4096),
				-ENOMEM);
			ck_assert_int_eq(datamem_buffer_init_with(
				&buffer, given((int)j), SIZE_MAX - 100, 4096),
				-ENOMEM);
		}
	}
	ck_assert_uint_eq(fake.calls, 0);
	ck_assert_uint_eq(buffer.nbytes, 77);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* With a lead, too, a failure leaves the struct, the block and the data. */
START_TEST(a_failure_changes_nothing)
{
	struct datamem_buffer buffer, copy;

	fake.fail_at = 1;
	fake.error = EIO;
	ck_assert_int_eq(datamem_buffer_init_with(&buffer, &handler, 8, 4096),
			 -EIO);
	ck_assert_int_eq(datamem_buffer_init_with(&buffer, &handler, 5000,
						  4096), 0);
	fill(&buffer);
	copy = buffer;
	fake.fail_at = SIZE_MAX;
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 100000), -EIO);
	ck_assert_int_eq(datamem_buffer_resize_zeroed(&buffer, 100000), -EIO);
	ck_assert_int_eq(memcmp(&buffer, &copy, sizeof(copy)), 0);
	look(&buffer, 5000);
	datamem_buffer_release(&buffer);
	/* The hint is the size of the handler's block. */
	ck_assert_uint_eq(fake.hint, 5000 + 4095);
}
END_TEST

START_TEST(growth_is_zero)
{
	const struct datamem_handler *with = given(_i);
	struct datamem_buffer buffer;
	size_t had;

	for (size_t alignment = 1; alignment <= 4096; alignment *= 64) {
		ck_assert_int_eq(datamem_buffer_init_with(&buffer, with, 0,
							  alignment), 0);
		for (size_t j = 0; j < COUNT(steps); j++) {
			had = buffer.nbytes;
			ck_assert_int_eq(datamem_buffer_resize_zeroed(
				&buffer, steps[j]), 0);
			look(&buffer, had < steps[j] ? had : steps[j]);
			look_zero(&buffer, had);
			fill(&buffer);
		}
		datamem_buffer_release(&buffer);
	}
}
END_TEST

START_TEST(views_are_not_resized)
{
	char data[8] = "1234567";
	struct datamem_buffer view;

	ck_assert_int_eq(datamem_buffer_init_view(&view, data, sizeof(data)),
			 0);
	ck_assert_int_eq(datamem_buffer_resize_zeroed(&view, 4), -EINVAL);
	ck_assert_str_eq(data, "1234567");
	ck_assert_uint_eq(view.nbytes, sizeof(data));
}
END_TEST

START_TEST(no_memory_is_that_large)
{
	struct datamem_buffer view = { .nbytes = 77 };
	char data[8];

	ck_assert_int_eq(datamem_buffer_init_view(&view, data, SIZE_MAX),
			 -EINVAL);
	ck_assert_int_eq(datamem_buffer_init_view(
		&view, data, (size_t)PTRDIFF_MAX + 1), -EINVAL);
	ck_assert_uint_eq(view.nbytes, 77);
	ck_assert_int_eq(datamem_buffer_init_view(&view, data, PTRDIFF_MAX), 0);
}
END_TEST

/* A block by hand, in a struct that was not cleared before. */
START_TEST(what_is_reserved_is_not_guessed)
{
	static const uintptr_t forgotten[][2] = {
		{ 1, 0 }, { 0, 3 }, { 16, 16 }, { 0, SIZE_MAX / 2 + 1 },
		{ 0, 4 * MIB }, { SIZE_MAX, SIZE_MAX }, { 4096, 64 },
	};
	struct datamem_buffer buffer, copy;
	char *block = datamem_handler_alloc(&handler, 100);

	for (size_t i = 0; i < COUNT(forgotten); i++) {
		buffer = copy = (struct datamem_buffer){
			block, 100, &handler,
			{ forgotten[i][0], forgotten[i][1] },
		};
		ck_assert_int_eq(datamem_buffer_resize(&buffer, 200), -EINVAL);
		ck_assert_int_eq(datamem_buffer_resize_zeroed(&buffer, 1),
				 -EINVAL);
		ck_assert_int_eq(memcmp(&buffer, &copy, sizeof(copy)), 0);
		datamem_buffer_release(&buffer);
		ck_assert_uint_eq(fake.frees, 0);
		ck_assert_uint_eq(stats_now().leaked_blocks, i + 1);
		ck_assert_ptr_null(buffer.handler);
	}
	buffer = (struct datamem_buffer){ block, 100, &handler, { 0, 0 } };
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 200), 0);
	datamem_buffer_release(&buffer);
	ck_assert_uint_eq(fake.frees, 1);
}
END_TEST

START_TEST(by_elements)
{
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_buffer_init_array(&buffer, 1000, 8), 0);
	ck_assert_uint_eq(buffer.nbytes, 8000);
	fill(&buffer);
	datamem_buffer_release(&buffer);
	ck_assert_int_eq(datamem_buffer_init_array(&buffer, SIZE_MAX, 0), 0);
	ck_assert_uint_eq(buffer.nbytes, 0);
	ck_assert_ptr_nonnull(buffer.data);
	datamem_buffer_release(&buffer);
}
END_TEST

START_TEST(moves)
{
	struct datamem_buffer one, other, empty = { 0 };
	char data[4];

	ck_assert_int_eq(datamem_buffer_init_with(&one, &handler, 300, 4096),
			 0);
	fill(&one);
	datamem_buffer_move(&other, &one);
	ck_assert_int_eq(memcmp(&one, &empty, sizeof(one)), 0);
	look(&other, 300);
	ck_assert_int_eq(datamem_buffer_resize(&other, 70000), 0);
	ck_assert(is_at(&other, 4096));
	look(&other, 300);
	/* Onto itself, from and to nothing: nothing. */
	datamem_buffer_move(&other, &other);
	datamem_buffer_move(&other, NULL);
	datamem_buffer_move(NULL, &other);
	look(&other, 300);
	datamem_buffer_release(&one);
	datamem_buffer_release(&other);
	ck_assert_int_eq(datamem_buffer_init_view(&one, data, 4), 0);
	datamem_buffer_move(&other, &one);
	ck_assert_ptr_eq(other.data, data);
	ck_assert_ptr_null(one.data);
	datamem_buffer_move(&one, &empty);
	ck_assert_ptr_null(one.data);
}
END_TEST

START_TEST(null_is_the_current_handler)
{
	struct datamem_buffer buffer;

	datamem_handler_set(&handler);
	ck_assert_int_eq(datamem_buffer_init_with(&buffer, NULL, 8, 0), 0);
	ck_assert_ptr_eq(buffer.handler, &handler);
	datamem_buffer_release(&buffer);
	ck_assert_int_eq(datamem_buffer_init_with(
		&buffer, datamem_handler_default(), 8, 0), 0);
	ck_assert_ptr_eq(buffer.handler, datamem_handler_default());
	datamem_buffer_release(&buffer);
	datamem_handler_set(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("buffers");
	TCase *tc = tcase_create("buffers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_handler_gives_and_keeps_an_alignment, 0,
			    (int)COUNT(names));
	tcase_add_test(tc, a_handler_of_an_alignment_gives_the_larger_one);
	tcase_add_test(tc, a_handler_is_used_until_the_release);
	tcase_add_test(tc, what_cannot_be_given);
	tcase_add_test(tc, too_much_is_refused);
	tcase_add_test(tc, a_failure_changes_nothing);
	tcase_add_loop_test(tc, growth_is_zero, 0, (int)COUNT(names));
	tcase_add_test(tc, views_are_not_resized);
	tcase_add_test(tc, no_memory_is_that_large);
	tcase_add_test(tc, what_is_reserved_is_not_guessed);
	tcase_add_test(tc, by_elements);
	tcase_add_test(tc, moves);
	tcase_add_test(tc, null_is_the_current_handler);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Buffers: a block and the handler that made it. */
#include <stdbool.h>

#include "fake-handler.h"
#include "harness.h"

static struct datamem_handler handler;
static struct fake fake;

static void setup(void)
{
	fake_init(&handler, &fake, "fake");
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	datamem_handler_set(&handler);
}

static void teardown(void)
{
	datamem_trace_stop();
	datamem_handler_set(NULL);
	ck_assert_uint_eq(fake.live, 0);
	ck_assert_uint_eq(fake.strays, 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}

static bool is_zero(const char *ptr, size_t nbytes)
{
	return !ptr[0] && !memcmp(ptr, ptr + 1, nbytes - 1);
}

START_TEST(a_buffer_remembers_its_handler)
{
	struct datamem_buffer buffer;
	char *data;

	/* What the struct held before does not matter. */
	memset(&buffer, 0xff, sizeof(buffer));
	ck_assert_int_eq(datamem_buffer_init(&buffer, 100), 0);
	ck_assert_uint_eq(buffer.nbytes, 100);
	ck_assert_ptr_eq(buffer.handler, &handler);
	ck_assert_uint_eq(buffer.reserved[0] | buffer.reserved[1], 0);
	data = buffer.data;
	memset(data, 7, 100);

	datamem_handler_set(NULL);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 100000), 0);
	ck_assert_uint_eq(buffer.nbytes, 100000);
	ck_assert_uint_eq(fake.live, 1);
	data = buffer.data;
	ck_assert_int_eq(data[0] + data[99], 14);
	ck_assert_str_eq(datamem_buffer_handler_name(&buffer), "fake");
	ck_assert_int_eq(datamem_buffer_handler_version(&buffer), 1);
	errno = 77;
	datamem_buffer_release(&buffer);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(fake.live, 0);
	ck_assert_uint_eq(fake.hint, 100000);
	ck_assert(is_zero((char *)&buffer, sizeof(buffer)));
	/* Cleared, so a second time does nothing. */
	datamem_buffer_release(&buffer);
	ck_assert_uint_eq(fake.frees, 1);
}
END_TEST

START_TEST(a_size_of_zero_is_recorded)
{
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_buffer_init(&buffer, 0), 0);
	ck_assert_ptr_nonnull(buffer.data);
	ck_assert_uint_eq(buffer.nbytes, 0);
	ck_assert_uint_eq(fake.nbytes, 1);
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 64), 0);
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 0), 0);
	ck_assert_uint_eq(buffer.nbytes, 0);
	ck_assert_uint_eq(fake.nbytes, 1);
	datamem_buffer_release(&buffer);
	ck_assert_uint_eq(fake.hint, 1);
	ck_assert_int_eq(datamem_buffer_init_zeroed(&buffer, 0, SIZE_MAX), 0);
	ck_assert_uint_eq(buffer.nbytes, 0);
	datamem_buffer_release(&buffer);
}
END_TEST

START_TEST(zeroed_for_every_handler)
{
	static const char *const names[] = {
		"default_allocator", "datamem", "system", "debug", "fake"
	};
	struct datamem_buffer buffer;

	datamem_handler_set(datamem_handler_find(names[_i]));
	ck_assert_int_eq(datamem_buffer_init(&buffer, 3000), 0);
	memset(buffer.data, 0xaa, 3000);
	datamem_buffer_release(&buffer);
	ck_assert_int_eq(datamem_buffer_init_zeroed(&buffer, 1000, 3), 0);
	ck_assert_uint_eq(buffer.nbytes, 3000);
	ck_assert(is_zero(buffer.data, 3000));
	ck_assert_str_eq(datamem_buffer_handler_name(&buffer), names[_i]);
	datamem_buffer_release(&buffer);
}
END_TEST

START_TEST(views_own_nothing)
{
	struct datamem_buffer view;
	char data[10];

	ck_assert_int_eq(datamem_buffer_init_view(&view, data, 10), 0);
	ck_assert_ptr_eq(view.data, data);
	ck_assert_uint_eq(view.nbytes, 10);
	ck_assert_ptr_null(view.handler);
	ck_assert_ptr_null(datamem_buffer_handler_name(&view));
	ck_assert_int_eq(datamem_buffer_handler_version(&view), 0);
	ck_assert_int_eq(datamem_buffer_resize(&view, 20), -EINVAL);
	ck_assert_ptr_eq(view.data, data);
	datamem_buffer_release(&view);
	ck_assert_ptr_null(view.data);
	ck_assert_uint_eq(fake.frees, 0);

	ck_assert_int_eq(datamem_buffer_init_view(&view, NULL, 0), 0);
	ck_assert_int_eq(datamem_buffer_init_view(&view, NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_buffer_init_view(NULL, data, 10), -EINVAL);
}
END_TEST

START_TEST(nothing_is_legal_where_it_can_be)
{
	struct datamem_buffer zero = { 0 };

	datamem_buffer_release(NULL);
	datamem_buffer_release(&zero);
	ck_assert_int_eq(datamem_buffer_resize(&zero, 1), -EINVAL);
	ck_assert_int_eq(datamem_buffer_resize(NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_buffer_init(NULL, 1), -EINVAL);
	ck_assert_int_eq(datamem_buffer_init_zeroed(NULL, 1, 1), -EINVAL);
	ck_assert_str_eq(datamem_buffer_handler_name(NULL), "fake");
	ck_assert_int_eq(datamem_buffer_handler_version(NULL), 1);
	ck_assert_uint_eq(fake.calls + fake.frees, 0);
}
END_TEST

START_TEST(a_failed_init_leaves_the_struct)
{
	struct datamem_buffer buffer, before;

	memset(&buffer, 0x5a, sizeof(buffer));
	before = buffer;
	ck_assert_int_eq(datamem_buffer_init(&buffer, SIZE_MAX), -ENOMEM);
	ck_assert_int_eq(datamem_buffer_init_zeroed(&buffer, SIZE_MAX, 2),
			 -ENOMEM);
	fake.fail_at = SIZE_MAX;
	ck_assert_int_eq(datamem_buffer_init(&buffer, 8), -ENOMEM);
	fake.error = ENODEV;
	ck_assert_int_eq(datamem_buffer_init(&buffer, 8), -ENODEV);
	ck_assert_int_eq(datamem_buffer_init_zeroed(&buffer, 8, 8), -ENODEV);
	ck_assert_mem_eq(&buffer, &before, sizeof(buffer));
}
END_TEST

START_TEST(a_failed_resize_leaves_everything)
{
	struct datamem_trace_totals before, after;
	struct datamem_buffer buffer, copy;

	ck_assert_int_eq(datamem_trace_start(), 0);
	ck_assert_int_eq(datamem_buffer_init(&buffer, 100), 0);
	memset(buffer.data, 9, 100);
	copy = buffer;
	datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &before, sizeof(before));
	ck_assert_uint_eq(before.bytes, 100);

	fake.fail_at = SIZE_MAX;
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 200), -ENOMEM);
	ck_assert_int_eq(datamem_buffer_resize(&buffer, SIZE_MAX), -ENOMEM);
	handler.allocator.realloc = NULL;
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 200), -EINVAL);
	handler.allocator.realloc = fake_realloc;

	ck_assert_mem_eq(&buffer, &copy, sizeof(buffer));
	ck_assert_int_eq(((char *)buffer.data)[99], 9);
	datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &after, sizeof(after));
	ck_assert_uint_eq(after.bytes, before.bytes);
	ck_assert_uint_eq(after.blocks, before.blocks);
	fake.fail_at = 0;
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 200), 0);
	datamem_buffer_release(&buffer);
	datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &after, sizeof(after));
	ck_assert_uint_eq(after.blocks, 0);
}
END_TEST

/* A program in which each allocation fails once, one after the other. */
static int program(void)
{
	struct datamem_buffer a = { 0 }, b = { 0 }, c = { 0 };
	int ret = datamem_buffer_init(&a, 10);

	if (!ret)
		ret = datamem_buffer_init_zeroed(&b, 10, 10);
	if (!ret)
		ret = datamem_buffer_resize(&a, 1000);
	if (!ret)
		ret = datamem_buffer_init(&c, 0);
	if (!ret)
		ret = datamem_buffer_resize(&b, 10);
	datamem_buffer_release(&c);
	datamem_buffer_release(&a);
	datamem_buffer_release(&b);
	return ret;
}

START_TEST(every_allocation_fails_in_turn)
{
	for (size_t n = 1; n <= 5; n++) {
		fake.calls = 0;
		fake.fail_at = n;
		ck_assert_int_eq(program(), -ENOMEM);
		ck_assert_uint_eq(fake.calls, n);
		ck_assert_uint_eq(fake.live, 0);
	}
	fake.calls = fake.fail_at = 0;
	ck_assert_int_eq(program(), 0);
	ck_assert_uint_eq(fake.calls, 5);
}
END_TEST

/* The name must not run on into whatever lies behind it. */
START_TEST(a_name_that_lost_its_end_is_not_shown)
{
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_buffer_init(&buffer, 10), 0);
	memset(handler.name, 'x', sizeof(handler.name));
	ck_assert_ptr_null(datamem_buffer_handler_name(&buffer));
	strcpy(handler.name, "fake");
	datamem_buffer_release(&buffer);
}
END_TEST

START_TEST(an_adopted_block_is_released)
{
	struct datamem_buffer buffer = { .nbytes = 10, .handler = &handler };

	buffer.data = datamem_handler_alloc(&handler, 10);
	ck_assert_ptr_nonnull(buffer.data);
	ck_assert_int_eq(datamem_buffer_resize(&buffer, 20), 0);
	datamem_buffer_release(&buffer);
	ck_assert_uint_eq(fake.live, 0);
}
END_TEST

/* As a container does it that grows. */
START_TEST(a_buffer_may_be_moved)
{
	struct datamem_buffer *many = calloc(2, sizeof(*many)), *moved;

	ck_assert_int_eq(datamem_buffer_init(&many[0], 100), 0);
	ck_assert_int_eq(datamem_buffer_init(&many[1], 200), 0);
	datamem_handler_set(NULL);
	moved = malloc(100 * sizeof(*moved));
	memcpy(moved, many, 2 * sizeof(*moved));
	memset(many, 0xff, 2 * sizeof(*many));
	free(many);
	moved[2] = moved[0];
	memset(&moved[0], 0, sizeof(moved[0]));
	ck_assert_int_eq(datamem_buffer_resize(&moved[2], 5000), 0);
	ck_assert_int_eq(datamem_handler_unregister(&handler), -EBUSY);
	datamem_buffer_release(&moved[2]);
	datamem_buffer_release(&moved[1]);
	datamem_buffer_release(&moved[0]);
	ck_assert_uint_eq(fake.live, 0);
	free(moved);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("buffer");
	TCase *tcase = tcase_create("buffer");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_buffer_remembers_its_handler);
	tcase_add_test(tcase, a_size_of_zero_is_recorded);
	tcase_add_loop_test(tcase, zeroed_for_every_handler, 0, 5);
	tcase_add_test(tcase, views_own_nothing);
	tcase_add_test(tcase, nothing_is_legal_where_it_can_be);
	tcase_add_test(tcase, a_failed_init_leaves_the_struct);
	tcase_add_test(tcase, a_failed_resize_leaves_everything);
	tcase_add_test(tcase, every_allocation_fails_in_turn);
	tcase_add_test(tcase, a_name_that_lost_its_end_is_not_shown);
	tcase_add_test(tcase, an_adopted_block_is_released);
	tcase_add_test(tcase, a_buffer_may_be_moved);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

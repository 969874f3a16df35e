/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Memory policy as array programs see it: the cases of NumPy's
 * test_mem_policy.py that have a meaning in C, under their names, and what
 * NumPy leaves unchecked. An array is a buffer, a view a view, a task a
 * context.
 */
#include <pthread.h>

#include "fake-handler.h"
#include "harness.h"

static struct datamem_handler secret;
static struct fake fake;
static const struct datamem_handler *original;

static void setup(void)
{
	fake_init(&secret, &fake, "secret_data_allocator");
	original = datamem_handler_get();
}

static void teardown(void)
{
	datamem_handler_set(NULL);
	ck_assert_uint_eq(fake.live, 0);
	ck_assert_uint_eq(fake.strays, 0);
}

static struct datamem_buffer array(size_t nbytes)
{
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_buffer_init(&buffer, nbytes), 0);
	memset(buffer.data, (int)(nbytes & 0x7f), nbytes);
	return buffer;
}

static struct datamem_buffer view_of(const struct datamem_buffer *base)
{
	struct datamem_buffer view;

	ck_assert_int_eq(datamem_buffer_init_view(&view, base->data,
						  base->nbytes), 0);
	return view;
}

static void expect_name(const struct datamem_buffer *buffer, const char *name)
{
	if (name) {
		ck_assert_str_eq(datamem_buffer_handler_name(buffer), name);
		ck_assert_int_eq(datamem_buffer_handler_version(buffer), 1);
	} else {
		ck_assert_ptr_null(datamem_buffer_handler_name(buffer));
		ck_assert_int_eq(datamem_buffer_handler_version(buffer), 0);
	}
}

START_TEST(set_policy)
{
	struct datamem_buffer a_base = array(80), a = view_of(&a_base);
	struct datamem_buffer b_base, b;

	expect_name(&a, NULL);
	expect_name(&a_base, original->name);
	ck_assert_ptr_eq(datamem_handler_set(&secret), original);

	b_base = array(80);
	b = view_of(&b_base);
	expect_name(&b, NULL);
	expect_name(&b_base, "secret_data_allocator");

	ck_assert_ptr_eq(datamem_handler_set(NULL), &secret);
	expect_name(NULL, "default_allocator");
	/* Both stay what they are, and go back where they came from. */
	expect_name(&b_base, "secret_data_allocator");
	datamem_buffer_release(&b);
	datamem_buffer_release(&b_base);
	datamem_buffer_release(&a);
	datamem_buffer_release(&a_base);
}
END_TEST

START_TEST(default_policy_singleton)
{
	const struct datamem_handler *one, *two;

	ck_assert_ptr_nonnull(datamem_handler_set(NULL));
	expect_name(NULL, "default_allocator");
	one = datamem_handler_set(NULL);
	expect_name(NULL, "default_allocator");
	two = datamem_handler_set(original);
	ck_assert_ptr_eq(one, two);
	ck_assert_ptr_eq(one, datamem_handler_default());
}
END_TEST

START_TEST(policy_propagation)
{
	struct datamem_buffer base = array(80);
	struct datamem_buffer view = view_of(&base), again = view_of(&view);

	expect_name(&again, NULL);
	expect_name(&view, NULL);
	expect_name(&base, original->name);
	datamem_buffer_release(&view);
	ck_assert_int_eq(((char *)again.data)[79], 80);
	datamem_buffer_release(&again);
	datamem_buffer_release(&base);
}
END_TEST

/* A task: resumed by whatever thread, with its own current handler. */
struct task {
	struct datamem_context *context;
	int step;
};

static void resume(struct task *task)
{
	ck_assert_int_eq(datamem_context_enter(task->context), 0);
	switch (task->step++) {
	case 0:
		/* It inherited the policy of its parent. */
		ck_assert_ptr_eq(datamem_handler_get(), original);
		break;
	case 1:
		ck_assert_ptr_nonnull(datamem_handler_set(&secret));
		expect_name(NULL, "secret_data_allocator");
		break;
	default:
		expect_name(NULL, "secret_data_allocator");
	}
	ck_assert_int_eq(datamem_context_leave(task->context), 0);
}

static void *resume_elsewhere(void *arg)
{
	resume(arg);
	return NULL;
}

START_TEST(context_locality)
{
	struct task one = { datamem_context_copy(), 0 };
	struct task two = { datamem_context_copy(), 0 };
	pthread_t thread;

	resume(&one);
	resume(&one);
	/* Not affected by what a task beside it set. */
	resume(&two);
	ck_assert_ptr_eq(datamem_handler_get(), original);
	resume(&two);
	ck_assert_int_eq(pthread_create(&thread, NULL, resume_elsewhere, &one),
			 0);
	pthread_join(thread, NULL);
	resume(&one);
	/* Nor is the parent. */
	ck_assert_ptr_eq(datamem_handler_get(), original);
	datamem_context_free(one.context);
	datamem_context_free(two.context);
}
END_TEST

static pthread_barrier_t secret_is_set;

static void *sets_secret(void *arg)
{
	struct datamem_buffer *out = arg;

	datamem_handler_set(&secret);
	*out = array(100);
	pthread_barrier_wait(&secret_is_set);
	return NULL;
}

static void *sees_default(void *arg)
{
	struct datamem_buffer *out = arg;

	pthread_barrier_wait(&secret_is_set);
	*out = array(100);
	datamem_handler_set(&secret);
	return NULL;
}

START_TEST(thread_locality)
{
	struct datamem_buffer one, two;
	pthread_t threads[2];

	ck_assert_ptr_nonnull(datamem_handler_set(
		datamem_handler_find("system")));
	pthread_barrier_init(&secret_is_set, NULL, 2);
	ck_assert_int_eq(pthread_create(&threads[0], NULL, sets_secret, &one),
			 0);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, sees_default, &two),
			 0);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	/* Threads do not inherit, and do not disturb each other. */
	expect_name(&one, "secret_data_allocator");
	expect_name(&two, "default_allocator");
	expect_name(NULL, "system");
	/* Resized and freed by another thread than the one that made them. */
	ck_assert_int_eq(datamem_buffer_resize(&one, 100000), 0);
	datamem_buffer_release(&one);
	datamem_buffer_release(&two);
}
END_TEST

/* Arrays made, grown, shrunk and dropped in a random order. */
static void manipulate(void)
{
	struct datamem_buffer arrays[16] = { { 0 } };
	unsigned int seed = 1;

	for (unsigned int i = 0; i < 3000; i++) {
		struct datamem_buffer *now;

		seed = seed * 1103515245 + 12345;
		now = &arrays[(seed >> 8) % 16];
		if (!now->handler)
			*now = array((seed >> 16) % 5000 + 1);
		else if (seed >> 28 < 8)
			ck_assert_int_eq(datamem_buffer_resize(
				now, (seed >> 12) % 9000), 0);
		else
			datamem_buffer_release(now);
	}
	for (unsigned int i = 0; i < 16; i++)
		datamem_buffer_release(&arrays[i]);
}

START_TEST(new_policy)
{
	struct datamem_buffer a = array(80), b, c;

	ck_assert_ptr_nonnull(datamem_handler_set(&secret));
	b = array(80);
	expect_name(&b, "secret_data_allocator");
	manipulate();
	ck_assert_uint_gt(fake.calls, 1000);
	ck_assert_uint_eq(fake.live, 1);
	/* What is older than the policy does not come to it. */
	ck_assert_int_eq(datamem_buffer_resize(&a, 160), 0);
	expect_name(&a, original->name);
	datamem_buffer_release(&a);

	ck_assert_ptr_eq(datamem_handler_set(original), &secret);
	c = array(80);
	expect_name(&c, original->name);
	manipulate();
	ck_assert_uint_eq(fake.live, 1);
	datamem_buffer_release(&b);
	datamem_buffer_release(&c);
}
END_TEST

/* Memory that the program made itself, given to a buffer to own. */
START_TEST(switch_owner)
{
	const struct datamem_handler *system = datamem_handler_find("system");
	struct datamem_buffer a;
	char *data = datamem_handler_alloc(system, 20);

	ck_assert_int_eq(datamem_buffer_init_view(&a, data, 20), 0);
	expect_name(&a, NULL);
	ck_assert_int_eq(datamem_buffer_resize(&a, 40), -EINVAL);
	a.handler = system;
	expect_name(&a, "system");
	ck_assert_int_eq(datamem_buffer_resize(&a, 40), 0);
	datamem_buffer_release(&a);
	ck_assert_ptr_null(a.data);
}
END_TEST

/* A buffer on memory of someone else leaves it alone. */
START_TEST(owner_is_base)
{
	struct datamem_buffer a;
	char *data = malloc(20);

	memset(data, 7, 20);
	ck_assert_int_eq(datamem_buffer_init_view(&a, data, 20), 0);
	datamem_buffer_release(&a);
	ck_assert_int_eq(data[19], 7);
	free(data);
}
END_TEST

/* NumPy finds these out when an array is made, or not at all. */
START_TEST(invalid_policy)
{
	struct datamem_handler bad[7];

	for (size_t i = 0; i < 7; i++)
		bad[i] = secret;
	bad[0].name[0] = '\0';
	memset(bad[1].name, 'n', sizeof(bad[1].name));
	bad[2].version = 2;
	bad[3].allocator.malloc = NULL;
	bad[4].allocator.calloc = NULL;
	bad[5].allocator.realloc = NULL;
	bad[6].allocator.free = NULL;
	for (size_t i = 0; i < 7; i++) {
		errno = 0;
		ck_assert_ptr_null(datamem_handler_set(&bad[i]));
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_ptr_eq(datamem_handler_get(), original);
		ck_assert_int_eq(datamem_handler_register(&bad[i]), -EINVAL);
		errno = 0;
		ck_assert_ptr_null(datamem_handler_alloc(&bad[i], 10));
		ck_assert_int_eq(errno, EINVAL);
	}
	ck_assert_uint_eq(fake.calls, 0);
}
END_TEST

/* Lost between the making of an array and its end: it leaks, and is counted. */
START_TEST(policy_invalid_at_free)
{
	struct datamem_stats before, after;
	struct datamem_buffer a;
	void *data;

	ck_assert_int_eq(datamem_stats_get(&before, sizeof(before)), 0);
	ck_assert_ptr_nonnull(datamem_handler_set(&secret));
	a = array(80);
	data = a.data;
	secret.allocator.free = NULL;
	ck_assert_int_eq(datamem_buffer_resize(&a, 100), -EINVAL);
	ck_assert_ptr_eq(a.data, data);
	ck_assert_uint_eq(a.nbytes, 80);
	datamem_buffer_release(&a);
	ck_assert_ptr_null(a.data);
	ck_assert_int_eq(datamem_stats_get(&after, sizeof(after)), 0);
	ck_assert_uint_eq(after.leaked_blocks, before.leaked_blocks + 1);
	ck_assert_uint_eq(fake.live, 1);
	/* While it is broken, nothing can be made with it. */
	ck_assert_int_eq(datamem_buffer_init(&a, 10), -EINVAL);
	secret.allocator.free = fake_free;
	fake_free(&fake, data, 80);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, set_policy);
	tcase_add_test(tcase, default_policy_singleton);
	tcase_add_test(tcase, policy_propagation);
	tcase_add_test(tcase, context_locality);
	tcase_add_test(tcase, thread_locality);
	tcase_add_test(tcase, new_policy);
	tcase_add_test(tcase, switch_owner);
	tcase_add_test(tcase, owner_is_base);
	tcase_add_test(tcase, invalid_policy);
	tcase_add_test(tcase, policy_invalid_at_free);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

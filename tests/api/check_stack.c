/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The library on small stacks: all works on the smallest that pthread_create(3)
 * takes, and no public function reaches deeper than LIMIT, in any state. The
 * stack of a thread is painted to see how far it went.
 */
#include "every-call.h"

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

#include "huge-pool.h"

/* Of 16 KiB, glibc itself and static TLS take about 4, a frame for a signal up
 * to 4 with wide registers. Where the smallest stack has 128 KiB, the unwinder
 * takes more. */
#if defined(__aarch64__) || defined(__powerpc64__)
#define LIMIT 10240
#else
#define LIMIT 6144
#endif

#define STACK_BYTES (256 * KIB)
#define PAINT 0xa5

static char *stack;
static size_t depth;
static void (*measured)(void);

/* Below the frame of whoever calls. */
static __attribute__((__noinline__)) void paint(char *from)
{
	for (volatile char *at = stack; at < from - 512; at++)
		*at = (char)PAINT;
}

static size_t unpainted_from(const char *top)
{
	const char *at = stack;

	while (at < top && *at == (char)PAINT)
		at++;
	return (size_t)(top - at);
}

static void *run_painted(void *arg)
{
	char *top = __builtin_frame_address(0);

	paint(top);
	measured();
	depth = unpainted_from(top);
	return arg;
}

static void setup_stack(void)
{
	if (stack)
		return;
	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(stack != MAP_FAILED);
}

/* Run on a thread; its end, where caches are emptied, counts as well. */
static void measure(const char *state, const char *name, void (*run)(void))
{
	pthread_attr_t attr;
	pthread_t thread;

	setup_stack();
	measured = run;
	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstack(&attr, stack, STACK_BYTES), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, run_painted, NULL), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	fprintf(stderr, "# %5zu bytes: %s, %s\n", depth, state, name);
	ck_assert_msg(depth <= LIMIT, "%zu bytes of stack: %s, %s", depth,
		      state, name);
}

static void measure_all(const char *state)
{
	for (size_t i = 0; i < EVERY_CALLS; i++)
		measure(state, every_calls[i].name, every_calls[i].run);
}

START_TEST(first_use)
{
	/* A process for each: what is done once is done by it. */
	measure("first", every_calls[_i].name, every_calls[_i].run);
	every_went_well();
}
END_TEST

START_TEST(again)
{
	measure_all("first");
	measure_all("again");
	every_went_well();
}
END_TEST

START_TEST(with_accounts)
{
	ck_assert_int_eq(datamem_trace_start(), 0);
	measure_all("accounts");
}
END_TEST

START_TEST(with_a_control_page)
{
	set("control", "page");
	measure_all("control page");
	every_went_well();
}
END_TEST

START_TEST(without_caches)
{
	set("cache.enabled", "off");
	measure_all("no caches");
	every_went_well();
}
END_TEST

START_TEST(with_everything_placed)
{
	int pool = huge_pool_enter();

	set("place.prefault", "on");
	set("place.hugetlb", "on");
	set("place.numa", "local");
	set("zero.policy", "lazy");
	set("retain.max", "0");
	measure_all("placed");
	every_went_well();
	huge_pool_leave(pool);
}
END_TEST

/* Each request fails, and everything is tried first. */
START_TEST(at_the_limit)
{
	set("limit.max", "1");
	measure_all("limit");
}
END_TEST

START_TEST(under_the_handler_debug)
{
	const struct datamem_handler *debug = datamem_handler_find("debug");

	set("handler", "debug");
	ck_assert_ptr_eq(datamem_handler_get(), debug);
	measure_all("handler debug");
	every_went_well();
}
END_TEST

static void be_told(void *arg, const char *message)
{
	(void)arg, (void)message;
}

static void make_mistakes(void)
{
	const struct datamem_handler *debug = datamem_handler_find("debug");
	static char foreign[100];
	char *ptr = datamem_alloc(100);

	datamem_free(ptr, 100);
	datamem_free(ptr, 100);
	datamem_free(foreign, 100);
	ptr = datamem_alloc(10 * MIB);
	datamem_free(ptr, 11 * MIB);
	ck_assert_ptr_null(datamem_realloc(foreign, 10));
	ptr = datamem_handler_alloc(debug, 100);
	ptr[100] = 1;
	ptr = datamem_handler_realloc(debug, ptr, 300);
	ptr[-1] = 1;
	datamem_handler_free(debug, ptr, 300);
	datamem_handler_free(debug, ptr, 300);
	datamem_setting_set("place.numa", "nowhere");
}

START_TEST(mistakes_that_are_reported)
{
	set("debug", "warn");
	/* Formatted all the same, and written by us. */
	measure("reported", "mistakes", make_mistakes);
	datamem_log_set(be_told, NULL);
	measure("told", "mistakes", make_mistakes);
}
END_TEST

static size_t small_stack;

static void *run_all(void *arg)
{
	for (size_t i = 0; i < EVERY_CALLS; i++)
		every_calls[i].run();
	make_mistakes();
	return arg;
}

START_TEST(smallest_stack_of_a_thread)
{
	pthread_attr_t attr;
	pthread_t thread;

	set("debug", "warn");
	pthread_attr_init(&attr);
	small_stack = (size_t)PTHREAD_STACK_MIN;
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, small_stack), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, run_all, NULL), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	every_went_well();
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	if (HARNESS_SANITIZED)
		return harness_skip_all("a sanitizer has frames of its own");
	suite = suite_create("stack");
	tc = tcase_create("small");
	tcase_set_timeout(tc, 240);
	tcase_add_loop_test(tc, first_use, 0, EVERY_CALLS);
	tcase_add_test(tc, again);
	tcase_add_test(tc, with_accounts);
	tcase_add_test(tc, with_a_control_page);
	tcase_add_test(tc, without_caches);
	tcase_add_test(tc, with_everything_placed);
	tcase_add_test(tc, at_the_limit);
	tcase_add_test(tc, under_the_handler_debug);
	tcase_add_test(tc, mistakes_that_are_reported);
	tcase_add_test(tc, smallest_stack_of_a_thread);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

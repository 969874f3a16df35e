/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Threads that meet where one looks without a lock, or has left it. */
#include <datamem.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>

#include "arena/arena.h"
#include "fake-kernel.h"
#include "library.h"
#include "settings/settings.h"

static bool stop;

static void ignore(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static void setup(void)
{
	fake_kernel_reset();
	datamem_log_set(ignore, NULL);
	dmem_store(&stop, false);
}

static pthread_t start(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, run, arg), 0);
	return thread;
}

/* Two changes of a setting */

static struct {
	pthread_t thread;
	bool reads, overtaken;  /* it has read the value; goes on */
	uint64_t acted_upon;
} first;

static void act(enum dmem_setting_id id)
{
	uint64_t value = dmem_setting_value(id);

	if (pthread_equal(pthread_self(), first.thread)) {
		dmem_store_release(&first.reads, true);
		while (!dmem_load_acquire(&first.overtaken))
			sched_yield();
	}
	dmem_store(&first.acted_upon, value);
}

static void *change_first(void *arg)
{
	first.thread = pthread_self();
	datamem_setting_set("cache.depth", "3");
	return arg;
}

START_TEST(the_later_change_holds)
{
	pthread_t thread;

	dmem_setting_watch(DMEM_SETTING_CACHE_DEPTH, act);
	thread = start(change_first, NULL);
	while (!dmem_load_acquire(&first.reads))
		sched_yield();
	set("cache.depth", "5");
	ck_assert_uint_eq(dmem_load(&first.acted_upon), 5);
	dmem_store_release(&first.overtaken, true);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(dmem_setting_value(DMEM_SETTING_CACHE_DEPTH), 5);
	ck_assert_uint_eq(dmem_load(&first.acted_upon), 5);
}
END_TEST

/* Whoever was the last, caches are as the settings say. */

static void *switch_caches(void *arg)
{
	for (int i = 0; i < 300; i++) {
		datamem_setting_set("cache.enabled", i % 2 ? arg : "on");
		datamem_setting_set("debug", i % 2 ? "none" : "warn");
	}
	return NULL;
}

START_TEST(caches_follow_their_settings)
{
	pthread_t threads[2];
	uint64_t hits;

	for (size_t i = 0; i < COUNT(threads); i++)
		threads[i] = start(switch_caches, (void *)(uintptr_t)
				   (i ? "on" : "off"));
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	hits = stats_now().hits;
	for (int i = 0; i < 100; i++)
		datamem_free(datamem_alloc(100), 100);
	if (dmem_setting_value(DMEM_SETTING_CACHE_ENABLED))
		ck_assert_uint_gt(stats_now().hits, hits + 50);
	else
		ck_assert_uint_eq(stats_now().hits, hits);
}
END_TEST

/* Shared blocks that are kept for references on their way */

static void *send_to_itself(void *arg)
{
	const struct datamem_handler *shared = arg;
	struct datamem_shared_ref ref;
	void *ptr, *got;

	for (int i = 0; i < 200; i++) {
		ptr = datamem_handler_alloc(shared, MIB);
		if (!ptr || datamem_shared_send(ptr, &ref, sizeof(ref)))
			return arg;
		datamem_handler_free(shared, ptr, 0);
		if (datamem_shared_receive(&ref, sizeof(ref), false, &got))
			return arg;
		datamem_handler_free(shared, got, 0);
	}
	return NULL;
}

START_TEST(kept_blocks_are_swept_by_all)
{
	const struct datamem_handler *shared = datamem_handler_find("shared");
	pthread_t threads[2];
	void *failed;

	for (size_t i = 0; i < COUNT(threads); i++)
		threads[i] = start(send_to_itself, (void *)(uintptr_t)shared);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

/* Profiles */

static unsigned int rounds;

/* Above what caches have: no lock of theirs is taken. */
static void *make_large(void *arg)
{
	while (!dmem_load(&stop)) {
		datamem_free(datamem_alloc(300 * KIB), 0);
		dmem_fetch_add(&rounds, 1);
	}
	return arg;
}

static void wait_for_rounds(unsigned int n)
{
	unsigned int before = dmem_load(&rounds);

	while (dmem_load(&rounds) - before < n)
		sched_yield();
}

static void beside_large_blocks(void (*change)(void))
{
	pthread_t threads[2];

	for (size_t i = 0; i < COUNT(threads); i++)
		threads[i] = start(make_large, NULL);
	wait_for_rounds(10);
	change();
	wait_for_rounds(50);
	dmem_store(&stop, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(datamem_profile_stop(), 0);
}

static void *begin_profile(void *arg)
{
	datamem_profile_start(1);
	return arg;
}

static void begin_two(void)
{
	pthread_t thread = start(begin_profile, NULL);

	ck_assert_int_eq(datamem_profile_start(1), 0);
	pthread_join(thread, NULL);
}

/* The first of a process, beside threads that are at work. */
START_TEST(a_profile_begins)
{
	beside_large_blocks(begin_two);
}
END_TEST

static void load_and_unload(void)
{
	void *object;

	ck_assert_int_eq(datamem_profile_start(1), 0);
	for (int i = 0; i < 100; i++) {
		object = dlopen("libanl.so.1", RTLD_NOW | RTLD_LOCAL);
		if (object)
			dlclose(object);
		wait_for_rounds(2);
	}
}

START_TEST(objects_go_beside_a_profile)
{
	beside_large_blocks(load_and_unload);
}
END_TEST

/* A guarded block that goes, and whose record is another's then */

static char *lately;

static void *look_at_it(void *arg)
{
	size_t *wrong = arg, nbytes;

	while (!dmem_load(&stop)) {
		nbytes = datamem_usable_size(dmem_load(&lately));
		*wrong += nbytes && nbytes != 100 && nbytes != 300 * KIB;
	}
	return NULL;
}

START_TEST(a_guarded_block_goes_as_it_is_looked_at)
{
	size_t wrong = 0;
	pthread_t thread;
	char *ptr;

	set("guard", "1/1");
	thread = start(look_at_it, &wrong);
	for (int i = 0; i < 3000; i++) {
		ptr = datamem_alloc(i % 8 ? 100 : 300 * KIB);
		dmem_store(&lately, ptr);
		datamem_free(ptr, 0);
	}
	dmem_store(&stop, true);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* A block on its way */

static unsigned int listed, most_listed;

static bool go_on(uint32_t n)
{
	return n != 0;
}

static void count(const void *ptr, size_t nbytes, size_t align)
{
	(void)ptr;
	(void)nbytes;
	(void)align;
	listed++;
}

static void *list_and_move(void *addr, size_t nbytes, size_t new_nbytes,
			   int flags, void *new_addr)
{
	listed = 0;
	ck_assert(dmem_arena_each_live(go_on, count));
	most_listed = DMEM_MAX(most_listed, listed);
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

START_TEST(a_block_that_moves_is_listed_once)
{
	char *ptr = datamem_alloc(8 * MIB), *wall = datamem_alloc(8 * MIB);

	ck_assert(ptr && wall);
	memset(ptr, 7, 8 * MIB);
	fake_hooks.mremap = list_and_move;
	ptr = datamem_realloc(ptr, 64 * MIB);
	fake_kernel_reset();
	ck_assert_ptr_nonnull(ptr);
	ck_assert_int_eq(ptr[8 * MIB - 1], 7);
	ck_assert_uint_eq(most_listed, 2);
	datamem_free(ptr, 64 * MIB);
	datamem_free(wall, 8 * MIB);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("meet");
	TCase *tc = tcase_create("meet");
	int few = (int)harness_times(4, 100);

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, the_later_change_holds);
	tcase_add_loop_test(tc, caches_follow_their_settings, 0, few);
	tcase_add_test(tc, kept_blocks_are_swept_by_all);
	tcase_add_loop_test(tc, a_profile_begins, 0, few);
	tcase_add_test(tc, objects_go_beside_a_profile);
	tcase_add_test(tc, a_guarded_block_goes_as_it_is_looked_at);
	tcase_add_test(tc, a_block_that_moves_is_listed_once);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

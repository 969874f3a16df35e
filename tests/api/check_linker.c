/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A profile, and forks beside threads that ask the dynamic linker. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "own-profile.h"

static int wait_for(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* TSan calls it before it has begun itself. */
#if HARNESS_TSAN
#define dl_iterate_phdr not_in_front
int not_in_front(int (*visit)(struct dl_phdr_info *info, size_t size,
			      void *arg), void *arg);
#endif

/* In front of the C library's, which locks. */
static bool is_slow, inside, may_leave;
static pthread_t slow_thread;

__attribute__((__visibility__("default")))
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *info, size_t size,
				 void *arg), void *arg)
{
	static int (*next)(int (*visit)(struct dl_phdr_info *info, size_t size,
					void *arg), void *arg);
	bool slow = __atomic_load_n(&is_slow, __ATOMIC_ACQUIRE) &&
		    pthread_equal(pthread_self(), slow_thread);
	int result;

	if (!next) {
		void *found = dlsym(RTLD_NEXT, "dl_iterate_phdr");

		memcpy(&next, &found, sizeof(next));
	}
	if (slow)
		__atomic_store_n(&inside, true, __ATOMIC_RELEASE);
	/* Until the other thread is about to fork, and for a while. */
	while (slow && !__atomic_load_n(&may_leave, __ATOMIC_ACQUIRE))
		usleep(1000);
	for (int i = 0; slow && i < 50; i++)
		usleep(1000);
	result = next(visit, arg);
	if (slow)
		__atomic_store_n(&inside, false, __ATOMIC_RELEASE);
	return result;
}

static void *sample_slowly(void *arg)
{
	(void)arg;
	slow_thread = pthread_self();
	__atomic_store_n(&is_slow, true, __ATOMIC_RELEASE);
	datamem_free(one_site(MIB), MIB);
	__atomic_store_n(&is_slow, false, __ATOMIC_RELEASE);
	return NULL;
}

/* What that thread has locked would be locked for ever in the child. */
START_TEST(no_thread_is_in_the_linker_at_a_fork)
{
	struct profile_header *profile;
	pthread_t thread;
	pid_t child;

	begin(SURE);
	profile = map_profile();
	ck_assert_int_eq(pthread_create(&thread, NULL, sample_slowly, NULL), 0);
	while (!__atomic_load_n(&inside, __ATOMIC_ACQUIRE) &&
	       !__atomic_load_n(&profile->taken, __ATOMIC_RELAXED))
		usleep(1000);
	__atomic_store_n(&may_leave, true, __ATOMIC_RELEASE);
	child = fork();
	if (!child) {
		bool was = __atomic_load_n(&inside, __ATOMIC_ACQUIRE);

		__atomic_store_n(&is_slow, false, __ATOMIC_RELEASE);
		/* A child may enter. */
		datamem_free(one_site(MIB), MIB);
		_exit(was || map_profile()->taken < 1);
	}
	ck_assert_int_eq(wait_for(child), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	datamem_free(one_site(MIB), MIB);
	check_sums(profile);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("linker");
	TCase *tc = tcase_create("linker");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, no_thread_is_in_the_linker_at_a_fork);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	if (HARNESS_TSAN)
		return harness_skip_all("TSan needs dl_iterate_phdr() early");
	return profile_main(make_suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Memory that another thread has in its hands while the kernel works on it. */
#include "arena/arena.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena/state.h"
#include "fake-kernel.h"
#include "library.h"

#define SIZE (64 * MIB)

/* The thread that gives back is inside the kernel; it may come back. */
static _Atomic bool inside, may_return;

static void wait_ms(long ms)
{
	struct timespec time = { 0, ms * 1000000 };

	nanosleep(&time, NULL);
}

static bool is_inside(void)
{
	return inside;
}

static bool is_awaited(void)
{
	return dmem_load(&dmem_arena.awaited);
}

static bool need_not_stay(void)
{
	return may_return;
}

static bool is_done(void)
{
	return may_return || is_awaited();
}

/* For twenty seconds at most. */
static bool wait_until(bool (*what)(void))
{
	for (int i = 0; i < 20000 && !what(); i++)
		wait_ms(1);
	return what();
}

static bool (*returns_when)(void) = is_done;

static int slow_madvise(void *addr, size_t nbytes, int advice)
{
	if (advice == MADV_DONTNEED && !inside) {
		inside = true;
		wait_until(returns_when);
	}
	return __real_madvise(addr, nbytes, advice);
}

static void *give_back(void *arg)
{
	datamem_trim(0);
	return arg;
}

static pthread_t give_back_slowly(void)
{
	pthread_t thread;
	char *ptr;

	set("control", "page");
	set("retain.max", "1G");
	set("retain.age", "3600000");
	ptr = datamem_alloc(SIZE);
	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, SIZE);
	datamem_free(ptr, SIZE);
	fake_hooks.madvise = slow_madvise;
	ck_assert(!pthread_create(&thread, NULL, give_back, NULL));
	ck_assert(wait_until(is_inside));
	return thread;
}

START_TEST(trim_waits)
{
	pthread_t thread = give_back_slowly();
	struct datamem_stats stats;

	datamem_trim(0);
	stats = stats_now();
	may_return = true;
	pthread_join(thread, NULL);
	ck_assert_uint_eq(stats.retained_bytes, 0);
	ck_assert_uint_eq(stats.held_bytes, 0);
}
END_TEST

static void *trim(void *arg)
{
	datamem_trim(0);
	return arg;
}

/* Of two that wait, both come back, and the child of a fork in between waits
 * for nobody. */
START_TEST(many_wait)
{
	pthread_t thread, others[2];
	int status;
	pid_t pid;

	returns_when = need_not_stay;
	thread = give_back_slowly();
	for (size_t i = 0; i < 2; i++)
		pthread_create(&others[i], NULL, trim, NULL);
	ck_assert(wait_until(is_awaited));
	may_return = true;
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		alarm(60);
		datamem_trim(0);
		_exit(stats_now().held_bytes != 0);
	}
	for (size_t i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	pthread_join(thread, NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	ck_assert_uint_eq(stats_now().held_bytes, 0);
	ck_assert(!dmem_arena.awaited);
	ck_assert_uint_eq(dmem_arena.away[0] + dmem_arena.away[1], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("away");
	TCase *tc = tcase_create("away");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, trim_waits);
	tcase_add_test(tc, many_wait);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

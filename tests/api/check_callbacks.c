/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Functions of the host that the library calls: they may call every public
 * function and fork, so no lock is held; and what they do to errno is not seen
 * by whoever called the library.
 */
#include "every-call.h"

#include <pthread.h>

/* A hang is what fails. All runs in a second or two, in a minute or two if
 * slow. */
#define TIMEOUT 240

static unsigned int visits;
static __thread bool inside;
/* Blocks were freed twice: whoever allocates gets one that another has. */
static _Atomic bool heap_is_spoilt;

/* The host's function: calls all there is, the first times. */
static void be_busy(void)
{
	if (inside)
		return;
	inside = true;
	if (__atomic_fetch_add(&visits, 1, __ATOMIC_RELAXED) >= 3)
		;
	else if (heap_is_spoilt)
		every_fork();
	else
		for (size_t i = 0; i < EVERY_CALLS; i++)
			every_calls[i].run();
	inside = false;
	errno = every_spoiled;
}

static void busy_log(void *arg, const char *message)
{
	(void)arg, (void)message;
	be_busy();
}

/* The service thread, too, tells of what it found: it may be about to. */
static void was_visited(void)
{
	while (!__atomic_exchange_n(&visits, 0, __ATOMIC_RELAXED))
		usleep(1000);
	every_went_well();
}

static void setup(void)
{
	__atomic_store_n(&visits, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&every_wrongs, 0, __ATOMIC_RELAXED);
	datamem_log_set(busy_log, NULL);
}

START_TEST(log_of_mistakes)
{
	struct datamem_stats local;
	void *ptr;

	set("debug", "warn");
	ptr = datamem_alloc(100);
	KEEPS(datamem_free(ptr, 100));
	KEEPS(datamem_free(ptr, 100));
	was_visited();
	KEEPS(datamem_free(&local, 100));
	was_visited();
	ptr = datamem_alloc(10 * MIB);
	KEEPS(datamem_free(ptr, 11 * MIB));
	was_visited();
	ck_assert_ptr_null(datamem_realloc(&local, 100));
	was_visited();
}
END_TEST

/*
 * Blocks freed twice that a cache and a stash hold are found by whoever empties
 * these, with locks held, and told of afterwards.
 */
START_TEST(log_of_what_is_found_late)
{
	enum { MANY = 2000 };
	static void *row[MANY];

	/* No service thread, which finds some as well: glibc 2.36 aborts where one
	 * thread forks and another exits. */
	set("control", "page");
	for (size_t i = 0; i < MANY; i++)
		row[i] = datamem_alloc(100);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < MANY; i++)
			datamem_free(row[i], 100);
	heap_is_spoilt = true;
	SUCCEEDS(!datamem_setting_set("debug", "warn"));
	was_visited();
	SUCCEEDS(!datamem_setting_set("debug", "none"));
	for (int round = 0; round < 2; round++)
		datamem_free(row[0], 100);
	SUCCEEDS(!datamem_setting_set("debug", "warn"));
	KEEPS(datamem_trim(0));
	was_visited();
}
END_TEST

START_TEST(log_of_the_handler_debug)
{
	enum { MANY = 20000 };
	static void *row[MANY];
	const struct datamem_handler *debug = datamem_handler_find("debug");
	char *ptr = datamem_handler_alloc(debug, 100);

	ptr[100] = 1;
	KEEPS(datamem_handler_free(debug, ptr, 100));
	was_visited();
	ptr = datamem_handler_alloc(debug, 100);
	KEEPS(datamem_handler_free(debug, ptr, 100));
	ptr[5] = 1;
	/* More than the quarantine holds, in any part of it. */
	for (size_t i = 0; i < MANY; i++)
		row[i] = datamem_handler_alloc(debug, 100);
	for (size_t i = 0; i < MANY; i++)
		KEEPS(datamem_handler_free(debug, row[i], 100));
	was_visited();
	ptr = datamem_handler_alloc(debug, 100);
	ptr[-1] = 1;
	SUCCEEDS((ptr = datamem_handler_realloc(debug, ptr, 5000)));
	was_visited();
	KEEPS(datamem_handler_free(debug, ptr, 6000));
	was_visited();
	KEEPS(datamem_handler_free(debug, ptr, 5000));
	was_visited();
}
END_TEST

START_TEST(log_at_exit)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		const struct datamem_handler *debug =
			datamem_handler_find("debug");
		char *ptr = datamem_handler_alloc(debug, 100);

		ptr[100] = 1;
		datamem_setting_set("stats.exit", "/nowhere/at/all");
		/* Not what Check left for its own exit. */
		fclose(stdout);
		exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void busy_hook(void *arg, int event, unsigned int domain,
		      const void *old_ptr, const void *new_ptr, size_t nbytes)
{
	(void)arg, (void)event, (void)domain;
	(void)old_ptr, (void)new_ptr, (void)nbytes;
	be_busy();
}

START_TEST(hook_of_accounts)
{
	static void (*const tracked[])(void) = {
		every_alloc, every_resize, every_raw, every_handler,
		every_current, every_account,
	};

	ck_assert_int_eq(datamem_trace_set_hook(busy_hook, NULL), 0);
	for (size_t i = 0; i < COUNT(tracked); i++) {
		/* The one inside stopped it. */
		SUCCEEDS(!datamem_trace_start());
		tracked[i]();
		was_visited();
	}
}
END_TEST

static void *busy_malloc(void *ctx, size_t nbytes)
{
	be_busy();
	return every_malloc(ctx, nbytes);
}

static void *busy_calloc(void *ctx, size_t nelem, size_t elsize)
{
	be_busy();
	return every_calloc(ctx, nelem, elsize);
}

static void *busy_realloc(void *ctx, void *ptr, size_t nbytes)
{
	be_busy();
	return every_realloc(ctx, ptr, nbytes);
}

static void busy_free(void *ctx, void *ptr, size_t nbytes)
{
	be_busy();
	every_free(ctx, ptr, nbytes);
}

static const struct datamem_handler busy = {
	"busy", 1, { NULL, busy_malloc, busy_calloc, busy_realloc, busy_free },
};

START_TEST(functions_of_a_handler)
{
	struct datamem_buffer buffer;
	void *ptr;

	SUCCEEDS(!datamem_handler_register(&busy));
	SUCCEEDS((ptr = datamem_handler_alloc(&busy, 100)));
	was_visited();
	SUCCEEDS((ptr = datamem_handler_realloc(&busy, ptr, 200)));
	was_visited();
	KEEPS(datamem_handler_free(&busy, ptr, 200));
	was_visited();
	SUCCEEDS((ptr = datamem_handler_alloc_zeroed(&busy, 10, 10)));
	was_visited();
	SUCCEEDS(datamem_handler_set(&busy));
	SUCCEEDS(!datamem_buffer_init(&buffer, 100));
	was_visited();
	SUCCEEDS(!datamem_buffer_resize(&buffer, 300));
	was_visited();
	KEEPS(datamem_buffer_release(&buffer));
	was_visited();
	/* The one inside went back to the default. */
	SUCCEEDS(datamem_handler_set(&busy));
	SUCCEEDS(!datamem_buffer_init_zeroed(&buffer, 3, 100));
	was_visited();
	KEEPS(datamem_buffer_release(&buffer));
	was_visited();
	KEEPS(datamem_handler_free(&busy, ptr, 100));
}
END_TEST

static int visit_handler(const struct datamem_handler *handler, void *arg)
{
	(void)handler, (void)arg;
	be_busy();
	return 0;
}

static int visit_setting(const struct datamem_setting *setting, void *arg)
{
	(void)setting, (void)arg;
	be_busy();
	return 0;
}

START_TEST(visitors)
{
	ck_assert_int_eq(datamem_handler_foreach(visit_handler, NULL), 0);
	was_visited();
	ck_assert_int_eq(datamem_setting_foreach(visit_setting, NULL), 0);
	was_visited();
}
END_TEST

/* A log function as hosts have them: it takes a lock, which fork(2) takes. */
static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;
static bool ending;

static void locking_log(void *arg, const char *message)
{
	(void)arg, (void)message;
	pthread_mutex_lock(&host_lock);
	__atomic_fetch_add(&visits, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&host_lock);
}

static void take_host_lock(void)
{
	pthread_mutex_lock(&host_lock);
}

static void release_host_lock(void)
{
	pthread_mutex_unlock(&host_lock);
}

static void *fork_on(void *arg)
{
	while (!__atomic_load_n(&ending, __ATOMIC_RELAXED))
		every_fork();
	return arg;
}

static void *err_on(void *arg)
{
	/* Once at least, however late it begins. */
	do {
		void *row[8], *ptr = datamem_alloc(100);

		datamem_free(ptr, 100);
		datamem_free(ptr, 100);
		for (size_t i = 0; i < COUNT(row); i++)
			row[i] = datamem_alloc(60 * KIB);
		for (size_t i = 0; i < COUNT(row); i++)
			datamem_free(row[i], 1);
	} while (!__atomic_load_n(&ending, __ATOMIC_RELAXED));
	return arg;
}

START_TEST(switching_accounts_while_others_fork)
{
	enum { ROUNDS = 300 };
	pthread_t threads[4];

	if (HARNESS_SANITIZED)
		harness_skip("fork of a threaded program under a sanitizer");
	datamem_log_set(locking_log, NULL);
	set("debug", "warn");
	ck_assert_int_eq(pthread_atfork(take_host_lock, release_host_lock,
					release_host_lock), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, i & 1 ?
						err_on : fork_on, NULL), 0);
	for (size_t i = 0; i < ROUNDS; i++) {
		ck_assert_int_eq(datamem_trace_start(), 0);
		datamem_trace_stop();
	}
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	was_visited();
}
END_TEST

static pthread_barrier_t filled;

/* Leaves its cache full. */
static void *fill_cache(void *arg)
{
	void *row[8];

	for (size_t i = 0; i < COUNT(row); i++)
		row[i] = datamem_alloc(60 * KIB);
	for (size_t i = 0; i < COUNT(row); i++)
		datamem_free(row[i], 1);
	pthread_barrier_wait(&filled);
	while (!__atomic_load_n(&ending, __ATOMIC_RELAXED))
		usleep(1000);
	return arg;
}

/*
 * What the caches held makes memory that is kept, for which the service thread
 * is started; fork waits for that one to end.
 */
START_TEST(emptying_caches_for_accounts_while_others_fork)
{
	enum { FULL = 60, FORKING = 4 };
	pthread_t threads[FULL + FORKING];

	if (HARNESS_SANITIZED)
		harness_skip("fork of a threaded program under a sanitizer");
	pthread_barrier_init(&filled, NULL, FULL + 1);
	for (size_t i = 0; i < COUNT(threads); i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, i < FULL ?
						fill_cache : fork_on, NULL), 0);
		if (i == FULL - 1)
			pthread_barrier_wait(&filled);
	}
	for (int i = 0; i < 100; i++)
		every_fork();
	ck_assert_int_eq(datamem_trace_start(), 0);
	every_fork();
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	every_went_well();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("callbacks");
	TCase *tc = tcase_create("host");

	tcase_set_timeout(tc, TIMEOUT);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, log_of_mistakes);
	tcase_add_test(tc, log_of_what_is_found_late);
	tcase_add_test(tc, log_of_the_handler_debug);
	tcase_add_test(tc, log_at_exit);
	tcase_add_test(tc, hook_of_accounts);
	tcase_add_test(tc, functions_of_a_handler);
	tcase_add_test(tc, visitors);
	tcase_add_test(tc, switching_accounts_while_others_fork);
	tcase_add_loop_test(tc, emptying_caches_for_accounts_while_others_fork,
			    0, 3);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What one thread does beside what another does, in all pairs, each in a process
 * that has just begun: what is settled once in its life is met while it is being
 * settled, which a long run does not show. Most is seen under ThreadSanitizer.
 */
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "fake-handler.h"

/* Both threads do what they do so often at least. */
#define TURNS (HARNESS_SANITIZED ? 10 : 20)

static void *filled(void *ptr, size_t nbytes)
{
	ck_assert_ptr_nonnull(ptr);
	memset(ptr, (int)(nbytes % 251), nbytes);
	return ptr;
}

static void check(const void *ptr, size_t nbytes)
{
	const unsigned char *bytes = ptr;

	for (size_t i = 0; i < nbytes; i += nbytes < 64 ? 1 : nbytes / 64)
		ck_assert_uint_eq(bytes[i], nbytes % 251);
}

static void small(void)
{
	void *blocks[64];

	for (size_t i = 0; i < COUNT(blocks); i++)
		blocks[i] = filled(datamem_alloc(16 + 150 * i), 16 + 150 * i);
	for (size_t i = 0; i < COUNT(blocks); i++) {
		check(blocks[i], 16 + 150 * i);
		datamem_free(blocks[i], 16 + 150 * i);
	}
}

static void large(void)
{
	static const size_t sizes[] = { 200 * KIB, 3 * MIB, MIB, 5 * MIB };
	void *blocks[COUNT(sizes)];

	for (size_t i = 0; i < COUNT(sizes); i++)
		blocks[i] = filled(datamem_alloc(sizes[i]), sizes[i]);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		check(blocks[i], sizes[i]);
		datamem_free(blocks[i], sizes[i]);
	}
}

static void zeroed(void)
{
	static const size_t sizes[] = { 100, 10 * KIB, 100 * KIB, 4 * MIB };
	char *ptr;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		ptr = datamem_alloc_zeroed(sizes[i], 1);
		ck_assert_ptr_nonnull(ptr);
		for (size_t at = 0; at < sizes[i]; at += 97)
			ck_assert_int_eq(ptr[at], 0);
		datamem_free(filled(ptr, sizes[i]), sizes[i]);
	}
}

static void resized(void)
{
	static const size_t sizes[] = { 64 * KIB, 192 * KIB, 3 * MIB, 80,
					7 * MIB, MIB };
	size_t nbytes = 1000, kept;
	char *ptr = filled(datamem_alloc(nbytes), nbytes);

	for (size_t i = 0; i < COUNT(sizes); i++) {
		kept = nbytes < sizes[i] ? nbytes : sizes[i];
		memset(ptr, 7, kept);
		ptr = datamem_realloc(ptr, sizes[i]);
		ck_assert_ptr_nonnull(ptr);
		for (size_t at = 0; at < kept; at += 1 + kept / 64)
			ck_assert_int_eq(ptr[at], 7);
		nbytes = sizes[i];
		datamem_try_resize(ptr, nbytes + 4 * KIB);
		datamem_try_resize(ptr, nbytes);
	}
	datamem_free(ptr, nbytes);
}

static void aligned(void)
{
	for (size_t align = 64; align <= MIB; align *= 32) {
		void *ptr = datamem_alloc_aligned(70 * KIB, align);

		check(filled(ptr, 70 * KIB), 70 * KIB);
		ck_assert_uint_eq((uintptr_t)ptr & (align - 1), 0);
		datamem_free(ptr, 70 * KIB);
	}
}

static void by_handlers(void)
{
	static const char *const names[] = { "debug", "datamem", "system",
					     "shared" };
	const struct datamem_handler *before;
	struct datamem_buffer buffer;

	for (size_t i = 0; i < COUNT(names); i++) {
		before = datamem_handler_set(datamem_handler_find(names[i]));
		ck_assert_int_eq(datamem_buffer_init(&buffer, 3 * MIB / 2), 0);
		ck_assert_ptr_nonnull(datamem_handler_set(before));
		check(filled(buffer.data, buffer.nbytes), buffer.nbytes);
		ck_assert_int_eq(datamem_buffer_resize(&buffer, 300), 0);
		datamem_buffer_release(&buffer);
		datamem_dims_free(datamem_dims_alloc(2 + i), 2 + i);
	}
}

static void by_scopes(void)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);
	const struct datamem_handler *handler =
		datamem_scope_handler(scope, datamem_handler_default());
	struct datamem_context *context = datamem_context_new(handler);
	struct datamem_buffer buffer;

	ck_assert_int_eq(datamem_context_enter(context), 0);
	ck_assert_int_eq(datamem_buffer_init(&buffer, 500 * KIB), 0);
	ck_assert_int_eq(datamem_context_leave(context), 0);
	datamem_context_free(context);
	datamem_scope_free(scope);
	check(filled(buffer.data, buffer.nbytes), buffer.nbytes);
	datamem_buffer_release(&buffer);
}

/* Sent by one, received by another, in one process. */
static void shared(void)
{
	const struct datamem_handler *handler = datamem_handler_find("shared");
	char *ptr = datamem_handler_alloc(handler, MIB);
	struct datamem_shared_ref ref;
	void *other;

	filled(ptr, MIB);
	ck_assert_int_eq(datamem_shared_send(ptr, &ref, sizeof(ref)), 0);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						&other), 0);
	datamem_handler_free(handler, ptr, MIB);
	check(other, MIB);
	datamem_handler_free(handler, other, MIB);
}

static void trimming(void)
{
	datamem_trim(0);
}

/* As the service thread does it. */
static void answering(void)
{
	datamem_control_poll();
	datamem_trim(MIB);
}

static void looking(void)
{
	struct datamem_hugepage_probe probe;
	struct datamem_hugepage_receipt receipt;
	void *ptr = datamem_alloc(3 * MIB);

	stats_now();
	note_of("guard");
	datamem_hugepage_probe_get(&probe, sizeof(probe));
	memset(ptr, 1, 3 * MIB);
	ck_assert_int_eq(datamem_hugepage_receipt_get(ptr, 0, &receipt,
						      sizeof(receipt)), 0);
	datamem_promote(ptr, 0);
	ck_assert_uint_ge(datamem_usable_size(ptr), 3 * MIB);
	datamem_free(ptr, 3 * MIB);
	datamem_peak_reset();
}

static int count_handlers(const struct datamem_handler *handler, void *arg)
{
	*(int *)arg += handler->version;
	return 0;
}

static void registering(void)
{
	static struct fake fake;
	static struct datamem_handler handler;
	int count = 0;

	if (!handler.version)
		fake_init(&handler, &fake, "own");
	ck_assert_int_eq(datamem_handler_register(&handler), 0);
	ck_assert_ptr_nonnull(datamem_handler_aligned(4096));
	ck_assert_int_eq(datamem_handler_foreach(count_handlers, &count), 0);
	ck_assert_int_ge(count, 6);
	datamem_handler_free(&handler, datamem_handler_alloc(&handler, 3000),
			     3000);
	ck_assert_int_eq(datamem_handler_unregister(&handler), 0);
}

static void serving(void)
{
	ck_assert_int_eq(datamem_control_start(), 0);
	datamem_control_note("beside");
	large();
	datamem_control_stop();
}

/* In turn, so that each meets the others' values, too. */
static void setting(void)
{
	static const char *const settings[][2] = {
		{ "cache.enabled", "off" }, { "retain.max", "0" },
		{ "cache.enabled", "on" }, { "retain.max", "1M" },
		{ "guard", "1/3" }, { "cache.depth", "4" },
		{ "retain.age", "1" }, { "zero.policy", "lazy" },
		{ "hugepage", "off" }, { "guard", "off" },
		{ "hugepage", "on" }, { "cache.depth", "128" },
		{ "cache.max", "64K" }, { "retain.age", "1000" },
		{ "limit.max", "8G" }, { "hugepage", "auto" },
		{ "debug", "warn" }, { "limit.max", "0" },
		{ "cache.total", "1M" }, { "retain.max", "auto" },
		{ "place.prefault", "on" }, { "cache.total", "auto" },
		{ "place.prefault", "off" }, { "dump.free", "on" },
	};
	static unsigned int turn;
	const char *const *pair = settings[turn++ % COUNT(settings)];

	set(pair[0], pair[1]);
}

static void profiling(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(datamem_profile_start(16 * KIB), 0);
	small();
	datamem_profile_write(fd, 0);
	ck_assert_int_eq(datamem_profile_stop(), 0);
	close(fd);
}

static void tracing(void)
{
	struct datamem_trace_totals totals;

	ck_assert_int_eq(datamem_trace_start(), 0);
	small();
	datamem_trace_totals_get(0, &totals, sizeof(totals));
	datamem_trace_stop();
}

/* And its end, with all that it has cached. */
static void *end_soon(void *arg)
{
	small();
	return arg;
}

static void beginning(void)
{
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, end_soon, NULL), 0);
	pthread_join(id, NULL);
}

static void forking(void)
{
	int status;
	pid_t pid = fork();

	/* Nothing of Check's, whose lock another thread may have. */
	if (!pid) {
		datamem_free(datamem_alloc(2 * MIB), 2 * MIB);
		datamem_trim(0);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void (*const works[])(void) = {
	small, large, zeroed, resized, aligned, by_handlers, by_scopes,
	shared,
};

static void (*const others[])(void) = {
	trimming, answering, looking, setting, profiling, tracing, beginning,
	forking, registering, serving, small, large, resized, shared,
};

static unsigned int done_here, done_there;

static void *other(void *arg)
{
	do {
		others[*(int *)arg]();
		__atomic_fetch_add(&done_there, 1, __ATOMIC_RELAXED);
	} while (__atomic_load_n(&done_here, __ATOMIC_RELAXED) < TURNS ||
		 __atomic_load_n(&done_there, __ATOMIC_RELAXED) < TURNS);
	return NULL;
}

START_TEST(beside)
{
	int kind = _i / (int)COUNT(works);
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, other, &kind), 0);
	do {
		works[_i % (int)COUNT(works)]();
		__atomic_fetch_add(&done_here, 1, __ATOMIC_RELAXED);
	} while (__atomic_load_n(&done_there, __ATOMIC_RELAXED) < TURNS ||
		 __atomic_load_n(&done_here, __ATOMIC_RELAXED) < TURNS);
	pthread_join(id, NULL);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
	ck_assert_uint_eq(stats_now().live_bytes, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("beside");
	TCase *tcase = tcase_create("beside");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, beside, 0,
			    (int)(COUNT(works) * COUNT(others)));
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

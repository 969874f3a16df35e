/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Every public function, in steps that may run on any thread, in any order, on
 * a small stack, inside a function that the library calls, and again. A step
 * counts what went wrong; failing an assertion would leave the library by
 * longjmp(3).
 */
#ifndef TESTS_API_EVERY_CALL_H
#define TESTS_API_EVERY_CALL_H

#include <library.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <datamem.h>

#include "every-check.h"

#define EVERY_KIB ((size_t)1 << 10)
#define EVERY_MIB ((size_t)1 << 20)

static const size_t every_size[] = {
	1, 100, 5000, 60 * EVERY_KIB, 140 * EVERY_KIB, 3 * EVERY_MIB,
	9 * EVERY_MIB,
};
#define EVERY_SIZES (sizeof(every_size) / sizeof(*every_size))

static void every_alloc(void)
{
	void *ptr;

	for (size_t i = 0; i < EVERY_SIZES; i++) {
		SUCCEEDS((ptr = datamem_alloc(every_size[i])));
		SUCCEEDS(datamem_usable_size(ptr) >= every_size[i]);
		KEEPS(datamem_free(ptr, every_size[i]));
		SUCCEEDS((ptr = datamem_alloc_zeroed(1, every_size[i])));
		KEEPS(datamem_free(ptr, 1));
		SUCCEEDS((ptr = datamem_alloc_aligned(every_size[i], 256)));
		KEEPS(datamem_free(ptr, 0));
	}
	KEEPS(datamem_free(NULL, 5));
}

/* More than a cache holds, so that refills and flushes go all the way down. */
static void every_slow_path(void)
{
	enum { MANY = 300 };
	void **row;

	SUCCEEDS((row = datamem_alloc(MANY * sizeof(*row))));
	if (!row)
		return;
	for (size_t size = 80; size < 40000; size *= 20) {
		for (int i = 0; i < MANY; i++)
			SUCCEEDS((row[i] = datamem_alloc(size)));
		for (int i = 0; i < MANY; i++)
			KEEPS(datamem_free(row[i], size));
	}
	KEEPS(datamem_free(row, 0));
}

static void every_resize(void)
{
	void *ptr;

	SUCCEEDS((ptr = datamem_realloc(NULL, 10)));
	if (!ptr)
		return;
	for (size_t size = 10; size < 64 * EVERY_MIB; size *= 3)
		SUCCEEDS((ptr = datamem_realloc(ptr, size)));
	for (size_t size = 64 * EVERY_MIB; size > 1; size /= 5)
		SUCCEEDS((ptr = datamem_realloc(ptr, size)));
	KEEPS(datamem_free(ptr, 1));
}

static void every_array(void)
{
	void *ptr;

	for (size_t i = 0; i < EVERY_SIZES; i++) {
		SUCCEEDS((ptr = datamem_alloc_array(every_size[i], 3)));
		SUCCEEDS(!datamem_try_resize(ptr, every_size[i]));
		/* May have no room, and succeeds then, too. */
		KEEPS(datamem_try_resize(ptr, 5 * every_size[i]));
		SUCCEEDS((ptr = datamem_realloc_array(ptr, 7, every_size[i])));
		KEEPS(datamem_free(ptr, 0));
	}
}

static void every_dims(void)
{
	void *ptr;

	SUCCEEDS((ptr = datamem_dims_alloc(3)));
	KEEPS(datamem_dims_free(ptr, 3));
}

static void every_raw(void)
{
	void *ptr;

	SUCCEEDS((ptr = datamem_raw_new(100)));
	SUCCEEDS((ptr = datamem_raw_renew(ptr, EVERY_MIB)));
	KEEPS(datamem_raw_free(ptr));
	SUCCEEDS((ptr = datamem_raw_new_zeroed(10, 10)));
	KEEPS(datamem_raw_free(ptr));
}

static int every_handler_name(const struct datamem_handler *handler,
			      void *arg)
{
	(void)arg;
	return !handler->name[0];
}

/* What a function of the host may do to errno, and does in these tests. */
static int every_spoiled = E2BIG;

static void *every_malloc(void *ctx, size_t nbytes)
{
	void *ptr = malloc(nbytes);

	(void)ctx;
	errno = every_spoiled;
	return ptr;
}

static void *every_calloc(void *ctx, size_t nelem, size_t elsize)
{
	void *ptr = calloc(nelem, elsize);

	(void)ctx;
	errno = every_spoiled;
	return ptr;
}

static void *every_realloc(void *ctx, void *ptr, size_t nbytes)
{
	ptr = realloc(ptr, nbytes);
	(void)ctx;
	errno = every_spoiled;
	return ptr;
}

static void every_free(void *ctx, void *ptr, size_t nbytes)
{
	free(ptr);
	(void)ctx, (void)nbytes;
	errno = every_spoiled;
}

static const struct datamem_handler every_own = {
	"every", 1, {
		NULL, every_malloc, every_calloc, every_realloc, every_free,
	},
};

static void every_handler(void)
{
	static const char *const names[] = {
		"default_allocator", "datamem", "system", "debug",
		"datamem_aligned_64", "shared",
	};
	const struct datamem_handler *handler;
	void *ptr;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		SUCCEEDS((handler = datamem_handler_find(names[i])));
		SUCCEEDS((ptr = datamem_handler_alloc(handler, 100)));
		SUCCEEDS((ptr = datamem_handler_realloc(handler, ptr,
							3 * EVERY_MIB)));
		KEEPS(datamem_handler_free(handler, ptr, 1));
		SUCCEEDS((ptr = datamem_handler_alloc_zeroed(handler, 7, 9)));
		KEEPS(datamem_handler_free(handler, ptr, 63));
	}
	SUCCEEDS(datamem_handler_default());
	SUCCEEDS(datamem_handler_aligned(4096));
	SUCCEEDS(!datamem_handler_foreach(every_handler_name, NULL));
	SUCCEEDS((ptr = datamem_handler_alloc(&every_own, 100)));
	SUCCEEDS((ptr = datamem_handler_realloc(&every_own, ptr, 200)));
	KEEPS(datamem_handler_free(&every_own, ptr, 200));
	SUCCEEDS((ptr = datamem_handler_alloc_zeroed(&every_own, 7, 9)));
	KEEPS(datamem_handler_free(&every_own, ptr, 63));
}

/* One thread at a time: a name is registered once. */
static void every_registration(void)
{
	static char taken;

	if (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		return;
	SUCCEEDS(!datamem_handler_register(&every_own));
	SUCCEEDS(!datamem_handler_unregister(&every_own));
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}

static void every_current(void)
{
	struct datamem_buffer buffer = { 0 };
	struct datamem_context *context;

	SUCCEEDS(datamem_handler_set(datamem_handler_find("system")));
	SUCCEEDS(datamem_handler_get());
	SUCCEEDS((context = datamem_context_copy()));
	SUCCEEDS(!datamem_context_enter(context));
	SUCCEEDS(datamem_handler_set(NULL));
	SUCCEEDS(!datamem_buffer_init(&buffer, 5000));
	SUCCEEDS(datamem_buffer_handler_name(&buffer));
	SUCCEEDS(datamem_buffer_handler_version(&buffer) == 1);
	SUCCEEDS(!datamem_context_leave(context));
	KEEPS(datamem_context_free(context));
	SUCCEEDS(datamem_handler_set(NULL));
	SUCCEEDS(!datamem_buffer_resize(&buffer, EVERY_MIB));
	KEEPS(datamem_buffer_release(&buffer));
	SUCCEEDS(!datamem_buffer_init_zeroed(&buffer, 5, 5));
	KEEPS(datamem_buffer_release(&buffer));
	SUCCEEDS(!datamem_buffer_init_view(&buffer, &buffer, 1));
	KEEPS(datamem_buffer_release(&buffer));
}

static void every_run(void *arg)
{
	struct datamem_buffer *buffer = arg;

	SUCCEEDS(!datamem_buffer_init_array(buffer, 10, 1000));
}

static void every_context(void)
{
	struct datamem_buffer buffer = { 0 }, other = { 0 };
	struct datamem_scope_counts counts;
	struct datamem_context *context;
	struct datamem_scope *scope;

	SUCCEEDS((context = datamem_context_new(&every_own)));
	SUCCEEDS(!datamem_context_run(context, every_run, &buffer));
	SUCCEEDS(buffer.handler == &every_own);
	KEEPS(datamem_context_free(context));
	KEEPS(datamem_buffer_move(&other, &buffer));
	SUCCEEDS(!datamem_buffer_resize_zeroed(&other, EVERY_MIB));
	KEEPS(datamem_buffer_release(&other));
	SUCCEEDS(!datamem_buffer_init_with(&buffer, NULL, 100, 4096));
	KEEPS(datamem_buffer_release(&buffer));
	SUCCEEDS(!datamem_buffer_init_with(&buffer, &every_own, 100, 4096));
	SUCCEEDS(!datamem_buffer_resize(&buffer, 9000));
	KEEPS(datamem_buffer_release(&buffer));
	SUCCEEDS((scope = datamem_scope_new(NULL)));
	SUCCEEDS(!datamem_buffer_init_with(
		&buffer, datamem_scope_handler(
				 scope, datamem_handler_default()), 9000, 0));
	SUCCEEDS(!datamem_scope_get(scope, &counts, sizeof(counts)));
	KEEPS(datamem_scope_free(scope));
	KEEPS(datamem_buffer_release(&buffer));
}

static void every_shared(void)
{
	const struct datamem_handler *handler;
	struct datamem_shared_ref ref;
	void *ptr, *other;

	SUCCEEDS((handler = datamem_handler_find("shared")));
	SUCCEEDS((ptr = datamem_handler_alloc(handler, 3 * EVERY_MIB)));
	if (!datamem_shared_send(ptr, &ref, sizeof(ref))) {
		if (!datamem_shared_attach(&ref, sizeof(ref), false, &other))
			KEEPS(datamem_handler_free(handler, other, 0));
		if (!datamem_shared_receive(&ref, sizeof(ref), true, &other))
			KEEPS(datamem_handler_free(handler, other, 0));
	}
	KEEPS(datamem_handler_free(handler, ptr, 0));
	KEEPS(datamem_shared_pending());
}

static void every_huge(void)
{
	static __thread struct datamem_hugepage_probe probe;
	struct datamem_hugepage_receipt receipt;
	void *ptr;
	bool on;

	SUCCEEDS(!datamem_hugepage_probe_get(&probe, sizeof(probe)));
	SUCCEEDS((on = datamem_hugepage_advice(), 1));
	KEEPS(datamem_hugepage_set_advice(on));
	SUCCEEDS(!datamem_setting_set("hugepage", "auto"));
	SUCCEEDS((ptr = datamem_alloc(5 * EVERY_MIB)));
	if (!ptr)
		return;
	memset(ptr, 1, 3 * EVERY_MIB);
	SUCCEEDS(!datamem_hugepage_receipt_get(ptr, 0, &receipt,
					       sizeof(receipt)));
	/* Fails where the kernel has none; that may set nothing either. */
	KEEPS(datamem_promote(ptr, 0));
	KEEPS(datamem_free(ptr, 0));
	SUCCEEDS(datamem_hugepage_state_name(probe.state));
	SUCCEEDS(datamem_hugepage_reason_text(probe.reason));
}

static void every_account(void)
{
	struct datamem_trace_totals totals = { 0 };

	SUCCEEDS(!datamem_trace_track(77, &totals, sizeof(totals)));
	SUCCEEDS(!datamem_trace_totals_get(77, &totals, sizeof(totals)));
	KEEPS(datamem_trace_untrack(77, &totals));
}

/* Started and stopped by one thread, used by all: a stop forgets. */
static void every_switch(void)
{
	SUCCEEDS(!datamem_trace_start());
	every_account();
	every_raw();
	every_handler();
	every_alloc();
	KEEPS(datamem_trace_stop());
}

static void every_profile(void)
{
	SUCCEEDS(!datamem_profile_start(1 << 20));
	every_alloc();
	/* To a file that takes nothing. */
	KEEPS(datamem_profile_write(-1, DATAMEM_PROFILE_RAW));
	KEEPS(datamem_profile_stop());
}

static void every_statistic(void)
{
	static __thread struct datamem_stats stats;
	size_t few[4];

	SUCCEEDS(!datamem_stats_get(&stats, sizeof(stats)));
	SUCCEEDS(!datamem_stats_get((struct datamem_stats *)few, sizeof(few)));
	KEEPS(datamem_peak_reset());
}

static void every_trim(void)
{
	void *ptr;

	SUCCEEDS((ptr = datamem_alloc(9 * EVERY_MIB)));
	if (ptr)
		memset(ptr, 1, 9 * EVERY_MIB);
	KEEPS(datamem_free(ptr, 0));
	KEEPS(datamem_trim(EVERY_MIB));
	KEEPS(datamem_trim(0));
}

static int every_setting_name(const struct datamem_setting *setting, void *arg)
{
	(void)arg;
	return !setting->name[0];
}

static void every_setting(void)
{
	static const struct { const char *name, *value; } changes[] = {
		{ "retain.max", "1M" }, { "retain.max", "auto" },
		{ "retain.age", "1" }, { "retain.age", "1000" },
		{ "cache.max", "64K" }, { "cache.max", "2M" },
		{ "cache.enabled", "off" }, { "cache.enabled", "on" },
		{ "handler", "debug" }, { "handler", "default_allocator" },
		{ "place.numa", "local" }, { "place.numa", "" },
		{ "place.prefault", "on" }, { "place.prefault", "off" },
		{ "zero.policy", "eager" }, { "zero.policy", "auto" },
	};
	char value[256];

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		SUCCEEDS(!datamem_setting_set(changes[i].name,
					      changes[i].value));
		SUCCEEDS(!datamem_setting_get(changes[i].name, value,
					      sizeof(value)));
	}
	SUCCEEDS(!datamem_setting_foreach(every_setting_name, NULL));
}

static void every_control(void)
{
	/* Where there is no page (RLIMIT_FSIZE), an error: also that is told
	 * by the result alone. */
	KEEPS(datamem_control_start());
	KEEPS(datamem_control_note("every call"));
	KEEPS(datamem_control_poll());
	KEEPS(datamem_control_note(NULL));
	KEEPS(datamem_control_stop());
}

static void every_text(void)
{
	struct datamem_build_info info;

	SUCCEEDS(datamem_version_number() > 0);
	SUCCEEDS(datamem_version_string());
	SUCCEEDS(!datamem_build_info_get(&info, sizeof(info)));
}

/* fork(2) takes all locks; the child allocates. */
static void every_fork(void)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		void *ptr = datamem_alloc(3 * EVERY_MIB);

		datamem_free(ptr, 0);
		ptr = datamem_alloc(10);
		datamem_free(ptr, 0);
		_exit(ptr ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status)
		every_is_wrong("fork");
}

static const struct every_call {
	const char *name;
	void (*run)(void);
} every_calls[] = {
	{ "alloc", every_alloc }, { "slow path", every_slow_path },
	{ "resize", every_resize }, { "dims", every_dims },
	{ "array", every_array }, { "context", every_context },
	{ "raw", every_raw }, { "handler", every_handler },
	{ "registration", every_registration }, { "current", every_current },
	{ "shared", every_shared }, { "huge", every_huge }, { "account", every_account },
	{ "switch", every_switch }, { "profile", every_profile },
	{ "statistic", every_statistic },
	{ "trim", every_trim }, { "setting", every_setting },
	{ "control", every_control }, { "text", every_text },
	{ "fork", every_fork },
};
#define EVERY_CALLS (sizeof(every_calls) / sizeof(*every_calls))

#endif /* TESTS_API_EVERY_CALL_H */

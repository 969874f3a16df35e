/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * All at once: threads that end and are replaced, blocks that cross threads,
 * resizes, zeroed, aligned, lazy and shared blocks, buffers of every handler,
 * contexts, scopes, trims, settings that change, guard, profile and accounts
 * that start and stop, forks, and requests from outside by datamem-ctl (its path
 * in SOAK_TOOL). Every block has a pattern, which is looked at whenever it is
 * taken, resized, freed, received, or inherited by a child.
 *
 * soak SECONDS [SEED]. Prints what was done; the status is 1 if anything was not
 * as it should be.
 */
#include <datamem.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "soak.h"

#define WORKERS 6
#define TABLE 192
#define LIFE 4000               /* steps of a thread, at most */

static struct item *table[TABLE];
static bool stop;
static unsigned long threads, crossed, forks, changes, trims, requests,
	switches, profiles;

/* What another thread left there, for what this one has. */
static struct item *exchange(struct item *item, unsigned int *state)
{
	struct item **at = &table[next(state) % TABLE];

	atomic_add(crossed, 1);
	return __atomic_exchange_n(at, item, __ATOMIC_ACQ_REL);
}

static void step(unsigned int *state)
{
	struct item *item = exchange(NULL, state);

	if (!item)
		item = make(state);
	else if (next(state) % 3)
		resize(item, state);
	else
		handle(item, state);
	if (item && next(state) % 5 < 3)
		item = exchange(item, state);
	if (item)
		release(item);
}

static void run_steps(void *arg)
{
	unsigned int *state = arg;

	for (int i = 0; i < 50; i++)
		step(state);
}

/* Its own current handler, and sometimes that of a context. */
static void *worker(void *arg)
{
	unsigned int state = (unsigned int)(uintptr_t)arg;
	unsigned int life = next(&state) % LIFE;
	struct datamem_context *context;

	atomic_add(threads, 1);
	if (next(&state) % 2)
		scope = datamem_scope_new(NULL);
	for (unsigned int i = 0; i < life && !atomic_get(stop); i++) {
		step(&state);
		if (next(&state) % 100 == 0) {
			datamem_handler_set(some_handler(&state));
			atomic_add(switches, 1);
		}
		if (next(&state) % 500 == 0) {
			context = datamem_context_new(some_handler(&state));
			if (context &&
			    datamem_context_run(context, run_steps, &state))
				wrong("a context did not run");
			datamem_context_free(context);
		}
		if (next(&state) % 1000 == 0) {
			datamem_trim(some_size(&state));
			atomic_add(trims, 1);
		}
	}
	/* Its blocks are left to others. */
	datamem_scope_free(scope);
	return NULL;
}

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static const char *const settings[][2] = {
	{ "retain.max", "0" }, { "retain.max", "4M" },
	{ "retain.age", "1" }, { "retain.age", "1000" },
	{ "cache.enabled", "off" }, { "cache.enabled", "on" },
	{ "cache.max", "64K" }, { "cache.depth", "3" },
	{ "cache.max", "8M" }, { "cache.depth", "128" },
	{ "cache.total", "1M" }, { "cache.total", "auto" },
	{ "zero.policy", "eager" }, { "zero.policy", "lazy" },
	{ "zero.policy", "auto" }, { "limit.max", "64M" },
	{ "limit.max", "0" }, { "hugepage", "off" }, { "hugepage", "auto" },
	{ "handler", "system" }, { "handler", "datamem" },
	{ "handler", "default_allocator" }, { "place.prefault", "on" },
	{ "place.prefault", "off" }, { "service.retained", "0" },
	{ "service.retained", "64M" }, { "fork.retained", "0" },
	{ "fork.retained", "64M" }, { "debug", "warn" }, { "debug", "none" },
	{ "retain.max", "auto" }, { "guard", "1/20" }, { "guard", "1/1000" },
	{ "guard", "off" }, { "profile", "64K" }, { "profile", "512K" },
	{ "profile", "off" }, { "profile.max", "256K" },
	{ "profile.max", "16M" }, { "place.numa", "local" },
	{ "place.numa", "" }, { "dump.free", "on" }, { "dump.free", "off" },
};
#define SETTINGS (sizeof(settings) / sizeof(*settings))

static void write_profile(int fd, unsigned int *state)
{
	int ret = datamem_profile_write(fd, 1 + (int)(next(state) % 4));

	if (ret && ret != -ENODATA && ret != -ENOMEM)
		wrong("a profile: %s", strerror(-ret));
	if (!ret)
		atomic_add(profiles, 1);
}

static void *change_settings(void *arg)
{
	unsigned int state = (unsigned int)(uintptr_t)arg;
	static struct datamem_stats stats;
	bool accounts = false;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	while (!atomic_get(stop)) {
		size_t n = next(&state) % SETTINGS;
		int ret = datamem_setting_set(settings[n][0], settings[n][1]);

		/* datamem-ctl has the last word. */
		if (ret && ret != -EPERM)
			wrong("%s=%s: %s", settings[n][0], settings[n][1],
			      strerror(-ret));
		if (next(&state) % 20 == 0) {
			accounts = !accounts;
			if (accounts && datamem_trace_start())
				wrong("accounts do not start");
			else if (!accounts)
				datamem_trace_stop();
		}
		if (datamem_stats_get(&stats, sizeof(stats)))
			wrong("no statistics");
		if (next(&state) % 10 == 0)
			write_profile(null, &state);
		datamem_control_poll();
		atomic_add(changes, 1);
		pause_ms(5);
	}
	if (accounts)
		datamem_trace_stop();
	close(null);
	return NULL;
}

/*
 * After a fork in a program with threads, malloc(3) of AddressSanitizer (seen
 * with clang 14) and of ThreadSanitizer (gcc 12) may wait for ever; the child
 * leaves it alone then.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MALLOC_IN_CHILD 0
#elif defined(__has_feature)
#define MALLOC_IN_CHILD                                                      \
	(!__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer))
#else
#define MALLOC_IN_CHILD 1
#endif

static bool is_of_malloc(const struct item *item)
{
	return item->kind == RAW || is_of(item, "system");
}

/* Received by a child, as by any process: seed, and a megabyte and more. */
static struct item parcel;
static struct datamem_shared_ref parcel_ref;

static bool send_parcel(unsigned int *state)
{
	const struct datamem_handler *handler = datamem_handler_find("shared");

	parcel = (struct item){ .kind = HANDLER, .handler = handler,
				.nbytes = ((size_t)1 << 20) +
					  some_size(state) };
	parcel.ptr = datamem_handler_alloc(handler, parcel.nbytes);
	if (!parcel.ptr)
		return false;
	fill(&parcel, state);
	return !datamem_shared_send(parcel.ptr, &parcel_ref,
				    sizeof(parcel_ref));
}

static void receive_parcel(void)
{
	struct item copy = parcel;
	void *ptr;
	int ret = datamem_shared_receive(&parcel_ref, sizeof(parcel_ref), true,
					 &ptr);

	if (ret) {
		if (ret != -EMFILE && ret != -ENFILE && ret != -ENOMEM)
			wrong("a child's reference: %s", strerror(-ret));
		return;
	}
	copy.ptr = ptr;
	look(&copy, copy.nbytes, "received by a child");
	datamem_handler_free(copy.handler, (char *)ptr - parcel_ref.offset, 0);
}

/* A child has all blocks as they were, and an allocator that works. */
static int in_the_child(unsigned int state, bool sent)
{
	/* Slow under a sanitizer on a loaded machine. */
	alarm(600);
	if (sent)
		receive_parcel();
	for (size_t i = 0; i < TABLE; i++) {
		struct item *item = __atomic_exchange_n(&table[i], NULL,
							__ATOMIC_ACQ_REL);

		if (!item)
			continue;
		/* The parent goes on writing. */
		if (is_of(item, "shared")) {
			if (MALLOC_IN_CHILD)
				give_back(item);
			continue;
		}
		if (next(&state) % 2 &&
		    (MALLOC_IN_CHILD || !is_of_malloc(item)))
			resize(item, &state);
		look(item, item->nbytes, "inherited");
		datamem_free(datamem_alloc(some_size(&state)), 0);
		if (next(&state) % 2 && MALLOC_IN_CHILD)
			release(item);
	}
	datamem_trim(0);
	return findings != 0;
}

static void wait_for(pid_t pid, const char *what)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		wrong("%s ended with status %x", what, (unsigned int)status);
}

static void *fork_children(void *arg)
{
	unsigned int state = (unsigned int)(uintptr_t)arg;

	while (!atomic_get(stop)) {
		bool sent = next(&state) % 4 == 0 && send_parcel(&state);
		pid_t pid = fork();

		if (!pid) {
			findings = 0;
			_exit(in_the_child(next(&state), sent));
		}
		if (pid > 0) {
			wait_for(pid, "a child");
			atomic_add(forks, 1);
		}
		if (parcel.ptr) {
			look(&parcel, parcel.nbytes, "sent");
			datamem_handler_free(parcel.handler, parcel.ptr,
					     parcel.nbytes);
			parcel.ptr = NULL;
		}
		next(&state);
		pause_ms(50);
	}
	return NULL;
}

/* Statuses: 0, 1 (pending, on a busy machine), 2 (cannot be asked just now). */
static void *ask_from_outside(void *arg)
{
	static const char *const words[][3] = {
		{ "trim", NULL, NULL }, { "stat", NULL, NULL },
		{ "set", "retain.max=8M", NULL },
		{ "set", "retain.max=auto", NULL },
		{ "get", "retain.max", NULL }, { "set", "guard=1/30", NULL },
		{ "set", "profile=256K", NULL },
		{ "profile", "--format=pprof", NULL }, { "set", "guard=off", NULL },
		{ "set", "profile=off", NULL }, { "list", "-n", NULL },
	};
	const unsigned int n = sizeof(words) / sizeof(*words);
	const char *tool = arg;
	char pid[24];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	for (unsigned int i = 0; tool && !atomic_get(stop); i++) {
		const char *const *word = words[i % n];
		pid_t child = fork();
		int status;

		if (!child) {
			if (!freopen("/dev/null", "w", stdout) ||
			    !freopen("/dev/null", "w", stderr))
				_exit(127);
			if (i % n == n - 1)
				execl(tool, tool, word[0], word[1],
				      (char *)NULL);
			else
				execl(tool, tool, word[0], pid, word[1],
				      (char *)NULL);
			_exit(127);
		}
		while (child > 0 && waitpid(child, &status, 0) < 0 &&
		       errno == EINTR)
			;
		if (child > 0 && (!WIFEXITED(status) ||
				  WEXITSTATUS(status) > 2))
			wrong("%s: status %x", word[0], (unsigned int)status);
		atomic_add(requests, 1);
		pause_ms(100);
	}
	return NULL;
}

static void must_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	int ret = pthread_create(thread, NULL, run, arg);

	if (ret) {
		fprintf(stderr, "soak: thread: %s\n", strerror(ret));
		exit(EXIT_FAILURE);
	}
}

/* Everything freed and set back: nothing is left, nothing was misused. */
static void settle(void)
{
	static const char *const last[][2] = {
		{ "limit.max", "0" }, { "cache.enabled", "on" },
		{ "debug", "none" }, { "handler", "default_allocator" },
		{ "guard", "off" }, { "profile", "off" },
	};
	static struct datamem_stats stats;

	for (size_t i = 0; i < TABLE; i++)
		if (table[i])
			release(table[i]);
	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++)
		datamem_setting_set(last[i][0], last[i][1]);
	datamem_trim(0);
	if (datamem_stats_get(&stats, sizeof(stats)))
		wrong("no statistics");
	if (stats.live_bytes || stats.live_blocks)
		wrong("%zu bytes in %zu blocks are left", stats.live_bytes,
		      stats.live_blocks);
	if (stats.guard_reports)
		wrong("guarded blocks were reported");
	if (stats.foreign_pointers || stats.double_frees ||
	    stats.large_hints || stats.overruns || stats.uses_after_free ||
	    stats.leaked_blocks)
		wrong("misuse was counted");
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atol(argv[1]) : 10);
	unsigned int state = argc > 2 ? (unsigned int)atol(argv[2]) : 1;
	char *tool = getenv("SOAK_TOOL");
	pthread_t workers[WORKERS], others[3];

	setvbuf(stderr, NULL, _IOLBF, 0);
	tool = tool && *tool ? tool : NULL;
	for (int i = 0; i < WORKERS; i++)
		must_start(&workers[i], worker,
			   (void *)(uintptr_t)next(&state));
	must_start(&others[0], change_settings,
		   (void *)(uintptr_t)next(&state));
	must_start(&others[1], fork_children, (void *)(uintptr_t)next(&state));
	must_start(&others[2], ask_from_outside, tool);
	for (int i = 0; time(NULL) < end && !atomic_get(findings);
	     i = (i + 1) % WORKERS) {
		pthread_join(workers[i], NULL);
		must_start(&workers[i], worker,
			   (void *)(uintptr_t)next(&state));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(others[i], NULL);
	settle();
	printf("%lu blocks, %lu resizes, %lu exchanges, %lu refusals for want "
	       "of memory\n%lu threads, %lu forks, %lu switches of handler, "
	       "%lu trims,\n%lu settings, %lu requests%s, %lu profiles, "
	       "%lu blocks received; %lu findings\n",
	       made, resized, crossed, refused, threads, forks, switches,
	       trims, changes, requests,
	       tool ? "" : " (no SOAK_TOOL)", profiles, shared, findings);
	return findings != 0;
}

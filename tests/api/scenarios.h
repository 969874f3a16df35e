/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Work of faults.c that goes over the public interface: blocks of soak.h, which
 * keep their contents whatever fails, and what is beside them.
 */
#ifndef TESTS_API_SCENARIOS_H
#define TESTS_API_SCENARIOS_H

#include "soak.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE 24

static struct item *table[TABLE];

static void steps(unsigned int *state, int n)
{
	for (int i = 0; i < n; i++) {
		struct item **at = &table[next(state) % TABLE], *item;

		item = __atomic_exchange_n(at, NULL, __ATOMIC_ACQ_REL);
		if (!item)
			item = make(state);
		else if (next(state) % 3)
			resize(item, state);
		else
			handle(item, state);
		if (item && next(state) % 4)
			item = __atomic_exchange_n(at, item, __ATOMIC_ACQ_REL);
		if (item)
			release(item);
		if (next(state) % 40 == 0)
			datamem_trim(some_size(state));
	}
}

static void drop_all(void)
{
	for (size_t i = 0; i < TABLE; i++)
		if (table[i]) {
			release(table[i]);
			table[i] = NULL;
		}
}

static void blocks(unsigned int seed)
{
	steps(&seed, 120);
}

static void *be_thread(void *arg)
{
	unsigned int state = (unsigned int)(uintptr_t)arg;

	steps(&state, 40);
	return NULL;
}

static void in_threads(unsigned int seed)
{
	pthread_t thread[3];
	bool began[3];

	for (size_t i = 0; i < 3; i++)
		began[i] = !pthread_create(&thread[i], NULL, be_thread,
					   (void *)(uintptr_t)(seed + i));
	steps(&seed, 20);
	datamem_trim(0);
	for (size_t i = 0; i < 3; i++)
		if (began[i])
			pthread_join(thread[i], NULL);
}

static void in_a_child(unsigned int seed)
{
	int status = 0;
	pid_t pid;

	steps(&seed, 40);
	pid = fork();
	if (!pid) {
		for (size_t i = 0; i < TABLE; i++)
			if (table[i] && !is_of(table[i], "shared"))
				look(table[i], table[i]->nbytes, "inherited");
		steps(&seed, 30);
		datamem_trim(0);
		_exit(findings != 0);
	}
	if (pid < 0)
		return;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		wrong("the child's status is %x", (unsigned int)status);
}

/* References that the program sends to itself. */
static void shared_blocks(unsigned int seed)
{
	const struct datamem_handler *handler = datamem_handler_find("shared");

	for (int i = 0; i < 4; i++) {
		struct item item = { .kind = HANDLER, .handler = handler,
				     .nbytes = (size_t)(i + 1) << 20 };

		item.ptr = datamem_handler_alloc(handler, item.nbytes);
		if (!item.ptr) {
			atomic_add(refused, 1);
			continue;
		}
		fill(&item, &seed);
		share(&item);
		datamem_handler_free(handler, item.ptr, item.nbytes);
	}
}

/* Accounts, profile, guard: what begins is ended, what does not is not. */
static void observed(unsigned int seed)
{
	struct datamem_trace_totals totals;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC), ret;

	ret = datamem_trace_start();
	if (ret && ret != -ENOMEM)
		wrong("accounts: %s", strerror(-ret));
	steps(&seed, 20);
	if (!ret && datamem_trace_totals_get(DATAMEM_TRACE_DOMAIN, &totals,
					     sizeof(totals)))
		wrong("no totals");
	datamem_trace_stop();
	ret = datamem_profile_start(16 << 10);
	steps(&seed, 20);
	if (!ret && fd >= 0) {
		/* A write that fails, as this may, is the caller's to know. */
		ret = datamem_profile_write(fd, DATAMEM_PROFILE_RAW);
		if (ret && ret != -ENOMEM && ret != -EIO)
			wrong("a profile: %s", strerror(-ret));
	}
	datamem_profile_stop();
	datamem_setting_set("guard", "1/4");
	steps(&seed, 20);
	datamem_setting_set("guard", "off");
	if (fd >= 0)
		close(fd);
}

static void controlled(unsigned int seed)
{
	static const char *const settings[][2] = {
		{ "retain.max", "0" }, { "retain.max", "auto" },
		{ "cache.enabled", "off" }, { "cache.enabled", "on" },
		{ "zero.policy", "lazy" }, { "zero.policy", "eager" },
		{ "place.prefault", "on" }, { "place.prefault", "off" },
		{ "place.numa", "local" }, { "place.numa", "" },
		{ "hugepage", "off" }, { "hugepage", "auto" },
	};
	struct datamem_hugepage_probe probe;
	int ret = datamem_control_start();

	if (ret > 0)
		wrong("control: %d", ret);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		ret = datamem_setting_set(settings[i][0], settings[i][1]);
		if (ret && ret != -ENOMEM && ret != -ENOTSUP)
			wrong("%s=%s: %s", settings[i][0], settings[i][1],
			      strerror(-ret));
		steps(&seed, 6);
		datamem_control_poll();
	}
	if (datamem_hugepage_probe_get(&probe, sizeof(probe)))
		wrong("no probe");
	datamem_setting_set("zero.policy", "auto");
	datamem_control_stop();
	datamem_control_start();
}

static void scoped(unsigned int seed)
{
	struct datamem_scope_counts counts;
	struct datamem_context *context;

	scope = datamem_scope_new(NULL);
	if (!scope && errno != ENOMEM)
		wrong("a scope: %s", strerror(errno));
	steps(&seed, 40);
	context = datamem_context_new(some_handler(&seed));
	if (!context && errno != ENOMEM)
		wrong("a context: %s", strerror(errno));
	if (context && !datamem_context_enter(context)) {
		steps(&seed, 20);
		if (datamem_context_leave(context))
			wrong("a context is not left");
	}
	datamem_context_free(context);
	if (scope && datamem_scope_get(scope, &counts, sizeof(counts)))
		wrong("no counts");
	datamem_scope_free(scope);
	scope = NULL;
}

/* Nothing is kept, and no service thread has a file open for a moment. */
static void tidy_up(void)
{
	datamem_control_stop();
	datamem_setting_set("retain.max", "0");
	datamem_trim(0);
	datamem_trim(0);
}

static const struct scenario {
	const char *name;
	void (*run)(unsigned int seed);
} scenarios[] = {
	{ "blocks", blocks }, { "threads", in_threads },
	{ "child", in_a_child }, { "shared", shared_blocks },
	{ "observed", observed },
	{ "controlled", controlled }, { "scoped", scoped },
};
#define SCENARIOS (sizeof(scenarios) / sizeof(*scenarios))

#endif /* TESTS_API_SCENARIOS_H */

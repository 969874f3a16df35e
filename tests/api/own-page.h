/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The control page of the test itself, as another process would see it. */
#ifndef TESTS_API_OWN_PAGE_H
#define TESTS_API_OWN_PAGE_H

#include <library.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <datamem.h>
#include <live-page.h>

#include "own-file.h"

static inline int find_page(void)
{
	return find_own(LIVE_NAME);
}

static inline struct live_process *map_page(void)
{
	return map_own(LIVE_NAME);
}

static inline const struct live_slot *slot(const struct live_process *page,
				    uint32_t index)
{
	return (const struct live_slot *)((const char *)page +
					  page->header.slots_offset +
					  index * page->header.slot_bytes);
}

/* Sums of the slots that are in use. */
static inline void sum(const struct live_process *page, uint64_t *hits,
		uint64_t *misses, uint64_t *cached)
{
	uint64_t records = page->numbers.records;

	*hits = *misses = *cached = 0;
	for (uint32_t i = 0; i < records && i < LIVE_SLOTS; i++)
		for (uint32_t c = 1; c < page->header.counts_count; c++) {
			const struct live_counts *n = &slot(page, i)->counts[c];

			*hits += n->hits;
			*misses += n->misses;
			*cached += n->cached * page->classes[c];
		}
}

/* A slow path, whatever is in the caches. */
static inline void take_slow_path(void)
{
	datamem_free(datamem_alloc(MIB), MIB);
}

static inline struct live_process *quiet_page(void)
{
	ck_assert_int_eq(datamem_setting_set("control", "page"), 0);
	datamem_free(datamem_alloc(64), 64);
	return map_page();
}

/* PF_EXITING of the kernel: one that was joined may still be on its way out. */
#define TASK_EXITS 4u

/* Whether a line of /proc/PID/task/TID/stat is of our thread, at work. */
static inline bool is_ours(const char *stat)
{
	const char *name = strstr(stat, "(datamem-control)");
	unsigned int flags;

	return name && sscanf(name, "%*s %*c %*d %*d %*d %*d %*d %u",
			      &flags) == 1 && !(flags & TASK_EXITS);
}

/* Threads of ours: a sanitizer may have its own. */
static inline int count_ours(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], stat[500];
	struct dirent *entry;
	FILE *file;
	int n = 0;

	ck_assert(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat",
			 entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(stat, sizeof(stat), file))
			n += is_ours(stat);
		fclose(file);
	}
	closedir(dir);
	return n;
}

/* It takes its name when it begins. */
static inline void await_thread(void)
{
	while (count_ours() != 1)
		usleep(1000);
}

/* How many there are once none should be; those of an emulator go later than it
 * says. */
static inline int ours_left(void)
{
	for (int i = 0; harness_emulator() && i < 10000 && count_ours(); i++)
		usleep(1000);
	return count_ours();
}

static inline void ask(struct live_process *page, uint32_t kind, const char *name,
		const char *value, uint64_t argument)
{
	struct live_request *r = &page->request;

	r->kind = kind;
	r->serial++;
	r->argument = argument;
	snprintf(r->name, sizeof(r->name), "%s", name);
	snprintf(r->value, sizeof(r->value), "%s", value);
	__atomic_store_n(&r->state, LIVE_PENDING, __ATOMIC_RELEASE);
}

static inline int32_t answer(struct live_process *page)
{
	ck_assert_uint_eq(__atomic_load_n(&page->request.state,
					  __ATOMIC_ACQUIRE), LIVE_ANSWERED);
	ck_assert_uint_eq(page->request.answer_serial, page->request.serial);
	return page->request.status;
}

/* The same, of a thread that looks once a second when nobody wakes it. */
static inline int32_t late_answer(struct live_process *page)
{
	while (__atomic_load_n(&page->request.state, __ATOMIC_ACQUIRE) !=
	       LIVE_ANSWERED)
		usleep(1000);
	return answer(page);
}

static inline const char *setting(const char *name)
{
	static char value[256];

	ck_assert_int_eq(datamem_setting_get(name, value, sizeof(value)), 0);
	return value;
}

static inline void *use_and_leave(void *arg)
{
	for (int i = 0; i < 1000; i++)
		datamem_free(datamem_alloc(64), 64);
	return arg;
}

#endif /* TESTS_API_OWN_PAGE_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Many threads that have caches and wait. */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include "cache/roster.h"

#include <pthread.h>
#include <string.h>

#include "library.h"

/* Where memory is short, the service thread empties caches and ends records. */
static void be_alone(void)
{
	set("control", "page");
}

static void use(void)
{
	void *ptr = datamem_alloc(592);

	memset(ptr, 1, 592);
	datamem_free(ptr, 592);
}

#define CROWD 300
static pthread_barrier_t barrier;

static void *wait_for_all(void *arg)
{
	use();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static pthread_t crowd[CROWD];

/* Threads that stay; false: there are not so many. */
static bool gather(size_t n)
{
	pthread_attr_t attr;
	bool all = true;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * DMEM_KIB);
	pthread_barrier_init(&barrier, NULL, (unsigned int)n + 1);
	for (size_t i = 0; i < n && all; i++)
		all = !pthread_create(&crowd[i], &attr, wait_for_all, NULL);
	pthread_attr_destroy(&attr);
	if (all)
		pthread_barrier_wait(&barrier);
	return all;
}

static void part(size_t n)
{
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < n; i++)
		pthread_join(crowd[i], NULL);
}

static unsigned int nopen;

static void count_open(struct dmem_thread *thread)
{
	nopen += dmem_load(&thread->cache.bins) == &thread->own;
}

/* Caches whose owners are on their fast path. */
static unsigned int open_caches(void)
{
	nopen = 0;
	dmem_threads_lock();
	dmem_threads_each(count_open);
	dmem_threads_unlock();
	return nopen;
}

#endif /* TEST_CROWD_H */

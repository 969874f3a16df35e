/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What the tests of accounts share: operations, threads, forks. */
#ifndef TESTS_ACCOUNTS_H
#define TESTS_ACCOUNTS_H

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alone.h"
#include "harness.h"
#include "trace/trace.h"

#define DOMAIN DATAMEM_TRACE_DOMAIN
#define ADDRESS(n) ((const void *)(((uintptr_t)(n) + 1) * 16))

#define ck_assert_totals(domain, n, nbytes, most)                            \
	do {                                                                 \
		struct datamem_trace_totals t_;                              \
		ck_assert_int_eq(datamem_trace_totals_get(domain, &t_,       \
							  sizeof(t_)), 0);   \
		ck_assert_uint_eq(t_.blocks, n);                             \
		ck_assert_uint_eq(t_.bytes, nbytes);                         \
		ck_assert_uint_eq(t_.peak_bytes, most);                      \
	} while (0)

static inline void make(const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, NULL), 0);
	dmem_trace_commit(&ticket, ptr, nbytes);
}

static inline void resize(const void *old_ptr, const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;

	ck_assert_int_eq(dmem_trace_begin(&ticket, DOMAIN, old_ptr), 0);
	dmem_trace_commit(&ticket, ptr, nbytes);
}

/*
 * Threads that make, resize and free 100-byte blocks; those with an even number
 * free all they have at the end, the others keep OWN blocks.
 */
enum { THREADS = 4, ROUNDS = 4000, OWN = 50 };

static inline void *churn(void *arg)
{
	size_t base = (size_t)(uintptr_t)arg * 1000000;
	unsigned int seed = (unsigned int)base + 1;
	size_t at[OWN];

	for (size_t i = 0; i < OWN; i++) {
		at[i] = base + i;
		make(ADDRESS(at[i]), 100);
	}
	for (size_t n = 0; n < ROUNDS; n++) {
		size_t i = (size_t)rand_r(&seed) % OWN;
		struct dmem_trace_ticket ticket;

		switch (rand_r(&seed) % 4) {
		case 0:
			dmem_trace_free(DOMAIN, ADDRESS(at[i]));
			at[i] = base + OWN + n;
			make(ADDRESS(at[i]), 100);
			break;
		case 1:
			resize(ADDRESS(at[i]), ADDRESS(base + OWN + n), 100);
			at[i] = base + OWN + n;
			break;
		case 2:
			if (!dmem_trace_begin(&ticket, DOMAIN, ADDRESS(at[i])))
				dmem_trace_cancel(&ticket);
			break;
		default:
			datamem_trace_track((unsigned int)n, ADDRESS(base), n);
			datamem_trace_untrack((unsigned int)n, ADDRESS(base));
		}
	}
	if (!(base / 1000000 & 1))
		for (size_t i = 0; i < OWN; i++)
			dmem_trace_free(DOMAIN, ADDRESS(at[i]));
	return NULL;
}

static inline void run_threads(void *(*work)(void *arg), pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work,
						(void *)i), 0);
}

static inline void join_threads(pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static inline int wait_for(pid_t pid)
{
	int status;

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static inline pid_t locked_fork(void)
{
	pid_t pid;

	dmem_trace_fork_prepare();
	pid = fork();
	if (pid)
		dmem_trace_fork_parent();
	else
		dmem_trace_fork_child();
	return pid;
}

/* A hook that counts its calls, and whose own events must not be told. */
static inline void counting_hook(void *arg, int event DMEM_UNUSED,
				 unsigned int domain DMEM_UNUSED,
				 const void *old_ptr DMEM_UNUSED,
				 const void *new_ptr DMEM_UNUSED,
				 size_t nbytes DMEM_UNUSED)
{
	dmem_fetch_add((size_t *)arg, 1);
	datamem_trace_track(1, &nbytes, 1);
	datamem_trace_untrack(1, &nbytes);
}

#endif /* TESTS_ACCOUNTS_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Blocks of the handler `shared`, and processes to send them to. */
#ifndef TESTS_API_SHARED_BLOCKS_H
#define TESTS_API_SHARED_BLOCKS_H

#include <library.h>

#include <datamem.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG (3 * MIB + 100)

static const struct datamem_handler *handler;

static void find_shared(void)
{
	handler = datamem_handler_find("shared");
	ck_assert_ptr_nonnull(handler);
}

static char *make(size_t nbytes)
{
	char *ptr = datamem_handler_alloc(handler, nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 7, nbytes);
	return ptr;
}

static struct datamem_shared_ref reference(const void *ptr)
{
	struct datamem_shared_ref ref;

	ck_assert_int_eq(datamem_shared_send(ptr, &ref, sizeof(ref)), 0);
	return ref;
}

/* Another process; it begins with none of the blocks made later. */
static pid_t child_of(int from[2], int to[2])
{
	pid_t pid;

	ck_assert_int_eq(pipe(from), 0);
	ck_assert_int_eq(pipe(to), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	return pid;
}

#endif /* TESTS_API_SHARED_BLOCKS_H */

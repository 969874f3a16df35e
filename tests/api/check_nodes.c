/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * The setting place.numa on a machine of several memory nodes: where pages are,
 * as the kernel tells it. For one without such nodes: check_place.c, and
 * tests/unit/check_numa.c, which sees what the kernel is asked for.
 */
#include <datamem.h>

#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "library.h"

/* Flags of get_mempolicy(2), whose header is libnuma's. */
#define POLICY_NODE_OF_PAGE 3UL
#define POLICY_NODES_ALLOWED 4UL

/* Two nodes that the process may take memory from; false: there are not. */
static bool two_nodes(int *found)
{
	unsigned long allowed[16] = { 0 };
	int n = 0;

	if (syscall(SYS_get_mempolicy, NULL, allowed, 8 * sizeof(allowed),
		    NULL, POLICY_NODES_ALLOWED))
		return false;
	for (int node = 0; n < 2 && node < 64; node++)
		if (allowed[0] >> node & 1)
			found[n++] = node;
	return n == 2;
}

/* The percentage of pages that are on a node; all of them were written to. */
static size_t percent_on(const char *ptr, size_t nbytes, int node)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0, there = 0;
	int at;

	for (size_t i = 0; i < nbytes; i += page, count++) {
		ck_assert_int_eq(syscall(SYS_get_mempolicy, &at, NULL, 0UL,
					 ptr + i, POLICY_NODE_OF_PAGE), 0);
		there += at == node;
	}
	return there * 100 / count;
}

/* Blocks of one size, 40 MiB of them, made new, written to, and where they are:
 * how much of each on the node, in percent, least and most. */
static void spread(size_t nbytes, int node, size_t *least, size_t *most)
{
	size_t n = 40 * MIB / nbytes, percent;
	char **blocks = calloc(n, sizeof(*blocks));

	*least = 100;
	*most = 0;
	ck_assert_ptr_nonnull(blocks);
	for (size_t i = 0; i < n; i++) {
		blocks[i] = i % 2 ? datamem_alloc(nbytes) :
				    datamem_alloc_zeroed(nbytes, 1);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], 2, nbytes);
	}
	for (size_t i = 0; i < n; i++) {
		percent = percent_on(blocks[i], nbytes, node);
		*least = percent < *least ? percent : *least;
		*most = percent > *most ? percent : *most;
		datamem_free(blocks[i], nbytes);
	}
	free(blocks);
	datamem_trim(0);
}

/* On a machine of several nodes memory comes from those that were said. */
START_TEST(bound_and_interleaved)
{
	static const size_t sizes[] = {
		1000, 20 * KIB, 300 * KIB, 3 * MIB, 40 * MIB,
	};
	size_t least, most;
	char value[40];
	int node[2];

	ck_assert(two_nodes(node));
	for (size_t s = 0; s < COUNT(sizes); s++) {
		for (int i = 0; i < 2; i++) {
			snprintf(value, sizeof(value), "bind:%d", node[i]);
			set("place.numa", value);
			spread(sizes[s], node[i], &least, &most);
			ck_assert_msg(least == 100, "%s: of %zu bytes %zu %%",
				      value, sizes[s], least);
		}
		snprintf(value, sizeof(value), "interleave:%d,%d", node[0],
			 node[1]);
		set("place.numa", value);
		spread(sizes[s], node[1], &least, &most);
		ck_assert_msg(most > 25, "%s: of %zu bytes at most %zu %%",
			      value, sizes[s], most);
		ck_assert_msg(least < 75, "%s: of %zu bytes at least %zu %%",
			      value, sizes[s], least);
	}
}
END_TEST

/* What grows stays on its node, in a forked child too. */
START_TEST(kept)
{
	char *ptr, value[40];
	int node[2], status;
	pid_t pid;

	ck_assert(two_nodes(node));
	snprintf(value, sizeof(value), "bind:%d", node[1]);
	set("place.numa", value);
	ptr = datamem_alloc(MIB);
	for (size_t nbytes = 2 * MIB; nbytes <= 64 * MIB; nbytes *= 2) {
		ptr = datamem_realloc(ptr, nbytes);
		ck_assert_ptr_nonnull(ptr);
		memset(ptr, 2, nbytes);
		ck_assert_uint_eq(percent_on(ptr, nbytes, node[1]), 100);
	}
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		ptr = datamem_alloc(24 * MIB);
		memset(ptr, 3, 24 * MIB);
		_exit(percent_on(ptr, 24 * MIB, node[1]) != 100);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	datamem_free(ptr, 1);
}
END_TEST

int main(void)
{
	int node[2];
	Suite *suite;
	TCase *tc;

	/* Before anything is made, which would leak. */
	if (!two_nodes(node))
		return harness_skip_all("there are no two memory nodes for "
					"this process");
	suite = suite_create("nodes");
	tc = tcase_create("nodes");
	tcase_add_test(tc, bound_and_interleaved);
	tcase_add_test(tc, kept);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

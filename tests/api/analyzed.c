/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Mistakes that a compiler can find, one a function, and what is none. Only
 * compiled, by check-analyzer.sh: the word behind "finds:" is the warning that
 * must come for the function.
 */
#include <datamem.h>
#include <stdlib.h>

void double_free(void); /* finds: Wanalyzer-double-free */
void double_free(void)
{
	char *p = datamem_alloc(50);

	datamem_free(p, 50);
	datamem_free(p, 50);
}

void leak(int n); /* finds: Wanalyzer-malloc-leak */
void leak(int n)
{
	char *p = datamem_alloc_zeroed(50, 2);

	if (!p || n)
		return;
	datamem_free(p, 100);
}

void other_free(void); /* finds: Wmismatched-dealloc */
void other_free(void)
{
	free(datamem_alloc_aligned(100, 64));
}

void not_checked(void); /* finds: Wanalyzer-possible-null-dereference */
void not_checked(void)
{
	char *p = datamem_alloc(100);

	*p = 1;
	datamem_free(p, 100);
}

void resized_twice_freed(void *old); /* finds: Wanalyzer-double-free */
void resized_twice_freed(void *old)
{
	char *p = datamem_realloc(old, 100);

	datamem_free(p, 100);
	datamem_free(p, 100);
}

void resized_other_free(void *old); /* finds: Wmismatched-dealloc */
void resized_other_free(void *old)
{
	free(datamem_realloc(old, 100));
}

void raw_double_free(void); /* finds: Wanalyzer-double-free */
void raw_double_free(void)
{
	char *p = datamem_raw_new(50);

	datamem_raw_free(p);
	datamem_raw_free(p);
}

void raw_other_free(void); /* finds: Wmismatched-dealloc */
void raw_other_free(void)
{
	datamem_free(datamem_raw_new_zeroed(5, 5), 25);
}

void raw_resized_other_free(void *old); /* finds: Wmismatched-dealloc */
void raw_resized_other_free(void *old)
{
	free(datamem_raw_renew(old, 25));
}

void dims_other_free(void); /* finds: Wmismatched-dealloc */
void dims_other_free(void)
{
	free(datamem_dims_alloc(3));
}

void array_other_free(void *old); /* finds: Wmismatched-dealloc */
void array_other_free(void *old)
{
	free(datamem_realloc_array(old, 3, 5));
}

void array_leak(int n); /* finds: Wanalyzer-malloc-leak */
void array_leak(int n)
{
	char *p = datamem_alloc_array(50, 2);

	if (!p || n)
		return;
	datamem_free(p, 100);
}

void scope_leak(int n); /* finds: Wanalyzer-malloc-leak */
void scope_leak(int n)
{
	struct datamem_scope *scope = datamem_scope_new(NULL);

	if (!scope || n)
		return;
	datamem_scope_free(scope);
}

void scope_other_free(void); /* finds: Wmismatched-dealloc */
void scope_other_free(void)
{
	free(datamem_scope_new(NULL));
}

int freed_while_entered(void); /* finds: nothing */
int freed_while_entered(void)
{
	struct datamem_context *context = datamem_context_copy();

	if (!context || datamem_context_enter(context)) {
		datamem_context_free(context);
		return -1;
	}
	datamem_context_free(context);
	return datamem_context_leave(context);
}

int right(size_t n); /* finds: nothing */
int right(size_t n)
{
	char *p = datamem_alloc(n), *q;

	if (!p)
		return -1;
	q = datamem_realloc(p, 2 * n);
	if (!q) {
		datamem_free(p, n);
		return -1;
	}
	q[0] = 1;
	datamem_free(q, 2 * n);
	p = datamem_raw_new(n);
	q = p ? datamem_raw_renew(p, 2 * n) : NULL;
	if (!q) {
		datamem_raw_free(p);
		return -1;
	}
	datamem_raw_free(q);
	datamem_dims_free(datamem_dims_alloc(2), 2);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * What the attributes of the header tell the compiler, and what
 * datamem_usable_size() promises, agree: with _FORTIFY_SOURCE=3 a program may
 * write what it asked for, all that is usable once it has asked for that, and
 * nothing else.
 */
#undef _FORTIFY_SOURCE
#if defined(__OPTIMIZE__) && defined(__has_builtin)
#if __has_builtin(__builtin_dynamic_object_size)
#define _FORTIFY_SOURCE 3
#endif
#endif

#include <datamem.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "library.h"

/* Sanitizers have a memset() of their own. */
#if defined(__USE_FORTIFY_LEVEL) && !HARNESS_SANITIZED
#define FORTIFIED __USE_FORTIFY_LEVEL
#else
#define FORTIFIED 0
#endif

static const size_t sizes[] = {
	1, 17, 1000, 1025, 65537, 131073, 1 << 20, (2 << 20) + 1,
};

/* What is asked for must not be a constant, or level 2 would do. */
static volatile size_t asked;

START_TEST(what_was_asked_for)
{
	size_t nbytes = asked = sizes[_i];
	char *ptr = datamem_alloc(asked);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
}
END_TEST

START_TEST(what_is_usable)
{
	size_t nbytes = asked = sizes[_i], usable;
	char *ptr = datamem_alloc(asked);

	ck_assert_ptr_nonnull(ptr);
	ptr = take_usable(ptr, &usable);
	ck_assert_uint_ge(usable, nbytes);
	memset(ptr, 1, usable);
	datamem_free(ptr, usable);
}
END_TEST

/* Dies of SIGABRT. */
START_TEST(what_was_not)
{
	static const struct rlimit none;
	size_t nbytes;
	char *ptr;

	setrlimit(RLIMIT_CORE, &none);
	asked = 1000;
	nbytes = asked;
	ptr = datamem_alloc(nbytes);
	ck_assert_ptr_nonnull(ptr);
	ck_assert_uint_gt(datamem_usable_size(ptr), nbytes);
	memset(ptr, 1, datamem_usable_size(ptr));
	datamem_free(ptr, nbytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fortify");
	TCase *tcase = tcase_create("fortify");

	tcase_add_loop_test(tcase, what_was_asked_for, 0, (int)COUNT(sizes));
	tcase_add_loop_test(tcase, what_is_usable, 0, (int)COUNT(sizes));
	if (FORTIFIED < 3)
		fputs("# skipped: no _FORTIFY_SOURCE=3 here\n", stderr);
	else
		tcase_add_test_raise_signal(tcase, what_was_not, SIGABRT);
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * When a tool such as valgrind is told of memory: of what a block loses before
 * another thread can have it, and of pages that come with what was free.
 */
#include "arena/arena.h"

#include <string.h>

#include "guest/guest.h"
#include "kernel/kernel.h"
#include "library.h"

#define BLOCK (8 * DMEM_MIB)
#define HOLES 4

/* f: the arena fits a block; r: a resize is told; m: pages have been moved; o:
 * their target is told to be open. */
static char order[64];
static void *target;

static void note(char what)
{
	size_t n = strlen(order);

	if (n + 1 < sizeof(order))
		order[n] = what;
}

bool __real_dmem_arena_fit(void *ptr, size_t nbytes);
bool __wrap_dmem_arena_fit(void *ptr, size_t nbytes);
bool __wrap_dmem_arena_fit(void *ptr, size_t nbytes)
{
	note('f');
	return __real_dmem_arena_fit(ptr, nbytes);
}

void __wrap_dmem_guest_resized(const void *ptr, size_t old_nbytes,
			       size_t nbytes);
void __wrap_dmem_guest_resized(const void *ptr DMEM_UNUSED,
			       size_t old_nbytes DMEM_UNUSED,
			       size_t nbytes DMEM_UNUSED)
{
	note('r');
}

int __real_dmem_kernel_move(void *from, void *to, size_t nbytes);
int __wrap_dmem_kernel_move(void *from, void *to, size_t nbytes);
int __wrap_dmem_kernel_move(void *from, void *to, size_t nbytes)
{
	int err = __real_dmem_kernel_move(from, to, nbytes);

	target = to;
	note('m');
	return err;
}

void __wrap_dmem_guest_open(const void *ptr, size_t nbytes);
void __wrap_dmem_guest_open(const void *ptr, size_t nbytes DMEM_UNUSED)
{
	if (target && ptr == target)
		note('o');
}

static void setup(void)
{
	set("control", "off");
	set("retain.age", "3600000");
	dmem_guest_ways = DMEM_GUEST_DESCRIBED;
	memset(order, 0, sizeof(order));
}

START_TEST(resizes_in_place)
{
	void *ptr = datamem_alloc(BLOCK);

	ck_assert_int_eq(datamem_try_resize(ptr, BLOCK / 2), 0);
	ck_assert_str_eq(order, "rf");
	ck_assert_int_eq(datamem_try_resize(ptr, BLOCK), 0);
	ck_assert_str_eq(order, "rffr");
	datamem_free(ptr, BLOCK);
}
END_TEST

START_TEST(moved_pages)
{
	void *holes[HOLES], *walls[HOLES], *large;
	const char *last;

	for (int i = 0; i < HOLES; i++) {
		holes[i] = memset(datamem_alloc(BLOCK), 1, BLOCK);
		walls[i] = memset(datamem_alloc(BLOCK), 1, BLOCK);
	}
	for (int i = 0; i < HOLES; i++)
		datamem_free(holes[i], BLOCK);
	large = datamem_alloc(3 * BLOCK);
	ck_assert_ptr_nonnull(large);
	last = strrchr(order, 'm');
	if (!last)
		harness_skip("this kernel moves no pages");
	ck_assert_msg(last[1] == 'o', "%s", order);
	datamem_free(large, 3 * BLOCK);
	for (int i = 0; i < HOLES; i++)
		datamem_free(walls[i], BLOCK);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	if (HARNESS_SANITIZED)
		return harness_skip_all("a sanitizer is told in earnest");
	suite = suite_create("told");
	tc = tcase_create("told");
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, resizes_in_place);
	tcase_add_test(tc, moved_pages);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Free memory leaves core dumps when it ages; blocks never do. */
#include "arena/dump.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/arena.h"
#include "arena/state.h"
#include "fake-kernel.h"
#include "kernel/kernel.h"
#include "library.h"

#define SIZE (64 * MIB)

/* Bytes of a range that a core dump leaves out. */
static size_t left_out(const void *ptr, size_t nbytes)
{
	unsigned long begin = (uintptr_t)ptr, end = begin + nbytes, from, to;
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[512];
	size_t sum = 0;

	ck_assert_ptr_nonnull(smaps);
	from = to = 0;
	while (fgets(line, sizeof(line), smaps)) {
		unsigned long a, b;

		if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
			from = DMEM_MAX(a, begin);
			to = DMEM_MIN(b, end);
		} else if (!strncmp(line, "VmFlags:", 8) && from < to &&
			   strstr(line, " dd")) {
			sum += to - from;
		}
	}
	fclose(smaps);
	return sum;
}

/* All that is kept is old enough at once. */
static void setup(void)
{
	set("control", "page");
	set("hugepage", "on");
	set("retain.max", "1G");
	set("retain.age", "3600000");
}

static void *make_written(size_t nbytes)
{
	void *ptr = datamem_alloc(nbytes);

	ck_assert_ptr_nonnull(ptr);
	memset(ptr, 1, nbytes);
	return ptr;
}

static void age(void)
{
	size_t chunks = dmem_window.extent >> dmem_window.chunk_shift;

	for (size_t i = 0; i < chunks; i++)
		dmem_window.chunks[i].stamp -= 3700000;
	dmem_arena_age();
}

START_TEST(leaves_and_comes_back)
{
	unsigned char *ptr, *part;
	size_t shown;

	setup();
	/* A chunk is shown as a whole. */
	shown = DMEM_MAX(SIZE / 4, dmem_chunk_size());
	ptr = make_written(SIZE);
	datamem_free(ptr, SIZE);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	age();
	if (!stats_now().lazy_bytes)
		harness_skip("nothing is offered to this kernel");
	ck_assert_uint_eq(left_out(ptr, SIZE), SIZE);
	/* A part, and then the rest. */
	part = make_written(SIZE / 4);
	ck_assert(part >= ptr && part + SIZE / 4 <= ptr + SIZE);
	ck_assert_uint_eq(left_out(part, SIZE / 4), 0);
	ck_assert_uint_eq(left_out(ptr, SIZE), SIZE - shown);
	datamem_free(part, 1);
	ptr = make_written(SIZE);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	ck_assert_uint_eq(dmem_dump_hidden, 0);
	datamem_free(ptr, SIZE);
	datamem_trim(0);
	ck_assert_uint_eq(stats_now().lazy_bytes, 0);
	ptr = make_written(SIZE);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	datamem_free(ptr, SIZE);
}
END_TEST

/* A short rest of a row is no mapping of its own. */
START_TEST(no_crumbs)
{
	unsigned char *ptr, *part;

	setup();
	ptr = make_written(SIZE);
	datamem_free(ptr, SIZE);
	age();
	if (!stats_now().lazy_bytes)
		harness_skip("nothing is offered to this kernel");
	part = make_written(SIZE - 4 * MIB);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	datamem_free(part, 1);
}
END_TEST

/* Given back and mapped anew, and moved. */
START_TEST(other_ways)
{
	unsigned char *ptr, *behind;

	setup();
	ptr = make_written(SIZE);
	behind = make_written(SIZE);
	datamem_free(behind, 1);
	age();
	ptr = datamem_realloc(ptr, 2 * SIZE);
	memset(ptr, 2, 2 * SIZE);
	ck_assert_uint_eq(left_out(ptr, 2 * SIZE), 0);
	datamem_free(ptr, 1);
	age();
	datamem_trim(0);
	ptr = make_written(4 * SIZE);
	ck_assert_uint_eq(left_out(ptr, 4 * SIZE), 0);
	ptr = datamem_realloc(ptr, 5 * SIZE);
	memset(ptr, 3, 5 * SIZE);
	ck_assert_uint_eq(left_out(ptr, 5 * SIZE), 0);
	datamem_free(ptr, 1);
	ck_assert_uint_eq(stats_now().live_blocks, 0);
}
END_TEST

START_TEST(not_wanted)
{
	unsigned char *ptr;

	setup();
	set("dump.free", "on");
	ptr = make_written(SIZE);
	datamem_free(ptr, SIZE);
	age();
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
}
END_TEST

/* The kernel may refuse to hide, which is no harm. */
START_TEST(refused)
{
	unsigned char *ptr;

	setup();
	ptr = make_written(SIZE);
	datamem_free(ptr, SIZE);
	fake_kernel_fail(FAKE_MADVISE, 2, EINVAL);
	age();
	fake_kernel_reset();
	ptr = make_written(SIZE);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	ck_assert_uint_eq(dmem_dump_hidden, 0);
	datamem_free(ptr, SIZE);
}
END_TEST

/* What a child has of free memory it maps anew. */
START_TEST(children)
{
	unsigned char *ptr;
	int status;
	pid_t pid;

	setup();
	ptr = make_written(SIZE);
	datamem_free(ptr, SIZE);
	age();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		ptr = make_written(SIZE);
		_exit(left_out(ptr, SIZE) ? 1 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	ptr = make_written(SIZE);
	ck_assert_uint_eq(left_out(ptr, SIZE), 0);
	datamem_free(ptr, SIZE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dump");
	TCase *tc = tcase_create("dump");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, leaves_and_comes_back);
	tcase_add_test(tc, no_crumbs);
	tcase_add_test(tc, other_ways);
	tcase_add_test(tc, not_wanted);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, children);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

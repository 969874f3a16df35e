/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Each system call refused in turn, in what is done beside requests: the start
 * of the library, threads, forks, ageing, a smaller cap, promotion, placement.
 */
#include "arena/arena.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena/state.h"
#include "huge-pool.h"
#include "refusals.h"

/* What the kernel gives pages for is written, and read again. */
static int try_out(size_t nbytes, bool zero)
{
	struct block b = { .nbytes = nbytes };

	for (int tries = 0; !b.ptr && tries < 2; tries++) {
		b.ptr = zero ? datamem_alloc_zeroed(nbytes, 1) :
			       datamem_alloc(nbytes);
		if (!b.ptr && (must_succeed || errno != ENOMEM))
			return 1;
	}
	if (!b.ptr)
		return 0;
	if (zero && !holds(&b, nbytes))
		return 2;
	fill(&b);
	if (!holds(&b, nbytes))
		return 3;
	datamem_free(b.ptr, nbytes);
	return 0;
}

static int try_all(void)
{
	static const size_t sizes[] = { 100, 5000, 200000, 3 << 20, 9 << 20 };
	int wrong = 0;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(sizes) && !wrong; i++)
		wrong = try_out(sizes[i], i & 1);
	return wrong;
}

/* A forked child: what is in the blocks is there, and all works. */
static int be_child(void)
{
	int wrong;

	for (size_t i = 0; i < BLOCKS; i++)
		if (blocks[i].ptr && !holds(&blocks[i], blocks[i].nbytes))
			return 10;
	wrong = try_all();
	for (size_t i = 0; i < BLOCKS; i++)
		if (blocks[i].ptr)
			datamem_free(blocks[i].ptr, 1);
	datamem_trim(0);
	return wrong;
}

static void fork_once(void)
{
	int status;
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid)
		_exit(be_child());
	must(waitpid(pid, &status, 0) == pid);
	if (status)
		ck_abort_msg("the child: status %#x", (unsigned int)status);
}

/* Free memory of the first fork is in use at the second. */
static void forks(void)
{
	make(0, 5 * DMEM_MIB, true);
	make(1, 3 * DMEM_MIB, false);
	make(2, 100 * DMEM_KIB, false);
	make(3, 4 * DMEM_MIB, false);
	make(4, 2 * DMEM_MIB, true);
	drop(1);
	drop(3);
	fork_once();
	make(5, 3 * DMEM_MIB, true);
	make(6, 4 * DMEM_MIB, false);
	fork_once();
	drop_all();
	datamem_trim(0);
}

static void *be_thread(void *arg)
{
	*(int *)arg = try_all();
	return NULL;
}

static void threads(void)
{
	pthread_t thread;
	int wrong = 0;

	for (int i = 0; i < 2; i++) {
		must(!pthread_create(&thread, NULL, be_thread, &wrong));
		must(!pthread_join(thread, NULL));
		must(!wrong);
	}
	datamem_trim(0);
}

static void pass_ms(uint32_t ms)
{
	size_t chunks = dmem_window.extent >> dmem_window.chunk_shift;

	for (size_t i = 0; i < chunks; i++)
		dmem_window.chunks[i].stamp -= ms;
}

static void ageing(void)
{
	set("retain.age", "60000");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 8; i++)
			make(i, 3 * DMEM_MIB + i * 300000, false);
		for (size_t i = 0; i < 8; i += 2)
			drop(i);
		pass_ms(70000);
		dmem_arena_age();
		make(0, 2 * DMEM_MIB, true);
		drop(3);
		pass_ms(1000000);
		dmem_arena_age();
		make(2, 5 * DMEM_MIB, true);
		drop_all();
	}
	datamem_trim(0);
}

/* Moved memory is mapped afresh when it goes. */
static void smaller_cap(void)
{
	for (size_t i = 0; i < 10; i++)
		make(i, 3 * DMEM_MIB, i & 1);
	for (size_t i = 0; i < 10; i += 3)
		resize(i, 8 * DMEM_MIB);
	for (size_t i = 0; i < 10; i += 2)
		drop(i);
	set("retain.max", "7M");
	make(0, 6 * DMEM_MIB, true);
	drop(1);
	drop(3);
	set("retain.max", "0");
	drop(5);
	make(5, 9 * DMEM_MIB, true);
	drop_all();
	set("retain.max", "auto");
	datamem_trim(0);
}

static void promotion(void)
{
	struct datamem_hugepage_receipt receipt;

	set("hugepage", "on");
	make(0, 5 * DMEM_MIB, false);
	make(1, 50 * DMEM_KIB, false);
	fork_once();
	for (size_t i = 0; i < 2; i++) {
		if (!blocks[i].ptr)
			continue;
		datamem_promote(blocks[i].ptr, 0);
		must(!datamem_hugepage_receipt_get(blocks[i].ptr, 0, &receipt,
						   sizeof(receipt)));
		must(receipt.asked >= blocks[i].nbytes);
		must(receipt.backed == SIZE_MAX ||
		     receipt.backed <= receipt.eligible);
	}
	drop_all();
	datamem_trim(0);
	set("hugepage", "auto");
}

static void placement(void)
{
	int pool = huge_pool_enter();

	datamem_trim(0);
	set("place.prefault", "on");
	set("place.hugetlb", "on");
	set("place.numa", "local");
	make(0, 5 * DMEM_MIB, true);
	make(1, 40 * DMEM_KIB, true);
	make(2, 300 * DMEM_KIB, false);
	resize(0, 11 * DMEM_MIB);
	resize(2, 7 * DMEM_MIB);
	drop_all();
	datamem_trim(0);
	huge_pool_leave(pool);
	set("place.prefault", "off");
	set("place.hugetlb", "off");
	set("place.numa", "");
	make(0, 5 * DMEM_MIB, true);
	drop_all();
	datamem_trim(0);
}

/* What cannot be guarded is a block as any other. */
static void guards(void)
{
	set("guard", "1/1");
	for (size_t i = 0; i < 4; i++)
		make(i, i * 90000 + 100, i & 1);
	resize(0, 300 * DMEM_KIB);
	resize(2, 10);
	drop(1);
	make(1, 5 * DMEM_MIB, true);
	set("guard", "off");
	drop_all();
	datamem_trim(0);
}

static void alignment(void)
{
	for (size_t i = 0; i < 16; i++) {
		struct block *b = &blocks[i];
		size_t align = (size_t)1 << (i + 6);

		b->nbytes = i & 1 ? 3000 : 3 * DMEM_MIB;
		b->ptr = datamem_alloc_aligned(b->nbytes, align);
		must(b->ptr || (!must_succeed && errno == ENOMEM));
		if (!b->ptr)
			continue;
		must(!((uintptr_t)b->ptr & (align - 1)));
		fill(b);
	}
	for (size_t i = 0; i < 16; i++) {
		resize(i, 200 * DMEM_KIB);
		must(!blocks[i].ptr ||
		     !((uintptr_t)blocks[i].ptr & (((size_t)64 << i) - 1)));
	}
	drop_all();
	datamem_trim(0);
}

static void (*const scenarios[])(void) = {
	forks, threads, ageing, smaller_cap, promotion, placement, alignment,
	guards,
};
#define SCENARIOS (int)DMEM_ARRAY_SIZE(scenarios)

static void expect_whole(void)
{
	struct datamem_stats stats;

	fake_kernel_reset();
	must_succeed = true;
	for (int i = 0; i < SCENARIOS; i++)
		scenarios[i]();
	must_succeed = false;
	expect_adds_up();
	datamem_stats_get(&stats, sizeof(stats));
	must(!stats.live_blocks && !stats.live_bytes);
	must(!stats.double_frees && !stats.foreign_pointers);
}

START_TEST(one)
{
	for (size_t i = 0; i < refusals_to_try(); i++)
		one_by_one(scenarios[_i], refusals[i].call, refusals[i].err);
	expect_whole();
}
END_TEST

START_TEST(all)
{
	for (size_t i = 0; i < REFUSALS; i++) {
		fake_kernel_reset();
		fake_kernel_fail(refusals[i].call, 0, refusals[i].err);
		scenarios[_i]();
		expect_adds_up();
	}
	expect_whole();
}
END_TEST

/* The start of a program, in one of its own. */
#define NONE_FAILED 20

static int start(unsigned int call, unsigned int nth)
{
	int wrong = try_all();

	if (wrong)
		return wrong;
	return nth && fake_kernel_count((enum fake_call)call) < nth ?
		       NONE_FAILED : 0;
}

static int status_of_start(enum fake_call call, unsigned int nth, int err,
			   const char *control)
{
	char text[64];
	int status;
	pid_t pid = fork();

	must(pid >= 0);
	if (!pid) {
		snprintf(text, sizeof(text), "%u %u %d", call, nth, err);
		setenv("FAKE_KERNEL_FAIL", text, 1);
		setenv("DATAMEM_CONTROL", control, 1);
		execl("/proc/self/exe", "check_upkeep", text, (char *)NULL);
		_exit(125);
	}
	must(waitpid(pid, &status, 0) == pid);
	must(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(starts)
{
	static const char *const controls[] = { "off", "on" };
	enum fake_call call = refusals[_i / 2].call;
	int err = refusals[_i / 2].err, status;

	for (unsigned int nth = 0; nth < ROUNDS_MAX; nth++) {
		status = status_of_start(call, nth, err, controls[_i % 2]);
		if (status == NONE_FAILED)
			return;
		if (status)
			ck_abort_msg("call %u of %u: %d", nth, call, status);
	}
	ck_abort_msg("more calls than rounds");
}
END_TEST

int main(int argc, char **argv)
{
	unsigned int call, nth;
	Suite *suite;
	TCase *tc;

	if (argc > 1 && sscanf(argv[1], "%u %u", &call, &nth) == 2)
		return start(call, nth);
	suite = suite_create("upkeep");
	tc = tcase_create("upkeep");
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, one, 0, SCENARIOS);
	tcase_add_loop_test(tc, all, 0, SCENARIOS);
	tcase_add_loop_test(tc, starts, 0, 2 * (int)refusals_to_try());
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

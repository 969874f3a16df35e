/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Guard sampling: mistakes are reported, and signals go where they belong. */
#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a block's size is rounded up to before its guard. */
static size_t unit(size_t nbytes)
{
	return nbytes < 1024 ? 16 : 64;
}

static size_t up(size_t nbytes)
{
	return (nbytes + unit(nbytes) - 1) / unit(nbytes) * unit(nbytes);
}

/* Sanitizers have handlers of their own and see such accesses. */
#define NEEDS_SIGNALS()                                                      \
	do {                                                                 \
		if (HARNESS_SANITIZED || HARNESS_TSAN)                       \
			harness_skip("sanitizers handle SIGSEGV");           \
	} while (0)

/* What a child wrote to standard error, and how it ended. */
static char said[65536];

static int run(void (*act)(size_t nbytes), size_t nbytes)
{
	size_t used = 0;
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		act(nbytes);
		_exit(0);
	}
	close(fds[1]);
	while ((got = read(fds[0], said + used, sizeof(said) - 1 - used)) > 0)
		used += (size_t)got;
	said[used] = '\0';
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static bool has(const char *text)
{
	return strstr(said, text);
}

static bool died(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void overrun(size_t nbytes)
{
	char *ptr = hidden(datamem_alloc(nbytes));

	memset(ptr, 1, nbytes);
	poke(ptr + up(nbytes));
}

START_TEST(overrun_is_reported)
{
	char expected[80];
	size_t nbytes = sizes[_i];

	NEEDS_SIGNALS();
	set("guard", ALL);
	ck_assert(died(run(overrun, nbytes)));
	snprintf(expected, sizeof(expected), " of %zu bytes, %zu bytes behind",
		 nbytes, up(nbytes) - nbytes);
	ck_assert_msg(has(expected), "%s", said);
	ck_assert_msg(has(" block 0x"), "%s", said);
	ck_assert_msg(has("guard: accessed by thread "), "%s", said);
	ck_assert_msg(has("guard: allocated by thread "), "%s", said);
	ck_assert_msg(has("#0 0x") && has("check_guard_reports+0x"), "%s", said);
	ck_assert(!has("guard: freed by"));
}
END_TEST

static void write_freed(size_t nbytes)
{
	char *ptr = hidden(datamem_alloc(nbytes));

	datamem_free(ptr, nbytes);
	poke(ptr + nbytes / 2);
}

static void read_freed(size_t nbytes)
{
	char *ptr = hidden(datamem_alloc(nbytes));

	memset(ptr, 1, nbytes);
	datamem_free(ptr, nbytes);
	_exit(*(volatile char *)(ptr + nbytes / 2));
}

START_TEST(use_after_free_is_reported)
{
	char expected[80];
	size_t nbytes = sizes[_i];

	NEEDS_SIGNALS();
	set("guard", ALL);
	snprintf(expected, sizeof(expected), " of %zu bytes, at byte %zu",
		 nbytes, nbytes / 2);
	ck_assert(died(run(write_freed, nbytes)));
	ck_assert_msg(has(expected) && has(" freed block 0x"), "%s", said);
	ck_assert_msg(has("guard: allocated by") && has("guard: freed by"),
		      "%s", said);
	ck_assert(died(run(read_freed, nbytes)));
	ck_assert_msg(has(expected) && has(" freed block 0x"), "%s", said);
#ifdef __x86_64__
	ck_assert(has("guard: read of"));
#endif
}
END_TEST

/* In the padding there is no page to be without access. */
START_TEST(padding_is_looked_at)
{
	static const size_t odd[] = { 1, 100, 1030, 5001, 200001 };
	struct datamem_stats before = stats_now(), after;
	size_t nbytes = odd[_i];
	char *ptr;

	set("guard", ALL);
	ptr = hidden(datamem_alloc(nbytes));
	poke(ptr + nbytes);
	datamem_free(ptr, nbytes);
	ptr = hidden(datamem_alloc(nbytes));
	poke(ptr - 1);
	datamem_free(ptr, nbytes);
	after = stats_now();
	ck_assert_uint_eq(after.guard_reports - before.guard_reports, 2);
	ck_assert_uint_eq(after.overruns - before.overruns, 2);
	ck_assert_uint_eq(after.guarded_blocks, 0);
}
END_TEST

START_TEST(double_free_is_reported)
{
	struct datamem_stats before = stats_now(), after;
	char *ptr, *other;

	set("guard", ALL);
	ptr = hidden(datamem_alloc(sizes[_i]));
	datamem_free(ptr, sizes[_i]);
	other = hidden(datamem_alloc(sizes[_i]));
	datamem_free(ptr, sizes[_i]);
	/* Not where it begins: no block. */
	datamem_free(other + sizes[_i] / 2 + 1, 0);
	after = stats_now();
	ck_assert_uint_eq(after.guard_reports - before.guard_reports, 1);
	ck_assert_uint_eq(after.double_frees - before.double_frees, 1);
	ck_assert_uint_eq(after.guarded_blocks, 1);
	memset(other, 1, sizes[_i]);
	datamem_free(other, sizes[_i] + 100000);
	ck_assert_uint_eq(stats_now().large_hints - before.large_hints, 1);
	ck_assert_ptr_null(datamem_realloc(ptr, 10));
	ck_assert_uint_eq(stats_now().guarded_blocks, 0);
}
END_TEST

static sigjmp_buf back;
static void *volatile fault_at;
static volatile sig_atomic_t faults;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	fault_at = info->si_addr;
	faults++;
	siglongjmp(back, 1);
}

static void handle_faults(void)
{
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO,
	};

	ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
}

static void touch(char *volatile ptr)
{
	if (!sigsetjmp(back, 1))
		poke(ptr);
}

START_TEST(host_handler_comes_next)
{
	uint64_t reports = stats_now().guard_reports;
	char *ptr;

	NEEDS_SIGNALS();
	handle_faults();
	set("guard", ALL);
	ck_assert_ptr_ne((void *)(uintptr_t)handler_now(),
			 (void *)(uintptr_t)on_fault);
	ck_assert_str_eq(note_of("guard"), "");
	ptr = hidden(datamem_alloc(100));
	touch(ptr + 112);
	ck_assert_int_eq(faults, 1);
	ck_assert_ptr_eq(fault_at, ptr + 112);
	ck_assert_uint_eq(stats_now().guard_reports - reports, 1);
	/* Once a block. */
	touch(ptr + 112);
	ck_assert_int_eq(faults, 2);
	ck_assert_uint_eq(stats_now().guard_reports - reports, 1);
	/* Somebody else's. */
	touch((char *)64);
	ck_assert_int_eq(faults, 3);
	ck_assert_uint_eq(stats_now().guard_reports - reports, 1);
	datamem_free(ptr, 100);
	set("guard", "off");
	ck_assert_ptr_eq((void *)(uintptr_t)handler_now(),
			 (void *)(uintptr_t)on_fault);
	/* As before. */
	touch((char *)64);
	ck_assert_int_eq(faults, 4);
}
END_TEST

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

/* In the middle of other memory, with 1.5 KiB for all but the kernel's frame, and
 * more where the kernel takes no smaller one (8 KiB on ppc64). */
static void overrun_on_little_stack(size_t nbytes)
{
	static unsigned char memory[1 << 17];
	size_t frame = getauxval(AT_MINSIGSTKSZ), below = sizeof(memory) / 2;
	stack_t stack = { .ss_size = (frame ? frame : MINSIGSTKSZ) + 1536 };

	memset(memory, 0x5a, sizeof(memory));
	stack.ss_sp = memory + below;
	/* Once without: the linker needs more when it finds a function. */
	handle_faults();
	set("guard", ALL);
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	touch(hidden(datamem_alloc(nbytes)) + up(nbytes));
	while (sigaltstack(&stack, NULL)) {
		stack.ss_size += 512;
		if (errno != ENOMEM || stack.ss_size > sizeof(memory) / 4)
			_exit(99);
	}
	touch(hidden(datamem_alloc(nbytes)) + up(nbytes));
	while (below && memory[below - 1] == 0x5a)
		below--;
	_exit(below ? 1 : 0);
}

START_TEST(little_stack_for_signals)
{
	int status;

	NEEDS_SIGNALS();
#ifndef __OPTIMIZE__
	harness_skip("without optimisation more is needed");
#endif
	status = run(overrun_on_little_stack, sizes[_i]);
	ck_assert_msg(has("guard: allocated by thread "), "%s", said);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* It may have kept ours, to call it: so ours goes on passing on. */
static struct sigaction kept;

static void on_fault_first(int sig, siginfo_t *info, void *context)
{
	faults++;
	kept.sa_sigaction(sig, info, context);
}

START_TEST(host_handler_put_over)
{
	struct sigaction action = {
		.sa_sigaction = on_fault_first,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};
	uint64_t reports = stats_now().guard_reports;
	char *ptr;

	NEEDS_SIGNALS();
	handle_faults();
	set("guard", ALL);
	ck_assert_int_eq(sigaction(SIGSEGV, &action, &kept), 0);
	ck_assert_str_ne(note_of("guard"), "");
	ptr = hidden(datamem_alloc(MIB));
	touch(ptr + MIB);
	ck_assert_int_eq(faults, 2);
	ck_assert_uint_eq(stats_now().guard_reports - reports, 1);
	set("guard", "off");
	ck_assert_ptr_eq((void *)(uintptr_t)handler_now(),
			 (void *)(uintptr_t)on_fault_first);
	touch((char *)64);
	ck_assert_int_eq(faults, 4);
	/* Again on: no circle. */
	set("guard", ALL);
	ck_assert_ptr_eq((void *)(uintptr_t)handler_now(),
			 (void *)(uintptr_t)on_fault_first);
	datamem_free(ptr, MIB);
	touch(ptr);
	ck_assert_int_eq(faults, 6);
	set("guard", "off");
	datamem_free(datamem_alloc(100), 100);
}
END_TEST

static void raise_it(size_t nbytes)
{
	(void)nbytes;
	raise(SIGSEGV);
}

static void ignore_it(size_t nbytes)
{
	(void)nbytes;
	set("guard", "off");
	signal(SIGSEGV, SIG_IGN);
	set("guard", ALL);
	raise(SIGSEGV);
	_exit(7);
}

static void touch_nothing(size_t nbytes)
{
	poke((char *)(uintptr_t)nbytes);
}

START_TEST(signals_that_are_not_ours)
{
	int status;

	NEEDS_SIGNALS();
	if (harness_emulator())
		harness_skip("an emulator tells of signals by itself");
	set("guard", ALL);
	ck_assert(died(run(raise_it, 0)));
	ck_assert_str_eq(said, "");
	ck_assert(died(run(touch_nothing, 64)));
	ck_assert_str_eq(said, "");
	status = run(ignore_it, 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}
END_TEST

static char *inherited;

static void use_in_child(size_t nbytes)
{
	char *ptr = datamem_alloc(nbytes);

	if (!is_all(inherited, nbytes, 3))
		_exit(1);
	memset(inherited, 4, nbytes);
	memset(ptr, 4, nbytes);
	datamem_free(inherited, nbytes);
	datamem_free(ptr, nbytes);
	if (stats_now().guarded_blocks)
		_exit(2);
	set("guard", "off");
	set("guard", ALL);
	ptr = hidden(datamem_alloc(nbytes));
	datamem_free(ptr, nbytes);
	poke(ptr);
}

START_TEST(children)
{
	size_t nbytes = sizes[_i];

	NEEDS_SIGNALS();
	set("guard", ALL);
	inherited = hidden(datamem_alloc(nbytes));
	memset(inherited, 3, nbytes);
	ck_assert(died(run(use_in_child, nbytes)));
	ck_assert_msg(has(" freed block 0x"), "%s", said);
	ck_assert(is_all(inherited, nbytes, 3));
	datamem_free(inherited, nbytes);
	ck_assert_uint_eq(stats_now().guarded_blocks, 0);
	/* A guard is inherited, too. */
	inherited = hidden(datamem_alloc(nbytes));
	ck_assert(died(run(overrun, nbytes)));
	datamem_free(inherited, nbytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard reports");
	TCase *tcase = tcase_create("guard reports");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, overrun_is_reported, 0, COUNT(sizes));
	tcase_add_loop_test(tcase, use_after_free_is_reported, 0, COUNT(sizes));
	tcase_add_loop_test(tcase, padding_is_looked_at, 0, 5);
	tcase_add_loop_test(tcase, double_free_is_reported, 0, COUNT(sizes));
	tcase_add_test(tcase, host_handler_comes_next);
	tcase_add_loop_test(tcase, little_stack_for_signals, 0, 2);
	tcase_add_test(tcase, host_handler_put_over);
	tcase_add_test(tcase, signals_that_are_not_ours);
	tcase_add_loop_test(tcase, children, 0, COUNT(sizes));
	suite_add_tcase(suite, tcase);
	return harness_main(suite);
}

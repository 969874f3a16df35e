/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A process forks while another thread makes, resizes or frees a block with a
 * mapping of its own, or moves one: the child has no memory that is in no block.
 */
#include "arena/arena.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "library.h"

/* No other block, and no table, has as much. */
#define SIZE (24 * DMEM_MIB)

static char *volatile at;
static bool watch, there;

/* Stays until the next thread has come, if it comes; one of two is always here. */
static bool relay;
static unsigned int came;

static void stay_for_next(void)
{
	unsigned int own = __atomic_add_fetch(&came, 1, __ATOMIC_ACQ_REL);

	for (int i = 0; i < 100 && dmem_load_acquire(&came) == own; i++)
		usleep(500);
}

/* The other thread is between two steps: so that the process forks just then. */
static void come(char *addr)
{
	if (dmem_load_acquire(&relay))
		stay_for_next();
	if (!dmem_load(&watch))
		return;
	at = (char *)DMEM_ROUND_UP((uintptr_t)addr, DMEM_ALIGN_MAX);
	dmem_store_release(&there, true);
	usleep(100000);
}

void *__real_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes);
void *__wrap_dmem_kernel_map(size_t nbytes)
{
	char *addr = __real_dmem_kernel_map(nbytes);

	if (nbytes >= SIZE && addr)
		come(addr);
	return addr;
}

int __real_dmem_kernel_map_at(void *addr, size_t nbytes);
int __wrap_dmem_kernel_map_at(void *addr, size_t nbytes);
int __wrap_dmem_kernel_map_at(void *addr, size_t nbytes)
{
	int err = __real_dmem_kernel_map_at(addr, nbytes);

	if (nbytes >= SIZE && !err)
		come(addr);
	return err;
}

int __real_dmem_kernel_unmap(void *addr, size_t nbytes);
int __wrap_dmem_kernel_unmap(void *addr, size_t nbytes);
int __wrap_dmem_kernel_unmap(void *addr, size_t nbytes)
{
	if (nbytes >= SIZE)
		come(addr);
	return __real_dmem_kernel_unmap(addr, nbytes);
}

int __real_dmem_kernel_move(void *from, void *to, size_t nbytes);
int __wrap_dmem_kernel_move(void *from, void *to, size_t nbytes);
int __wrap_dmem_kernel_move(void *from, void *to, size_t nbytes)
{
	int err = __real_dmem_kernel_move(from, to, nbytes);

	if (nbytes >= SIZE)
		come(to);
	return err;
}

static char *block;

static void make(void)
{
	block = dmem_arena_alloc(SIZE, 0, DMEM_KIND_NODE(0));
}

static void grow(void)
{
	block = dmem_arena_resize(block, 3 * SIZE);
}

static void end(void)
{
	dmem_arena_free(block);
}

static void (*const steps[])(void) = { make, grow, end };

static void *take_a_step(void *arg)
{
	steps[(uintptr_t)arg]();
	return NULL;
}

/* Whether a page is there that is no block's. */
static bool is_lost(char *addr)
{
	unsigned char resident;
	struct dmem_block found;

	return !dmem_kernel_resident(addr, dmem_kernel_page_size(),
				     &resident) &&
	       !dmem_arena_find(addr, &found);
}

static void *move(void *arg)
{
	block = dmem_arena_resize(block, 3 * SIZE);
	return arg;
}

static void fork_beside(void *(*run)(void *arg), void *arg)
{
	pthread_t thread;
	int status;
	pid_t pid;

	dmem_store(&watch, true);
	ck_assert_int_eq(pthread_create(&thread, NULL, run, arg), 0);
	while (!dmem_load_acquire(&there))
		sched_yield();
	pid = fork();
	if (!pid)
		/* ThreadSanitizer finds the other thread missing at _exit(2). */
		syscall(SYS_exit_group, is_lost(at));
	pthread_join(thread, NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_ptr_nonnull(block);
}

START_TEST(the_child_knows_all)
{
	set("control", "off");
	for (int i = 0; i < _i; i++)
		steps[i]();
	fork_beside(take_a_step, (void *)(uintptr_t)_i);
}
END_TEST

/* In the window, from before one that is in its way. */
START_TEST(the_child_knows_what_moves)
{
	set("control", "off");
	block = dmem_arena_alloc(SIZE, DMEM_ALIGN_MAX, 0);
	ck_assert_ptr_nonnull(dmem_arena_alloc(SIZE, 0, 0));
	fork_beside(move, NULL);
}
END_TEST

static void *make_and_end(void *arg)
{
	void *ptr;

	(void)arg;
	while (dmem_load_acquire(&relay)) {
		ptr = dmem_arena_alloc(SIZE, 0, DMEM_KIND_NODE(0));
		if (!ptr)
			return (void *)1;
		dmem_arena_free(ptr);
	}
	return NULL;
}

/* Some thread has such a block in its hands at any time. */
START_TEST(it_is_not_kept_waiting)
{
	pthread_t threads[2];
	void *failed;
	int status;
	pid_t pid;

	set("control", "off");
	dmem_store_release(&relay, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, make_and_end,
						NULL), 0);
	while (dmem_load_acquire(&came) < 4)
		sched_yield();
	pid = fork();
	if (!pid)
		syscall(SYS_exit_group, 0);
	dmem_store_release(&relay, false);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("forked");
	TCase *tc = tcase_create("forked");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, it_is_not_kept_waiting);
	tcase_add_loop_test(tc, the_child_knows_all, 0, COUNT(steps));
	tcase_add_test(tc, the_child_knows_what_moves);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* References to blocks of the handler `shared`: kept, late, and wrong. */
#define _GNU_SOURCE
#include <datamem.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared-blocks.h"

static int attach_error(const struct datamem_shared_ref *ref)
{
	void *ptr;
	int err = datamem_shared_attach(ref, sizeof(*ref), false, &ptr);

	if (!err)
		datamem_handler_free(handler, (char *)ptr - ref->offset, 0);
	return err;
}

/* As often as one likes, and until the sender lets the block go. */
START_TEST(references_that_are_attached_stay)
{
	struct datamem_shared_ref ref;
	char *ptr = make(BIG), *others[3];
	int status;
	pid_t pid;

	ref = reference(ptr + 50);
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_int_eq(datamem_shared_attach(&ref, sizeof(ref), i,
						       (void **)&others[i]),
				 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(attach_error(&ref) || attach_error(&ref));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	others[1][0] = 3;
	ck_assert_int_eq(others[0][0], 3);
	ck_assert_uint_eq(datamem_shared_pending(), 1);
	datamem_handler_free(handler, ptr, BIG);
	ck_assert_int_eq(attach_error(&ref), 0);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						(void **)&ptr), 0);
	datamem_handler_free(handler, ptr - 50, 0);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_int_eq(others[2][0], 3);
	for (size_t i = 0; i < COUNT(others); i++)
		datamem_handler_free(handler, others[i] - 50, 0);
	ck_assert_int_eq(attach_error(&ref), -ESRCH);
}
END_TEST

/* Nothing is on its way then, nor is the block kept for it. */
START_TEST(a_reference_that_is_received_twice)
{
	struct datamem_shared_ref ref;
	struct stat gone;
	char *ptr = make(BIG), *others[2];

	ref = reference(ptr);
	for (size_t i = 0; i < COUNT(others); i++)
		ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
							(void **)&others[i]),
				 0);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	for (size_t i = 0; i < COUNT(others); i++)
		datamem_handler_free(handler, others[i], 0);
	datamem_handler_free(handler, ptr, BIG);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_int_ne(fstat((int)ref.fd, &gone), 0);
}
END_TEST

/* Blocks that are kept for references count among those that there may be. */
START_TEST(references_that_nobody_takes_are_bounded)
{
	const struct rlimit few = { 80, 80 };
	struct datamem_shared_ref ref, last;
	size_t sent = 0;
	void *ptr;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (int i = 0; i < 100; i++) {
		ptr = make(BIG);
		if (!datamem_shared_send(ptr, &ref, sizeof(ref))) {
			last = ref;
			sent++;
		}
		datamem_handler_free(handler, ptr, BIG);
		ck_assert_uint_eq(datamem_shared_pending(), sent);
	}
	ck_assert_uint_ge(sent, 1);
	ck_assert_uint_le(sent, few.rlim_cur / 4);
	/* One that is received makes room again. */
	ck_assert_int_eq(datamem_shared_receive(&last, sizeof(last), false,
						&ptr), 0);
	datamem_handler_free(handler, ptr, 0);
	ck_assert_uint_eq(datamem_shared_pending(), sent - 1);
	ptr = make(BIG);
	ref = reference(ptr);
	datamem_handler_free(handler, ptr, BIG);
}
END_TEST

/* Whoever attaches what is freed in this moment has it, or is told. */
START_TEST(attached_while_it_is_freed)
{
	int from[2], to[2], status;
	pid_t pid = child_of(from, to);
	struct datamem_shared_ref ref;
	char answer, *ptr;

	if (!pid) {
		close(to[1]);
		while (read(to[0], &ref, sizeof(ref)) == sizeof(ref)) {
			if (write(from[1], "", 1) != 1)
				_exit(1);
			if (!datamem_shared_attach(&ref, sizeof(ref), false,
						   (void **)&ptr)) {
				usleep(100);
				if (ptr[0] != 7 || ptr[BIG - 1] != 7)
					_exit(2);
				datamem_handler_free(handler, ptr, 0);
			}
		}
		_exit(0);
	}
	for (int i = 0; i < 200; i++) {
		void *mine;

		ptr = make(BIG);
		ref = reference(ptr);
		ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref),
							false, &mine), 0);
		datamem_handler_free(handler, mine, 0);
		ck_assert_int_eq(write(to[1], &ref, sizeof(ref)), sizeof(ref));
		ck_assert_int_eq(read(from[0], &answer, 1), 1);
		datamem_handler_free(handler, ptr, BIG);
	}
	close(to[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static int set_shared_word(void *arg)
{
	*(volatile int *)arg = 1;
	return 0;
}

/* valgrind and qemu make a fork of such a process. */
static bool memory_is_shared(void)
{
	static char stack[64 << 10] __attribute__((__aligned__(16)));
	volatile int word = 0;
	pid_t pid = clone(set_shared_word, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK, (void *)&word);

	if (pid < 0)
		return false;
	waitpid(pid, NULL, __WCLONE);
	return word;
}

/* Fill the table of descriptors; the lowest that this has opened. */
static int take_all_descriptors(void)
{
	int first = open("/dev/null", O_RDONLY), fd;

	ck_assert_int_ge(first, 0);
	do
		fd = dup(first);
	while (fd >= 0);
	ck_assert_int_eq(errno, EMFILE);
	return first;
}

static void interrupted(int sig)
{
	(void)sig;
}

static pthread_t receiver;
static bool received;

/* One of the signals that are not kept from who receives. */
static void *interrupt(void *arg)
{
	while (!__atomic_load_n(&received, __ATOMIC_ACQUIRE))
		pthread_kill(receiver, SIGFPE);
	return arg;
}

/* No process is left behind where a signal ends the wait for it. */
static void receive_again_and_again(const struct datamem_shared_ref *ref)
{
	struct sigaction action = { .sa_handler = interrupted };
	pthread_t thread;
	void *got;

	receiver = pthread_self();
	received = false;
	ck_assert_int_eq(sigaction(SIGFPE, &action, NULL), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, interrupt, NULL), 0);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(datamem_shared_attach(ref, sizeof(*ref), false,
						       &got), 0);
		datamem_handler_free(handler, (char *)got - 50, 0);
	}
	__atomic_store_n(&received, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

START_TEST(received_without_a_descriptor)
{
	struct datamem_shared_ref ref, other, wrong;
	struct rlimit before, few = { 40, 0 };
	sigset_t blocked, still;
	char *ptr = make(BIG), *got[2];
	pthread_t thread;
	int first;

	if (!HARNESS_TSAN && !memory_is_shared())
		harness_skip("no process shares memory here");
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	few.rlim_max = before.rlim_max;
	ref = reference(ptr + 50);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	first = take_all_descriptors();
	if (HARNESS_TSAN) {
		/* It would start no thread any more. */
		ck_assert_int_eq(attach_error(&ref), -EMFILE);
		receiver = pthread_self();
		received = true;
		ck_assert_int_eq(pthread_create(&thread, NULL, interrupt, NULL),
				 0);
		pthread_join(thread, NULL);
		return;
	}
	wrong = ref;
	wrong.inode++;
	ck_assert_int_eq(attach_error(&wrong), -ESRCH);
	ck_assert_int_eq(datamem_shared_attach(&ref, sizeof(ref), false,
					       (void **)&got[0]), 0);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), true,
						(void **)&got[1]), 0);
	receive_again_and_again(&ref);
	got[1][0] = 3;
	ck_assert_int_eq(got[0][0], 3);
	ck_assert_int_eq(ptr[50], 3);
	ck_assert_int_eq(got[0][BIG - 51], 7);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	/* There is nothing that a third process could open. */
	ck_assert_int_eq(datamem_shared_send(got[0], &other, sizeof(other)),
			 -ENOTSUP);
	for (size_t i = 0; i < COUNT(got); i++)
		datamem_handler_free(handler, got[i] - 50, 0);
	/* The program is as it was. */
	ck_assert_int_eq(dup(first), -1);
	ck_assert_int_eq(fcntl(3, F_GETFD) == -1, 0);
	ck_assert_int_eq(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	pthread_sigmask(SIG_BLOCK, NULL, &still);
	for (int i = 1; i <= SIGRTMAX; i++)
		ck_assert_int_eq(sigismember(&blocked, i),
				 sigismember(&still, i));
	for (int fd = first; fd < (int)few.rlim_cur; fd++)
		close(fd);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	datamem_handler_free(handler, ptr, BIG);
}
END_TEST

START_TEST(wrong_references_are_refused)
{
	struct datamem_shared_ref ref, wrong;
	char *ptr = make(BIG), other[100];
	void *out = NULL;

	ck_assert_int_eq(datamem_shared_send(NULL, &ref, sizeof(ref)),
			 -EINVAL);
	ck_assert_int_eq(datamem_shared_send(ptr, NULL, 9), -EINVAL);
	/* A part of one could never be received. */
	ck_assert_int_eq(datamem_shared_send(ptr, &ref, sizeof(ref) - 1),
			 -EINVAL);
	ck_assert_uint_eq(datamem_shared_pending(), 0);
	ck_assert_int_eq(datamem_shared_send(other, &ref, sizeof(ref)),
			 -ENOENT);
	ref = reference(ptr);
	wrong = ref;
	wrong.inode++;
	ck_assert_int_eq(datamem_shared_receive(&wrong, sizeof(wrong), false,
						&out), -ESRCH);
	wrong = ref;
	wrong.nbytes *= 2;
	ck_assert_int_eq(datamem_shared_receive(&wrong, sizeof(wrong), false,
						&out), -ESRCH);
	wrong.nbytes = 77;
	ck_assert_int_eq(datamem_shared_receive(&wrong, sizeof(wrong), false,
						&out), -EINVAL);
	wrong = ref;
	wrong.offset = wrong.nbytes;
	ck_assert_int_eq(datamem_shared_receive(&wrong, sizeof(wrong), false,
						&out), -EINVAL);
	ck_assert_int_eq(datamem_shared_receive(&ref, 3, false, &out),
			 -EINVAL);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(datamem_shared_receive(&ref, sizeof(ref), false,
						&out), 0);
	datamem_handler_free(handler, out, 0);
	datamem_handler_free(handler, ptr, 0);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	/* Before anything is made, which would leak. */
	if (access("/proc/self/fd/0", F_OK) && access("/proc/self/fd", F_OK))
		return harness_skip_all("no /proc");
	suite = suite_create("references");
	tc = tcase_create("references");
	tcase_add_checked_fixture(tc, find_shared, NULL);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, references_that_are_attached_stay);
	tcase_add_test(tc, a_reference_that_is_received_twice);
	tcase_add_test(tc, references_that_nobody_takes_are_bounded);
	tcase_add_test(tc, attached_while_it_is_freed);
	tcase_add_test(tc, received_without_a_descriptor);
	tcase_add_test(tc, wrong_references_are_refused);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

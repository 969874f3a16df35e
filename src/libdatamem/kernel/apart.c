/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A function in a process that has our memory, and descriptors of its own. */
#include "shared.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/guest.h"
#include "missing.h"

/* Of the function; snprintf(3) needs most of it. */
#define STACK ((size_t)64 << 10)

/* What a program handles belongs to the program, and not to that process; what
 * a call of the function causes has to be handled where it happens. */
static void block_signals(sigset_t *before)
{
	static const int caused[] = { SIGSYS, SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				      SIGTRAP };
	sigset_t most;

	sigfillset(&most);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(caused); i++)
		sigdelset(&most, caused[i]);
	pthread_sigmask(SIG_BLOCK, &most, before);
}

struct call {
	void (*run)(void *arg);
	void *arg;
};

static int serve(void *arg)
{
	const struct call *call = arg;

	/* Not that of a stream, which no file of ours ever has. */
	syscall(SYS_close, (long)STDERR_FILENO + 1);
	call->run(call->arg);
	return 0;
}

int dmem_kernel_run_apart(void (*run)(void *arg), void *arg)
{
	struct call call = { run, arg };
	int saved = errno, err = 0, state;
	sigset_t before;
	char *stack;
	pid_t pid;

	if (dmem_guest_takes_for_fork())
		return -ENOSYS;
	stack = dmem_kernel_map(STACK);
	if (!stack)
		return -ENOMEM;
	/* As posix_spawn(3) does it: this thread waits for the process, which
	 * has its thread-local data, and so its errno, meanwhile. */
	state = dmem_cancel_off();
	block_signals(&before);
	pid = clone(serve, stack + STACK, CLONE_VM | CLONE_VFORK, &call);
	if (pid < 0)
		err = -errno;
	else
		/* It ends without a signal: no handler of the program hears of
		 * it, and no wait(2) finds it. */
		while (syscall(SYS_wait4, (long)pid, NULL, (long)__WCLONE,
			       NULL) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	dmem_cancel_restore(state);
	dmem_kernel_unmap(stack, STACK);
	errno = saved;
	return err;
}

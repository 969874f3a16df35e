/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The threads of the process, and a barrier on all of them. */
#include "kernel.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "missing.h"

int dmem_kernel_thread_id(void)
{
	/* Not gettid(): glibc has it since 2.30 only. */
	return (int)syscall(SYS_gettid);
}

uint64_t dmem_kernel_thread_ns(void)
{
	int saved = errno;
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)) {
		errno = saved;
		return 0;
	}
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool dmem_kernel_thread_alive(int tid)
{
	int saved = errno;
	bool gone;

	if (tid <= 0)
		return false;
	gone = syscall(SYS_tgkill, getpid(), tid, 0) == -1 && errno == ESRCH;
	errno = saved;
	return !gone;
}

/* Whether the first thread, whose id is that of the process, has ended. */
static bool leader_ended(void)
{
	char text[256], *state;
	ssize_t nbytes;
	int fd;

	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	nbytes = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (nbytes <= 0)
		return false;
	text[nbytes] = '\0';
	/* The name in parentheses may hold any character. */
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'Z';
}

bool dmem_kernel_alone(void)
{
	int saved = errno;
	bool alone = false;
	struct stat stat_buf;

	/* A directory of 2 links, and one a thread; cheaper than any text. The
	 * first thread counts until the last has ended. */
	if (!stat("/proc/self/task", &stat_buf) && stat_buf.st_nlink == 2 + 2)
		alone = leader_ended();
	errno = saved;
	return alone;
}

/* glibc's (<sys/single_threaded.h>), where there is one. */
extern char __libc_single_threaded __attribute__((__weak__));

bool dmem_kernel_single_threaded(void)
{
	const char *flag = &__libc_single_threaded;

	return flag && *(const volatile char *)flag;
}

static long membarrier_call(int command DMEM_UNUSED)
{
#ifdef SYS_membarrier
	dmem_lock_call();
	return syscall(SYS_membarrier, command, 0, 0);
#else
	errno = ENOSYS;
	return -1;
#endif
}

/* Its callers rely on a full barrier in both directions, here and in every
 * other thread of the process (caches.pml, A2). */
int dmem_kernel_membarrier(void)
{
	/* Set once and for all where the kernel cannot; never unset. */
	static bool missing;
	int saved = errno;

	if (dmem_load(&missing))
		return -ENOSYS;
	if (!membarrier_call(DMEM_MEMBARRIER_PRIVATE))
		return 0;
	/*
	 * EPERM: not registered yet. Asking the kernel instead of keeping a
	 * flag is also right in a forked child, for which membarrier(2) does
	 * not promise that the registration is inherited (it is).
	 */
	if (errno == EPERM &&
	    !membarrier_call(DMEM_MEMBARRIER_REGISTER_PRIVATE) &&
	    !membarrier_call(DMEM_MEMBARRIER_PRIVATE)) {
		errno = saved;
		return 0;
	}
	errno = saved;
	dmem_store(&missing, true);
	return -ENOSYS;
}

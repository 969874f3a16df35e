/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A kernel that fails on demand, and trees of files that it could show. */
#include "kernel/kernel.h"

#include "fake-kernel.h"
#include "must.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct plan {
	_Atomic unsigned int count; /* calls made, by all threads */
	unsigned int fails; /* the call that fails; 0: none */
	bool always;
	int err;
};

struct fake_hooks fake_hooks;
static bool paused;
/* Shared with forked children: their calls count, too. */
static struct plan *plans;

/*
 * Before the library's own constructor. No control: a service thread would run
 * through here beside the test, and its calls would be counted.
 */
__attribute__((__constructor__(101))) static void at_load(void)
{
	const char *text = getenv("FAKE_KERNEL_FAIL");
	unsigned int call, nth;
	int err;

	setenv("DATAMEM_CONTROL", "off", 0);
	plans = __real_mmap(NULL, FAKE_CALLS * sizeof(*plans),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	must(plans != MAP_FAILED, "mmap");
	if (text && sscanf(text, "%u %u %d", &call, &nth, &err) == 3)
		fake_kernel_fail((enum fake_call)call, nth, err);
}

void fake_kernel_reset(void)
{
	paused = false;
	memset(&fake_hooks, 0, sizeof(fake_hooks));
	memset(plans, 0, FAKE_CALLS * sizeof(*plans));
}

void fake_kernel_fail(enum fake_call call, unsigned int nth, int err)
{
	plans[call].fails = nth ? plans[call].count + nth : 0;
	plans[call].always = !nth;
	plans[call].err = err;
}

void fake_kernel_pause(bool on)
{
	paused = on;
}

unsigned int fake_kernel_count(enum fake_call call)
{
	return plans[call].count;
}

static bool fails(enum fake_call call)
{
	struct plan *plan = &plans[call];

	if (paused)
		return false;
	if (++plan->count != plan->fails && !plan->always)
		return false;
	errno = plan->err;
	return true;
}

void *__wrap_mmap(void *addr, size_t nbytes, int prot, int flags, int fd,
		  off_t offset);
int __wrap_munmap(void *addr, size_t nbytes);
int __wrap_mprotect(void *addr, size_t nbytes, int prot);
void *__wrap_mremap(void *addr, size_t nbytes, size_t new_nbytes, int flags,
		    ...);
int __wrap_madvise(void *addr, size_t nbytes, int advice);
int __wrap_mincore(void *addr, size_t nbytes, unsigned char *vec);
int __wrap_prctl(int option, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_getrusage(int who, struct rusage *usage);
long __wrap_syscall(long number, ...);

void *__wrap_mmap(void *addr, size_t nbytes, int prot, int flags, int fd,
		  off_t offset)
{
	if (fails(FAKE_MMAP))
		return MAP_FAILED;
	if (fake_hooks.mmap)
		return fake_hooks.mmap(addr, nbytes, prot, flags);
	return __real_mmap(addr, nbytes, prot, flags, fd, offset);
}

int __wrap_munmap(void *addr, size_t nbytes)
{
	if (fails(FAKE_MUNMAP))
		return -1;
	if (fake_hooks.munmap)
		return fake_hooks.munmap(addr, nbytes);
	return __real_munmap(addr, nbytes);
}

int __wrap_mprotect(void *addr, size_t nbytes, int prot)
{
	if (fails(FAKE_MPROTECT))
		return -1;
	if (fake_hooks.mprotect)
		return fake_hooks.mprotect(addr, nbytes, prot);
	return __real_mprotect(addr, nbytes, prot);
}

void *__wrap_mremap(void *addr, size_t nbytes, size_t new_nbytes, int flags,
		    ...)
{
	void *new_addr;
	va_list args;

	va_start(args, flags);
	new_addr = va_arg(args, void *);
	va_end(args);
	if (fails(FAKE_MREMAP))
		return MAP_FAILED;
	if (fake_hooks.mremap)
		return fake_hooks.mremap(addr, nbytes, new_nbytes, flags,
					 new_addr);
	return __real_mremap(addr, nbytes, new_nbytes, flags, new_addr);
}

int __wrap_madvise(void *addr, size_t nbytes, int advice)
{
	if (fails(FAKE_MADVISE))
		return -1;
	if (fake_hooks.madvise)
		return fake_hooks.madvise(addr, nbytes, advice);
	return __real_madvise(addr, nbytes, advice);
}

int __wrap_mincore(void *addr, size_t nbytes, unsigned char *vec)
{
	if (fails(FAKE_MINCORE))
		return -1;
	if (fake_hooks.mincore)
		return fake_hooks.mincore(addr, nbytes, vec);
	return __real_mincore(addr, nbytes, vec);
}

int __wrap_prctl(int option, ...)
{
	unsigned long arg[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arg[i] = va_arg(args, unsigned long);
	va_end(args);
	if (fails(FAKE_PRCTL))
		return -1;
	if (fake_hooks.prctl)
		return fake_hooks.prctl(option, arg[0]);
	return __real_prctl(option, arg[0], arg[1], arg[2], arg[3]);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fails(FAKE_IOCTL))
		return -1;
	if (fake_hooks.ioctl)
		return fake_hooks.ioctl(fd, request, arg);
	return __real_ioctl(fd, request, arg);
}

int __wrap_getrusage(int who, struct rusage *usage)
{
	if (fails(FAKE_GETRUSAGE))
		return -1;
	if (fake_hooks.getrusage)
		return fake_hooks.getrusage(who, usage);
	return __real_getrusage(who, usage);
}

long __wrap_syscall(long number, ...)
{
	long arg[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (fails(FAKE_SYSCALL))
		return -1;
	if (number == SYS_mbind && fake_hooks.mbind)
		return fake_hooks.mbind((void *)arg[0], (size_t)arg[1],
					(int)arg[2],
					(const unsigned long *)arg[3]);
	if (fake_hooks.syscall)
		return fake_hooks.syscall(number, arg[0], arg[1]);
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4],
			      arg[5]);
}

static char tree[4096];

#define AREA_ALIGN (4 * DMEM_MIB)

char *fake_area(size_t nbytes)
{
	char *map = __real_mmap(NULL, nbytes + AREA_ALIGN,
				PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(map != MAP_FAILED, "mmap");
	return (char *)DMEM_ROUND_UP((uintptr_t)map, AREA_ALIGN);
}

void fake_tree_make(void)
{
	const char *tmp = getenv("TMPDIR");

	fake_kernel_reset();
	snprintf(tree, sizeof(tree), "%s/datamem-tree-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	must(mkdtemp(tree), tree);
	dmem_kernel_set_root(tree);
}

void fake_tree_write(const char *path, const char *text)
{
	char full[8192];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", tree, path);
	for (char *slash = full + strlen(tree) + 1;
	     (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		must(!mkdir(full, 0700) || errno == EEXIST, full);
		*slash = '/';
	}
	file = fopen(full, "w");
	must(file, full);
	must(fputs(text, file) >= 0, full);
	must(!fclose(file), full);
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_tree_remove(void)
{
	dmem_kernel_set_root(NULL);
	nftw(tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Stands between the library and the kernel in unit tests: the program is
 * linked with $(fake_kernel_ldflags), which sends these calls through here.
 * Without a hook or a failure asked for, they go on to the real kernel.
 *
 * The library's start goes through here, too: FAKE_KERNEL_FAIL="CALL NTH ERR" in
 * the environment, in numbers, is a failure asked for before it.
 *
 * Also builds directory trees for dmem_kernel_set_root().
 */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

enum fake_call {
	FAKE_MMAP,
	FAKE_MUNMAP,
	FAKE_MPROTECT,
	FAKE_MREMAP,
	FAKE_MADVISE,
	FAKE_MINCORE,
	FAKE_PRCTL,
	FAKE_IOCTL,
	FAKE_GETRUSAGE,
	FAKE_SYSCALL,
	FAKE_CALLS
};

/* Functions called instead; NULL: the real one. Failures come first. */
struct fake_hooks {
	void *(*mmap)(void *addr, size_t nbytes, int prot, int flags);
	int (*munmap)(void *addr, size_t nbytes);
	int (*mprotect)(void *addr, size_t nbytes, int prot);
	void *(*mremap)(void *addr, size_t nbytes, size_t new_nbytes,
			int flags, void *new_addr);
	int (*madvise)(void *addr, size_t nbytes, int advice);
	int (*mincore)(void *addr, size_t nbytes, unsigned char *vec);
	int (*prctl)(int option, unsigned long arg2);
	int (*ioctl)(int fd, unsigned long request, void *arg);
	int (*getrusage)(int who, struct rusage *usage);
	long (*syscall)(long number, long arg1, long arg2);
	/* mbind(2), which comes by syscall(2). */
	long (*mbind)(void *addr, size_t nbytes, int mode,
		      const unsigned long *nodes);
};
extern struct fake_hooks fake_hooks;

/* No hooks, no failures, counts at 0. */
void fake_kernel_reset(void);
/* Have the nth call from now fail with err; 0: every call from now on. */
void fake_kernel_fail(enum fake_call call, unsigned int nth, int err);
/* Calls succeed meanwhile, and are not counted. */
void fake_kernel_pause(bool on);
/* How often a call was made since the reset, by children as well. */
unsigned int fake_kernel_count(enum fake_call call);

/* The real calls, for hooks. */
void *__real_mmap(void *addr, size_t nbytes, int prot, int flags, int fd,
		  off_t offset);
int __real_munmap(void *addr, size_t nbytes);
int __real_mprotect(void *addr, size_t nbytes, int prot);
void *__real_mremap(void *addr, size_t nbytes, size_t new_nbytes, int flags,
		    ...);
int __real_madvise(void *addr, size_t nbytes, int advice);
int __real_mincore(void *addr, size_t nbytes, unsigned char *vec);
int __real_prctl(int option, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __real_getrusage(int who, struct rusage *usage);
long __real_syscall(long number, ...);

/* Own memory that begins on a multiple of 4 MiB; real, whatever is faked. */
char *fake_area(size_t nbytes);

/* No hooks and failures, and an empty tree as the root of the kernel's files,
 * until fake_tree_remove(). */
void fake_tree_make(void);
/* Write a file of the tree, with the directories above it. */
void fake_tree_write(const char *path, const char *text);
void fake_tree_remove(void);

#endif /* TESTS_FAKE_KERNEL_H */

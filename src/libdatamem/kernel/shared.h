/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Memory that other processes may map, futexes in it, and signs of memory
 * pressure: the ground floor of live control and of the handler `shared`. As in
 * kernel.h, functions return 0 or -errno and keep errno; none allocates.
 */
#ifndef DMEM_KERNEL_SHARED_H
#define DMEM_KERNEL_SHARED_H

#include "kernel.h"

#include <sys/types.h>

struct dmem_shared {
	int fd;         /* -1: none */
	dev_t device;
	ino_t inode;
};

/*
 * Make a sealed memfd of nbytes, all holes, close-on-exec, its descriptor at
 * 100 or above where there is room, and never below 3.
 *
 * -EFBIG   RLIMIT_FSIZE forbids it
 * -ENOSYS, -EPERM, -EACCES  the kernel, or a filter, has no memfd for us
 * -EMFILE   no number above 2 is free
 * -ENFILE, -ENOMEM
 */
int dmem_kernel_shared_make(const char *name, size_t nbytes,
			    struct dmem_shared *out);

/* Close the descriptor if it still is the file that was made. */
void dmem_kernel_shared_close(struct dmem_shared *shared);

/*
 * Open the file that a process has at a descriptor; out has the device and
 * inode that it must be, and be sealed, and have nbytes at least: -ESRCH if it
 * is not, or the process is gone; -EACCES, -EPERM: another user's; -EMFILE,
 * -ENFILE.
 */
int dmem_kernel_shared_open(int64_t pid, int64_t fd, size_t nbytes,
			    struct dmem_shared *out);

/*
 * Run a function, once, in a process that has this one's memory and a copy of its
 * descriptors, of which one is free, and wait for it. It makes system calls alone.
 * -ENOMEM, -EAGAIN or another error of clone(2), -ENOSYS for a tool that does not
 * bear it: it was not run. 0: it was, but a tool may have made a fork of this,
 * whose memory is another.
 */
int dmem_kernel_run_apart(void (*run)(void *arg), void *arg);

/* Whether others of this user on this machine can open the file: not where /proc
 * is missing, or of other processes, or this one is hidden from them
 * (PR_SET_DUMPABLE). */
bool dmem_kernel_shared_is_open(const struct dmem_shared *shared);

/* Map a part of the file anywhere, for reading, or for writing as well. */
int dmem_kernel_shared_map_part(const struct dmem_shared *shared, size_t offset,
				size_t nbytes, bool writable, void **out);

/* Give the pages of the first nbytes back; they read as zeros. -EBADF: the
 * descriptor is another file's now. */
int dmem_kernel_shared_punch(const struct dmem_shared *shared, size_t nbytes);

/* How many descriptors the process may have (RLIMIT_NOFILE). */
size_t dmem_kernel_descriptors(void);

/* Map the file anywhere; parts of it are opened (kernel.h) as they are used. */
int dmem_kernel_shared_map(const struct dmem_shared *shared, size_t nbytes,
			   void **out);

/*
 * Move a mapping with its contents, in one step, in place of what is at `to`
 * (ours, and may be in use). After a failure `to` may be unmapped.
 */
int dmem_kernel_move_over(void *from, void *to, size_t nbytes);

/*
 * Map the pages of a shared mapping a second time, in place of what is at `to`
 * (ours); without a descriptor. After a failure `to` may be unmapped.
 */
int dmem_kernel_shared_repeat(void *from, void *to, size_t nbytes);

/*
 * Have the kernel allocate pages of a shared mapping, which must be holes yet;
 * -ENOMEM where touching them would be SIGBUS.
 */
int dmem_kernel_shared_allocate(void *addr, size_t nbytes);

/* The same of the beginning of a file just made, which is mapped at addr: in one
 * call and a page fault or two, where the file can be written to. */
int dmem_kernel_shared_begin(const struct dmem_shared *shared, void *addr,
			     size_t nbytes);

/* Wait until woken, for ms at most, if the word is (still) as seen. */
void dmem_kernel_futex_wait(uint32_t *word, uint32_t seen, uint64_t ms);
void dmem_kernel_futex_wake(uint32_t *word);

/* Nanoseconds since the system was started, sleep included. */
uint64_t dmem_kernel_boot_ns(void);

/* The files that were there and could be understood. */
#define DMEM_PRESSURE_SYSTEM 1u    /* /proc/pressure/memory */
#define DMEM_PRESSURE_CGROUP 2u    /* memory.pressure, v2 */
#define DMEM_PRESSURE_EVENTS 4u    /* memory.events, v2 */
#define DMEM_PRESSURE_FAILURES 8u  /* memory.failcnt, v1 */

/* Counters that grow while memory is short, compared with those of before. */
struct dmem_pressure {
	/* All tasks waiting for memory. A stall of the whole system is in both,
	 * also when the cgroup is the root: not to be added. */
	uint64_t stalled_us, group_stalled_us;
	uint64_t events;      /* times a limit of the cgroup was met */
	unsigned int sources; /* samples of others are not to be compared */
};

/*
 * Read /proc/pressure/memory and, of this process's cgroup, memory.pressure and
 * memory.events (v2) or memory.failcnt (v1). 0 for what could not be read;
 * events at most UINT64_MAX.
 */
void dmem_kernel_pressure(struct dmem_pressure *out);

#endif /* DMEM_KERNEL_SHARED_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Memory that other processes may map, its descriptor, and futexes in it. */
#include "shared.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "missing.h"

/* Out of the way of programs that count on low numbers, where there is room;
 * never a standard stream that the program has closed. */
#define LOWEST_FD 100
#define LOWEST_FD_EVER 3

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif

static int create(const char *name DMEM_UNUSED)
{
#ifdef SYS_memfd_create
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, name, flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_memfd_create, name, flags);
	return fd;
#else
	errno = ENOSYS;
	return -1;
#endif
}

/* The kernel kills a process that makes a file longer than this. */
static bool fits_limit(size_t nbytes)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) ||
	       limit.rlim_cur == RLIM_INFINITY || nbytes <= limit.rlim_cur;
}

/* Locks are held: no point where the thread can be cancelled. Keeps errno. */
static void close_quietly(int fd)
{
	int saved = errno, state = dmem_cancel_off();

	close(fd);
	dmem_cancel_restore(state);
	errno = saved;
}

/* As high as RLIMIT_NOFILE leaves room; -1 and EMFILE: nowhere. */
static int move_up(int fd)
{
	int higher = -1;

	for (int lowest = LOWEST_FD; higher < 0 && lowest >= LOWEST_FD_EVER;
	     lowest /= 2)
		higher = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	if (higher < 0 && fd >= LOWEST_FD_EVER)
		return fd;
	close_quietly(fd);
	if (higher < 0)
		errno = EMFILE;
	return higher;
}

int dmem_kernel_shared_make(const char *name, size_t nbytes,
			    struct dmem_shared *out)
{
	int saved = errno, err, fd;
	struct stat stat;
	bool stream;

	if (!fits_limit(nbytes))
		return -EFBIG;
	fd = create(name);
	if (fd < 0)
		goto fail;
	stream = fd < LOWEST_FD_EVER;
	fd = move_up(fd);
	if (fd < 0)
		goto fail;
	/* Emptied: the lower number may have been somebody's output. */
	if ((stream && ftruncate(fd, 0)) || ftruncate(fd, (off_t)nbytes) ||
	    fcntl(fd, F_ADD_SEALS, SEALS) || fstat(fd, &stat)) {
		close_quietly(fd);
		goto fail;
	}
	out->fd = fd;
	out->device = stat.st_dev;
	out->inode = stat.st_ino;
	errno = saved;
	return 0;
fail:
	err = errno;
	errno = saved;
	return -err;
}

/* The program may have closed the descriptor, and opened another file there. */
static bool is_ours(const struct dmem_shared *shared)
{
	struct stat stat;

	return shared->fd >= 0 && !fstat(shared->fd, &stat) &&
	       stat.st_dev == shared->device && stat.st_ino == shared->inode;
}

void dmem_kernel_shared_close(struct dmem_shared *shared)
{
	int saved = errno;

	if (is_ours(shared))
		close_quietly(shared->fd);
	shared->fd = -1;
	errno = saved;
}

int dmem_kernel_shared_map(const struct dmem_shared *shared, size_t nbytes,
			   void **out)
{
	int saved = errno, err;

	*out = mmap(NULL, nbytes, PROT_NONE, MAP_SHARED, shared->fd, 0);
	err = *out == MAP_FAILED ? -errno : 0;
	errno = saved;
	return err;
}

/* Whether it is the file that was meant: a call that failed says nothing of it. */
static int check_opened(const struct dmem_shared *shared, size_t nbytes)
{
	struct stat stat;
	int seals;

	if (fstat(shared->fd, &stat))
		return -errno;
	if (stat.st_dev != shared->device || stat.st_ino != shared->inode ||
	    (uint64_t)stat.st_size < nbytes)
		return -ESRCH;
	seals = fcntl(shared->fd, F_GET_SEALS);
	if (seals < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	return (seals & SEALS) == SEALS ? 0 : -ESRCH;
}

int dmem_kernel_shared_open(int64_t pid, int64_t fd, size_t nbytes,
			    struct dmem_shared *out)
{
	int saved = errno, err, state;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/fd/%" PRId64, pid, fd);
	state = dmem_cancel_off();
	/* Whatever it is by now: it is looked at afterwards. */
	out->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	dmem_cancel_restore(state);
	if (out->fd < 0) {
		err = errno == ENOENT ? -ESRCH : -errno;
		errno = saved;
		return err;
	}
	out->fd = move_up(out->fd);
	if (out->fd < 0)
		err = -errno;
	else
		err = check_opened(out, nbytes);
	if (err && out->fd >= 0) {
		close_quietly(out->fd);
		out->fd = -1;
	}
	errno = saved;
	return err;
}

bool dmem_kernel_shared_is_open(const struct dmem_shared *shared)
{
	int saved = errno, dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	struct stat found;
	char path[64];
	bool open;

	/* 2: for root alone; an error: a filter, which says nothing of this. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", shared->fd);
	open = dumpable && dumpable != 2 && !stat(path, &found) &&
	       found.st_dev == shared->device && found.st_ino == shared->inode;
	errno = saved;
	return open;
}

int dmem_kernel_shared_map_part(const struct dmem_shared *shared, size_t offset,
				size_t nbytes, bool writable, void **out)
{
	int saved = errno, err;
	void *at = mmap(NULL, nbytes, PROT_READ | (writable ? PROT_WRITE : 0),
			MAP_SHARED, shared->fd, (off_t)offset);

	err = at == MAP_FAILED ? -errno : 0;
	if (!err)
		*out = at;
	errno = saved;
	return err;
}

int dmem_kernel_shared_punch(const struct dmem_shared *shared, size_t nbytes)
{
	int saved = errno, err = -EBADF, state = dmem_cancel_off();

	if (is_ours(shared))
		err = fallocate(shared->fd,
				FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				(off_t)nbytes) ? -errno : 0;
	dmem_cancel_restore(state);
	errno = saved;
	return err;
}

size_t dmem_kernel_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX
					       : (size_t)limit.rlim_cur;
}

static int move(void *from, size_t old_bytes, void *to, size_t nbytes)
{
	int saved = errno, err;
	void *got = mremap(from, old_bytes, nbytes,
			   MREMAP_MAYMOVE | MREMAP_FIXED, to);

	err = got == MAP_FAILED ? -errno : 0;
	errno = saved;
	return err;
}

int dmem_kernel_move_over(void *from, void *to, size_t nbytes)
{
	return move(from, nbytes, to, nbytes);
}

int dmem_kernel_shared_repeat(void *from, void *to, size_t nbytes)
{
	/* Of a shared mapping, 0 old bytes means: once more. */
	return move(from, 0, to, nbytes);
}

int dmem_kernel_shared_allocate(void *addr, size_t nbytes)
{
	size_t page_size = dmem_kernel_page_size();
	int saved = errno, err = 0;

	/*
	 * Where there is no memory for a page, a store is SIGBUS but a system
	 * call that writes there fails. Needs no descriptor and no Linux 5.14
	 * (MADV_POPULATE_WRITE).
	 */
	for (size_t at = 0; at < nbytes && !err; at += page_size) {
		char *page = (char *)addr + at;

		if (syscall(SYS_uname, page))
			err = -ENOMEM;
		else
			memset(page, 0, sizeof(struct utsname));
	}
	errno = saved;
	return err;
}

/* Write zeros to the beginning of a file; false: not all came there. */
static bool write_zeros(int fd, size_t nbytes)
{
	static const char zeros[1024];
	struct iovec parts[32];
	size_t n;
	int i;

	for (; nbytes; nbytes -= n) {
		n = DMEM_MIN(nbytes, sizeof(zeros) * DMEM_ARRAY_SIZE(parts));
		for (i = 0; i * sizeof(zeros) < n; i++)
			parts[i] = (struct iovec){ (void *)zeros, DMEM_MIN(
				n - i * sizeof(zeros), sizeof(zeros)) };
		/* Not writev(3), at which a thread can be cancelled. */
		if (syscall(SYS_writev, fd, parts, i) != (long)n)
			return false;
	}
	return true;
}

int dmem_kernel_shared_begin(const struct dmem_shared *shared, void *addr,
			     size_t nbytes)
{
	size_t page_size = dmem_kernel_page_size();
	int saved = errno;
	bool written = write_zeros(shared->fd, nbytes);

	errno = saved;
	if (!written)
		return dmem_kernel_shared_allocate(addr, nbytes);
	/* At a fault to read, the kernel maps what is there around it as well;
	 * at one to write, a page. */
	for (size_t at = 0; at < nbytes; at += page_size)
		(void)*((volatile char *)addr + at);
	return 0;
}

void dmem_kernel_futex_wait(uint32_t *word, uint32_t seen, uint64_t ms)
{
	/* The kernel's own, whatever time_t is. */
	struct {
		long sec, nsec;
	} timeout = { (long)(ms / 1000), (long)(ms % 1000) * 1000000 };
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAIT, seen, &timeout, NULL, 0);
	errno = saved;
}

void dmem_kernel_futex_wake(uint32_t *word)
{
	int saved = errno;

	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
	errno = saved;
}

uint64_t dmem_kernel_boot_ns(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now))
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

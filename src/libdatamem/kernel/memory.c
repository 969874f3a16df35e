/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Memory system calls, with the differences between kernel versions evened. */
#include "kernel.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "guest/guest.h"
#include "probes.h"
#include "missing.h"
#include "shared.h"

#define PRIVATE_ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* Parts in which a range is looked for at most. */
#define PARTS 64

/*
 * Turn the result of a call into 0 or -errno. errno itself goes back to what
 * it was: these functions run inside free().
 */
static int result(long ret, int saved_errno)
{
	int err = errno;

	errno = saved_errno;
	return ret == -1 ? -err : 0;
}

void *dmem_kernel_map(size_t nbytes)
{
	int saved = errno;
	void *addr;

	dmem_lock_call();
	addr = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, PRIVATE_ANON, -1, 0);

	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

int dmem_kernel_map_over(void *addr, size_t nbytes)
{
	int saved = errno;
	void *got;

	dmem_lock_call();
	got = mmap(addr, nbytes, PROT_READ | PROT_WRITE,
		   PRIVATE_ANON | MAP_FIXED, -1, 0);

	return result(got == MAP_FAILED ? -1 : 0, saved);
}

/* MAP_FIXED_NOREPLACE with more flags; -EEXIST: somebody has mapped there. */
static int map_hole(void *addr, size_t nbytes, int protection, int flags)
{
	int saved = errno;
	void *got;

	dmem_lock_call();
	got = mmap(addr, nbytes, protection,
		   PRIVATE_ANON | MAP_FIXED_NOREPLACE | flags, -1, 0);

	if (got == MAP_FAILED)
		return result(-1, saved);
	if (got != addr) {
		/* Before 4.17 the flag is unknown and addr only a hint. */
		munmap(got, nbytes);
		errno = saved;
		return -EEXIST;
	}
	return 0;
}

int dmem_kernel_map_at(void *addr, size_t nbytes)
{
	return map_hole(addr, nbytes, PROT_READ | PROT_WRITE, 0);
}

int dmem_kernel_zeros_at(void *addr, size_t nbytes)
{
	return map_hole(addr, nbytes, PROT_READ, 0);
}

void *dmem_kernel_reserve(size_t nbytes)
{
	void *addr = mmap(NULL, nbytes, PROT_NONE, PRIVATE_ANON, -1, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

int dmem_kernel_open(void *addr, size_t nbytes)
{
	int saved = errno;

	dmem_lock_call();
	return result(mprotect(addr, nbytes, PROT_READ | PROT_WRITE), saved);
}

/*
 * Fault explicit huge pages in. A limit of the hugetlb cgroup is charged at the
 * fault, and refuses with SIGBUS; a system call that writes there fails
 * instead.
 */
static int fault_in(char *addr, size_t nbytes, size_t page)
{
	int err = dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_POPULATE);

	if (!err || err == -EFAULT || err == -ENOMEM)
		return err;
	/* Before Linux 5.14, or a filter. */
	for (size_t at = 0; at < nbytes; at += page) {
		err = dmem_kernel_shared_allocate(addr + at, 1);
		if (err)
			return err;
	}
	return 0;
}

int dmem_kernel_map_hugetlb_over(void *addr, size_t nbytes,
				 unsigned int log2_size)
{
	int flags = MAP_HUGETLB | (int)(log2_size << MAP_HUGE_SHIFT);
	int saved = errno;
	void *got;
	int err;

	/*
	 * Where the pool is too small, the old mapping would be gone in vain,
	 * so that is found out elsewhere first. No MAP_NORESERVE: the pages
	 * are set aside now, not by SIGBUS later.
	 */
	got = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, PRIVATE_ANON | flags,
		   -1, 0);
	if (got == MAP_FAILED)
		return result(-1, saved);
	munmap(got, nbytes);
	errno = saved;
	/*
	 * In two steps: where a fixed mapping fails, the old one may be gone
	 * or not (before 6.13), which cannot be told apart from a mapping that
	 * another thread makes there meanwhile.
	 */
	err = dmem_kernel_unmap(addr, nbytes);
	if (err)
		return err;
	err = map_hole(addr, nbytes, PROT_READ | PROT_WRITE, flags);
	if (!err) {
		err = fault_in(addr, nbytes, (size_t)1 << log2_size);
		if (!err)
			return 0;
		/* Splits nothing, as it is a mapping of its own. */
		if (dmem_kernel_unmap(addr, nbytes))
			return -EFAULT;
	}
	return dmem_kernel_map_at(addr, nbytes) ? -EFAULT : err;
}

uint64_t dmem_kernel_address_limit(void)
{
	struct rlimit limit;
	int saved = errno;

	dmem_lock_call();
	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		limit.rlim_cur = (rlim_t)-1;
	errno = saved;
	return limit.rlim_cur;
}

/* Where a mapping without pages can be made; nothing stays mapped. */
static char *try_anywhere(size_t nbytes)
{
	void *addr = mmap(NULL, nbytes, PROT_NONE,
			  PRIVATE_ANON | MAP_NORESERVE, -1, 0);

	if (addr == MAP_FAILED)
		return NULL;
	munmap(addr, nbytes);
	return addr;
}

static bool is_hole(char *addr, size_t nbytes)
{
	if (map_hole(addr, nbytes, PROT_NONE, MAP_NORESERVE))
		return false;
	munmap(addr, nbytes);
	return true;
}

/* A limit on address space counts each part only while it is tried: below the
 * first, or above it. */
static char *find_in_parts(size_t nbytes, size_t part)
{
	char *first = try_anywhere(part), *begin = first;
	size_t found = part;

	while (first && found < nbytes) {
		if ((uintptr_t)begin > part && is_hole(begin - part, part))
			begin -= part;
		else if (!is_hole(begin + found, part))
			return NULL;
		found += part;
	}
	return begin;
}

void *dmem_kernel_find_range(size_t nbytes)
{
	int saved = errno;
	char *found = try_anywhere(nbytes);

	if (!found && dmem_kernel_address_limit() != UINT64_MAX)
		for (size_t part = nbytes / 2; !found && part >= nbytes / PARTS;
		     part /= 2)
			found = find_in_parts(nbytes, part);
	errno = saved;
	return found;
}

int dmem_kernel_unmap(void *addr, size_t nbytes)
{
	int saved = errno;

	dmem_lock_call();
	if (dmem_guest_told())
		dmem_guest_open(addr, nbytes);
	return result(munmap(addr, nbytes), saved);
}

/*
 * mremap(2) of a range; *got: where to. Without MREMAP_FIXED an address is a
 * hint, as in mmap(2). 0 or -errno.
 */
static int move_pages(void *from, void *to, size_t nbytes, int flags,
		      void **got)
{
	int saved = errno;

	dmem_lock_call();
	*got = mremap(from, nbytes, nbytes, MREMAP_MAYMOVE | flags, to);
	return result(*got == MAP_FAILED ? -1 : 0, saved);
}

/*
 * Pages went elsewhere, as somebody has mapped at their target: back onto what
 * they left. Nobody else can be there.
 */
static void move_back(void *got, void *from, size_t nbytes)
{
	void *again;

	if (!move_pages(got, from, nbytes, MREMAP_FIXED, &again))
		return;
	(void)dmem_kernel_map_at(from, nbytes);
	memcpy(from, got, nbytes);
	dmem_kernel_unmap(got, nbytes);
}

/*
 * Before 5.7. The target is replaced, and where the kernel fails it may be gone
 * (then it is mapped afresh, without replacing anything) or not. The two cannot
 * be told apart from another thread's mapping in the hole; so after a failure
 * of that kind nothing is moved any more.
 */
static int move_over(void *from, void *to, size_t nbytes)
{
	static bool unsure;
	void *got;
	int err;

	if (dmem_load(&unsure))
		return -ENOTSUP;
	err = move_pages(from, to, nbytes, MREMAP_FIXED, &got);
	if (!err)
		return dmem_kernel_map_at(from, nbytes) ? 1 : 0;
	/* Given before anything is done, or by a filter. */
	if (err == -EINVAL || err == -EPERM || err == -ENOSYS ||
	    err == -EACCES)
		return -ENOTSUP;
	if (!dmem_kernel_map_at(to, nbytes))
		return err == -EFAULT ? -ENOTSUP : err;
	dmem_store(&unsure, true);
	return -EFAULT;
}

/* msync(2) tells; to memory without a file it does nothing else. */
static bool is_locked(void *addr)
{
	int saved = errno, state = dmem_cancel_off(), err;

	dmem_lock_call();
	err = result(msync(addr, dmem_kernel_page_size(), MS_INVALIDATE),
		     saved);
	dmem_cancel_restore(state);
	return err == -EBUSY;
}

/*
 * The kernel takes the lock off what the pages have left, which is memory of a
 * program that wants all locked (mlockall(2)): mapped afresh it has one.
 */
static int leave(void *from, void *to, size_t nbytes)
{
	return is_locked(to) && !dmem_kernel_unmap(from, nbytes) ? 1 : 0;
}

int dmem_kernel_move(void *from, void *to, size_t nbytes)
{
	/* Set once and for all where the kernel is too old. */
	static bool old;
	void *got;
	int err;

	if (dmem_load(&old))
		return move_over(from, to, nbytes);
	/*
	 * The target is unmapped first, and is a hint: so it is known at each
	 * step whose it is. With MREMAP_FIXED the kernel may fail before it
	 * unmaps the target or after.
	 */
	err = dmem_kernel_unmap(to, nbytes);
	if (err)
		return err;
	err = move_pages(from, to, nbytes, MREMAP_DONTUNMAP, &got);
	if (!err && got == to)
		return leave(from, to, nbytes);
	if (!err)
		move_back(got, from, nbytes);
	if (dmem_kernel_map_at(to, nbytes))
		return -EFAULT;
	if (err != -EINVAL)
		return err == -EFAULT || !err ? -ENOTSUP : err;
	err = move_over(from, to, nbytes);
	if (err >= 0)
		dmem_store(&old, true);
	return err;
}

static const int advice_numbers[] = {
	[DMEM_ADVICE_HUGEPAGE] = MADV_HUGEPAGE,
	[DMEM_ADVICE_NOHUGEPAGE] = MADV_NOHUGEPAGE,
	[DMEM_ADVICE_FREE] = MADV_FREE,
	[DMEM_ADVICE_PURGE] = MADV_DONTNEED,
	[DMEM_ADVICE_DONTFORK] = MADV_DONTFORK,
	[DMEM_ADVICE_DOFORK] = MADV_DOFORK,
	[DMEM_ADVICE_COLLAPSE] = MADV_COLLAPSE,
	[DMEM_ADVICE_POPULATE] = MADV_POPULATE_WRITE,
	[DMEM_ADVICE_DONTDUMP] = MADV_DONTDUMP,
	[DMEM_ADVICE_DODUMP] = MADV_DODUMP,
	[DMEM_ADVICE_GUARD] = MADV_GUARD_INSTALL,
};

static int give_advice(void *addr, size_t nbytes, int number)
{
	int saved = errno;

	dmem_lock_call();
	return result(madvise(addr, nbytes, number), saved);
}

int dmem_kernel_advise(void *addr, size_t nbytes, enum dmem_advice advice)
{
	int err = give_advice(addr, nbytes, advice_numbers[advice]);

	/* Locked memory (mlock(2), mlockall(2)). */
	if (advice == DMEM_ADVICE_PURGE && err == -EINVAL)
		err = give_advice(addr, nbytes, MADV_DONTNEED_LOCKED);
	if (advice == DMEM_ADVICE_PURGE && !err)
		dmem_probe2(DATAMEM, purge, addr, nbytes);
	return err;
}

int dmem_kernel_restore(void *addr, size_t nbytes)
{
	int saved = errno, err;

	err = give_advice(addr, nbytes, MADV_DOFORK);
	if (err != -ENOMEM)
		err = give_advice(addr, nbytes, MADV_KEEPONFORK);
	if (err != -ENOMEM)
		err = result(mprotect(addr, nbytes, PROT_READ | PROT_WRITE),
			     saved);
	return err == -ENOMEM ? err : 0;
}

uint64_t dmem_kernel_clock_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now))
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

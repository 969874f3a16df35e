/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Memory system calls, with the differences between kernel versions evened. */
#include "kernel.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "missing.h"

#define PRIVATE_ANON (MAP_PRIVATE | MAP_ANONYMOUS)

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
	void *addr = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, PRIVATE_ANON,
			  -1, 0);

	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

static int map_at(void *addr, size_t nbytes, int protection)
{
	int saved = errno;
	void *got = mmap(addr, nbytes, protection,
			 PRIVATE_ANON | MAP_FIXED_NOREPLACE, -1, 0);

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
	return map_at(addr, nbytes, PROT_READ | PROT_WRITE);
}

int dmem_kernel_zeros_at(void *addr, size_t nbytes)
{
	return map_at(addr, nbytes, PROT_READ);
}

void *dmem_kernel_reserve(size_t nbytes)
{
	void *addr = mmap(NULL, nbytes, PROT_NONE, PRIVATE_ANON, -1, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

int dmem_kernel_open(void *addr, size_t nbytes)
{
	int saved = errno;

	return result(mprotect(addr, nbytes, PROT_READ | PROT_WRITE), saved);
}

int dmem_kernel_map_over(void *addr, size_t nbytes)
{
	int saved = errno;
	void *got = mmap(addr, nbytes, PROT_READ | PROT_WRITE,
			 PRIVATE_ANON | MAP_FIXED, -1, 0);

	return result(got == MAP_FAILED ? -1 : 0, saved);
}

int dmem_kernel_map_hugetlb_over(void *addr, size_t nbytes,
				 unsigned int log2_size)
{
	int flags = PRIVATE_ANON | MAP_HUGETLB |
		    (int)(log2_size << MAP_HUGE_SHIFT);
	int saved = errno;
	void *got;
	int err;

	/*
	 * Where the pool is too small, a fixed mapping fails only after the
	 * old one is gone (before 6.13), so that is found out elsewhere first.
	 * No MAP_NORESERVE: the pages are set aside now, not by SIGBUS later.
	 */
	got = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (got == MAP_FAILED)
		return result(-1, saved);
	munmap(got, nbytes);
	got = mmap(addr, nbytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1,
		   0);
	if (got != MAP_FAILED)
		return result(0, saved);
	err = result(-1, saved);
	if (err != -EINVAL && dmem_kernel_map_at(addr, nbytes))
		return -EFAULT;
	return err;
}

void *dmem_kernel_find_range(size_t nbytes)
{
	int saved = errno;
	void *addr = mmap(NULL, nbytes, PROT_NONE,
			  PRIVATE_ANON | MAP_NORESERVE, -1, 0);

	if (addr != MAP_FAILED)
		munmap(addr, nbytes);
	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

int dmem_kernel_unmap(void *addr, size_t nbytes)
{
	int saved = errno;

	return result(munmap(addr, nbytes), saved);
}

/* mremap(2) of a range onto `to`; 0 or -errno. */
static int move_pages(void *from, void *to, size_t nbytes, int flags)
{
	int saved = errno;
	void *got = mremap(from, nbytes, nbytes,
			   MREMAP_MAYMOVE | MREMAP_FIXED | flags, to);

	return result(got == MAP_FAILED ? -1 : 0, saved);
}

int dmem_kernel_move(void *from, void *to, size_t nbytes)
{
	int err = move_pages(from, to, nbytes, MREMAP_DONTUNMAP);

	if (!err)
		return 0;
	if (err == -EINVAL) {
		/* Before 5.7. The kernel refused the flag and did nothing. */
		err = move_pages(from, to, nbytes, 0);
		if (!err)
			return dmem_kernel_map_at(from, nbytes) ? 1 : 0;
		if (err == -EINVAL)
			return -ENOTSUP;
	}
	/*
	 * The kernel unmaps the target before it looks at the source, and
	 * fails with EFAULT when that is more than one mapping (before 6.17).
	 * The hole is filled without replacing anything: another thread may
	 * have mapped something there by now.
	 */
	if (dmem_kernel_map_at(to, nbytes))
		return -EFAULT;
	return err == -EFAULT ? -ENOTSUP : err;
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
};

static int give_advice(void *addr, size_t nbytes, int number)
{
	int saved = errno;

	return result(madvise(addr, nbytes, number), saved);
}

int dmem_kernel_advise(void *addr, size_t nbytes, enum dmem_advice advice)
{
	int err = give_advice(addr, nbytes, advice_numbers[advice]);

	if (advice != DMEM_ADVICE_PURGE || err != -EINVAL)
		return err;
	/* Locked memory (mlock(2), mlockall(2)). */
	err = give_advice(addr, nbytes, MADV_DONTNEED_LOCKED);
	if (err == -EINVAL)
		err = dmem_kernel_map_over(addr, nbytes);
	return err;
}

void dmem_kernel_name(void *addr, size_t nbytes, const char *name)
{
	int saved = errno;

	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)addr, nbytes,
	      (unsigned long)name);
	errno = saved;
}

static long membarrier_call(int command DMEM_UNUSED)
{
#ifdef SYS_membarrier
	return syscall(SYS_membarrier, command, 0, 0);
#else
	errno = ENOSYS;
	return -1;
#endif
}

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

uint64_t dmem_kernel_clock_ms(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now))
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

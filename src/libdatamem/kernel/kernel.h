/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Ground floor: the only files that make memory system calls or read /proc and
 * /sys. They report what the kernel did; they decide nothing.
 *
 * memory.c     mappings, advice, moves, clock
 * names.c      names of mappings
 * threads.c    the threads of the process, membarrier
 * self.c       what its addresses are, also asked in a handler of signals
 * numa.c       nodes, and the policy of a range
 * facts.c      /proc, /sys, uname(2) and prctl(2), below a root directory that
 *              tests and `datamem-ctl --sysroot` replace
 * cgroup.c     the memory limit of this process's cgroups, below that root
 * groups.c     their directory where a namespace hides its name
 * features.c   abilities of the kernel, found by trial
 * residency.c  which pages of a range are resident, which are huge
 * files.c      reads files, and has the root directory
 * shared.c, pressure.c  for live control, declared in shared.h
 * files.h, missing.h    for the files of kernel/ only
 *
 * Functions return 0 or -errno unless they say otherwise; they keep errno. All
 * are thread-safe and may be called in a forked child. None allocates.
 */
#ifndef DMEM_KERNEL_H
#define DMEM_KERNEL_H

#include "base.h"

#include <signal.h>

/* memory.c */

/* Map fresh, zeroed, private memory anywhere; NULL: none to be had. */
void *dmem_kernel_map(size_t nbytes);
/* Map it at addr, where nothing may be mapped yet: -EEXIST if there is. */
int dmem_kernel_map_at(void *addr, size_t nbytes);
/*
 * Map a range that grows into use: readable at addr, as zeros, where nothing
 * may be mapped yet; or anywhere, without access. Before a part of it is
 * opened, for writing, it has no pages, is not charged (vm.overcommit_memory=2),
 * and mlockall(2) finds nothing to lock.
 */
int dmem_kernel_zeros_at(void *addr, size_t nbytes);
void *dmem_kernel_reserve(size_t nbytes);  /* NULL and errno on failure */
int dmem_kernel_open(void *addr, size_t nbytes);
/*
 * Map it at addr in place of what is there (ours): pages, advice, moves gone.
 * After a failure the range may be unmapped.
 */
int dmem_kernel_map_over(void *addr, size_t nbytes);
/*
 * As map_over, but with explicit huge pages out of the pool of this page size,
 * faulted in: a limit of the hugetlb cgroup refuses here, not by SIGBUS later.
 * Any error but -EFAULT (-ENOMEM: the pool is too small; -EINVAL: there is
 * none) leaves the range as it was, or mapped afresh with ordinary pages.
 * -EFAULT: the range is lost, it must not be used any more.
 */
int dmem_kernel_map_hugetlb_over(void *addr, size_t nbytes,
				 unsigned int log2_size);
/*
 * Ask where a mapping of nbytes would go and release it again: an address that
 * respects the layout of kernel and sanitizers; where a limit forbids so large
 * a mapping, one of a 64th at least, and free addresses beside it. NULL when
 * there is no room.
 */
void *dmem_kernel_find_range(size_t nbytes);
/* Bytes of address space that the process may have; UINT64_MAX: any. */
uint64_t dmem_kernel_address_limit(void);
int dmem_kernel_unmap(void *addr, size_t nbytes);
/*
 * Move the pages of a range, huge ones whole, onto another mapped range whose
 * old pages are dropped; the source stays mapped and reads as zeros. Both must
 * have the same phase in a huge page.
 *
 * 0, or
 * 1         moved, but `from` is lost: before Linux 5.7 it has to be mapped
 *           afresh, and another thread's mmap(2) was faster; or it was locked
 *           and is unmapped, as the kernel has taken the lock off it,
 * -ENOTSUP  the source is more than one mapping (before 6.17), or the kernel
 *           cannot; other values but -EFAULT: no memory, or a filter refuses.
 *           Nothing has moved, the source is as it was, `to` is mapped, with
 *           its contents or afresh and without advice,
 * -EFAULT   nothing has moved, and `to` is lost in the same way.
 * A lost range is no longer ours: never touch it, never unmap it.
 */
int dmem_kernel_move(void *from, void *to, size_t nbytes);

enum dmem_advice {
	DMEM_ADVICE_HUGEPAGE,
	DMEM_ADVICE_NOHUGEPAGE,
	DMEM_ADVICE_FREE,      /* the kernel may take the pages and contents */
	/* Pages go now, reads as zero. Locked ones too, since Linux 5.18. */
	DMEM_ADVICE_PURGE,
	DMEM_ADVICE_DONTFORK,
	DMEM_ADVICE_DOFORK,
	DMEM_ADVICE_COLLAPSE,
	DMEM_ADVICE_POPULATE,  /* fault in for writing */
	DMEM_ADVICE_DONTDUMP,
	DMEM_ADVICE_DODUMP,
	DMEM_ADVICE_GUARD,     /* no pages, and no access */
};
int dmem_kernel_advise(void *addr, size_t nbytes, enum dmem_advice advice);
/*
 * Undo what a program may have done to a block that it has freed: kept it from
 * its children (MADV_DONTFORK, MADV_WIPEONFORK) or protected it. -EINVAL and
 * the like, where a filter refuses, are no failure; -ENOMEM: a part is not
 * mapped any more, or no mapping is left for the parts.
 */
int dmem_kernel_restore(void *addr, size_t nbytes);

/* Milliseconds of a coarse monotonic clock. */
uint64_t dmem_kernel_clock_ms(void);

/* names.c */

/* Name a mapping for /proc/PID/maps ("[anon:datamem]"); best effort. */
void dmem_kernel_name(void *addr, size_t nbytes, const char *name);
/*
 * Names are given from now on, and to what is remembered. Not before the first
 * large block: programs under filters that kill for prctl(2) live with small
 * ones. name must be a constant.
 */
void dmem_kernel_names_start(void);

/* threads.c */

/*
 * After this every running thread of the process has passed a full memory
 * barrier. -ENOSYS where the kernel has no private expedited membarrier.
 */
int dmem_kernel_membarrier(void);

/* The calling thread's kernel id. */
int dmem_kernel_thread_id(void);
/* What it has computed so far, in nanoseconds; 0 unknown. */
uint64_t dmem_kernel_thread_ns(void);
/* False only when no thread of this process has the id any more. */
bool dmem_kernel_thread_alive(int tid);
/*
 * Whether every other thread has ended, the first one as well; false where
 * /proc does not say. Not for the first thread.
 */
bool dmem_kernel_alone(void);

/* Whether the process has never had a second thread; false where the C library
 * does not tell (glibc before 2.32, musl). */
bool dmem_kernel_single_threaded(void);

/* numa.c */

enum dmem_numa {
	DMEM_NUMA_DEFAULT,
	DMEM_NUMA_LOCAL,
	DMEM_NUMA_BIND,
	DMEM_NUMA_INTERLEAVE,
};
/* Nodes above this number are not known to the library. */
#define DMEM_NODES_MAX 64
/* Parse a list as in /sys ("0-1,3") into bits; -EINVAL. */
int dmem_kernel_nodes_parse(const char *list, uint64_t *nodes);
/* The nodes online; node 0 where the kernel does not say. */
uint64_t dmem_kernel_nodes(void);
/* Say from which nodes a range gets the pages it has not touched yet. */
int dmem_kernel_bind(void *addr, size_t nbytes, enum dmem_numa mode,
		     uint64_t nodes);

/*
 * self.c. These take no lock and call nothing that a handler of signals may not.
 *
 * Take all access to pages of a mapping, and the pages: by a guard in the page
 * tables, which splits no mapping (MADV_GUARD_INSTALL, Linux 6.13; not of locked
 * memory before 6.14), else by protection.
 */
int dmem_kernel_forbid(void *addr, size_t nbytes);

/* Send the calling thread a signal that it has received. -errno: not sent. */
int dmem_kernel_send_again(int sig, siginfo_t *info);

/*
 * Read n words at an address without a fault, where there may be none. False:
 * they cannot be read, or the kernel does not let us ask.
 */
bool dmem_kernel_peek(const void *addr, uintptr_t *words, size_t n);

/* Which file an address is mapped from. */
struct dmem_module {
	uintptr_t base;    /* where the file begins in memory; 0: not known */
	char name[80];     /* the end of its path */
};

/*
 * Find those of n addresses, in one pass through /proc/self/maps: tell(arg, i,
 * module) for each that has one. Not for two threads at a time.
 */
void dmem_kernel_modules(const uintptr_t *addrs, size_t n,
			 void (*tell)(void *arg, size_t i,
				      const struct dmem_module *module),
			 void *arg);

/* facts.c */

/* Bytes of a page (sysconf). */
size_t dmem_kernel_page_size(void);

/* The answers of files and calls; each value can be unknown. */
struct dmem_kernel_facts {
	char release[65];       /* uname(2), or osrelease below the root */
	size_t page_size;
	size_t hugepage_size;   /* hpage_pmd_size; 0 unknown or none */
	bool thp_dir;           /* /sys/kernel/mm/transparent_hugepage exists */
	bool sys_readable;      /* /sys/kernel/mm exists */
	int mode;               /* enum datamem_hugepage_mode */
	int size_mode;
	int defrag;
	int prctl_state;        /* 0, 1, 3; -1 unknown, always if recorded */
	int max_ptes_none;      /* khugepaged/max_ptes_none; -1 unknown */
	int khugepaged_defrag;  /* khugepaged/defrag; -1 unknown */
	bool recorded;          /* the root came from DATAMEM_SYSROOT */
};
void dmem_kernel_facts_read(struct dmem_kernel_facts *out);
/* As much of them as the start of a program needs: release, sizes, modes, and
 * prctl_state where a mode is `always`; the rest is unknown. */
void dmem_kernel_facts_start(struct dmem_kernel_facts *out);

/*
 * Parse "6.18.44-fc" into 6 and 18. Strict: digits, a dot, digits, then the end
 * or a character that is not a digit. "6" gives minor 0. False for anything
 * else ("", "abc").
 */
bool dmem_kernel_release_parse(const char *release, unsigned int *major,
			       unsigned int *minor);

/*
 * The `hugepages-<n>kB` directories below transparent_hugepage that have a file
 * `enabled`. Fills at most max entries, smallest first; returns how many there
 * are.
 */
size_t dmem_kernel_thp_sizes(struct datamem_hugepage_size *out, size_t max);

/* processors.c: how many this process may run on; at least 1. */
unsigned int dmem_kernel_processors(void);
/* The number of the one that the thread runs on, a moment ago; 0: unknown, and
 * errno is set. */
unsigned int dmem_kernel_processor(void);

/* Bytes of RAM; 0 unknown. */
uint64_t dmem_kernel_ram(void);
/* vm.max_map_count; 0 unknown. */
size_t dmem_kernel_max_map_count(void);

/* cgroup.c */

/*
 * The smallest memory limit of a visible cgroup of this process, v1 or v2
 * (memory.max and memory.high), ancestors included; UINT64_MAX: none.
 */
uint64_t dmem_kernel_cgroup_limit(void);
/*
 * Bytes of memory that can still be had: what the limits of these cgroups leave
 * beyond their page cache, and what the machine has available; UINT64_MAX when
 * nothing is known. Takes some 100 us.
 */
uint64_t dmem_kernel_memory_left(void);

/* features.c */

/* Bits of enum datamem_feature, found by trial on own memory. */
unsigned int dmem_kernel_features(void);

/* files.c */

/*
 * Read below this directory instead of /; NULL: /. For unit tests; the string
 * must stay valid, and no other thread may run. Without it, what is named by
 * DATAMEM_SYSROOT (ignored in set-user-ID programs) is the root. Files about
 * this process's own memory (residency.c) are never read below it.
 */
void dmem_kernel_set_root(const char *root);

/* The file of the program; "": not known. Truncates. */
void dmem_kernel_program_path(char *out, size_t out_size);
/* A descriptor of the list of mappings, for read(2) and close(2); or -errno. */
int dmem_kernel_maps_open(void);

/* residency.c */

/*
 * Whether the pages of a range are resident, one byte a page in vec, bit 0 set
 * for resident (mincore(2)).
 */
int dmem_kernel_resident(void *addr, size_t nbytes, unsigned char *vec);
/* Minor page faults of the calling thread so far; -1 unknown. */
long dmem_kernel_minor_faults(void);
/*
 * Visit the parts of a range of private anonymous memory, in order, that may
 * have been written since they were mapped or purged: pages that are there or
 * swapped out and not the zero page (of huge ones all). All else reads as
 * zeros. -ENOTTY and others: the kernel (before 6.7) does not say; some parts
 * may have been visited.
 */
int dmem_kernel_each_written(const void *addr, size_t nbytes,
			     void (*visit)(void *arg, uintptr_t from,
					   uintptr_t to), void *arg);
/* Whether PAGEMAP_SCAN answers. */
bool dmem_kernel_can_scan(void);
/*
 * Bytes of a range that are backed by huge pages: PAGEMAP_SCAN, else smaps
 * (then -ENODATA where a mapping reaches beyond the range and only a part is
 * huge). -ENOTSUP when neither answers.
 */
int dmem_kernel_huge_bytes(const void *addr, size_t nbytes, size_t *huge);
/*
 * Bytes of a range that are resident; -ENOTSUP when it cannot be told. Memory
 * that was only read counts where PAGEMAP_SCAN is missing.
 */
int dmem_kernel_resident_bytes(const void *addr, size_t nbytes,
			       size_t *resident);

#endif /* DMEM_KERNEL_H */

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Names that older kernel headers lack, with the Linux version of each.
 * Included by the files of kernel/ only. That a name is here says nothing
 * about the running kernel.
 */
#ifndef DMEM_KERNEL_MISSING_H
#define DMEM_KERNEL_MISSING_H

#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef MADV_HUGEPAGE
#define MADV_HUGEPAGE 14                /* 2.6.38 */
#define MADV_NOHUGEPAGE 15              /* 2.6.38 */
#endif
#ifndef MADV_FREE
#define MADV_FREE 8                     /* 4.5 */
#endif
#ifndef MADV_KEEPONFORK
#define MADV_KEEPONFORK 19              /* 4.14 */
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23          /* 5.14 */
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24         /* 5.18 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25                /* 6.1 */
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102          /* 6.13 */
#endif

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000    /* 4.17 */
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26               /* 3.8 */
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4              /* 5.7 */
#endif

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1                   /* 3.17 */
#define MFD_ALLOW_SEALING 2             /* 3.17 */
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8               /* 6.3 */
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033                /* 3.17 */
#define F_GET_SEALS 1034                /* 3.17 */
#define F_SEAL_SEAL 1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#endif

#ifndef PR_GET_THP_DISABLE
#define PR_GET_THP_DISABLE 42           /* 3.15 */
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41           /* 5.17, with CONFIG_ANON_VMA_NAME */
#endif
#ifndef PR_SET_VMA_ANON_NAME
#define PR_SET_VMA_ANON_NAME 0
#endif

/* membarrier(2); an enum in the headers, so it cannot be tested for. */
#define DMEM_MEMBARRIER_PRIVATE (1 << 3)             /* 4.14 */
#define DMEM_MEMBARRIER_REGISTER_PRIVATE (1 << 4)    /* 4.14 */

/*
 * PAGEMAP_SCAN, 6.7. Under names of our own: headers that have it define
 * structs, which cannot be tested for.
 */
struct dmem_page_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct dmem_pm_scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define DMEM_PAGEMAP_SCAN _IOWR('f', 16, struct dmem_pm_scan_arg)
#define DMEM_PAGE_IS_PRESENT (1 << 3)
#define DMEM_PAGE_IS_SWAPPED (1 << 4)
#define DMEM_PAGE_IS_PFNZERO (1 << 5)
#define DMEM_PAGE_IS_HUGE (1 << 6)

#endif /* DMEM_KERNEL_MISSING_H */

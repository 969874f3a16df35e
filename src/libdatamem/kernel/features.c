/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Abilities of the running kernel, found by trial on own memory. */
#include "kernel.h"

#include <sys/prctl.h>

#include "missing.h"

/*
 * Whether madvise(2) knows a number: for an empty range it checks only that.
 * The only way to ask for MADV_COLLAPSE, which answers EINVAL also for a range
 * in which there is nothing to collapse.
 */
static bool knows_advice(void *page, enum dmem_advice advice)
{
	return !dmem_kernel_advise(page, 0, advice);
}

static bool can_move(char *from, char *to, size_t page_size)
{
	*from = 1;
	*to = 0;
	if (mremap(from, page_size, page_size,
		   MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
		   to) == MAP_FAILED)
		return false;
	return *to == 1 && *from == 0;
}

unsigned int dmem_kernel_features(void)
{
	size_t page_size = dmem_kernel_page_size();
	unsigned int features = 0;
	int saved = errno;
	char *pages = dmem_kernel_map(2 * page_size);

	if (dmem_kernel_can_scan())
		features |= DATAMEM_FEATURE_PAGEMAP_SCAN;
	if (!dmem_kernel_membarrier())
		features |= DATAMEM_FEATURE_MEMBARRIER;
	if (!pages)
		goto out;
	if (knows_advice(pages, DMEM_ADVICE_FREE))
		features |= DATAMEM_FEATURE_FREE;
	if (!dmem_kernel_advise(pages, page_size, DMEM_ADVICE_POPULATE))
		features |= DATAMEM_FEATURE_POPULATE;
	if (knows_advice(pages, DMEM_ADVICE_COLLAPSE))
		features |= DATAMEM_FEATURE_COLLAPSE;
	if (!prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)pages,
		   2 * page_size, (unsigned long)"datamem-probe"))
		features |= DATAMEM_FEATURE_VMA_NAME;
	/* Last: what it leaves behind may be more than one mapping. */
	if (can_move(pages, pages + page_size, page_size))
		features |= DATAMEM_FEATURE_DONTUNMAP;
	dmem_kernel_unmap(pages, 2 * page_size);
out:
	errno = saved;
	return features;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A kernel whose huge pages are what a test says. */
#include "fake-thp.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "alone.h"
#include "fake-kernel.h"
#include "kernel/kernel.h"
#include "settings/settings.h"

struct fake_thp thp;

static int fake_madvise(void *addr, size_t nbytes, int advice)
{
	(void)addr;
	(void)nbytes;
	if (advice != MADV_HUGEPAGE)
		return __real_madvise(addr, nbytes, advice);
	thp.advised++;
	thp.test_area = addr;
	errno = thp.advice_error;
	return thp.advice_error ? -1 : 0;
}

static int fake_mincore(void *addr, size_t nbytes, unsigned char *vec)
{
	size_t page = dmem_kernel_page_size();
	bool before_write = fake_kernel_count(FAKE_MINCORE) == 1;

	(void)addr;
	for (size_t i = 0; i < nbytes / page; i++)
		vec[i] = thp.mincore_blind ||
			 (!before_write && i < thp.folio / page);
	return 0;
}

/*
 * Faults as a kernel with these folios would count them: the writes at
 * offsets 0, page, 2 page, 4 page and so on fault from `folio` on.
 */
static int fake_getrusage(int who, struct rusage *usage)
{
	unsigned int calls = fake_kernel_count(FAKE_GETRUSAGE);
	size_t page = dmem_kernel_page_size();

	(void)who;
	memset(usage, 0, sizeof(*usage));
	if (!thp.counts_faults)
		return 0;
	/* Calls 1 and 2 are around the first write, then 3+4, 5+6, ... */
	if (calls == 2)
		thp.faults++;
	else if (calls > 2 && calls % 2 == 0 &&
		 page << (calls / 2 - 2) >= thp.folio)
		thp.faults++;
	usage->ru_minflt = thp.faults;
	return 0;
}

static int fake_prctl(int option, unsigned long arg)
{
	(void)option;
	(void)arg;
	return thp.prctl_state;
}

void thp_real_setup(void)
{
	unsetenv("DATAMEM_HUGEPAGE");
	unsetenv("NUMPY_MADVISE_HUGEPAGE");
	unsetenv("DATAMEM_CONF");
	fake_kernel_reset();
	dmem_settings_reset();
	dmem_hugepage_reset();
	dmem_kernel_set_root(NULL);
	ck_assert_int_eq(datamem_setting_set("hugepage", "auto"), 0);
}

void thp_fake_again(void)
{
	dmem_hugepage_reset();
	fake_kernel_reset();
	thp.advised = 0;
	thp.faults = 0;
	fake_hooks.madvise = fake_madvise;
	fake_hooks.mincore = fake_mincore;
	fake_hooks.getrusage = fake_getrusage;
	fake_hooks.prctl = fake_prctl;
}

void thp_fake_setup(void)
{
	thp_real_setup();
	fake_tree_make();
	fake_tree_write(THP "/enabled", "always [madvise] never\n");
	fake_tree_write(THP "/hpage_pmd_size", "2097152\n");
	fake_tree_write("/proc/sys/kernel/osrelease", "6.1.0-30-amd64\n");
	thp.folio = 2 * DMEM_MIB;
	thp.mincore_blind = false;
	thp.prctl_state = 0;
	thp.advice_error = 0;
	thp.counts_faults = true;
	thp_fake_again();
}

void thp_fake_teardown(void)
{
	fake_tree_remove();
	fake_kernel_reset();
}

void thp_expect(int state, int reason, size_t arrived)
{
	struct datamem_hugepage_probe probe;

	errno = 77;
	ck_assert_int_eq(datamem_hugepage_probe_get(&probe, sizeof(probe)), 0);
	ck_assert_int_eq(errno, 77);
	ck_assert_str_eq(datamem_hugepage_state_name(probe.state),
			 datamem_hugepage_state_name(state));
	ck_assert_str_eq(datamem_hugepage_reason_text(probe.reason),
			 datamem_hugepage_reason_text(reason));
	ck_assert_uint_eq(probe.arrived_size, arrived);
}

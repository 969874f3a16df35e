/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * A kernel whose huge pages are what a test says, on top of fake-kernel.h: it
 * reports madvise (mode), 2 MiB and Linux 6.1 until the test's tree says else.
 */
#ifndef TESTS_FAKE_THP_H
#define TESTS_FAKE_THP_H

#include "hugepage/hugepage.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

struct fake_thp {
	size_t folio;          /* bytes that a first write brings */
	bool mincore_blind;    /* all mapped memory is called resident */
	bool counts_faults;
	int prctl_state;
	int advice_error;
	unsigned int advised;  /* calls with MADV_HUGEPAGE so far */
	char *test_area;       /* of the last of them */
	long faults;
};
extern struct fake_thp thp;

/* Fixtures: the real kernel with settings anew; the fake one. */
void thp_real_setup(void);
void thp_fake_setup(void);
void thp_fake_teardown(void);
/* Forget the probe and its calls, to make it again. */
void thp_fake_again(void);

/* Probe, and compare; fails the test. */
void thp_expect(int state, int reason, size_t arrived);

#endif /* TESTS_FAKE_THP_H */

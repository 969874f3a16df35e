/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Ranges that are read, or only reserved, before they are opened. */
#include "kernel/kernel.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-kernel.h"
#include "harness.h"

#define AREA ((size_t)4 << 20)

/* Whether a child dies that writes there. */
static bool write_faults(char *at)
{
	int status;
	pid_t child = fork();

	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)at = 1;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	/* A sanitizer turns the signal into an exit of its own. */
	return WIFSIGNALED(status) || WEXITSTATUS(status);
}

START_TEST(reserved_faults_until_opened)
{
	char *area = dmem_kernel_reserve(AREA);

	ck_assert_ptr_nonnull(area);
	ck_assert(write_faults(area));
	ck_assert_int_eq(dmem_kernel_open(area, AREA / 2), 0);
	ck_assert(!write_faults(area));
	ck_assert(write_faults(area + AREA / 2));
	ck_assert_int_eq(dmem_kernel_unmap(area, AREA), 0);
	ck_assert_int_eq(dmem_kernel_open(area, AREA), -ENOMEM);
}
END_TEST

START_TEST(zeros_are_read_until_opened)
{
	char *area = fake_area(AREA);

	ck_assert_int_eq(dmem_kernel_zeros_at(area, AREA), -EEXIST);
	ck_assert_int_eq(dmem_kernel_unmap(area, AREA), 0);
	ck_assert_int_eq(dmem_kernel_zeros_at(area, AREA), 0);
	ck_assert_int_eq(*area, 0);
	ck_assert(write_faults(area));
	ck_assert_int_eq(dmem_kernel_open(area, AREA / 2), 0);
	*area = 1;
	ck_assert_int_eq(area[AREA - 1], 0);
	ck_assert(write_faults(area + AREA / 2));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, fake_kernel_reset, NULL);
	tcase_add_test(tc, reserved_faults_until_opened);
	tcase_add_test(tc, zeros_are_read_until_opened);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

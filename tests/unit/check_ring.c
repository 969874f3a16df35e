/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The ring of events: how long its reader is taken to be there. */
#include "events/events.h"

#include <datamem.h>

#include "harness.h"
#include "kernel/shared.h"

static uint64_t asleep;   /* nanoseconds */

uint64_t __real_dmem_kernel_boot_ns(void);
uint64_t __wrap_dmem_kernel_boot_ns(void);
uint64_t __wrap_dmem_kernel_boot_ns(void)
{
	return __real_dmem_kernel_boot_ns() + asleep;
}

/* A reader sleeps when the machine does, and is not gone for that. */
START_TEST(the_machine_was_asleep)
{
	uint64_t inode;
	int err;

	ck_assert_int_eq(datamem_setting_set("control", "off"), 0);
	err = dmem_events_open(4096, &inode);
	if (err)
		harness_skip("no memory to share");
	dmem_events_begin();
	ck_assert(!dmem_events_over());
	asleep = UINT64_C(3600) * 1000000000;
	datamem_free(datamem_alloc(5000), 5000);
	ck_assert(!dmem_events_over());
	ck_assert(dmem_events_want(5000));
	ck_assert(dmem_events_close());
	ck_assert(!dmem_events_there);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tc = tcase_create("lease");

	tcase_add_test(tc, the_machine_was_asleep);
	suite_add_tcase(suite, tc);
	return harness_main(suite);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The control page before it is shared, and the way up to live control. */
#include "live.h"

static struct live_process private_record DMEM_TABLE;

struct live_process *dmem_live = &private_record;
unsigned int dmem_live_errand;

static void (*attendant)(void);

void dmem_live_set_attendant(void (*attend)(void))
{
	dmem_store_release(&attendant, attend);
}

void dmem_live_attend(void)
{
	void (*attend)(void) = dmem_load_acquire(&attendant);
	int saved = errno;

	dmem_host_call("what answers requests");
	if (attend)
		attend();
	errno = saved;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Found at run time: who wants no stacks does not depend on it. */
#include "unwinder.h"

#include <dlfcn.h>

static struct dmem_unwinder unwinder;
static const struct dmem_unwinder *loaded;

const struct dmem_unwinder *dmem_unwinder(void)
{
	return dmem_load_acquire(&loaded);
}

/* Threads that come at once find the same, and write it: so its members are read
 * by atomic loads. */
const struct dmem_unwinder *dmem_unwinder_load(void)
{
	void *library, *backtrace, *ip, *reg, *sp;

	if (dmem_unwinder())
		return dmem_unwinder();
	library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return NULL;
	backtrace = dlsym(library, "_Unwind_Backtrace");
	ip = dlsym(library, "_Unwind_GetIP");
	reg = dlsym(library, "_Unwind_GetGR");
	sp = dlsym(library, "_Unwind_GetCFA");
	if (!backtrace || !ip || !reg || !sp)
		return NULL;
	dmem_store((void **)&unwinder.backtrace, backtrace);
	dmem_store((void **)&unwinder.ip, ip);
	dmem_store((void **)&unwinder.reg, reg);
	dmem_store((void **)&unwinder.sp, sp);
	dmem_store_release(&loaded, &unwinder);
	return &unwinder;
}

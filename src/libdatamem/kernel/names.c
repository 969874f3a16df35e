/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The names of the library's mappings in /proc/PID/maps. */
#include "kernel.h"

#include "missing.h"

/* Names wait here until they are given; what finds no room has none. */
static struct {
	void *addr;
	size_t nbytes;
	const char *name;
} unnamed[32];
static unsigned int unnamed_count;
static bool names_started;

static void name_now(void *addr, size_t nbytes, const char *name)
{
	/* Before Linux 5.17, or built without. */
	static bool missing;
	int saved = errno;

	if (dmem_load(&missing))
		return;
	dmem_lock_call();
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)addr, nbytes,
		  (unsigned long)name) && errno == EINVAL)
		dmem_store(&missing, true);
	errno = saved;
}

void dmem_kernel_name(void *addr, size_t nbytes, const char *name)
{
	unsigned int i;

	if (dmem_load(&names_started)) {
		name_now(addr, nbytes, name);
		return;
	}
	i = __atomic_fetch_add(&unnamed_count, 1, __ATOMIC_RELAXED);
	if (i >= DMEM_ARRAY_SIZE(unnamed))
		return;
	unnamed[i].nbytes = nbytes;
	unnamed[i].name = name;
	dmem_store_release(&unnamed[i].addr, addr);
}

void dmem_kernel_names_start(void)
{
	void *addr;

	if (dmem_load(&names_started) ||
	    __atomic_exchange_n(&names_started, true, __ATOMIC_RELAXED))
		return;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(unnamed); i++) {
		addr = dmem_load_acquire(&unnamed[i].addr);
		if (addr)
			name_now(addr, unnamed[i].nbytes, unnamed[i].name);
	}
}

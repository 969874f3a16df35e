/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A program with blocks of all kinds, for check-gdb.sh. */
#include <datamem.h>

#include <string.h>

char *small, *cached, *large, *apart, *guarded, *sampled, local[16];

#define MIB ((size_t)1 << 20)

__attribute__((__noinline__)) static int here(void)
{
	__asm__ volatile("" ::: "memory");
	return 0;
}

int main(void)
{
	small = datamem_alloc(100);
	cached = datamem_alloc(100);
	large = datamem_alloc(5 * MIB);
	apart = datamem_handler_alloc(datamem_handler_find("datamem"), 3 * MIB);
	datamem_setting_set("guard", "1/1");
	guarded = datamem_alloc(1000);
	datamem_free(guarded, 1000);
	datamem_setting_set("guard", "1/1000000000");
	datamem_setting_set("profile", "1");
	sampled = datamem_alloc(2 * MIB);
	/* Settings like these two empty the caches. */
	datamem_free(cached, 100);
	if (!small || !large || !apart || !guarded || !sampled)
		return 1;
	memset(large, 1, 5 * MIB);
	return here();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which memory nodes there are, and where the kernel takes pages from. */

#include "kernel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

/* Modes of mbind(2); its header is libnuma's. MPOL_LOCAL is of Linux 3.8. */
static const int modes[] = {
	[DMEM_NUMA_DEFAULT] = 0,
	[DMEM_NUMA_LOCAL] = 4,
	[DMEM_NUMA_BIND] = 2,
	[DMEM_NUMA_INTERLEAVE] = 3,
};

int dmem_kernel_nodes_parse(const char *list, uint64_t *nodes)
{
	uint64_t found = 0;
	const char *at = list;
	unsigned long low, high;
	char *end;

	for (;;) {
		if (*at < '0' || *at > '9')
			return -EINVAL;
		low = high = strtoul(at, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return -EINVAL;
			high = strtoul(end + 1, &end, 10);
		}
		if (high < low || high >= DMEM_NODES_MAX)
			return -EINVAL;
		for (; low <= high; low++)
			found |= UINT64_C(1) << low;
		if (*end != ',')
			break;
		at = end + 1;
	}
	if (*end && *end != '\n')
		return -EINVAL;
	*nodes = found;
	return 0;
}

uint64_t dmem_kernel_nodes(void)
{
	char text[256];
	uint64_t nodes;

	if (dmem_files_read("/sys/devices/system/node/online", text,
			    sizeof(text)) ||
	    dmem_kernel_nodes_parse(text, &nodes))
		return 1;
	return nodes;
}

int dmem_kernel_bind(void *addr, size_t nbytes, enum dmem_numa mode,
		     uint64_t nodes)
{
	unsigned long mask[DMEM_NODES_MAX / 8 / sizeof(unsigned long)];
	int saved = errno, err;

	if (mode == DMEM_NUMA_DEFAULT || mode == DMEM_NUMA_LOCAL)
		nodes = 0;
	memcpy(mask, &nodes, sizeof(mask));
	err = syscall(SYS_mbind, addr, nbytes, modes[mode],
		      nodes ? mask : NULL,
		      nodes ? DMEM_NODES_MAX + 1ul : 0ul, 0) ? -errno : 0;
	errno = saved;
	return err;
}

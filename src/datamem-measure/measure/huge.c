/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which memory of the process lies in huge pages, page by page. */

#include "tool.h"
#include "measure.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Linux 6.7; older headers do not have it. */
struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, any_of, returned;
};
struct range {
	uint64_t start, end, categories;
};
#define SCAN _IOWR('f', 16, struct scan)
#define IS_HUGE (UINT64_C(1) << 6)

#define RANGES ((size_t)1 << 16)

static struct range *ranges;
static size_t nranges;

bool measure_huge_look(const void *first, const void *end)
{
	struct scan scan = {
		.size = sizeof(scan),
		.start = (uintptr_t)first & ~UINT64_C(4095),
		.end = ((uintptr_t)end + 4095) & ~UINT64_C(4095),
		.vec_len = RANGES,
		.mask = IS_HUGE,
		.returned = IS_HUGE,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int n = -1;

	if (!ranges)
		ranges = measure_memory(RANGES * sizeof(*ranges));
	scan.vec = (uintptr_t)ranges;
	if (fd >= 0) {
		n = ioctl(fd, SCAN, &scan);
		close(fd);
	}
	nranges = n > 0 ? (size_t)n : 0;
	return n >= 0 && scan.walk_end >= scan.end;
}

/* The first range that ends behind an address. */
static size_t find(uint64_t address)
{
	size_t low = 0, high = nranges;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ranges[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint64_t measure_huge_of(const void *ptr, size_t nbytes)
{
	uint64_t start = (uintptr_t)ptr, end = start + nbytes, sum = 0;

	for (size_t i = find(start); i < nranges && ranges[i].start < end; i++)
		sum += (ranges[i].end < end ? ranges[i].end : end) -
		       (ranges[i].start > start ? ranges[i].start : start);
	return sum;
}

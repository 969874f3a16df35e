/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which pages of a range are resident, which are huge. */
#include "kernel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "files.h"
#include "missing.h"

/* Regions taken from the kernel in one call. */
#define SCAN_REGIONS 16
/* Pages asked for in one mincore(2). */
#define MINCORE_PAGES 512

int dmem_kernel_resident(void *addr, size_t nbytes, unsigned char *vec)
{
	int saved = errno;
	int err = 0;

	if (mincore(addr, nbytes, vec))
		err = -errno;
	errno = saved;
	return err;
}

long dmem_kernel_minor_faults(void)
{
	struct rusage usage;
	int saved = errno;
	long faults = -1;

	if (!getrusage(RUSAGE_THREAD, &usage))
		faults = usage.ru_minflt;
	errno = saved;
	return faults;
}

static int scan_call(int fd, struct dmem_pm_scan_arg *arg)
{
	int saved = errno;
	int ret;

	do {
		ret = ioctl(fd, DMEM_PAGEMAP_SCAN, arg);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

/* Pages that are sought: of all categories in `all`, or of one in `any`. */
struct sought {
	uint64_t all, any;
};

typedef void (*scan_visit)(void *arg, uintptr_t from, uintptr_t to);

/*
 * Visit the parts of [begin, end) in such pages, without those that are the
 * zero page: memory that was read before it was written. (A huge zero page is
 * told apart by 6.18; that every kernel since 6.7 does is not certain.)
 * The descriptor is opened for each scan: one kept open would show the parent's
 * memory to a forked child, and programs close descriptors that they do not
 * know.
 */
static int scan_each(uintptr_t begin, uintptr_t end, struct sought sought,
		     scan_visit visit, void *visit_arg)
{
	size_t page_size = dmem_kernel_page_size();
	/* Filled by the kernel, of which valgrind does not know. */
	struct dmem_page_region regions[SCAN_REGIONS] = { { 0 } };
	struct dmem_pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = DMEM_ROUND_DOWN(begin, page_size),
		.end = DMEM_ROUND_UP(end, page_size),
		.vec = (uintptr_t)regions,
		.vec_len = SCAN_REGIONS,
		.category_mask = sought.all | DMEM_PAGE_IS_PFNZERO,
		.category_inverted = DMEM_PAGE_IS_PFNZERO,
		.category_anyof_mask = sought.any,
		.return_mask = sought.all | sought.any,
	};
	int fd, ret = 0;

	fd = dmem_files_open_real("/proc/self/pagemap");
	if (fd < 0)
		return fd;
	while (arg.start < arg.end) {
		ret = scan_call(fd, &arg);
		if (ret < 0)
			break;
		for (int i = 0; i < ret && i < SCAN_REGIONS; i++) {
			uint64_t from = DMEM_MAX(regions[i].start, begin);
			uint64_t to = DMEM_MIN(regions[i].end, end);

			if (from < to)
				visit(visit_arg, from, to);
		}
		/* The walk ends early when the regions are full. */
		if (arg.walk_end <= arg.start) {
			ret = -EIO;
			break;
		}
		arg.start = arg.walk_end;
	}
	dmem_files_close(fd);
	return ret < 0 ? ret : 0;
}

static void add_bytes(void *arg, uintptr_t from, uintptr_t to)
{
	*(size_t *)arg += to - from;
}

/* Bytes of [begin, end) in pages of all these categories. */
static int scan(uintptr_t begin, uintptr_t end, uint64_t categories,
		size_t *out)
{
	struct sought sought = { .all = categories };
	size_t total = 0;
	int err = scan_each(begin, end, sought, add_bytes, &total);

	if (!err)
		*out = total;
	return err;
}

int dmem_kernel_each_written(const void *addr, size_t nbytes,
			     void (*visit)(void *arg, uintptr_t from,
					   uintptr_t to), void *arg)
{
	struct sought sought = {
		.any = DMEM_PAGE_IS_PRESENT | DMEM_PAGE_IS_SWAPPED,
	};

	return scan_each((uintptr_t)addr, (uintptr_t)addr + nbytes, sought,
			 visit, arg);
}

bool dmem_kernel_can_scan(void)
{
	uintptr_t here = (uintptr_t)&here;
	size_t present;

	return !scan(here, here + 1, DMEM_PAGE_IS_PRESENT, &present) &&
	       present == 1;
}

/* A mapping of smaps, and what is known of it so far. */
struct mapping {
	uint64_t begin, end;
	uint64_t huge; /* bytes */
};

/* "7f0000000000-7f0000200000 rw-p ..." */
static bool parse_header(const char *line, struct mapping *mapping)
{
	uint64_t begin, end;

	if (!dmem_text_number(&line, 16, &begin) || *line++ != '-' ||
	    !dmem_text_number(&line, 16, &end) || *line != ' ' || end < begin)
		return false;
	mapping->begin = begin;
	mapping->end = end;
	mapping->huge = 0;
	return true;
}

/* "AnonHugePages:      2048 kB"; Private_Hugetlb is not part of it. */
static void parse_huge(const char *line, struct mapping *mapping)
{
	static const char *const names[] = {
		"AnonHugePages:", "Private_Hugetlb:",
	};
	uint64_t kib;

	for (size_t i = 0; i < DMEM_ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);
		const char *p = line + length;

		if (strncmp(line, names[i], length))
			continue;
		p += strspn(p, " ");
		if (dmem_text_number(&p, 10, &kib) && !strcmp(p, " kB") &&
		    kib <= (mapping->end - mapping->begin) / 1024)
			mapping->huge += kib * 1024;
	}
}

/* Add a mapping's part in [begin, end); -ENODATA when it cannot be told. */
static int add_mapping(const struct mapping *mapping, uint64_t begin,
		       uint64_t end, size_t *total)
{
	uint64_t from = DMEM_MAX(mapping->begin, begin);
	uint64_t to = DMEM_MIN(mapping->end, end);

	if (from >= to || !mapping->huge)
		return 0;
	if (mapping->huge == mapping->end - mapping->begin)
		*total += (size_t)(to - from);
	else if (mapping->begin >= begin && mapping->end <= end)
		*total += (size_t)mapping->huge;
	else
		return -ENODATA;
	return 0;
}

/* From lines of smaps. */
static int add_huge(struct dmem_lines *lines, uintptr_t begin, uintptr_t end,
		    size_t *out)
{
	struct mapping mapping = { 0, 0, 0 };
	bool overlaps = false, complete = false;
	size_t total = 0;
	char *line;
	int err = 0;

	while (!err && (line = dmem_lines_next(lines))) {
		struct mapping next;

		if (!parse_header(line, &next)) {
			/* The count comes once a mapping, near its end. */
			if (overlaps && !strncmp(line, "AnonHugePages:", 14))
				complete = true;
			if (overlaps)
				parse_huge(line, &mapping);
			continue;
		}
		err = add_mapping(&mapping, begin, end, &total);
		mapping = next;
		overlaps = next.begin < end && next.end > begin;
		if (next.begin >= end)
			break;
	}
	if (!err)
		err = add_mapping(&mapping, begin, end, &total);
	if (err)
		return err;
	/* gVisor's smaps, and kernels without huge pages, lack the count. */
	if (!complete)
		return -ENOTSUP;
	*out = total;
	return 0;
}

/* Not below the root: it is about this process's own memory. */
static int huge_from_smaps(uintptr_t begin, uintptr_t end, size_t *out)
{
	struct dmem_files_work *work = dmem_files_work_get();
	int err = -ENOTSUP;

	if (!work)
		return err;
	if (!dmem_lines_open(&work->lines, "/proc/self/smaps", true)) {
		err = add_huge(&work->lines, begin, end, out);
		dmem_lines_close(&work->lines);
	}
	dmem_files_work_put(work);
	return err;
}

int dmem_kernel_huge_bytes(const void *addr, size_t nbytes, size_t *huge)
{
	uintptr_t begin = (uintptr_t)addr;

	if (!scan(begin, begin + nbytes,
		  DMEM_PAGE_IS_HUGE | DMEM_PAGE_IS_PRESENT, huge))
		return 0;
	return huge_from_smaps(begin, begin + nbytes, huge);
}

int dmem_kernel_resident_bytes(const void *addr, size_t nbytes,
			       size_t *resident)
{
	size_t page_size = dmem_kernel_page_size();
	uintptr_t begin = (uintptr_t)addr;
	uintptr_t end = begin + nbytes;
	uintptr_t at = DMEM_ROUND_DOWN(begin, page_size);
	unsigned char vec[MINCORE_PAGES];
	size_t total = 0;

	if (!scan(begin, end, DMEM_PAGE_IS_PRESENT, resident))
		return 0;
	while (at < end) {
		size_t left = DMEM_ROUND_UP(end, page_size) - at;
		size_t part = DMEM_MIN(left, MINCORE_PAGES * page_size);

		if (dmem_kernel_resident((void *)at, part, vec))
			return -ENOTSUP;
		for (size_t i = 0; i < part / page_size; i++) {
			uintptr_t page = at + i * page_size;

			if (vec[i] & 1)
				total += DMEM_MIN(end, page + page_size) -
					 DMEM_MAX(begin, page);
		}
		at += part;
	}
	*resident = total;
	return 0;
}

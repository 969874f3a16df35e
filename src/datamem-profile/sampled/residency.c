/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Which parts of a process's blocks are resident, and in huge pages, by its
 * page tables: with PAGEMAP_SCAN (Linux 6.7), else out of pagemap, where pages
 * are huge by kpageflags, which only root may read.
 */
#include "tool.h"
#include "sampled.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Linux 6.7; not in the headers of today's distributions. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask;
	uint64_t return_mask;
};

#define SCAN _IOWR('f', 16, struct scan_arg)
#define SCAN_PRESENT (1u << 3)
#define SCAN_ZERO (1u << 5)
#define SCAN_HUGE (1u << 6)
#define REGIONS 64

/* Of an entry of pagemap, and of kpageflags. */
#define ENTRY_PRESENT (UINT64_C(1) << 63)
#define ENTRY_FRAME ((UINT64_C(1) << 55) - 1)
#define FLAG_HUGETLB (UINT64_C(1) << 17)
#define FLAG_HUGE (UINT64_C(1) << 22)
#define FLAG_ZERO (UINT64_C(1) << 24)
#define ENTRIES 512u
/* Pages of all blocks that are read one by one. */
#define PAGES_MOST ((uint64_t)1 << 26)

struct tables {
	int pagemap, flags;       /* flags: -1: not to be had */
	uint64_t page;            /* bytes */
	uint64_t budget;          /* pages */
};

struct found {
	uint64_t resident, huge;
};

static uint64_t overlap(uint64_t from, uint64_t to,
			const struct sampled_block *block)
{
	uint64_t end = block->address + block->size;

	from = from > block->address ? from : block->address;
	to = to < end ? to : end;
	return to > from ? to - from : 0;
}

/* False: this kernel has no such call. */
static bool scan(const struct tables *t, const struct sampled_block *block,
		 struct found *found)
{
	struct scan_region regions[REGIONS];
	uint64_t mask = ~(t->page - 1);
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = block->address & mask,
		.end = (block->address + block->size + t->page - 1) & mask,
		.vec = (uintptr_t)regions,
		.vec_len = REGIONS,
		.category_mask = SCAN_PRESENT | SCAN_ZERO,
		.category_inverted = SCAN_ZERO,
		.return_mask = SCAN_HUGE,
	};

	while (arg.start < arg.end) {
		int n = ioctl(t->pagemap, SCAN, &arg);

		if (n < 0 || arg.walk_end <= arg.start)
			return n >= 0 || (errno != ENOTTY && errno != EINVAL);
		for (int i = 0; i < n && i < REGIONS; i++) {
			uint64_t nbytes = overlap(regions[i].start,
						  regions[i].end, block);

			found->resident += nbytes;
			if (regions[i].categories & SCAN_HUGE)
				found->huge += nbytes;
		}
		arg.start = arg.walk_end;
	}
	return true;
}

/* Flags of a page frame; 0: unknown. */
static uint64_t frame_flags(const struct tables *t, uint64_t entry)
{
	uint64_t frame = entry & ENTRY_FRAME, flags;

	if (t->flags < 0 || frame == 0 ||
	    pread(t->flags, &flags, sizeof(flags),
		  (off_t)(frame * sizeof(flags))) != (ssize_t)sizeof(flags))
		return 0;
	return flags;
}

static void read_entries(struct tables *t, const struct sampled_block *block,
			 struct found *found)
{
	uint64_t page = block->address / t->page;
	uint64_t end = (block->address + block->size - 1) / t->page + 1;
	uint64_t entries[ENTRIES];

	while (page < end && t->budget > 0) {
		size_t n = end - page < ENTRIES ? (size_t)(end - page)
						: ENTRIES;
		ssize_t got = pread(t->pagemap, entries, n * sizeof(*entries),
				    (off_t)(page * sizeof(*entries)));

		n = got > 0 ? (size_t)got / sizeof(*entries) : 0;
		if (n == 0)
			return;
		for (size_t i = 0; i < n; i++, page++) {
			uint64_t flags = frame_flags(t, entries[i]), nbytes;

			if (!(entries[i] & ENTRY_PRESENT) || flags & FLAG_ZERO)
				continue;
			nbytes = overlap(page * t->page, (page + 1) * t->page,
					 block);
			found->resident += nbytes;
			if (flags & (FLAG_HUGE | FLAG_HUGETLB))
				found->huge += nbytes;
		}
		t->budget -= n < t->budget ? n : t->budget;
	}
}

static bool can_scan(const struct tables *t)
{
	const struct sampled_block nothing = { .address = t->page,
					       .size = t->page };
	struct found found = { 0 };

	return scan(t, &nothing, &found);
}

/* pagemap gives page frames, by which huge ones are known, to root only. */
static bool sees_frames(const struct tables *t)
{
	uint64_t entry;
	off_t own = (off_t)((uintptr_t)&entry / t->page * sizeof(entry));
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	bool sees = t->flags >= 0 && fd >= 0 &&
		    pread(fd, &entry, sizeof(entry), own) ==
			    (ssize_t)sizeof(entry) &&
		    (entry & ENTRY_FRAME) != 0;

	if (fd >= 0)
		close(fd);
	return sees;
}

void sampled_residency(struct sampled *profile)
{
	struct tables t = { .page = (uint64_t)sysconf(_SC_PAGESIZE),
			    .flags = -1, .budget = PAGES_MOST };
	char path[64];
	bool scans;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)profile->pid);
	t.pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (t.pagemap < 0)
		return;
	scans = can_scan(&t);
	if (!scans)
		t.flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < profile->nblocks; i++) {
		struct sampled_block *block = &profile->blocks[i];
		struct found found = { 0 };

		if (block->address > UINT64_MAX / 2)
			continue;
		if (scans)
			scan(&t, block, &found);
		else
			read_entries(&t, block, &found);
		block->resident = (double)found.resident / (double)block->size;
		block->huge = (double)found.huge / (double)block->size;
	}
	profile->resident_known = t.budget > 0;
	profile->huge_known = scans || sees_frames(&t);
	if (t.flags >= 0)
		close(t.flags);
	close(t.pagemap);
}
